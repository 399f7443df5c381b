/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The governor keeps the factor, with real processes, clocks and signals, on
 * however busy a machine.
 */
#include "unit.h"

#include "clock.h"
#include "governorrig.h"
#include "lane_plan.h"
#include "load_history.h"

#include <stdio.h>

/* Loops without a system call are kept at every factor. */
static void factor_is_kept(void **state)
{
	static const unsigned factors[] = {5, 25, 50, 80};
	struct governorrig *f = *state;
	struct governor_reading r;
	char what[32];

	for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
		unsigned n = lane_plan(factors[i], f->machine.n_cpus, 0);

		f->used_ns = 0;
		f->queued_ns = 0;
		(void)snprintf(what, sizeof(what), "%u %%, %u lanes", factors[i], n);
		assert_int_equal(governor_begin(f->gov, factors[i], n), 0);
		governorrig_lanes_start(
			f, n < GOVERNORRIG_N_LANES ? n : GOVERNORRIG_N_LANES, BURNER_LOOP);
		burner_sleep_ms(3000);
		governorrig_lanes_end(f);
		governor_end(f->gov, &r);
		governorrig_assert_kept(f, what, &r);
	}
}

/*
 * What the daemon says that lanes did adds up to their time: they compute, wait
 * for a grant, or queue for a CPU, and for nothing else.
 */
static void times_add_up(void **state)
{
	struct governorrig *f = *state;
	struct governor_reading r;
	struct load_history h;
	double told_ns;
	uint64_t active_ns = 0;
	uint64_t asked_ns = 0;

	assert_int_equal(governor_begin(f->gov, 25, 2), 0);
	governorrig_lanes_start(f, 2, BURNER_LOOP);
	burner_sleep_ms(4000);
	governor_history(f->gov, &h);
	governor_end(f->gov, &r);
	governorrig_lanes_end(f);
	told_ns = (double)(r.lanes_cpu_ns + r.lanes_waited_ns + r.lanes_queued_ns);
	print_message("of a lane's time: %.1f %% computed, %.1f %% no grant, %.1f %% no CPU\n",
		50.0 * (double)r.lanes_cpu_ns / (double)r.active_ns,
		50.0 * (double)r.lanes_waited_ns / (double)r.active_ns,
		50.0 * (double)r.lanes_queued_ns / (double)r.active_ns);
	governorrig_at_least("sum", 50.0 * told_ns / (double)r.active_ns, 90.0);
	/* Who queued before it had no grant left is counted under both. */
	told_ns -= (double)r.lanes_queued_ns;
	governorrig_at_most("sum", 50.0 * told_ns / (double)r.active_ns, 102.0);
	governorrig_at_most(
		"history", (double)h.budget_wait_ns, 0.5 * (double)r.lanes_waited_ns + 1);
	governorrig_at_least("history", (double)h.budget_wait_ns, 0.4 * (double)r.lanes_waited_ns);
	for (size_t i = 0; i < h.n_points; i++) {
		active_ns += h.points[i].active_ns;
		asked_ns += h.points[i].asked_ns;
	}
	assert_in_range(h.n_points, 3, 6);
	governorrig_at_least("series", (double)active_ns, 0.95 * (double)r.active_ns);
	assert_true(active_ns <= r.active_ns);
	assert_in_range(asked_ns * 100, 24.9 * f->machine.n_cpus * (double)active_ns,
		25.1 * f->machine.n_cpus * (double)active_ns);
	governor_history(f->gov, &h);
	assert_int_equal(h.n_points, 0);
}

/* The walk pays at safe points with three threads, beside two lanes. */
static void scanner_and_lanes(void **state)
{
	struct governorrig *f = *state;
	struct governor_reading r;
	uint64_t scanner_ns;
	pid_t scanner;

	assert_int_equal(governor_begin(f->gov, 50, 2), 0);
	scanner = burner_start(f->page, GRANT_SLOT_SCANNER, 1, BURNER_PAYERS);
	assert_int_equal(governor_add(f->gov, GRANT_SLOT_SCANNER, 1, scanner), 0);
	governorrig_lanes_start(f, 2, BURNER_BURSTS);
	burner_sleep_ms(3000);
	f->queued_ns = burner_queued_ns(scanner);
	scanner_ns = burner_kill(scanner);
	f->used_ns = scanner_ns;
	governorrig_lanes_end(f);
	assert_int_equal(governor_remove(f->gov, GRANT_SLOT_SCANNER, 1, scanner_ns), 0);
	governor_end(f->gov, &r);
	governorrig_print("scanner and lanes", &r);
	governorrig_at_most("mean", r.mean_pct, 51.0);
	governorrig_at_most("p99", r.window_p99_pct, 54.0);
	assert_true(scanner_ns > 0);
	assert_true(f->used_ns > scanner_ns);
}

/* Workers that come and go: no CPU time is lost, none is won. */
static void workers_are_replaced(void **state)
{
	struct governorrig *f = *state;
	struct governor_reading r;

	assert_int_equal(governor_begin(f->gov, 50, 2), 0);
	governorrig_lanes_start(f, 2, BURNER_LOOP);
	for (unsigned i = 0; i < 30; i++) {
		burner_sleep_ms(100);
		governorrig_lane_end(f, i % 2);
		governorrig_lane_start(f, i % 2, BURNER_LOOP);
	}
	governorrig_lanes_end(f);
	governor_end(f->gov, &r);
	governorrig_assert_kept(f, "replaced", &r);
}

