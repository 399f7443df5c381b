/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The smallest legal code point of each length rejects overlong forms: they
 * are how "/" and NUL are smuggled past checks made on bytes.
 */
#include "utf8.h"

static size_t utf8_length(uint8_t first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	if (first >= 0xf0 && first < 0xf5)
		return 4;
	return 0;
}

size_t utf8_next(const uint8_t *data, size_t n, uint32_t *codep)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	static const uint8_t lead_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	size_t length = n ? utf8_length(data[0]) : 0;
	uint32_t code;

	if (length == 0 || length > n)
		return 0;
	code = data[0] & lead_bits[length];
	for (size_t i = 1; i < length; i++) {
		if ((data[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (data[i] & 0x3fu);
	}
	if (code < smallest[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	*codep = code;
	return length;
}

bool utf8_is_valid(struct span text)
{
	const uint8_t *at = text.data;
	size_t left = text.n;
	uint32_t code;

	while (left > 0) {
		size_t length = utf8_next(at, left, &code);

		if (length == 0)
			return false;
		at += length;
		left -= length;
	}
	return true;
}
