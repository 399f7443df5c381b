/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The meter on made-up readings: means, sliding windows, pauses, percentiles. */
#include "unit.h"

#include "meter.h"

#define MS UINT64_C(1000000)

struct feed {
	struct meter meter;
	uint64_t now_ns;
	uint64_t cpu_ns;
};

static void feed_open(struct feed *f, double n_cpus)
{
	*f = (struct feed){.now_ns = 12345 * MS};
	meter_start(&f->meter, n_cpus);
	meter_note(&f->meter, f->now_ns, 0, 0.5, false);
}

/* @ms of wall time in steps of 5 ms, at @pct of one CPU. */
static void feed_run(struct feed *f, unsigned ms, unsigned pct, bool is_paused)
{
	for (unsigned i = 0; i < ms / 5; i++) {
		f->now_ns += 5 * MS;
		f->cpu_ns += 5 * MS * pct / 100;
		meter_note(&f->meter, f->now_ns, f->cpu_ns, 0.5, is_paused);
	}
}

/* Nothing has happened yet: zeros, no division by them. */
static void empty(void **state)
{
	struct feed f;

	(void)state;
	feed_open(&f, 2);
	assert_true(meter_mean_pct(&f.meter) == 0.0);
	assert_true(load_history_percentile_pct(&f.meter.history, 0.99) == 0.0);
	feed_run(&f, 900, 100, false);
	assert_int_equal(f.meter.history.n_windows, 0);
	assert_true(f.meter.window_pct == 0.0);
	assert_true(meter_mean_pct(&f.meter) > 49.9 && meter_mean_pct(&f.meter) < 50.1);
}

/* A steady load is its own mean, window and percentile. */
static void steady(void **state)
{
	struct feed f;

	(void)state;
	feed_open(&f, 4);
	feed_run(&f, 60000, 100, false);
	assert_true(meter_mean_pct(&f.meter) > 24.99 && meter_mean_pct(&f.meter) < 25.01);
	assert_true(f.meter.window_pct > 24.99 && f.meter.window_pct < 25.01);
	assert_true(f.meter.history.window_max_pct < 25.01);
	assert_true(load_history_percentile_pct(&f.meter.history, 0.99) == 25.0);
	assert_in_range(f.meter.history.n_windows, 1170, 1190);
}

/* A second's burst anywhere shows in the fullest window, hardly in the mean. */
static void burst(void **state)
{
	struct feed f;

	(void)state;
	feed_open(&f, 1);
	feed_run(&f, 30330, 10, false);
	feed_run(&f, 1000, 90, false);
	feed_run(&f, 30000, 10, false);
	assert_true(f.meter.history.window_max_pct > 85.0 && f.meter.history.window_max_pct < 90.1);
	assert_true(f.meter.window_pct > 9.9 && f.meter.window_pct < 10.1);
	assert_true(meter_mean_pct(&f.meter) < 11.5);
	assert_true(load_history_percentile_pct(&f.meter.history, 0.95) <= 10.5);
	assert_true(load_history_percentile_pct(&f.meter.history, 0.99) > 50.0);
	assert_true(load_history_percentile_pct(&f.meter.history, 1.0) >=
		    f.meter.history.window_max_pct);
}

/* Pauses are cut out of the time axis: they lower neither mean nor window. */
static void pause_is_cut_out(void **state)
{
	struct feed f;

	(void)state;
	feed_open(&f, 1);
	for (int i = 0; i < 20; i++) {
		feed_run(&f, 500, 40, false);
		feed_run(&f, 5000, 0, true);
	}
	assert_int_equal(f.meter.active_ns, 10000 * MS);
	assert_int_equal(f.meter.paused_ns, 100000 * MS);
	assert_true(meter_mean_pct(&f.meter) > 39.9 && meter_mean_pct(&f.meter) < 40.1);
	assert_true(f.meter.history.window_max_pct < 40.1);
}

/* Notes far apart (the thread was late) are one long window, not none. */
static void late_notes(void **state)
{
	struct feed f;

	(void)state;
	feed_open(&f, 1);
	for (int i = 0; i < 5; i++) {
		f.now_ns += 3000 * MS;
		f.cpu_ns += 1500 * MS;
		meter_note(&f.meter, f.now_ns, f.cpu_ns, 0.5, false);
	}
	assert_int_equal(f.meter.history.n_windows, 5);
	assert_true(f.meter.window_pct > 49.9 && f.meter.window_pct < 50.1);
}

/* What was asked for goes into the series beside what was used, pauses left out. */
static void series(void **state)
{
	struct feed f;
	const struct load_history *h = &f.meter.history;
	struct load_point sum = {0};

	(void)state;
	feed_open(&f, 2);
	feed_run(&f, 4000, 80, false);
	feed_run(&f, 7000, 0, true);
	feed_run(&f, 4000, 40, false);
	assert_in_range(h->n_points, 8, 9);
	for (size_t i = 0; i < h->n_points; i++) {
		sum.active_ns += h->points[i].active_ns;
		sum.cpu_ns += h->points[i].cpu_ns;
		sum.asked_ns += h->points[i].asked_ns;
	}
	assert_int_equal(sum.active_ns, f.meter.active_ns);
	assert_int_equal(sum.cpu_ns, f.cpu_ns);
	assert_int_equal(sum.asked_ns, 4000 * MS);
	assert_int_equal(h->points[1].cpu_ns, 800 * MS);
	assert_int_equal(h->points[6].cpu_ns, 400 * MS);
}

/* More than all CPUs (a wrong N) is told, not lost. */
static void above_everything(void **state)
{
	struct feed f;

	(void)state;
	feed_open(&f, 0.5);
	feed_run(&f, 3000, 100, false);
	assert_true(f.meter.history.window_max_pct > 199.0);
	assert_true(load_history_percentile_pct(&f.meter.history, 0.5) == 120.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty),
		cmocka_unit_test(steady),
		cmocka_unit_test(burst),
		cmocka_unit_test(pause_is_cut_out),
		cmocka_unit_test(late_notes),
		cmocka_unit_test(series),
		cmocka_unit_test(above_everything),
	};

	return cmocka_run_group_tests_name("meter", tests, NULL, NULL);
}
