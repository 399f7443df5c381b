/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One decoder for paths, queries and forms. It refuses what is no text before
 * anything looks at it, so that nothing behind it meets a NUL or half a
 * character.
 */
#include "percent.h"

#include "hex.h"
#include "utf8.h"

#include <errno.h>

int percent_decode(struct span text, int mode, char *buf, size_t n_buf)
{
	const unsigned char *bytes = text.data;
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = bytes[i];

		if (c == '%') {
			bool is_whole = text.n - i > 2;
			int high = is_whole ? hex_digit(bytes[i + 1]) : -1;
			int low = is_whole ? hex_digit(bytes[i + 2]) : -1;

			if (high < 0 || low < 0)
				return -EINVAL;
			c = (unsigned char)(high << 4 | low);
			i += 2;
		} else if (c == '+' && mode == PERCENT_FORM) {
			c = ' ';
		}
		if (c < 0x20 || c == 0x7f)
			return -EINVAL;
		if (n + 1 >= n_buf)
			return -EMSGSIZE;
		buf[n++] = (char)c;
	}
	if (n >= n_buf)
		return -EMSGSIZE;
	buf[n] = '\0';
	return utf8_is_valid((struct span){buf, n}) ? 0 : -EINVAL;
}

bool percent_next(struct span *rest, struct percent_pair *pair)
{
	const char *at = rest->data;
	size_t left = rest->n;
	const char *end;
	const char *equals;
	size_t n;

	while (left > 0 && *at == '&') {
		at++;
		left--;
	}
	if (left == 0)
		return false;
	end = memchr(at, '&', left);
	n = end ? (size_t)(end - at) : left;
	equals = memchr(at, '=', n);
	pair->whole = (struct span){at, n};
	pair->name = (struct span){at, equals ? (size_t)(equals - at) : n};
	pair->value = (struct span){equals ? equals + 1 : at + n, n - pair->name.n - !!equals};
	*rest = (struct span){at + n, left - n};
	return true;
}
