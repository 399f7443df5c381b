/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who works beside scans is kept at the factor too: in the scan's account while that
 * grants, else in one of its own. With real processes, clocks and signals, on however
 * busy a machine.
 */
#include "unit.h"

#include "clock.h"
#include "governorrig.h"

#include <errno.h>

enum { FACTOR_PCT = 25 };

static struct aside_fixture {
	struct governorrig *rig;
	pid_t pid;
	uint32_t generation;
} f;

static int setup(void **state)
{
	int r = governorrig_setup((void **)&f.rig);

	(void)state;
	f.pid = 0;
	return r;
}

static int teardown(void **state)
{
	void *rig = f.rig;

	(void)state;
	if (f.pid)
		(void)burner_kill(f.pid);
	return governorrig_teardown(&rig);
}

static void start(void)
{
	f.generation++;
	f.pid = burner_start(f.rig->page, GRANT_SLOT_REMEDIATE, f.generation, BURNER_LOOP);
	assert_int_equal(governor_add(f.rig->gov, GRANT_SLOT_REMEDIATE, f.generation, f.pid), 0);
}

static void end(void)
{
	uint64_t cpu_ns = burner_kill(f.pid);

	f.pid = 0;
	assert_int_equal(
		governor_remove(f.rig->gov, GRANT_SLOT_REMEDIATE, f.generation, cpu_ns), 0);
}

static void expect_no_own(void)
{
	struct governor_reading own;

	governor_read_aside(f.rig->gov, &own);
	assert_int_equal(own.n_lanes, 0);
	assert_int_equal(own.cpu_ns, 0);
}

/* Nothing is scanned: an account of its own, at its own factor, for as long as it is there. */
static void alone(void **state)
{
	struct governor_reading r;
	uint64_t queued_ns;

	(void)state;
	assert_int_equal(governor_set_aside(f.rig->gov, 101), -EINVAL);
	assert_int_equal(governor_set_aside(f.rig->gov, FACTOR_PCT), 0);
	expect_no_own();
	start();
	burner_sleep_ms(2000);
	queued_ns = burner_queued_ns(f.pid);
	f.rig->used_ns = burner_cpu_ns(f.pid);
	governor_read_aside(f.rig->gov, &r);
	f.rig->queued_ns = queued_ns;
	assert_int_equal(r.factor_pct, FACTOR_PCT);
	governorrig_assert_kept(f.rig, "alone", &r);
	governor_read(f.rig->gov, &r);
	assert_int_equal(r.cpu_ns, 0); /* not a scan's */
	assert_int_equal(governor_remove(f.rig->gov, GRANT_SLOT_REMEDIATE, f.generation + 1, 0),
		GOVERNOR_E_STALE);
	end();
	expect_no_own();
	assert_int_equal(governor_remove(f.rig->gov, GRANT_SLOT_REMEDIATE, f.generation, 0),
		GOVERNOR_E_STALE);
}

/* A scan begins meanwhile: one account for both, and the lane has what is left. */
static void beside_a_scan(void **state)
{
	struct governor_reading r;
	uint64_t before_ns;
	uint64_t aside_ns;

	(void)state;
	assert_int_equal(governor_set_aside(f.rig->gov, FACTOR_PCT), 0);
	start();
	burner_await_cpu(f.pid, 50 * (uint64_t)BURNER_MS);
	assert_int_equal(governor_begin(f.rig->gov, FACTOR_PCT, 1), 0);
	expect_no_own();
	before_ns = burner_cpu_ns(f.pid);
	governorrig_lane_start(f.rig, 0, BURNER_LOOP);
	burner_sleep_ms(2000);
	aside_ns = burner_cpu_ns(f.pid) - before_ns;
	governor_read(f.rig->gov, &r);
	governorrig_print("beside a scan", &r);
	governorrig_at_most("mean", r.mean_pct, r.aim_pct + 0.5 + 1.5);
	governorrig_at_most("p99", r.window_p99_pct, r.aim_pct + 4.0);
	governorrig_at_least("counted", (double)r.cpu_ns,
		(double)(aside_ns + burner_cpu_ns(f.rig->lanes[0])) - 60.0 * BURNER_MS);
	/* Nobody starves, whoever is first. */
	assert_true(aside_ns > 20 * (uint64_t)BURNER_MS);
	assert_true(burner_cpu_ns(f.rig->lanes[0]) > 0);
	governorrig_lanes_end(f.rig);
	governor_end(f.rig->gov, NULL);
	before_ns = burner_cpu_ns(f.pid);
	burner_await_cpu(f.pid, before_ns + 100 * (uint64_t)BURNER_MS);
	governor_read_aside(f.rig->gov, &r);
	assert_int_equal(r.factor_pct, FACTOR_PCT);
	assert_true(r.cpu_ns > 0);
	end();
	expect_no_own();
}

