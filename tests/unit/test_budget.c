/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The law of the budget in virtual time (lib/budgetworld.h): the mean is the
 * aim, no second is far above it, nobody starves, nothing is paid back as a
 * burst.
 */
#include "unit.h"

#include "budget.h"
#include "budgetworld.h"

#include <stdio.h>

/* Whatever factor, lanes and CPUs: the mean is the aim, no second is far above it. */
static void mean_and_windows(void **state)
{
	static const unsigned factors[] = {5, 10, 25, 50, 80, 95};
	static const unsigned cpus[] = {1, 2, 4, 8, 64};
	double worst_mean = 0;
	double worst_window = 0;

	(void)state;
	for (size_t f = 0; f < 6; f++) {
		for (size_t c = 0; c < 5; c++) {
			for (unsigned lanes = 1; lanes <= 2 * cpus[c] && lanes <= 64; lanes *= 2) {
				double aim = factors[f];
				char what[64];

				if (100.0 * lanes / cpus[c] < aim)
					aim = 100.0 * lanes / cpus[c];
				(void)snprintf(what, sizeof(what), "%u %% of %u, %u lanes",
					factors[f], cpus[c], lanes);
				world_open(cpus[c], factors[f]);
				world_lanes(lanes, 1, 0);
				world_run(30 * SECOND_MS);
				world_assert_near(what, world_load_pct(0, world.now_ms), aim, 0.5);
				world_assert_at_most(
					what, world_worst_pct(0, world.now_ms), aim + 3.0);
				if (aim - world_load_pct(0, world.now_ms) > worst_mean)
					worst_mean = aim - world_load_pct(0, world.now_ms);
				if (world_worst_pct(0, world.now_ms) - aim > worst_window)
					worst_window = world_worst_pct(0, world.now_ms) - aim;
			}
		}
	}
	print_message("mean at most %.2f points below, a second at most %.2f above\n", worst_mean,
		worst_window);
}

/* The daemon never waits, but the others make room for it. */
static void daemon_is_charged(void **state)
{
	(void)state;
	world_open(2, 25);
	world.daemon_us = 100; /* a tenth of a CPU */
	world_lanes(2, 1, 0);
	world_run(30 * SECOND_MS);
	world_assert_near("daemon", world_load_pct(0, world.now_ms), 25, 0.5);
}

/* Workers are replaced all the time; what they used until their end counts. */
static void workers_are_replaced(void **state)
{
	(void)state;
	world_open(2, 50);
	world_lanes(2, 1, 0);
	for (int i = 0; i < 300; i++) {
		size_t slot = GRANT_SLOT_LANE0 + (size_t)i % 2;

		world_run(97);
		world_kill(slot);
		(void)world_add(slot, 1, 1, 0);
	}
	world_assert_near("replaced", world_load_pct(0, world.now_ms), 50, 0.5);
	world_assert_at_most("replaced", world_worst_pct(0, world.now_ms), 53);
}

/* A factor changed while a scan runs is kept from the next second on. */
static void factor_changes(void **state)
{
	static const unsigned factors[] = {80, 10, 50, 0, 5, 95, 25};

	(void)state;
	world_open(2, 50);
	world_lanes(3, 1, 0);
	for (size_t i = 0; i < 7; i++) {
		double want = factors[i] == 0 ? 100 : factors[i];
		unsigned from;

		budget_set_factor(&world.budget, factors[i]);
		world.next_ms = 0;
		world_run(SECOND_MS);
		from = world.now_ms;
		world_run(4 * SECOND_MS);
		world_assert_at_most("changed", world_worst_pct(from, world.now_ms), want + 3);
		if (factors[i] != 5) /* the debt of an unlimited time is being paid */
			world_assert_near("changed", world_load_pct(from, world.now_ms), want, 1.0);
	}
}

