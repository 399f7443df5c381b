/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lanes that wait for a disk, in virtual time: a lane computes for a while and
 * waits for the rest of each second, whatever the number of lanes.
 */
#include "unit.h"

#include "lane_growth.h"

#define SECOND UINT64_C(1000000000)

struct world {
	struct lane_growth growth;
	struct governor_reading r;
	unsigned n_planned;
	double duty;   /* of a lane's time that it computes, where it may */
	double queued; /* … waits for a CPU */
	uint64_t n_pending;
	uint64_t now_ns;
	unsigned n_changes;
};

static struct world world_of(double n_cpus, double aim_pct, unsigned n_planned, double duty)
{
	return (struct world){
		.growth = LANE_GROWTH_NULL,
		.r = {.n_cpus = n_cpus, .aim_pct = aim_pct, .share_pct = 100},
		.n_planned = n_planned,
		.duty = duty,
		.n_pending = 10000,
		.now_ns = 77 * SECOND,
	};
}

static unsigned lanes(const struct world *w)
{
	return lane_growth_n_of(&w->growth, w->n_planned);
}

/* The limit holds: together never more than the aim; the rest waits for grants. */
static void run(struct world *w, unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++) {
		double want = lanes(w) * w->duty;
		double may = w->r.aim_pct / 100 * w->r.share_pct / 100 * w->r.n_cpus;
		double got = want < may ? want : may;
		const struct lane_growth_input in = {
			.now_ns = w->now_ns,
			.reading = &w->r,
			.n_busy = lanes(w),
			.n_pending = w->n_pending,
			.n_planned = w->n_planned,
		};

		w->n_changes += lane_growth_step(&w->growth, &in);
		w->now_ns += SECOND;
		if (w->r.is_paused)
			continue;
		w->r.active_ns += SECOND;
		w->r.cpu_ns += (uint64_t)(got * 1e9);
		w->r.lanes_cpu_ns += (uint64_t)(got * 1e9);
		w->r.lanes_queued_ns += (uint64_t)(lanes(w) * w->queued * 1e9);
		if (want > may)
			w->r.lanes_waited_ns += (uint64_t)((want - may) * 1e9);
	}
}

/* Work enough: as planned for ever. */
static void computing_lanes_stay(void **state)
{
	struct world w = world_of(2, 50, 2, 0.95);

	(void)state;
	run(&w, 3600);
	assert_int_equal(lanes(&w), 2);
	assert_int_equal(w.n_changes, 0);
}

/* Each computes for a fifth of its time: grown until the aim is reached, and not further. */
static void waiting_lanes_grow(void **state)
{
	struct world w = world_of(8, 25, 3, 0.2);

	(void)state;
	run(&w, 30);
	assert_in_range(lanes(&w), 9, 10);
	run(&w, 20);
	assert_in_range(lanes(&w), 9, 10);
}

/* A disk that gives nothing: bounded. */
static void bounded(void **state)
{
	struct world w = world_of(2, 50, 2, 0.0);
	struct world many = world_of(64, 50, 33, 0.0);
	struct world most = world_of(16, 50, 9, 0.0);

	(void)state;
	run(&w, 600);
	assert_int_equal(lanes(&w), 2 * LANE_GROWTH_TIMES);
	run(&many, 600);
	assert_int_equal(lanes(&many), 33);
	run(&most, 600);
	assert_int_equal(lanes(&most), LANE_GROWTH_MAX);
}

/* The slow part is over: taken back, one at a time, and it stays so. */
static void taken_back(void **state)
{
	struct world w = world_of(2, 50, 2, 0.05);

	(void)state;
	/* Not longer: now and then a lane is taken back on trial. */
	run(&w, 20);
	assert_int_equal(lanes(&w), 8);
	w.duty = 0.9;
	run(&w, 20);
	assert_int_equal(lanes(&w), 8);
	run(&w, 3600);
	assert_int_equal(lanes(&w), 2);
	w.n_changes = 0;
	run(&w, 3600);
	assert_int_equal(w.n_changes, 0);
}

/* No files, no CPU, back-off, a pause: none is helped by lanes. */
static void nothing_to_help(void **state)
{
	struct world no_files = world_of(2, 50, 2, 0.1);
	struct world no_cpu = world_of(2, 50, 2, 0.1);
	struct world back_off = world_of(2, 50, 2, 0.1);
	struct world paused = world_of(2, 50, 2, 0.1);

	(void)state;
	no_files.n_pending = 2;
	run(&no_files, 60);
	assert_int_equal(lanes(&no_files), 2);
	no_cpu.queued = 0.9;
	run(&no_cpu, 60);
	assert_int_equal(lanes(&no_cpu), 2);
	back_off.r.share_pct = 20; /* 0.2 CPUs, which two lanes have */
	run(&back_off, 60);
	assert_int_equal(lanes(&back_off), 2);
	paused.r.is_paused = true;
	run(&paused, 60);
	assert_int_equal(lanes(&paused), 2);
}

/* Another account begins at 0: compared with nothing. Fewer planned: bounded by that. */
static void another_account(void **state)
{
	struct world w = world_of(2, 50, 2, 0.9);

	(void)state;
	run(&w, 10);
	w.r.active_ns = w.r.cpu_ns = w.r.lanes_cpu_ns = w.r.lanes_waited_ns = 0;
	run(&w, 10);
	assert_int_equal(w.n_changes, 0);
	w.duty = 0;
	run(&w, 60);
	assert_int_equal(lanes(&w), 8);
	w.n_planned = 1;
	assert_int_equal(lanes(&w), 4);
	run(&w, 2);
	assert_int_equal(lanes(&w), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(computing_lanes_stay),
		cmocka_unit_test(waiting_lanes_grow),
		cmocka_unit_test(bounded),
		cmocka_unit_test(taken_back),
		cmocka_unit_test(nothing_to_help),
		cmocka_unit_test(another_account),
	};

	return cmocka_run_group_tests_name("lane_growth", tests, NULL, NULL);
}
