/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A borrowed run of bytes: path names and decoded message fields. Not
 * NUL-terminated. Pure, inline only.
 */
#ifndef QS_SPAN_H
#define QS_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
	const void *data; /**< Borrowed; may be NULL when n is 0. */
	size_t n;         /**< Bytes. */
};

#define SPAN_NULL                                                                                  \
	{                                                                                          \
		.data = NULL, .n = 0                                                               \
	}

/** The bytes of a C string, without its NUL. */
static inline struct span span_str(const char *s)
{
	return (struct span){.data = s, .n = s ? strlen(s) : 0};
}

/** Same length and same bytes. */
static inline bool span_equal(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.data, b.data, a.n) == 0);
}

#endif