/* Ten idle seconds are not paid back: the next second is like any other. */
static void quiet_time_is_lost(void **state)
{
	unsigned from;

	(void)state;
	world_open(2, 50);
	world_lanes(2, 1, 0);
	world_run(2 * SECOND_MS);
	for (size_t i = 0; i < 2; i++)
		world.actors[GRANT_SLOT_LANE0 + i].rest_left_ms = 10 * SECOND_MS;
	world_run(10 * SECOND_MS);
	from = world.now_ms;
	world_run(3 * SECOND_MS);
	world_assert_at_most("after quiet", world_worst_pct(from, world.now_ms), 53);
	world_assert_near("after quiet", world_load_pct(from, world.now_ms), 50, 1.0);
}

/* A stall of the governor itself gives no burst either. */
static void late_step_is_no_burst(void **state)
{
	uint64_t before[2];
	uint64_t more = 0;

	(void)state;
	world_open(2, 50);
	world_lanes(2, 1, 0);
	world_run(SECOND_MS);
	for (size_t i = 0; i < 2; i++)
		before[i] = world.budget.consumers[GRANT_SLOT_LANE0 + i].granted_ns;
	budget_step(&world.budget, (uint64_t)(world.now_ms + 60 * SECOND_MS) * MS);
	for (size_t i = 0; i < 2; i++)
		more += world.budget.consumers[GRANT_SLOT_LANE0 + i].granted_ns - before[i];
	assert_true(more <= 2u * 30u * MS);
}

/* One goes on in another account: nothing is charged twice, nothing is lost, its grant stays. */
static void handed_over(void **state)
{
	const size_t slot = GRANT_SLOT_REMEDIATE;
	struct budget other;
	uint64_t total_ns;
	uint64_t granted_ns;

	(void)state;
	world_open(2, 50);
	budget_init(&other, &world.budget.config);
	budget_start(&other, 25);
	(void)world_add(slot, 1, 1, 0);
	world_run(SECOND_MS);
	budget_use(&world.budget, slot, world.actors[slot].used_ns);
	total_ns = world.budget.total_ns;
	granted_ns = world.budget.consumers[slot].granted_ns;
	assert_int_equal(total_ns, world.actors[slot].used_ns);
	budget_hand_over(&world.budget, &other, slot);
	assert_false(world.budget.consumers[slot].is_present);
	assert_true(other.consumers[slot].is_present);
	assert_int_equal(other.consumers[slot].granted_ns, granted_ns);
	assert_int_equal(other.total_ns, 0);
	budget_use(&other, slot, world.actors[slot].used_ns + 7 * MS);
	assert_int_equal(other.total_ns, 7 * MS);
	assert_int_equal(world.budget.total_ns, total_ns);
	budget_step(&other, (uint64_t)world.now_ms * MS);
	assert_true(other.consumers[slot].granted_ns >= granted_ns);
	/* An empty slot goes as such. */
	budget_hand_over(&world.budget, &other, slot);
	assert_false(other.consumers[slot].is_present);
}

/* Paused means paused; what was granted before runs out at once. */
static void paused_stands_still(void **state)
{
	unsigned from;

	(void)state;
	world_open(2, 50);
	(void)world_add(GRANT_SLOT_SCANNER, 2, 1, 0);
	world_lanes(2, 1, 0);
	world_run(2 * SECOND_MS);
	budget_set_paused(&world.budget, true);
	world_run(100);
	from = world.now_ms;
	world_run(20 * SECOND_MS);
	world_assert_near("paused", world_load_pct(from, world.now_ms), 0, 0.0);
	budget_set_paused(&world.budget, false);
	world.next_ms = 0;
	from = world.now_ms;
	world_run(5 * SECOND_MS);
	world_assert_near("resumed", world_load_pct(from, world.now_ms), 50, 1.0);
	world_assert_at_most("resumed", world_worst_pct(from, world.now_ms), 53);
}

/* No limit: everybody runs, also with more lanes than CPUs, and a pause still stops. */
static void unlimited_runs_and_pauses(void **state)
{
	static const unsigned factors[] = {0, 100};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		unsigned from;

		world_open(2, factors[i]);
		world_lanes(3, 1, 0);
		world_run(5 * SECOND_MS);
		world_assert_near("unlimited", world_load_pct(100, world.now_ms), 100, 0.5);
		budget_set_paused(&world.budget, true);
		world_run(300);
		from = world.now_ms;
		world_run(SECOND_MS);
		world_assert_near("paused", world_load_pct(from, world.now_ms), 0, 0.0);
	}
}

