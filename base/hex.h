/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hexadecimal digits, in either case.
 *
 * Pure. Any thread.
 */
#ifndef QS_HEX_H
#define QS_HEX_H

#include <stddef.h>
#include <stdint.h>

/** The value of a digit, 0 to 15; -1 when it is none. */
static inline int hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/** The n bytes that 2 * n digits stand for; that they are digits is known already. */
static inline void hex_bytes(const char *text, uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(hex_digit((unsigned char)text[2 * i]) * 16 +
				     hex_digit((unsigned char)text[2 * i + 1]));
}

#endif
