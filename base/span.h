/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A borrowed run of bytes: path names and decoded message fields. Not
 * NUL-terminated, but for a copy. Pure but for that, inline only.
 */
#ifndef QS_SPAN_H
#define QS_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
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

/** A copy on the heap, for span_drop(); a NUL follows it. Without memory its data is NULL. */
static inline struct span span_copy(struct span bytes)
{
	char *copy = (char *)malloc(bytes.n + 1);

	if (!copy)
		return (struct span)SPAN_NULL;
	if (bytes.n > 0)
		memcpy(copy, bytes.data, bytes.n);
	copy[bytes.n] = '\0';
	return (struct span){.data = copy, .n = bytes.n};
}

/** Free a copy and forget it. */
static inline void span_drop(struct span *copy)
{
	free((void *)(uintptr_t)copy->data);
	*copy = (struct span)SPAN_NULL;
}

#endif