/* Who ignores its grant is seen, and its use is taken from the others. */
static void deaf_worker_shows(void **state)
{
	(void)state;
	world_open(2, 25);
	world_lanes(2, 1, 0);
	world_run(SECOND_MS);
	assert_true(budget_excess_ns(&world.budget, GRANT_SLOT_LANE0) <= 5 * MS);
	world.actors[GRANT_SLOT_LANE0].is_deaf = true;
	world_run(SECOND_MS);
	assert_true(budget_excess_ns(&world.budget, GRANT_SLOT_LANE0) > 250 * MS);
	assert_true(budget_excess_ns(&world.budget, GRANT_SLOT_LANE0 + 1) <= 5 * MS);
	world_kill(GRANT_SLOT_LANE0);
	assert_int_equal(budget_excess_ns(&world.budget, GRANT_SLOT_LANE0), 0);
	world_run(20 * SECOND_MS);
	world_assert_near("after the debt", world_load_pct(0, world.now_ms), 25, 0.5);
}

/* Time in a pause pays no debt. */
static void pause_pays_no_debt(void **state)
{
	unsigned from;

	(void)state;
	world_open(2, 50);
	world_lanes(2, 1, 0);
	world_run(SECOND_MS);
	budget_charge(&world.budget, (uint64_t)5 * SECOND_MS * MS);
	budget_set_paused(&world.budget, true);
	world_run(20 * SECOND_MS);
	budget_set_paused(&world.budget, false);
	world.next_ms = 0;
	from = world.now_ms;
	world_run(4 * SECOND_MS);
	world_assert_at_most("in debt", world_load_pct(from, world.now_ms), 5);
}

/* What is used without a limit is no debt when one comes. */
static void free_time_is_no_debt(void **state)
{
	unsigned from;

	(void)state;
	world_open(2, 0);
	world_lanes(2, 1, 0);
	world_run(SECOND_MS);
	budget_charge(&world.budget, (uint64_t)60 * SECOND_MS * MS);
	world_run(SECOND_MS);
	budget_set_factor(&world.budget, 50);
	world.next_ms = 0;
	world_run(SECOND_MS);
	from = world.now_ms;
	world_run(5 * SECOND_MS);
	world_assert_near("limited again", world_load_pct(from, world.now_ms), 50, 1.0);
}

/* The account's own sums: what is read twice or backwards counts once. */
static void readings_are_monotone(void **state)
{
	struct budget *b = &world.budget;

	(void)state;
	world_open(2, 50);
	budget_add(b, 2, 100);
	budget_use(b, 2, 150);
	budget_use(b, 2, 120);
	budget_use(b, 2, 150);
	assert_int_equal(b->total_ns, 50);
	budget_remove(b, 2, 110); /* less than was read */
	assert_int_equal(b->total_ns, 50);
	budget_remove(b, 2, 1000); /* twice */
	budget_use(b, 2, 2000);    /* nobody there */
	assert_int_equal(b->total_ns, 50);
	budget_add(b, 2, 0);
	budget_remove(b, 2, 500);
	budget_charge(b, 7);
	assert_int_equal(b->total_ns, 557);
	budget_start(b, 10);
	assert_int_equal(b->total_ns, 0);
	assert_int_equal(budget_excess_ns(b, 5), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mean_and_windows),
		cmocka_unit_test(daemon_is_charged),
		cmocka_unit_test(workers_are_replaced),
		cmocka_unit_test(factor_changes),
		cmocka_unit_test(quiet_time_is_lost),
		cmocka_unit_test(late_step_is_no_burst),
		cmocka_unit_test(handed_over),
		cmocka_unit_test(paused_stands_still),
		cmocka_unit_test(unlimited_runs_and_pauses),
		cmocka_unit_test(deaf_worker_shows),
		cmocka_unit_test(pause_pays_no_debt),
		cmocka_unit_test(free_time_is_no_debt),
		cmocka_unit_test(readings_are_monotone),
	};

	return cmocka_run_group_tests_name("budget", tests, NULL, NULL);
}