/* The daemon's own work is charged, and the lanes make room for it. */
static void daemon_is_charged(void **state)
{
	struct governorrig *f = *state;
	struct governor_reading r;
	volatile uint64_t sink = 0;
	uint64_t end;
	uint64_t self_ns = clock_self_cpu_ns();

	assert_int_equal(governor_begin(f->gov, 50, 2), 0);
	governorrig_lanes_start(f, 2, BURNER_LOOP);
	end = clock_mono_ns() + 2000 * (uint64_t)BURNER_MS;
	while (clock_mono_ns() < end) {
		uint64_t until = clock_thread_cpu_ns() + 3 * BURNER_MS;

		while (clock_thread_cpu_ns() < until)
			sink++;
		burner_sleep_ms(7);
	}
	governorrig_lanes_end(f);
	governor_end(f->gov, &r);
	governorrig_print("daemon", &r);
	governorrig_at_most("mean", r.mean_pct, 51.0);
	governorrig_at_least("charged", (double)r.cpu_ns,
		(double)f->used_ns + 0.9 * (double)(clock_self_cpu_ns() - self_ns));
}

/* Paused: no CPU at all, the mean does not fall, and it goes on. */
static void paused_and_resumed(void **state)
{
	struct governorrig *f = *state;
	struct governor_reading before;
	struct governor_reading r;
	uint64_t used_ns;

	assert_int_equal(governor_begin(f->gov, 25, 1), 0);
	governorrig_lane_start(f, 0, BURNER_LOOP);
	burner_sleep_ms(1000);
	governor_pause(f->gov);
	governor_pause(f->gov);
	used_ns = burner_cpu_ns(f->lanes[0]);
	assert_true(burner_stands(f->lanes[0]));
	/* A portion and a late tick, no more. */
	assert_true(burner_cpu_ns(f->lanes[0]) - used_ns < 60 * BURNER_MS);
	governor_read(f->gov, &before);
	assert_true(before.is_paused);
	used_ns = burner_cpu_ns(f->lanes[0]);
	burner_sleep_ms(1000);
	assert_true(burner_cpu_ns(f->lanes[0]) - used_ns <= BURNER_STILL_NS);
	governor_read(f->gov, &r);
	assert_int_equal(r.active_ns, before.active_ns);
	governor_resume(f->gov);
	burner_await_cpu(f->lanes[0], burner_cpu_ns(f->lanes[0]) + 100 * BURNER_MS);
	governorrig_lanes_end(f);
	governor_end(f->gov, &r);
	assert_true(r.paused_ns > 1000 * (uint64_t)BURNER_MS);
	governorrig_assert_kept(f, "paused", &r);
}

/* Another factor is in force at once. */
static void factor_changes(void **state)
{
	static const unsigned factors[] = {80, 10, 0, 25};
	struct governorrig *f = *state;
	unsigned n = lane_plan(100, f->machine.n_cpus, 0);
	struct governor_reading a;
	struct governor_reading b;

	n = n < GOVERNORRIG_N_LANES ? n : GOVERNORRIG_N_LANES;
	assert_int_equal(governor_begin(f->gov, 50, n), 0);
	governorrig_lanes_start(f, n, BURNER_LOOP);
	for (size_t i = 0; i < 4; i++) {
		double want = factors[i] == 0 ? 100.0 : factors[i];

		assert_int_equal(governor_set_factor(f->gov, factors[i]), 0);
		burner_sleep_ms(1000);
		governor_read(f->gov, &a);
		burner_sleep_ms(1000);
		governor_read(f->gov, &b);
		assert_int_equal(b.factor_pct, factors[i]);
		print_message("%u %%: %.2f\n", factors[i],
			100.0 * (double)(b.cpu_ns - a.cpu_ns) /
				((double)(b.active_ns - a.active_ns) * b.n_cpus));
		governorrig_at_most("changed", (double)(b.cpu_ns - a.cpu_ns),
			(want + 4.0) / 100.0 * (double)(b.active_ns - a.active_ns) * b.n_cpus);
	}
	governorrig_lanes_end(f);
	governor_end(f->gov, NULL);
}

/* Without a limit a lane takes a whole CPU, if the machine has it. */
static void unlimited(void **state)
{
	struct governorrig *f = *state;
	struct governor_reading r;

	assert_int_equal(governor_begin(f->gov, 0, 1), 0);
	governorrig_lane_start(f, 0, BURNER_LOOP);
	burner_sleep_ms(2000);
	governorrig_lanes_end(f);
	governor_end(f->gov, &r);
	governorrig_print("unlimited", &r);
	if (f->queued_ns != UINT64_MAX)
		governorrig_at_least("unlimited", (double)(f->used_ns + f->queued_ns),
			0.9 * (double)r.active_ns);
}

#define GOVERNOR_TEST(name)                                                                        \
	cmocka_unit_test_setup_teardown(name, governorrig_setup, governorrig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		GOVERNOR_TEST(factor_is_kept),
		GOVERNOR_TEST(times_add_up),
		GOVERNOR_TEST(scanner_and_lanes),
		GOVERNOR_TEST(workers_are_replaced),
		GOVERNOR_TEST(daemon_is_charged),
		GOVERNOR_TEST(paused_and_resumed),
		GOVERNOR_TEST(factor_changes),
		GOVERNOR_TEST(unlimited),
	};

	return cmocka_run_group_tests_name("throttle-governor", tests, NULL, NULL);
}
