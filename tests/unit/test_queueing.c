/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waits that last, waits that are told, and never one of them twice. */
#include "unit.h"

#include "queueing.h"

#define LOOK UINT64_C(500000000)
#define MS UINT64_C(1000000)

static struct own_tasks tasks(unsigned n_running, uint64_t ran_ms, uint64_t queued_ms)
{
	return (struct own_tasks){
		.n_running = n_running, .ran_ns = ran_ms * MS, .queued_ns = queued_ms * MS};
}

static uint64_t step_ms(struct queueing *q, struct own_tasks now)
{
	return queueing_step(q, &now, LOOK) / MS;
}

static void what_is_told_counts(void **state)
{
	struct queueing q = QUEUEING_NULL;

	(void)state;
	assert_int_equal(step_ms(&q, tasks(1, 100, 7000)), 0); /* before the first look */
	assert_int_equal(step_ms(&q, tasks(1, 200, 7400)), 400);
	assert_int_equal(step_ms(&q, tasks(0, 300, 7400)), 0);
}

/* The lowest priority: three looks without a CPU, then a moment of it. */
static void a_wait_that_lasts_counts_as_it_goes(void **state)
{
	struct queueing q = QUEUEING_NULL;

	(void)state;
	assert_int_equal(step_ms(&q, tasks(1, 100, 0)), 0);
	assert_int_equal(step_ms(&q, tasks(1, 100, 0)), 500);
	assert_int_equal(step_ms(&q, tasks(1, 100, 0)), 500);
	assert_int_equal(step_ms(&q, tasks(1, 100, 0)), 500);
	/* It had been waiting before the first look, and waits again. */
	assert_int_equal(step_ms(&q, tasks(1, 103, 1990)), 490);
	assert_int_equal(step_ms(&q, tasks(1, 103, 1990)), 500);
	assert_int_equal(step_ms(&q, tasks(1, 106, 2990)), 500);
}

/* The one that waited was killed: what was counted is not taken off another wait. */
static void what_is_ahead_is_forgotten(void **state)
{
	struct queueing q = QUEUEING_NULL;

	(void)state;
	assert_int_equal(step_ms(&q, tasks(2, 100, 0)), 0);
	assert_int_equal(step_ms(&q, tasks(2, 100, 0)), 1000);
	assert_int_equal(step_ms(&q, tasks(1, 110, 300)), 0);
	assert_int_equal(step_ms(&q, tasks(1, 120, 600)), 300);
	assert_int_equal(step_ms(&q, tasks(1, 130, 50)), 0); /* a thread took its sum with it */
}

static void who_sleeps_or_runs_does_not_wait(void **state)
{
	struct queueing q = QUEUEING_NULL;

	(void)state;
	assert_int_equal(step_ms(&q, tasks(1, 100, 0)), 0);
	assert_int_equal(step_ms(&q, tasks(1, 600, 0)), 0); /* has the CPU */
	assert_int_equal(step_ms(&q, tasks(0, 900, 0)), 0);
	assert_int_equal(step_ms(&q, tasks(1, 900, 0)), 0); /* has just woken up */
	assert_int_equal(queueing_step(&q, &q.last, 0), 0); /* after a pause */
}

/* A kernel without schedstat: a process that runs looks like one that waits. */
static void without_schedstat_nothing_is_concluded(void **state)
{
	struct queueing q = QUEUEING_NULL;

	(void)state;
	assert_int_equal(step_ms(&q, tasks(1, 0, 0)), 0);
	assert_int_equal(step_ms(&q, tasks(1, 0, 0)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_told_counts),
		cmocka_unit_test(a_wait_that_lasts_counts_as_it_goes),
		cmocka_unit_test(what_is_ahead_is_forgotten),
		cmocka_unit_test(who_sleeps_or_runs_does_not_wait),
		cmocka_unit_test(without_schedstat_nothing_is_concluded),
	};

	return cmocka_run_group_tests_name("queueing", tests, NULL, NULL);
}
