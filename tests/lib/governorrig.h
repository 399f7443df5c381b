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

/** Fixture functions of cmocka; *state is a struct governorrig. */
int governorrig_setup(void **state);
int governorrig_teardown(void **state);

/** A burner in a lane, with the lane's next generation, added to the governor. */
void governorrig_lane_start(struct governorrig *f, unsigned lane, enum burner_kind kind);

/** Kill it, remove it with its final CPU time, add that to the rig's sums. */
void governorrig_lane_end(struct governorrig *f, unsigned lane);

/** The same for lanes 0 to @n - 1, and for all that run. */
void governorrig_lanes_start(struct governorrig *f, unsigned n, enum burner_kind kind);
void governorrig_lanes_end(struct governorrig *f);

/** Load in per cent that @cpu_ns is of the reading's time. */
double governorrig_load_pct(const struct governor_reading *r, uint64_t cpu_ns);

/** One line for people. */
void governorrig_print(const char *what, const struct governor_reading *r);

/** Fail the test unless @got is at most, at least, the bound. */
void governorrig_at_most(const char *what, double got, double bound);
void governorrig_at_least(const char *what, double got, double bound);

/** What every closed account must show; the rig has the lanes' own sums. */
void governorrig_assert_kept(
	const struct governorrig *f, const char *what, const struct governor_reading *r);

#endif
