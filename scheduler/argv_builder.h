/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The argument vector of a child, put together piece by piece in fixed room.
 *
 * Pure. Any thread.
 */
#ifndef QS_ARGV_BUILDER_H
#define QS_ARGV_BUILDER_H

#include <stdbool.h>
#include <stddef.h>

enum {
	ARGV_BUILDER_MAX = 48,        /**< Arguments, NULL included. */
	ARGV_BUILDER_TEXT_MAX = 16384 /**< Bytes of them all. */
};

struct argv_builder {
	/* state */
	char *argv[ARGV_BUILDER_MAX]; /**< NULL-terminated; points into text. */
	size_t n;
	char text[ARGV_BUILDER_TEXT_MAX];
	size_t n_text;
	bool is_overflown; /**< Something did not fit: do not use it. */
};

#define ARGV_BUILDER_NULL                                                                          \
	{                                                                                          \
		.n = 0                                                                             \
	}

/** Append one argument. */
void argv_builder_add(struct argv_builder *builder, const char *text);

/** Append an option and its formatted value. */
void argv_builder_option(struct argv_builder *builder, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
