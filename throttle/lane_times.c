/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that is found beyond its grant has waited since it got there, that
 * is, for all of the time since the last look that it did not compute. If it
 * also waited for a disk before it got there, that is counted here too: a look
 * is some milliseconds.
 */
#include "lane_times.h"

#include "own_tasks.h"

#include <string.h>

/** A worker that ends takes what it queued since then with it; a reading is some 25 µs. */
#define LANE_TIMES_READ_NS UINT64_C(250000000)
/** … of a small budget too much: there it is once a second. */
#define LANE_TIMES_READ_SMALL_NS UINT64_C(1000000000)

void lane_times_start(struct lane_times *t)
{
	memset(t, 0, sizeof(*t));
}

uint64_t lane_times_note(struct lane_times *t, const struct budget *b, uint64_t elapsed_ns)
{
	uint64_t waited_ns = 0;

	for (size_t i = GRANT_SLOT_LANE0; i < GRANT_N_SLOTS; i++) {
		const struct budget_consumer *c = &b->consumers[i];
		uint64_t used_ns = c->used_ns - c->stepped_ns;

		if (!c->is_present)
			continue;
		t->cpu_ns += used_ns;
		if (c->used_ns >= c->granted_ns && elapsed_ns > used_ns)
			waited_ns += elapsed_ns - used_ns;
	}
	t->waited_ns += waited_ns;
	return waited_ns;
}

void lane_times_remove(struct lane_times *t, const struct budget *b, size_t slot, uint64_t final_ns)
{
	uint64_t stepped_ns = b->consumers[slot].stepped_ns;

	if (slot >= GRANT_SLOT_LANE0 && b->consumers[slot].is_present && final_ns > stepped_ns)
		t->cpu_ns += final_ns - stepped_ns;
}

static void lane_times_read_one(struct lane_times *t, size_t lane, uint32_t generation, pid_t pid)
{
	struct own_tasks tasks = {0};

	if (generation == 0 || own_tasks_add(&tasks, pid) < 0)
		return;
	if (t->generations[lane] != generation)
		t->queued_slots[lane] = 0; /* a new process: all it has queued is of this scan */
	if (tasks.queued_ns > t->queued_slots[lane])
		t->queued_ns += tasks.queued_ns - t->queued_slots[lane];
	t->generations[lane] = generation;
	t->queued_slots[lane] = tasks.queued_ns;
}

void lane_times_read(struct lane_times *t, const struct budget *b, uint64_t now_ns,
	const uint32_t generations[GRANT_N_LANES], const pid_t pids[GRANT_N_LANES])
{
	if (now_ns < t->next_read_ns)
		return;
	t->next_read_ns = now_ns + (budget_rate(b) < BUDGET_SMALL ? LANE_TIMES_READ_SMALL_NS
								  : LANE_TIMES_READ_NS);
	for (size_t i = 0; i < GRANT_N_LANES; i++)
		lane_times_read_one(t, i, generations[i], pids[i]);
}
