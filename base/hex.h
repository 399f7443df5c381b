/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hexadecimal digits, in either case.
 *
 * Pure. Any thread.
 */
#ifndef QS_HEX_H
#define QS_HEX_H

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

#endif
