/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How fast files of one mount are opened: freely, until opens there take clearly
 * longer than they did, as they do when who has to allow them is at its limit.
 * Then everybody on that mount waits, and we are the ones who can wait.
 *
 * Pure: time and readings are arguments. Owner's lock. docs/scanner.md, "Slow opens".
 */
#ifndef QS_OPEN_PACE_H
#define QS_OPEN_PACE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	OPEN_PACE_WINDOW = 8,     /**< Opens between two judgements. */
	OPEN_PACE_LEVEL_MAX = 4,  /**< Steps of slowness. */
	OPEN_PACE_GAP_MS = 500,   /**< Longest distance from one open's begin to the next. */
	OPEN_PACE_WAIT_MS = 1000, /**< No open waits longer, however many want to. */
};

struct open_pace {
	bool is_far; /**< Behind a network or another process: slow may be its best day. */
	/* state */
	double calm_ns;      /**< What an open takes when nothing is wrong; 0 = none seen. */
	double recent_ns;    /**< Average of the last few. */
	unsigned n_window;   /**< Opens since the last judgement. */
	unsigned level;      /**< 0 = freely. */
	uint64_t next_at_ns; /**< Before that nobody begins. */
};

#define OPEN_PACE_NULL                                                                             \
	{                                                                                          \
		.is_far = false, .calm_ns = 0, .recent_ns = 0, .n_window = 0, .level = 0,          \
		.next_at_ns = 0                                                                    \
	}

/**
 * When an open that is wanted now may begin; the one after it may not before the gap.
 *
 * @now_ns  CLOCK_MONOTONIC.
 * @return  now_ns to now_ns + OPEN_PACE_WAIT_MS.
 */
uint64_t open_pace_take(struct open_pace *pace, uint64_t now_ns);

/** An open took so long, without what its thread waited for a CPU. */
void open_pace_note(struct open_pace *pace, uint64_t took_ns);

#endif
