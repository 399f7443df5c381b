/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Back-off in virtual time: two CPUs, a budget of one, a look each half second. */
#include "unit.h"

#include "pressure.h"

#include <math.h>

#define LOOK_NS UINT64_C(500000000)

struct world {
	struct pressure pressure;
	struct pressure_input in;
	double lowest;
	double highest;
	unsigned n_changes;
};

static struct world *world(void)
{
	static struct world w;

	w = (struct world){.in = {.budget = 1.0,
				   .n_online = 2.0,
				   .has_waiting = true,
				   .waiting = 0.5,
				   .minimum_share = pressure_minimum(20, 1.0)}};
	pressure_init(&w.pressure);
	return &w;
}

/* @running others; every @nth look there is one more. */
static double pass(struct world *w, unsigned n_seconds, double running, unsigned nth)
{
	w->lowest = w->highest = w->pressure.share;
	w->n_changes = 0;
	for (unsigned i = 0; i < 2 * n_seconds; i++) {
		double before = w->pressure.share;

		w->in.now_ns += LOOK_NS;
		w->in.running = running + (nth != 0 && i % nth == 0 ? 1 : 0);
		pressure_step(&w->pressure, &w->in);
		assert_true(w->pressure.share <= 1.0);
		assert_true(w->pressure.share >= w->in.minimum_share);
		/* Bounded: 0.3 down, 0.1 up in a second. */
		assert_true(w->pressure.share >= before - 0.1501);
		assert_true(w->pressure.share <= before + 0.0501);
		w->n_changes += fabs(w->pressure.share - before) > 1e-9;
		w->lowest = fmin(w->lowest, w->pressure.share);
		w->highest = fmax(w->highest, w->pressure.share);
	}
	return w->pressure.share;
}

#define NEAR(got, want) assert_true(fabs((got) - (want)) < 0.02)

static void quiet_machine(void **state)
{
	struct world *w = world();

	(void)state;
	assert_int_equal(pass(w, 600, 0, 0), 1);
	assert_int_equal(pass(w, 600, 0, 3), 1); /* a third of a CPU is others' */
	assert_int_equal(pass(w, 600, 1, 0), 1); /* a whole CPU; the other is free */
	assert_int_equal(w->n_changes, 0);
}

/* As many busy programs as CPUs: the minimum within some seconds; back when they end. */
static void busy_machine(void **state)
{
	struct world *w = world();

	(void)state;
	assert_true(pass(w, 1, 2, 0) > 0.9); /* a second is no trouble yet */
	assert_true(pass(w, 14, 2, 0) < 0.25);
	NEAR(pass(w, 60, 2, 0), 0.2);
	(void)pass(w, 600, 50, 0);
	NEAR(w->pressure.share, 0.2);
	assert_true(pass(w, 2, 0, 0) < 0.5); /* not at once */
	assert_int_equal(pass(w, 60, 0, 0), 1);
}

/* What others leave is ours, no more and no less. */
static void what_is_left(void **state)
{
	struct world *w = world();

	(void)state;
	NEAR(pass(w, 300, 1.5, 0), 0.5);
	assert_true(pass(w, 300, 1.5, 0) > 0.4);
	assert_int_equal(w->n_changes, 0); /* steady */
	/* Small changes of the machine are not followed. */
	(void)pass(w, 300, 1.47, 0);
	assert_int_equal(w->n_changes, 0);
}

/* A run queue is not believed when hardly anybody waits. */
static void nobody_waits(void **state)
{
	struct world *w = world();

	(void)state;
	w->in.waiting = 0.01;
	assert_int_equal(pass(w, 60, 2, 0), 1);
	w->in.has_waiting = false; /* not known: believed */
	NEAR(pass(w, 60, 2, 0), 0.2);
}

static void disk_and_memory(void **state)
{
	struct world *w = world();
	double share;

	(void)state;
	w->in.io = 0.3;
	assert_int_equal(pass(w, 60, 0, 0), 1); /* we do not use it */
	w->in.own_io = 1;
	NEAR(pass(w, 60, 0, 0), 0.2);
	w->in.own_io = 0;
	assert_int_equal(pass(w, 60, 0, 0), 1);
	w->in.own_io = 2;
	NEAR(pass(w, 60, 0, 0), 0.2);
	w->in.io = 0.07; /* neither much nor little: as it is */
	share = pass(w, 15, 0, 0);
	NEAR(pass(w, 60, 0, 0), share);
	w->in.io = 0;
	assert_int_equal(pass(w, 60, 0, 0), 1);
	w->in.memory = 0.2;
	NEAR(pass(w, 60, 0, 0), 0.2);
}

/* After an hour without looks it is not an hour's change. */
static void after_a_pause(void **state)
{
	struct world *w = world();

	(void)state;
	(void)pass(w, 60, 2, 0);
	w->in.now_ns += UINT64_C(3600000000000);
	w->in.running = 0;
	pressure_step(&w->pressure, &w->in);
	assert_true(w->pressure.share < 0.45);
}

/* No load, however long, is below the minimum; and that is never nothing. */
static void the_minimum(void **state)
{
	struct world *w = world();

	(void)state;
	NEAR(pressure_minimum(20, 1.0), 0.2);
	NEAR(pressure_minimum(1, 0.05), 0.2); /* 1 % of a CPU */
	NEAR(pressure_minimum(100, 4.0), 1.0);
	NEAR(pressure_minimum(1, 0.001), 1.0);
	w->in.memory = w->in.io = w->in.own_io = w->in.waiting = 1.0;
	(void)pass(w, 86400, 1000, 0);
	assert_true(w->lowest >= 0.2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quiet_machine),
		cmocka_unit_test(busy_machine),
		cmocka_unit_test(what_is_left),
		cmocka_unit_test(nobody_waits),
		cmocka_unit_test(disk_and_memory),
		cmocka_unit_test(after_a_pause),
		cmocka_unit_test(the_minimum),
	};

	return cmocka_run_group_tests_name("pressure", tests, NULL, NULL);
}
