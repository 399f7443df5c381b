/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list: what the WHATWG Encoding Standard lists as the web's legacy
 * encodings (https://encoding.spec.whatwg.org/#names-and-labels), plus the DOS
 * code pages libclamav maps from OLE2 documents. Unicode's own forms are built
 * into libc. The descriptors are kept on purpose: glibc unloads what nobody
 * uses.
 */
#include "engine_charsets.h"

#include <iconv.h>

static const char *const engine_charsets_names[] = {"IBM866", "ISO-8859-1", "ISO-8859-2",
	"ISO-8859-3", "ISO-8859-4", "ISO-8859-5", "ISO-8859-6", "ISO-8859-7", "ISO-8859-8",
	"ISO-8859-9", "ISO-8859-10", "ISO-8859-13", "ISO-8859-14", "ISO-8859-15", "ISO-8859-16",
	"KOI8-R", "KOI8-U", "MACINTOSH", "MAC-CYRILLIC", "CP874", "CP1250", "CP1251", "CP1252",
	"CP1253", "CP1254", "CP1255", "CP1256", "CP1257", "CP1258", "GBK", "GB18030", "GB2312",
	"BIG5", "BIG5-HKSCS", "EUC-JP", "ISO-2022-JP", "SHIFT_JIS", "CP932", "EUC-KR", "CP949",
	"ISO-2022-KR", "TIS-620", "CP437", "CP737", "CP775", "CP850", "CP852", "CP855", "CP857",
	"CP860", "CP861", "CP862", "CP863", "CP864", "CP865", "CP869", "UTF-7"};

enum { ENGINE_CHARSETS_N = sizeof(engine_charsets_names) / sizeof(engine_charsets_names[0]) };

/* Never read; volatile so that it is written all the same, and is no leak. */
static void *volatile engine_charsets_open[ENGINE_CHARSETS_N];

size_t engine_charsets_load(void)
{
	size_t n = 0;

	for (size_t i = 0; i < ENGINE_CHARSETS_N; i++) {
		/* By way of libc's own form to any other; a missing set is missing in clamscan. */
		iconv_t charset = iconv_open("UTF-16BE", engine_charsets_names[i]);

		if (charset == (iconv_t)-1)
			continue;
		if (engine_charsets_open[i])
			(void)iconv_close(engine_charsets_open[i]);
		engine_charsets_open[i] = charset;
		n++;
	}
	return n;
}
