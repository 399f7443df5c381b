/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a name: the form is printable, fits, and reads back. The first
 * byte chooses how small the room is.
 */
#include "check.h"
#include "display.h"
#include "fuzz.h"
#include "utf8.h"

#include <stdlib.h>

static void fuzz_display_kind(enum display_kind kind, struct span bytes, size_t room)
{
	char *text = malloc(room);
	size_t n = display_write(kind, bytes, text, room);

	INVARIANT(n < room && text[n] == '\0' && strlen(text) == n);
	INVARIANT(utf8_is_valid(span_str(text)));
	for (size_t i = 0; i < n; i++)
		INVARIANT((uint8_t)text[i] >= 0x20 && text[i] != 0x7f);
	if (kind == DISPLAY_HTML)
		INVARIANT(!strpbrk(text, "<>\"'"));
	if (kind == DISPLAY_TEXT && room >= display_size(bytes.n)) {
		char *back = malloc(n + 1);
		size_t n_back = 0;

		INVARIANT(display_read((struct span){text, n}, back, n, &n_back) == 0);
		INVARIANT(n_back == bytes.n && memcmp(back, bytes.data, n_back) == 0);
		free(back);
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = {data + 1, size - 1};
	char *back;
	size_t n = 0;

	if (size < 2)
		return 0;
	for (int kind = DISPLAY_TEXT; kind <= DISPLAY_AGAIN; kind++) {
		fuzz_display_kind((enum display_kind)kind, bytes, data[0] + 1u);
		fuzz_display_kind((enum display_kind)kind, bytes, display_size(bytes.n));
	}
	back = malloc(size);
	(void)display_read(bytes, back, bytes.n, &n);
	free(back);
	return 0;
}
