/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who gets what, in virtual time (lib/budgetworld.h): first lanes first, nobody
 * starves, nobody who rests keeps others waiting, steps are few.
 */
#include "unit.h"

#include "budget.h"
#include "budgetworld.h"

/* Spatial first: at 50 % of 4 CPUs two lanes run freely and two hardly at all. */
static void first_lanes_run_freely(void **state)
{
	double share[4];

	(void)state;
	world_open(4, 50);
	world_lanes(4, 1, 0);
	world_run(20 * SECOND_MS);
	for (size_t i = 0; i < 4; i++)
		share[i] = (double)world.actors[GRANT_SLOT_LANE0 + i].used_ns /
			   (20.0 * SECOND_MS * MS);
	assert_true(share[0] > 0.95);
	assert_true(share[1] > 0.85);
	assert_true(share[2] < 0.10);
	assert_true(share[3] < 0.10);
	/* The guaranteed minimum: nobody stands still. */
	assert_true(share[2] > 0.01);
	assert_true(share[3] > 0.01);
}

/* Lanes that wait for a disk half of the time: the load is kept by the others. */
static void resting_lanes_are_made_up_for(void **state)
{
	(void)state;
	world_open(4, 50);
	world_lanes(6, 7, 9);
	world_run(30 * SECOND_MS);
	world_assert_near("resting lanes", world_load_pct(SECOND_MS, world.now_ms), 50, 1.0);
	world_assert_at_most("resting lanes", world_worst_pct(0, world.now_ms), 53);
}

/* Only one of four has work, and it is the last: it is not starved by idle promises. */
static void last_lane_alone_gets_everything(void **state)
{
	(void)state;
	world_open(2, 50);
	for (size_t i = 0; i < 3; i++)
		(void)world_add(GRANT_SLOT_LANE0 + i, 1, 20, 100000);
	(void)world_add(GRANT_SLOT_LANE0 + 3, 1, 1, 0);
	world_run(10 * SECOND_MS);
	world_assert_near("last lane", world_load_pct(SECOND_MS, world.now_ms), 50, 1.0);
}

/* The walk runs ahead with two threads: all of it counts, the lanes get the most. */
static void walk_runs_ahead(void **state)
{
	double lane;

	(void)state;
	world_open(2, 50);
	(void)world_add(GRANT_SLOT_SCANNER, 2, 1, 0);
	world_lanes(2, 1, 0);
	world_run(30 * SECOND_MS);
	world_assert_near("walk and lanes", world_load_pct(0, world.now_ms), 50, 0.5);
	world_assert_at_most("walk and lanes", world_worst_pct(0, world.now_ms), 53);
	lane = (double)(world.actors[GRANT_SLOT_LANE0].used_ns +
			world.actors[GRANT_SLOT_LANE0 + 1].used_ns) /
	       (30.0 * SECOND_MS * MS);
	assert_true(lane > 0.6);
	assert_true(world.actors[GRANT_SLOT_SCANNER].used_ns > (uint64_t)3 * SECOND_MS * MS);
}

/* What was found is taken away first: it has what one CPU gives, the others the rest. */
static void remediation_goes_first(void **state)
{
	double share;

	(void)state;
	world_open(2, 50);
	(void)world_add(GRANT_SLOT_SCANNER, 1, 1, 0);
	(void)world_add(GRANT_SLOT_REMEDIATE, 1, 1, 0);
	(void)world_add(GRANT_SLOT_ZYGOTE, 1, 10, 90);
	world_lanes(2, 1, 0);
	world_run(20 * SECOND_MS);
	world_assert_near("remediation", world_load_pct(0, world.now_ms), 50, 0.5);
	world_assert_at_most("remediation", world_worst_pct(0, world.now_ms), 53);
	share = (double)world.actors[GRANT_SLOT_REMEDIATE].used_ns / (20.0 * SECOND_MS * MS);
	assert_true(share > 0.5);
	/* Nobody starves for it. */
	assert_true(world.actors[GRANT_SLOT_SCANNER].used_ns > (uint64_t)2 * SECOND_MS * MS);
	for (size_t i = 0; i < 2; i++)
		assert_true(world.actors[GRANT_SLOT_LANE0 + i].used_ns > (uint64_t)100 * MS);
}

/* Nothing is scanned: it is kept at the factor by itself, however small. */
static void remediation_alone(void **state)
{
	static const unsigned factors[] = {5, 25, 80};

	(void)state;
	for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
		world_open(1, factors[i]);
		(void)world_add(GRANT_SLOT_REMEDIATE, 1, 1, 0);
		world_run(30 * SECOND_MS);
		world_assert_near("alone", world_load_pct(0, world.now_ms), factors[i], 0.5);
		world_assert_at_most("alone", world_worst_pct(0, world.now_ms), factors[i] + 3.0);
	}
}

