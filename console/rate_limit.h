/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many calls a client may make: so many in any 60 seconds, and so many in
 * any hour. The times of its last calls are kept in a ring as long as the larger
 * limit, so the answer is exact: call n is allowed when the n-th call before it
 * is older than the window.
 *
 * Pure but for memory. One thread at a time.
 */
#ifndef QS_RATE_LIMIT_H
#define QS_RATE_LIMIT_H

#include <stddef.h>
#include <stdint.h>

enum {
	RATE_LIMIT_MINUTE = 100, /**< Defender's: calls in a minute, */
	RATE_LIMIT_HOUR = 1500,  /**< and in an hour. */
	RATE_LIMIT_MAX = 1000000 /**< Largest limit; 8 bytes a call are kept. */
};

/** Opaque: the calls of one client. */
struct rate_limit;

/**
 * Make one.
 *
 * @per_minute, @per_hour  0: no limit; at most RATE_LIMIT_MAX.
 * @limitp                 Set when 0 is returned; rate_limit_free().
 * @return                 0; -EINVAL; -ENOMEM.
 */
int rate_limit_new(unsigned per_minute, unsigned per_hour, struct rate_limit **limitp);

/**
 * Ask for one call.
 *
 * @now_ms  CLOCK_MONOTONIC in milliseconds; never goes back.
 * @return  0: it is allowed, and counted; else the seconds (from 1) after which
 *          one will be. What is refused does not count.
 */
unsigned rate_limit_take(struct rate_limit *limit, uint64_t now_ms);

/** As rate_limit_take(), but nothing is counted. */
unsigned rate_limit_look(const struct rate_limit *limit, uint64_t now_ms);

/** NULL is allowed. */
void rate_limit_free(struct rate_limit *limit);

#endif
