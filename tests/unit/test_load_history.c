/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The history on made-up loads: sums are kept whatever is merged, memory is bounded. */
#include "unit.h"

#include "load_history.h"

#define MS UINT64_C(1000000)

/* @n steps of @step_ms at @pct of one CPU, half a CPU asked. */
static void feed(struct load_history *h, unsigned n, unsigned step_ms, unsigned pct)
{
	for (unsigned i = 0; i < n; i++) {
		const struct load_point more = {
			.active_ns = step_ms * MS,
			.cpu_ns = step_ms * MS * pct / 100,
			.asked_ns = step_ms * MS / 2,
		};

		load_history_add(h, &more);
	}
}

static struct load_point total(const struct load_history *h)
{
	struct load_point sum = {0};

	for (size_t i = 0; i < h->n_points; i++) {
		sum.active_ns += h->points[i].active_ns;
		sum.cpu_ns += h->points[i].cpu_ns;
		sum.asked_ns += h->points[i].asked_ns;
	}
	return sum;
}

static void empty(void **state)
{
	struct load_history h;

	(void)state;
	load_history_init(&h);
	assert_int_equal(h.n_points, 0);
	assert_true(load_history_percentile_pct(&h, 0.99) == 0.0);
}

/* Four minutes fit as they are; one more step halves the number of points. */
static void full_series_folds(void **state)
{
	struct load_history h;

	(void)state;
	load_history_init(&h);
	feed(&h, 240 * 20, 50, 30);
	assert_int_equal(h.n_points, LOAD_HISTORY_POINTS_MAX);
	assert_int_equal(h.step_ns, LOAD_HISTORY_STEP_NS);
	feed(&h, 1, 50, 30);
	assert_int_equal(h.n_points, LOAD_HISTORY_POINTS_MAX / 2 + 1);
	assert_int_equal(h.step_ns, 2 * LOAD_HISTORY_STEP_NS);
	assert_int_equal(h.points[7].active_ns, 2000 * MS);
	assert_int_equal(total(&h).active_ns, (240 * 20 + 1) * 50 * MS);
}

/* A month is as large as a minute, and nothing is lost. */
static void month(void **state)
{
	struct load_history h;

	(void)state;
	load_history_init(&h);
	feed(&h, 15 * 24 * 3600, 1000, 20);
	feed(&h, 15 * 24 * 3600, 1000, 60);
	assert_in_range(h.n_points, LOAD_HISTORY_POINTS_MAX / 2, LOAD_HISTORY_POINTS_MAX);
	assert_int_equal(total(&h).active_ns, UINT64_C(30) * 24 * 3600 * 1000 * MS);
	assert_int_equal(total(&h).cpu_ns, UINT64_C(30) * 24 * 3600 * 400 * MS);
	assert_int_equal(total(&h).asked_ns, UINT64_C(30) * 24 * 3600 * 500 * MS);
	assert_int_equal(h.points[0].cpu_ns * 5, h.points[0].active_ns);
	assert_int_equal(
		h.points[h.n_points - 2].cpu_ns * 5, h.points[h.n_points - 2].active_ns * 3);
}

/* One step longer than a point is one point. */
static void long_step(void **state)
{
	struct load_history h;

	(void)state;
	load_history_init(&h);
	feed(&h, 1, 60000, 50);
	feed(&h, 1, 50, 50);
	assert_int_equal(h.n_points, 2);
	assert_int_equal(h.points[0].active_ns, 60000 * MS);
}

/* Percentiles are rounded up to half a point; the fullest window is exact. */
static void windows(void **state)
{
	struct load_history h;

	(void)state;
	load_history_init(&h);
	for (int i = 0; i < 98; i++)
		load_history_window(&h, 50.0);
	load_history_window(&h, 52.2);
	load_history_window(&h, 200.0);
	assert_true(load_history_percentile_pct(&h, 0.95) == 50.0);
	assert_true(load_history_percentile_pct(&h, 0.99) == 52.5);
	assert_true(load_history_percentile_pct(&h, 1.0) == 120.0);
	assert_true(h.window_max_pct == 200.0);
	load_history_window(&h, 1e300);
	assert_int_equal(h.bins[LOAD_HISTORY_BINS - 1], 2);
}

/* Two passes are one history: sums, windows, waits. */
static void passes_are_put_together(void **state)
{
	struct load_history h;
	struct load_history later;

	(void)state;
	load_history_init(&h);
	load_history_init(&later);
	feed(&h, 300, 1000, 20);
	feed(&later, 700, 1000, 60);
	load_history_window(&h, 20);
	load_history_window(&later, 60);
	load_history_window(&later, 60);
	later.budget_wait_ns = 5;
	later.disk_wait_ns = 6;
	later.backed_off_ns = 7;
	later.read_held_ns = 9;
	later.slow_open_ns = 11;
	later.governor_ns = 8;
	load_history_append(&h, &later);
	load_history_append(&h, &later);
	assert_in_range(h.n_points, 2, LOAD_HISTORY_POINTS_MAX);
	assert_int_equal(total(&h).active_ns, 1700 * 1000 * MS);
	assert_int_equal(total(&h).cpu_ns, (300 * 200 + 1400 * 600) * MS);
	assert_int_equal(h.n_windows, 5);
	assert_true(load_history_percentile_pct(&h, 0.2) == 20.0);
	assert_true(load_history_percentile_pct(&h, 0.3) == 60.0);
	assert_true(h.window_max_pct == 60.0);
	assert_int_equal(h.budget_wait_ns, 10);
	assert_int_equal(h.disk_wait_ns, 12);
	assert_int_equal(h.backed_off_ns, 14);
	assert_int_equal(h.governor_ns, 16);
	assert_int_equal(h.read_held_ns, 18);
	assert_int_equal(h.slow_open_ns, 22);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty),
		cmocka_unit_test(full_series_folds),
		cmocka_unit_test(month),
		cmocka_unit_test(long_step),
		cmocka_unit_test(windows),
		cmocka_unit_test(passes_are_put_together),
	};

	return cmocka_run_group_tests_name("load_history", tests, NULL, NULL);
}
