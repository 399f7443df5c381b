/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Others' CPU time against the load factor, in virtual time: a budget of one CPU, a look each second. */
#include "unit.h"

#include "foreign_load.h"

#include <math.h>

#define NEAR(got, want) assert_true(fabs((got) - (want)) < 0.02)

/* What a world of others takes for what we take. */
struct world {
	struct foreign_load load;
	double minimum;
	double able;   /**< CPUs that we would use if we were let. */
	double each;   /**< CPUs that they take for each CPU of ours. */
	double always; /**< CPUs that they take anyway. */
	double ours;   /**< Sums over a pass. */
	double others;
	double lowest;
	double highest;
};

static struct world *world(double minimum)
{
	static struct world w;

	w = (struct world){.minimum = minimum, .able = 10};
	foreign_load_init(&w.load);
	return &w;
}

/* Seconds of it; the answer in the end. Every step is bounded, and never below the minimum. */
static double pass(struct world *w, unsigned n_seconds)
{
	w->ours = w->others = 0;
	w->lowest = w->highest = w->load.share;
	for (unsigned i = 0; i < n_seconds; i++) {
		double before = w->load.share;
		double ours = fmin(before, w->able);
		double others = w->always + w->each * ours;
		const struct foreign_load_input in = {.elapsed_s = 1,
			.budget = 1,
			.share = before,
			.ours = ours,
			.others = others,
			.minimum_share = w->minimum};

		foreign_load_step(&w->load, &in);
		assert_true(w->load.share <= 1.0 && w->load.share >= w->minimum);
		assert_true(w->load.share >= before - 0.3001);
		assert_true(w->load.share <= before + 0.1001);
		w->ours += ours / n_seconds;
		w->others += others / n_seconds;
		w->lowest = fmin(w->lowest, w->load.share);
		w->highest = fmax(w->highest, w->load.share);
	}
	return w->load.share;
}

/* Nobody there, or next to nothing: all of the budget, for ever. */
static void nobody(void **state)
{
	struct world *w = world(0.2);

	(void)state;
	assert_true(pass(w, 600) == 1.0);
	w->always = 0.004;
	assert_true(pass(w, 600) == 1.0);
	assert_true(w->lowest == 1.0);
}

/* Together the budget, whether they follow us or not, and however much they take for ours. */
static void together(void **state)
{
	static const struct {
		double each, always, want;
	} cases[] = {{0, 0.5, 0.5}, {1, 0, 0.5}, {2, 0, 1 / 3.0}, {0.25, 0, 0.8}, {0.5, 0.25, 0.5},
		{3, 0.1, 0.225}, {9, 0, 0.1}, {50, 0, 1 / 51.0}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world *w = world(0.01);

		w->each = cases[i].each;
		w->always = cases[i].always;
		(void)pass(w, 60);
		NEAR(pass(w, 300), cases[i].want);
		NEAR(w->ours + w->others, 1.0);
		/* It stays there. */
		assert_true(w->highest - w->lowest < 0.02);
	}
}

/* They take all and more: the minimum stays, and is had within seconds. */
static void minimum_stays(void **state)
{
	struct world *w = world(0.2);

	(void)state;
	w->always = 5;
	(void)pass(w, 4);
	NEAR(pass(w, 600), 0.2);
	assert_true(w->ours > 0.2 - 1e-9); /* a sum of rounded parts */
	w->always = 0;
	w->each = 100;
	NEAR(pass(w, 600), 0.2);
	/* They have gone: all of it again, step by step. */
	w->each = 0;
	assert_true(pass(w, 4) < 0.7);
	assert_true(pass(w, 60) == 1.0);
	w = world(1);
	w->always = 5;
	assert_true(pass(w, 60) == 1.0);
}

/* Who waits for something else and leaves room for the others is not held back. */
static void idle_scan(void **state)
{
	struct world *w = world(0.2);

	(void)state;
	w->able = 0.3;
	w->always = 0.6;
	assert_true(pass(w, 600) == 1.0);
	/* Once it has work, it is. */
	w->able = 10;
	NEAR(pass(w, 120), 0.4);
}

/* Busy every other five seconds: the mean is kept within some per cent, without a swing to the end. */
static void bursts(void **state)
{
	struct world *w = world(0.2);
	double sum = 0;

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		w->always = i % 2 == 0 ? 0 : 0.8;
		(void)pass(w, 5);
		if (i >= 4)
			sum += (w->ours + w->others) / 36;
	}
	assert_true(sum < 1.1 && sum > 0.7);
}

/* A look that comes late changes no more than one of two seconds. */
static void late_look(void **state)
{
	const struct foreign_load_input in = {.elapsed_s = 1000,
		.budget = 1,
		.share = 1,
		.ours = 1,
		.others = 50,
		.minimum_share = 0.01};
	struct foreign_load load;

	(void)state;
	foreign_load_init(&load);
	foreign_load_step(&load, &in);
	NEAR(load.share, 0.4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody),
		cmocka_unit_test(together),
		cmocka_unit_test(minimum_stays),
		cmocka_unit_test(idle_scan),
		cmocka_unit_test(bursts),
		cmocka_unit_test(late_look),
	};

	return cmocka_run_group_tests_name("foreign_load", tests, NULL, NULL);
}
