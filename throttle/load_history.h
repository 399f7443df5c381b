/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The load of a scan over its whole life, in bounded memory: a series of points
 * that become coarser as the scan becomes longer, a histogram of one-second
 * windows, and what the time was spent on when nothing was computed. Accounts of
 * one scan (its passes, restarts of the daemon) are put together.
 *
 * Pure: no clock, no I/O, no allocation. Owner's lock.
 */
#ifndef QS_LOAD_HISTORY_H
#define QS_LOAD_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LOAD_HISTORY_POINTS_MAX = 240, /**< A terminal's width and more; even. */
	LOAD_HISTORY_BINS = 241,       /**< Half points from 0 to 120 %; the last takes the rest. */
};

/** A point covers as much to begin with; twice as much each time the series is full. */
#define LOAD_HISTORY_STEP_NS UINT64_C(1000000000)

struct load_point {
	uint64_t active_ns; /**< Wall time it covers, pauses left out. */
	uint64_t cpu_ns;    /**< CPU time used in it. */
	uint64_t asked_ns;  /**< CPU time that was asked for: the aim, over the same time. */
};

struct load_history {
	uint64_t step_ns; /**< A point is full when it covers this. */
	size_t n_points;
	struct load_point points[LOAD_HISTORY_POINTS_MAX]; /**< Oldest first. */
	uint64_t n_windows;               /**< One-second windows in the bins, up to 20 a second. */
	double window_max_pct;            /**< The fullest one. */
	uint32_t bins[LOAD_HISTORY_BINS]; /**< Windows by load in half per cents, rounded up. */
	uint64_t budget_wait_ns; /**< Lanes waited for CPU time to be granted, mean over lanes. */
	uint64_t disk_wait_ns;   /**< Lanes waited for a disk, mean over lanes. */
	uint64_t slow_open_ns;   /**< Lanes were held back from mounts with slow opens, likewise. */
	uint64_t read_held_ns; /**< Wall time held by the limit on reads, part of budget_wait_ns. */
	uint64_t backed_off_ns; /**< Wall time that back-off took, part of budget_wait_ns. */
	uint64_t governor_ns;   /**< CPU time of the governor's own thread. */
};

/** Nothing yet. */
void load_history_init(struct load_history *h);

/** Time went on. A point takes what comes until it is full, so a long step is one long point. */
void load_history_add(struct load_history *h, const struct load_point *more);

/** Put what came later behind it. */
void load_history_append(struct load_history *h, const struct load_history *later);

/** A one-second window was seen. @pct >= 0. */
void load_history_window(struct load_history *h, double pct);

/**
 * The load that this share of all windows did not exceed, to half a point.
 *
 * @share   In (0, 1], e.g. 0.99.
 * @return  Per cent, rounded up; 0 before the first window.
 */
double load_history_percentile_pct(const struct load_history *h, double share);

#endif
