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

#include "load_history.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	METER_N_SAMPLES = 32, /**< Ring; one each METER_SAMPLE_NS covers a window and more. */
};

#define METER_WINDOW_NS UINT64_C(1000000000)
#define METER_SAMPLE_NS UINT64_C(50000000)

struct meter_sample {
	uint64_t active_ns; /**< When, on the time axis. */
	uint64_t cpu_ns;    /**< CPU time used by then. */
	uint64_t asked_ns;  /**< CPU time asked for by then. */
};

struct meter {
	double n_cpus; /**< What 100 % is. */
	/* state */
	bool has_noted;      /**< last_at_ns is valid. */
	uint64_t last_at_ns; /**< CLOCK_MONOTONIC of the last note. */
	uint64_t active_ns;  /**< Time axis: wall time since the start without pauses. */
	uint64_t paused_ns;  /**< Wall time of the pauses. */
	uint64_t cpu_ns;     /**< Of the last note. */
	uint64_t asked_ns;   /**< CPU time asked for since the start. */
	struct meter_sample samples[METER_N_SAMPLES]; /**< The start is the first. */
	size_t n_samples;  /**< Ever taken; the newest is at (n_samples - 1) % METER_N_SAMPLES. */
	double window_pct; /**< Newest full window, 0 before the first. */
	struct load_history
		history; /**< Windows (one each sample, once a second is over), series. */
};

/** Start anew. @n_cpus > 0. */
void meter_start(struct meter *m, double n_cpus);

/**
 * Note how things stand. The first note is the origin of the time axis.
 *
 * @now_ns    CLOCK_MONOTONIC, not before the last note.
 * @cpu_ns    CPU time used since the start, by everybody; never falls.
 * @aim       CPUs that were asked for since the last note.
 * @is_paused Whether the time since the last note was a pause.
 */
void meter_note(struct meter *m, uint64_t now_ns, uint64_t cpu_ns, double aim, bool is_paused);

/** Load since the start, in per cent of n_cpus; 0 before any time has passed. */
double meter_mean_pct(const struct meter *m);

#endif
