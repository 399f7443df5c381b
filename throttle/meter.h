/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The meter: what load was kept, told as a mean and as one-second windows. The
 * budget decides, the meter only looks; that it is a different computation is
 * what makes its figures worth something.
 *
 * Pure: no clock, no I/O, no allocation, bounded whatever the length of a scan.
 * Owner's lock. Time axis: active time, that is, without pauses.
 */
#ifndef QS_METER_H
#define QS_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	METER_N_SAMPLES = 32, /**< Ring; one each METER_SAMPLE_NS covers a window and more. */
	METER_N_BINS = 241,   /**< Half points from 0 to 120 %; the last bin takes the rest. */
};

#define METER_WINDOW_NS UINT64_C(1000000000)
#define METER_SAMPLE_NS UINT64_C(50000000)

struct meter_sample {
	uint64_t active_ns; /**< When, on the time axis. */
	uint64_t cpu_ns;    /**< CPU time used by then. */
};

struct meter {
	double n_cpus; /**< What 100 % is. */
	/* state */
	bool has_noted;      /**< last_at_ns is valid. */
	uint64_t last_at_ns; /**< CLOCK_MONOTONIC of the last note. */
	uint64_t active_ns;  /**< Time axis: wall time since the start without pauses. */
	uint64_t paused_ns;  /**< Wall time of the pauses. */
	uint64_t cpu_ns;     /**< Of the last note. */
	struct meter_sample samples[METER_N_SAMPLES]; /**< The start is the first. */
	size_t n_samples;  /**< Ever taken; the newest is at (n_samples - 1) % METER_N_SAMPLES. */
	double window_pct; /**< Newest full window, 0 before the first. */
	double window_max_pct; /**< Fullest window so far. */
	uint64_t n_windows;    /**< Windows seen, at most one each sample, once a second is over. */
	uint32_t bins[METER_N_BINS]; /**< Windows by load. */
};

/** Start anew. @n_cpus > 0. */
void meter_start(struct meter *m, double n_cpus);

/**
 * Note how things stand. The first note is the origin of the time axis.
 *
 * @now_ns    CLOCK_MONOTONIC, not before the last note.
 * @cpu_ns    CPU time used since the start, by everybody; never falls.
 * @is_paused Whether the time since the last note was a pause.
 */
void meter_note(struct meter *m, uint64_t now_ns, uint64_t cpu_ns, bool is_paused);

/** Load since the start, in per cent of n_cpus; 0 before any time has passed. */
double meter_mean_pct(const struct meter *m);

/**
 * The load that this share of all windows did not exceed, to half a point.
 *
 * @share   In (0, 1], e.g. 0.99.
 * @return  Per cent, rounded up; 0 before the first window.
 */
double meter_percentile_pct(const struct meter *m, double share);

#endif