/* The daemon itself needs more than a small factor: who waits gets a little all the same. */
static void daemon_takes_all(void **state)
{
	static const size_t slots[] = {GRANT_SLOT_SCANNER, GRANT_SLOT_REMEDIATE, GRANT_SLOT_ZYGOTE,
		GRANT_SLOT_LANE0, GRANT_SLOT_LANE0 + 1};
	const size_t n = sizeof(slots) / sizeof(slots[0]);
	uint64_t before_ns[sizeof(slots) / sizeof(slots[0])];

	(void)state;
	world_open(1, 5);
	for (size_t i = 0; i < n; i++)
		(void)world_add(slots[i], 1, 1, 0);
	world_run(5 * SECOND_MS);
	world.daemon_us = 60;
	world_run(45 * SECOND_MS); /* by then it is deep in debt */
	for (size_t i = 0; i < n; i++)
		before_ns[i] = world.actors[slots[i]].used_ns;
	world_run(45 * SECOND_MS);
	for (size_t i = 0; i < n; i++)
		assert_true(world.actors[slots[i]].used_ns - before_ns[i] >= 10 * MS);
	world_assert_at_most("daemon", world_load_pct(50 * SECOND_MS, world.now_ms), 6.5);
	/* And what it owes is paid back. */
	world.daemon_us = 0;
	world_run(30 * SECOND_MS);
	world_assert_near("mean", world_load_pct(0, world.now_ms), 5, 0.5);
}

/* Nothing but the walk has work (everything is known clean): it gets all. */
static void walk_alone_gets_everything(void **state)
{
	(void)state;
	world_open(4, 25);
	(void)world_add(GRANT_SLOT_SCANNER, 3, 1, 0);
	world_lanes(2, 2, 200);
	world_run(30 * SECOND_MS);
	world_assert_near("walk alone", world_load_pct(0, world.now_ms), 25, 0.5);
	world_assert_at_most("walk alone", world_worst_pct(0, world.now_ms), 28);
}

/* Signatures load in the zygote alone, then workers come. */
static void loading_counts(void **state)
{
	(void)state;
	world_open(2, 25);
	(void)world_add(GRANT_SLOT_ZYGOTE, 1, 1, 0);
	world_run(10 * SECOND_MS);
	world_assert_near("load", world_load_pct(0, world.now_ms), 25, 0.5);
	world.actors[GRANT_SLOT_ZYGOTE].rest_ms = 1000000;
	world.actors[GRANT_SLOT_ZYGOTE].busy_left_ms = 1;
	world_lanes(2, 1, 0);
	world_run(20 * SECOND_MS);
	world_assert_near("load and scan", world_load_pct(0, world.now_ms), 25, 0.5);
	world_assert_at_most("load and scan", world_worst_pct(0, world.now_ms), 28);
}

/* In deep debt there is still the guaranteed minimum for each. */
static void minimum_in_debt(void **state)
{
	uint64_t before[3];

	(void)state;
	world_open(2, 50);
	(void)world_add(GRANT_SLOT_SCANNER, 1, 1, 0);
	(void)world_add(GRANT_SLOT_REMEDIATE, 1, 1, 0);
	world_lanes(1, 1, 0);
	world_run(SECOND_MS);
	budget_charge(&world.budget, (uint64_t)60 * SECOND_MS * MS);
	before[0] = world.actors[GRANT_SLOT_SCANNER].used_ns;
	before[1] = world.actors[GRANT_SLOT_LANE0].used_ns;
	before[2] = world.actors[GRANT_SLOT_REMEDIATE].used_ns;
	world_run(10 * SECOND_MS);
	assert_true(
		world.actors[GRANT_SLOT_SCANNER].used_ns > before[0] + (uint64_t)SECOND_MS * MS);
	assert_true(world.actors[GRANT_SLOT_LANE0].used_ns > before[1] + (uint64_t)200 * MS);
	assert_true(world.actors[GRANT_SLOT_REMEDIATE].used_ns > before[2] + (uint64_t)500 * MS);
	/* And the debt is being paid. */
	assert_true(world_load_pct(world.now_ms - 5 * SECOND_MS, world.now_ms) < 25);
}

/* Steps are as rare as they can be of use, and never more than 200 ms apart. */
/*
 * Budgets below one CPU, with a walk that always has work: it has its part, and no
 * second has much more than a portion above the aim, since what a reserve gives is
 * no debt there.
 */
