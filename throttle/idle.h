/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Idle: whether nobody uses the machine. A scheduled scan waits for it
 * (ScanOnlyIfIdleEnabled) and has no limit meanwhile
 * (DisableCpuThrottleOnIdleScans).
 *
 * Pure: time and readings are arguments. Loop thread only. What counts as use
 * on a server and on a desktop: docs/governor.md, "Idle".
 */
#ifndef QS_IDLE_H
#define QS_IDLE_H

#include <stdbool.h>
#include <stdint.h>

/** What was seen. Our own part is not in it. */
struct idle_input {
	uint64_t now_ns;        /**< CLOCK_MONOTONIC; some seconds after the last look. */
	double cpu_share;       /**< Of all CPUs, used by others since the last look, 0 to 1. */
	bool has_disk;          /**< disk_share is known (not while we read ourselves). */
	double disk_share;      /**< Of the time, the busiest disk was busy, 0 to 1. */
	uint64_t since_input_s; /**< Since somebody typed at a terminal; UINT64_MAX: never. */
	bool is_screen_lit;     /**< Somebody's graphical session is shown on a lit screen. */
};

struct idle {
	bool is_idle; /**< The answer. */
	/* state */
	bool has_looked;
	uint64_t last_at_ns;
	uint64_t quiet_ns; /**< So long nobody has used it. */
	double cpu_share;  /**< Average of a minute. */
	double disk_share;
};

#define IDLE_NULL                                                                                  \
	{                                                                                          \
		.is_idle = false                                                                   \
	}

/**
 * Fold one look in.
 *
 * @return  Whether is_idle changed.
 */
bool idle_step(struct idle *idle, const struct idle_input *in);

#endif
