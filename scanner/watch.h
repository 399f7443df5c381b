/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The watch over one file in a worker: has it used too much CPU time, or does
 * it stand still although it could run?
 *
 * CPU time, not wall time, because a throttled or stopped worker must not lose
 * a verdict (facts: libclamav's own clock is the wall's, and turns a pause into
 * "clean"; here a pause only makes the watch wait). It stands still when it has
 * grant left, is neither paused nor stopped by a signal, and its CPU clock does
 * not move: then it hangs in the kernel, or on a lock nobody will release.
 *
 * Pure: readings and time are arguments. Owned by its lane.
 */
#ifndef QS_WATCH_H
#define QS_WATCH_H

#include <stdbool.h>
#include <stdint.h>

enum watch_verdict {
	WATCH_FINE,
	WATCH_OVERRUN, /**< CPU time is used up. */
	WATCH_STALLED, /**< No progress for too long. */
};

struct watch {
	uint64_t cpu_max_ns; /**< 0: no limit. */
	uint64_t stall_ns;   /**< 0: no limit. */
	/* state */
	uint64_t cpu_begin_ns; /**< The worker's clock when it got the file. */
	uint64_t cpu_last_ns;
	uint64_t at_ns;    /**< Of the last step. */
	uint64_t still_ns; /**< Time it stood still although it could run. */
};

/** What is known of the worker now. */
struct watch_reading {
	uint64_t now_ns;     /**< CLOCK_MONOTONIC. */
	uint64_t cpu_ns;     /**< Its CPU clock. */
	uint64_t granted_ns; /**< What it may have used; UINT64_MAX: no limit. */
	bool is_held;        /**< The scan is paused, or the process is stopped by a signal. */
};

/** Begin; @cpu_ns is the worker's clock, @now_ns the time. */
void watch_begin(struct watch *watch, uint64_t now_ns, uint64_t cpu_ns);

/** Fold one reading in. */
enum watch_verdict watch_step(struct watch *watch, const struct watch_reading *reading);

/** CPU time the file has taken so far. */
static inline uint64_t watch_used_ns(const struct watch *watch)
{
	return watch->cpu_last_ns - watch->cpu_begin_ns;
}

#endif