static void small_budgets_are_even(void **state)
{
	static const struct {
		unsigned n_cpus;
		unsigned factor_pct;
		double above_pct;
	} rows[] = {{2, 5, 0.9}, {2, 10, 1.2}, {2, 25, 1.2}, {2, 45, 1.2}, {1, 95, 2.0}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		double used;
		double walk;

		world_open(rows[i].n_cpus, rows[i].factor_pct);
		(void)world_add(GRANT_SLOT_SCANNER, 1, 1, 0);
		world_lanes(2, 1, 0);
		world_run(60 * SECOND_MS);
		used = world_load_pct(0, world.now_ms) / 100 * 60.0 * SECOND_MS * MS *
		       rows[i].n_cpus;
		walk = (double)world.actors[GRANT_SLOT_SCANNER].used_ns / used;
		print_message("%u %% of %u: worst second %.2f %%, walk %.2f of it\n",
			rows[i].factor_pct, rows[i].n_cpus, world_worst_pct(0, world.now_ms), walk);
		assert_true(walk > 0.1 && walk < 0.5);
		world_assert_near(
			"small", world_load_pct(0, world.now_ms), rows[i].factor_pct, 0.5);
		world_assert_at_most("small", world_worst_pct(0, world.now_ms),
			rows[i].factor_pct + rows[i].above_pct);
	}
}

static void steps_are_few(void **state)
{
	static const struct {
		unsigned factor_pct;
		unsigned n_max; /* in a second */
	} rows[] = {{5, 14}, {25, 45}, {50, 80}, {80, 120}, {0, 60}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		world_open(2, rows[i].factor_pct);
		world_lanes(2, 1, 0);
		world_run(10 * SECOND_MS);
		print_message("%u %%: %u steps a second\n", rows[i].factor_pct, world.n_steps / 10);
		assert_in_range(world.n_steps, 50, 10 * rows[i].n_max);
	}
	world_open(2, 50); /* nobody there */
	world_run(10 * SECOND_MS);
	assert_in_range(world.n_steps, 49, 52);
	world_lanes(4, 1, 100000); /* and nobody with work */
	world.n_steps = 0;
	world_run(10 * SECOND_MS);
	assert_in_range(world.n_steps, 49, 300);
}

/*
 * Reads in debt: what is granted is used up, then everybody stands, with a limit
 * and without; afterwards no burst makes up for it.
 */
static void hold_grants_nothing(void **state)
{
	static const unsigned factors[] = {50, 0};

	(void)state;
	for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
		unsigned held_ms;

		world_open(2, factors[i]);
		budget_set_metered(&world.budget, true);
		(void)world_add(GRANT_SLOT_SCANNER, 1, 1, 0);
		world_lanes(2, 1, 0);
		world_run(3 * SECOND_MS);
		budget_set_held(&world.budget, true);
		held_ms = world.now_ms;
		world_run(5 * SECOND_MS);
		/* 30 ms ahead and a late tick, three of them on two CPUs. */
		assert_true(world.used_by_ms[world.now_ms] - world.used_by_ms[held_ms] <=
			    (uint64_t)3 * (30 + WORLD_TICK_MS) * MS);
		assert_int_equal(world.used_by_ms[world.now_ms],
			world.used_by_ms[world.now_ms - 4 * SECOND_MS]);
		assert_int_equal(budget_next_ns(&world.budget), 200 * MS);
		budget_set_held(&world.budget, false);
		world.next_ms = 0;
		world_run(5 * SECOND_MS);
		world_assert_near("after",
			world_load_pct(world.now_ms - 4 * SECOND_MS, world.now_ms),
			factors[i] == 0 ? 100 : 50, 1.0);
		if (factors[i] != 0)
			world_assert_at_most("after", world_worst_pct(held_ms, world.now_ms), 53);
	}
}

/* Reads limited, CPU not: a process is half as far ahead as without any limit. */
static void metered_is_not_far_ahead(void **state)
{
	uint64_t most_ns[2] = {0, 0};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		world_open(2, 0);
		budget_set_metered(&world.budget, i == 1);
		world_lanes(2, 1, 0);
		for (unsigned ms = 0; ms < 2 * SECOND_MS; ms++) {
			const struct budget_consumer *c = &world.budget.consumers[GRANT_SLOT_LANE0];

			world_run(1);
			if (c->granted_ns - c->used_ns > most_ns[i])
				most_ns[i] = c->granted_ns - c->used_ns;
		}
		world_assert_near("load", world_load_pct(0, world.now_ms), 100, 0.5);
	}
	assert_in_range(most_ns[0], 55 * MS, 70 * MS);
	assert_in_range(most_ns[1], 25 * MS, 35 * MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_lanes_run_freely),
		cmocka_unit_test(resting_lanes_are_made_up_for),
		cmocka_unit_test(last_lane_alone_gets_everything),
		cmocka_unit_test(walk_runs_ahead),
		cmocka_unit_test(remediation_goes_first),
		cmocka_unit_test(remediation_alone),
		cmocka_unit_test(daemon_takes_all),
		cmocka_unit_test(walk_alone_gets_everything),
		cmocka_unit_test(loading_counts),
		cmocka_unit_test(minimum_in_debt),
		cmocka_unit_test(small_budgets_are_even),
		cmocka_unit_test(steps_are_few),
		cmocka_unit_test(hold_grants_nothing),
		cmocka_unit_test(metered_is_not_far_ahead),
	};

	return cmocka_run_group_tests_name("deal", tests, NULL, NULL);
}
