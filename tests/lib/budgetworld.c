/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One millisecond at a time. CPUs go to whoever is first by slot, which is
 * cruder than a scheduler and makes contention worse, not better.
 */
#include "budgetworld.h"

#include "unit.h"

#include <string.h>

struct world world;

void world_open(unsigned n_cpus, unsigned factor_pct)
{
	struct budget_config config = {
		.n_cpus = n_cpus,
		.step_min_ns = (uint64_t)WORLD_STEP_MS * MS,
		.tick_ns = (uint64_t)WORLD_TICK_MS * MS,
	};

	memset(&world, 0, sizeof(world));
	world.n_cpus = n_cpus;
	budget_init(&world.budget, &config);
	budget_start(&world.budget, factor_pct);
}

struct actor *world_add(size_t slot, unsigned n_threads, unsigned busy_ms, unsigned rest_ms)
{
	struct actor *a = &world.actors[slot];

	*a = (struct actor){
		.is_there = true,
		.n_threads = n_threads,
		.busy_ms = busy_ms,
		.rest_ms = rest_ms,
		.busy_left_ms = busy_ms,
		.is_stopped = true,
	};
	budget_add(&world.budget, slot, 0);
	world.next_ms = 0; /* the governor looks at once */
	return a;
}

void world_lanes(size_t n, unsigned busy_ms, unsigned rest_ms)
{
	for (size_t i = 0; i < n; i++)
		(void)world_add(GRANT_SLOT_LANE0 + i, 1, busy_ms, rest_ms);
}

void world_kill(size_t slot)
{
	budget_remove(&world.budget, slot, world.actors[slot].used_ns);
	world.actors[slot].is_there = false;
}

/* One actor, one millisecond, at most *freep CPUs. */
static uint64_t actor_run(struct actor *a, uint64_t granted_ns, bool is_tick, unsigned *freep)
{
	unsigned n;

	if (a->is_stopped && a->used_ns < granted_ns)
		a->is_stopped = false; /* the futex wake */
	if (a->rest_left_ms > 0) {
		a->rest_left_ms--;
		return 0;
	}
	if (a->is_stopped && !a->is_deaf)
		return 0;
	n = a->n_threads < *freep ? a->n_threads : *freep;
	*freep -= n;
	a->used_ns += (uint64_t)n * MS;
	if (is_tick && a->used_ns >= granted_ns)
		a->is_stopped = true;
	if (n > 0 && a->rest_ms > 0 && --a->busy_left_ms == 0) {
		a->busy_left_ms = a->busy_ms;
		a->rest_left_ms = a->rest_ms;
	}
	return (uint64_t)n * MS;
}

static void world_step(void)
{
	unsigned n_free = world.n_cpus;
	bool is_tick = world.now_ms % WORLD_TICK_MS == 0;
	uint64_t used = world.daemon_us * 1000u;

	for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
		struct actor *a = &world.actors[i];

		if (!a->is_there)
			continue;
		used += actor_run(a, world.budget.consumers[i].granted_ns, is_tick, &n_free);
		if (is_tick)
			a->seen_ns = a->used_ns;
	}
	budget_charge(&world.budget, world.daemon_us * 1000u);
	world.used_by_ms[world.now_ms + 1] = world.used_by_ms[world.now_ms] + used;
	world.now_ms++;
	assert_true(world.now_ms < WORLD_MS_MAX);
	if (world.now_ms < world.next_ms)
		return;
	for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
		if (world.actors[i].is_there)
			budget_use(&world.budget, i, world.actors[i].seen_ns);
	}
	budget_step(&world.budget, (uint64_t)world.now_ms * MS);
	world.next_ms = world.now_ms + (unsigned)((budget_next_ns(&world.budget) + MS - 1) / MS);
	world.n_steps++;
}

void world_run(unsigned ms)
{
	for (unsigned i = 0; i < ms; i++)
		world_step();
}

double world_load_pct(unsigned from_ms, unsigned to_ms)
{
	double used = (double)(world.used_by_ms[to_ms] - world.used_by_ms[from_ms]);

	return 100.0 * used / ((double)(to_ms - from_ms) * MS * world.n_cpus);
}

double world_worst_pct(unsigned from_ms, unsigned to_ms)
{
	double worst = 0;

	for (unsigned t = from_ms; t + SECOND_MS <= to_ms; t++) {
		double load = world_load_pct(t, t + SECOND_MS);

		if (load > worst)
			worst = load;
	}
	return worst;
}

void world_assert_near(const char *what, double got, double want, double tolerance)
{
	if (got < want - tolerance || got > want + tolerance)
		fail_msg("%s: got %.3f, want %.3f ± %.3f", what, got, want, tolerance);
}

void world_assert_at_most(const char *what, double got, double bound)
{
	if (got > bound)
		fail_msg("%s: got %.3f, at most %.3f", what, got, bound);
}