/* A pause stops the scan and nobody else, and none of it is in the scan's figures. */
static void in_a_pause(void **state)
{
	struct governor_reading before;
	struct governor_reading r;

	(void)state;
	assert_int_equal(governor_set_aside(f.rig->gov, FACTOR_PCT), 0);
	assert_int_equal(governor_begin(f.rig->gov, FACTOR_PCT, 1), 0);
	governorrig_lane_start(f.rig, 0, BURNER_LOOP);
	burner_await_cpu(f.rig->lanes[0], 30 * (uint64_t)BURNER_MS);
	governor_pause(f.rig->gov);
	start(); /* while it is paused */
	assert_true(burner_stands(f.rig->lanes[0]));
	governor_read(f.rig->gov, &before);
	burner_await_cpu(f.pid, 150 * (uint64_t)BURNER_MS);
	governor_read_aside(f.rig->gov, &r);
	assert_int_equal(r.factor_pct, FACTOR_PCT);
	governorrig_at_most("mean", (double)r.cpu_ns,
		(r.aim_pct + 0.5) / 100.0 * r.n_cpus * (double)r.active_ns + 60.0 * BURNER_MS);
	governor_read(f.rig->gov, &r);
	assert_true(r.cpu_ns - before.cpu_ns <= BURNER_STILL_NS);
	governor_resume(f.rig->gov);
	expect_no_own();
	burner_await_cpu(f.pid, burner_cpu_ns(f.pid) + 50 * (uint64_t)BURNER_MS);
	governor_pause(f.rig->gov); /* there is one to go along */
	burner_await_cpu(f.pid, burner_cpu_ns(f.pid) + 50 * (uint64_t)BURNER_MS);
	governor_resume(f.rig->gov);
	end();
	governorrig_lanes_end(f.rig);
	governor_end(f.rig->gov, NULL);
}

/* Another factor is in force at once; the next process has the slot. */
static void factor_changes(void **state)
{
	struct governor_reading a;
	struct governor_reading b;

	(void)state;
	start(); /* without a limit */
	burner_await_cpu(f.pid, 100 * (uint64_t)BURNER_MS);
	assert_int_equal(governor_set_aside(f.rig->gov, 10), 0);
	burner_sleep_ms(300); /* what it was ahead is paid */
	governor_read_aside(f.rig->gov, &a);
	assert_int_equal(a.factor_pct, 10);
	burner_sleep_ms(1000);
	governor_read_aside(f.rig->gov, &b);
	governorrig_at_most("changed", (double)(b.cpu_ns - a.cpu_ns),
		0.14 * (double)(b.active_ns - a.active_ns) * b.n_cpus);
	(void)burner_kill(f.pid);
	start();
	burner_await_cpu(f.pid, 30 * (uint64_t)BURNER_MS);
	end();
	expect_no_own();
}

#define ASIDE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ASIDE_TEST(alone),
		ASIDE_TEST(beside_a_scan),
		ASIDE_TEST(in_a_pause),
		ASIDE_TEST(factor_changes),
	};

	return cmocka_run_group_tests_name("throttle-aside", tests, NULL, NULL);
}
