/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the lanes' workers did with their time, as far as the daemon can see it:
 * they computed, waited for a grant, or waited for a CPU. What is left of the
 * time they had a file in work (the scanner counts it) they waited for a disk.
 *
 * Hands (/proc). Under the governor's lock. Never allocates, never sleeps.
 */
#ifndef QS_LANE_TIMES_H
#define QS_LANE_TIMES_H

#include "budget.h"
#include "grant.h"

#include <stdint.h>
#include <sys/types.h>

/** Sums over all lanes since lane_times_start(). */
struct lane_times {
	uint64_t cpu_ns;    /**< Computed. */
	uint64_t waited_ns; /**< Had used up what was granted. */
	uint64_t queued_ns; /**< Stood in a run queue (schedstat); read four times a second. */
	/* state */
	uint64_t next_read_ns; /**< CLOCK_MONOTONIC of the next reading of run queues. */
	uint32_t generations[GRANT_N_LANES];
	uint64_t queued_slots[GRANT_N_LANES];
};

/** All 0. */
void lane_times_start(struct lane_times *t);

/**
 * Before a step of the budget: fold in what it has read since the last one.
 *
 * @b           With new readings, not stepped yet.
 * @elapsed_ns  Wall time since its last step; 0 in a pause.
 * @return      Time that lanes waited for grants in it, summed over lanes.
 */
uint64_t lane_times_note(struct lane_times *t, const struct budget *b, uint64_t elapsed_ns);

/** A lane's process has ended with this clock; before budget_remove(). */
void lane_times_remove(
	struct lane_times *t, const struct budget *b, size_t slot, uint64_t final_ns);

/**
 * Read the run queues, when a quarter of a second is over; a second where the
 * budget is small.
 *
 * @generations  Of each lane's process, 0 = nobody; @pids likewise.
 */
void lane_times_read(struct lane_times *t, const struct budget *b, uint64_t now_ns,
	const uint32_t generations[GRANT_N_LANES], const pid_t pids[GRANT_N_LANES]);

#endif
