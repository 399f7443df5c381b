/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A governor over this machine's CPUs and burners in its lanes.
 *
 * Upper bounds are strict: nobody gets more than the factor, whatever else
 * runs. A lower bound holds only where the CPU was to be had: the time that the
 * kernel says a process has queued for a CPU is added to what it used. All
 * bounds are ratios of CPU time to wall time.
 */
#ifndef QS_GOVERNORRIG_H
#define QS_GOVERNORRIG_H

#include "burner.h"
#include "governor.h"
#include "topology.h"

#include <stdint.h>
#include <sys/types.h>

enum { GOVERNORRIG_N_LANES = 16 };

struct governorrig {
	struct topology machine;
	struct placement_machine place;
	struct governor *gov;
	const struct grant_page *page;
	pid_t lanes[GOVERNORRIG_N_LANES];
	uint32_t generations[GOVERNORRIG_N_LANES];
	uint64_t used_ns;   /**< CPU time of all lanes that have ended, by wait4. */
	uint64_t queued_ns; /**< What they waited for a CPU. */
};

/** cmocka: *state is a struct governorrig with a governor and nobody in its lanes. */
int governorrig_setup(void **state);

/** cmocka: kill and free what governorrig_setup() and the test have made. */
int governorrig_teardown(void **state);

/** A burner in a lane, with the lane's next generation, added to the governor. */
void governorrig_lane_start(struct governorrig *f, unsigned lane, enum burner_kind kind);

/** Kill it, remove it with its final CPU time, add that to the rig's sums. */
void governorrig_lane_end(struct governorrig *f, unsigned lane);

/** governorrig_lane_start() for lanes 0 to @n - 1. */
void governorrig_lanes_start(struct governorrig *f, unsigned n, enum burner_kind kind);

/** governorrig_lane_end() for all that run. */
void governorrig_lanes_end(struct governorrig *f);

/** Load in per cent that @cpu_ns is of the reading's time. */
double governorrig_load_pct(const struct governor_reading *r, uint64_t cpu_ns);

/** One line for people. */
void governorrig_print(const char *what, const struct governor_reading *r);

/** Fail the test when @got is above @bound; not where nothing can be measured (TSan). */
void governorrig_at_most(const char *what, double got, double bound);

/** Likewise when it is below. */
void governorrig_at_least(const char *what, double got, double bound);

/** What every closed account must show; the rig has the lanes' own sums. */
void governorrig_assert_kept(
	const struct governorrig *f, const char *what, const struct governor_reading *r);

#endif
