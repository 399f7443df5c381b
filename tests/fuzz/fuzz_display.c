/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every name on disk is shown to somebody. The display form is valid UTF-8
 * without control characters and has exactly one way back.
 */
#include "fuzz.h"

#include "display.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	size_t n_buf = display_size(n);
	char *form = malloc(n_buf);
	char *back = malloc(n_buf);
	size_t n_back, n_form;

	if (!form || !back)
		abort();
	n_form = display_write(DISPLAY_TEXT, (struct span){data, n}, form, n_buf);
	if (n_form != strlen(form) || !utf8_is_valid((struct span){(const uint8_t *)form, n_form}))
		abort();
	for (size_t i = 0; i < n_form; i++)
		if ((unsigned char)form[i] < 0x20 || form[i] == 0x7f)
			abort();
	if (display_read((struct span){(const uint8_t *)form, n_form}, back, n_buf, &n_back) < 0 ||
		n_back != n || (n && memcmp(back, data, n) != 0))
		abort();
	free(form);
	free(back);
	return 0;
}
