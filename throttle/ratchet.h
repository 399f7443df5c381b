/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ratchet: a measure that is taken step by step when our processes get less
 * CPU time than they were promised although they want it, and that is taken
 * back slowly. Three of them are in use: how many CPUs more than the aim takes
 * we run on, how much priority the guaranteed minimum needs (courtesy.c; both
 * help who waits for a CPU), and how many lanes more (scheduler/lane_growth.c;
 * helps while others wait for a disk).
 *
 * Pure: time and readings are arguments. Owner's lock.
 */
#ifndef QS_RATCHET_H
#define QS_RATCHET_H

#include <stdbool.h>
#include <stdint.h>

struct ratchet_input {
	uint64_t now_ns; /**< CLOCK_MONOTONIC; about a second after the last look. */
	double promised; /**< CPUs that we should have had since the last look. */
	double got;      /**< CPUs that we had. */
	double waiting;  /**< How many of our processes waited for what helps, on average. */
	double slack;    /**< CPUs that may be missing, >= 0. */
	unsigned n_max;  /**< Steps there are. */
};

struct ratchet {
	/* state */
	unsigned n;             /**< Steps taken. */
	bool has_looked;        /**< changed_at_ns is valid. */
	bool is_trial;          /**< It was taken back and not yet needed again. */
	unsigned n_short;       /**< Looks in a row that were short. */
	uint64_t changed_at_ns; /**< Of the last step, or of the first look. */
	uint64_t hold_ns;       /**< How long a step stays; doubles with each trial in vain. */
};

#define RATCHET_NULL                                                                               \
	{                                                                                          \
		.n = 0                                                                             \
	}

/**
 * Fold one look in.
 *
 * @return  Whether n changed.
 */
bool ratchet_step(struct ratchet *r, const struct ratchet_input *in);

/** The trouble is known to be over: take everything back at once. */
void ratchet_reset(struct ratchet *r, uint64_t now_ns);

#endif
