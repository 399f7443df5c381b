/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time counts as "stood still" only between two readings that both found the
 * worker able to run, and at most WATCH_STEP_MAX_NS a step: a lane that was
 * itself held back for minutes (machine suspended, no CPU) has not watched.
 */
#include "watch.h"

#define WATCH_STEP_MAX_NS UINT64_C(1000000000)

void watch_begin(struct watch *watch, uint64_t now_ns, uint64_t cpu_ns)
{
	watch->cpu_begin_ns = cpu_ns;
	watch->cpu_last_ns = cpu_ns;
	watch->at_ns = now_ns;
	watch->still_ns = 0;
}

enum watch_verdict watch_step(struct watch *watch, const struct watch_reading *reading)
{
	uint64_t step_ns = reading->now_ns > watch->at_ns ? reading->now_ns - watch->at_ns : 0;
	bool has_moved = reading->cpu_ns > watch->cpu_last_ns;
	bool can_run = !reading->is_held && reading->granted_ns > reading->cpu_ns;

	watch->at_ns = reading->now_ns;
	if (has_moved) {
		watch->cpu_last_ns = reading->cpu_ns;
		watch->still_ns = 0;
	} else if (can_run) {
		watch->still_ns += step_ns < WATCH_STEP_MAX_NS ? step_ns : WATCH_STEP_MAX_NS;
	}
	if (watch->cpu_max_ns > 0 && watch_used_ns(watch) > watch->cpu_max_ns)
		return WATCH_OVERRUN;
	if (watch->stall_ns > 0 && watch->still_ns >= watch->stall_ns)
		return WATCH_STALLED;
	return WATCH_FINE;
}
