/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * More lanes than the load factor takes, while lanes wait for a disk, files are
 * pending and the load is below its aim; fewer again when that is over
 * (ratchet.h). The limit is the governor's: lanes that compute after all share
 * what there is.
 *
 * Pure: time and readings are arguments. Loop thread only.
 */
#ifndef QS_LANE_GROWTH_H
#define QS_LANE_GROWTH_H

#include "governor.h"
#include "ratchet.h"

enum {
	LANE_GROWTH_TIMES = 4, /**< No more than so many times the lanes that were planned … */
	LANE_GROWTH_MAX = 16,  /**< … nor than this, unless more were planned. */
};

struct lane_growth_input {
	uint64_t now_ns; /**< CLOCK_MONOTONIC, about a second after the last. */
	const struct governor_reading *reading; /**< Of the scan's open account. */
	uint64_t n_busy;                        /**< Lanes that have a file in work. */
	uint64_t n_pending;                     /**< Files found and not judged. */
	unsigned n_planned;                     /**< Lanes without any of this, 1 or more. */
};

struct lane_growth {
	/* state */
	struct ratchet ratchet; /**< Its steps are the lanes more. */
	bool has_looked;        /**< What follows is valid. */
	uint64_t active_ns;     /**< Of the last reading; likewise the next two. */
	uint64_t cpu_ns;
	uint64_t known_ns; /**< What lanes did but wait for a disk, summed over lanes. */
};

#define LANE_GROWTH_NULL                                                                           \
	{                                                                                          \
		.has_looked = false                                                                \
	}

/** Lanes to run now, where so many are planned. */
unsigned lane_growth_n_of(const struct lane_growth *g, unsigned n_planned);

/** Fold one look in. @return Whether there are to be more or fewer. */
bool lane_growth_step(struct lane_growth *g, const struct lane_growth_input *in);

#endif
