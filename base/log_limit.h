/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line of the log that somebody else can cause as often as he likes: it is
 * written once in a while, and says how often it was left out.
 *
 * Pure. One thread at a time.
 */
#ifndef QS_LOG_LIMIT_H
#define QS_LOG_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

enum {
	LOG_LIMIT_MS = 10000, /**< From a line to the next: 8640 a day, whatever happens. */
};

struct log_limit {
	/* state */
	bool is_begun;      /**< A line was written. */
	uint64_t at_ms;     /**< When the last one was. */
	uint64_t n_dropped; /**< Left out since then. */
};

#define LOG_LIMIT_NULL                                                                             \
	{                                                                                          \
		.is_begun = false                                                                  \
	}

/**
 * Ask for one line.
 *
 * @now_ms      Any steady clock; an earlier reading than before counts as the same.
 * @n_droppedp  Set when true is returned: how many lines were left out before this one.
 * @return      Whether to write it.
 */
bool log_limit_take(struct log_limit *limit, uint64_t now_ms, uint64_t *n_droppedp);

#endif
