/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is done for others, and against them, with real processes: the place, the
 * back-off, the guaranteed minimum. Others are loops without priority; bounds
 * are ratios of CPU times, so that other load on the machine does not matter.
 */
#include "unit.h"

#include "burner.h"
#include "governorrig.h"
#include "placing.h"
#include "priority.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { N_OTHERS_MAX = 64 };

struct others {
	pid_t pids[N_OTHERS_MAX];
	unsigned n;
};

static int loop(void *arg)
{
	const cpu_set_t *set = arg;

	(void)sched_setaffinity(0, sizeof(*set), set);
	for (volatile unsigned long i = 0;; i++)
		;
	return 0;
}

static void others_start(struct others *o, unsigned n, cpu_set_t set)
{
	assert_true(n <= N_OTHERS_MAX);
	o->n = n;
	for (unsigned i = 0; i < n; i++)
		o->pids[i] = burner_fork(loop, &set);
}

static void others_end(struct others *o)
{
	for (unsigned i = 0; i < o->n; i++)
		(void)burner_kill(o->pids[i]);
	o->n = 0;
}

static cpu_set_t all_cpus(void)
{
	cpu_set_t set;

	assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
	return set;
}

static cpu_set_t set_of(pid_t pid)
{
	cpu_set_t set;

	assert_int_equal(sched_getaffinity(pid, sizeof(set), &set), 0);
	return set;
}

/* Half of the CPUs for half of the load; back to all when that is not wanted any more. */
static void place_is_kept(void **state)
{
	struct governorrig *f = *state;
	struct governor_courtesy courtesy = {.is_placing = true};
	struct governor_reading r;
	cpu_set_t all = all_cpus();
	cpu_set_t set;

	if (CPU_COUNT(&all) < 2)
		skip();
	assert_int_equal(governor_set_courtesy(f->gov, &courtesy), 0);
	assert_int_equal(governor_begin(f->gov, 10, 1), 0);
	governorrig_lane_start(f, 0, BURNER_LOOP);
	set = set_of(f->lanes[0]);
	assert_true(CPU_COUNT(&set) < CPU_COUNT(&all));
	governor_read(f->gov, &r);
	assert_int_equal(r.n_place_cpus, CPU_COUNT(&set));
	assert_int_equal(governor_set_factor(f->gov, 0), 0);
	assert_int_equal(governor_set_lanes(f->gov, GRANT_N_LANES), 0);
	for (unsigned i = 0; i < 200 && CPU_COUNT(&set) < CPU_COUNT(&all); i++) {
		burner_sleep_ms(25);
		set = set_of(f->lanes[0]);
	}
	assert_true(CPU_EQUAL(&set, &all));
	governorrig_lanes_end(f);
	governor_end(f->gov, NULL);
}

/* A process with threads moves with all of them. */
static void threads_move(void **state)
{
	struct governorrig *f = *state;
	cpu_set_t all = all_cpus();
	cpu_set_t one;
	cpu_set_t none;
	struct errmsg msg = ERRMSG_NULL;
	pid_t pid = burner_start(f->page, GRANT_SLOT_SCANNER, 1, BURNER_PAYERS);

	CPU_ZERO(&one);
	for (size_t i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; i++) {
		if (CPU_ISSET(i, &all))
			CPU_SET(i, &one);
	}
	assert_int_equal(placing_bind(pid, &one, &msg), 0);
	none = set_of(pid);
	assert_true(CPU_EQUAL(&none, &one));
	/* A set without a CPU is refused, and says so. */
	CPU_ZERO(&none);
	assert_int_equal(placing_bind(pid, &none, &msg), -EINVAL);
	assert_true(msg.text[0] != '\0');
	(void)burner_kill(pid);
	/* Who has ended is no failure. */
	assert_int_equal(placing_bind(pid, &one, NULL), 0);
}

/*
 * Somebody else's work is nailed to the CPUs that were chosen: with the aim out
 * of reach there, others are taken too.
 */
static void nailed_work_is_evaded(void **state)
{
	struct governorrig *f = *state;
	struct governor_courtesy courtesy = {.is_placing = true};
	struct governor_reading r;
	cpu_set_t all = all_cpus();
	struct others o = {.n = 0};
	cpu_set_t narrow;
	cpu_set_t now;

	if (CPU_COUNT(&all) < 2)
		skip();
	assert_int_equal(governor_set_courtesy(f->gov, &courtesy), 0);
	assert_int_equal(governor_begin(f->gov, 25, 1), 0);
	governorrig_lane_start(f, 0, BURNER_LOOP);
	narrow = now = set_of(f->lanes[0]);
	governorrig_lane_end(f, 0);
	/* So many that the lane waits for longer than the time between two looks. */
	others_start(&o, 12 * (unsigned)CPU_COUNT(&narrow), narrow);
	governorrig_lane_start(f, 0, BURNER_LOOP);
	assert_int_equal(priority_lower(f->lanes[0], NULL), 0);
	for (unsigned i = 0; i < 400 && CPU_EQUAL(&now, &narrow); i++) {
		burner_sleep_ms(25);
		now = set_of(f->lanes[0]);
	}
	others_end(&o);
	governorrig_lanes_end(f);
	governor_end(f->gov, &r);
	assert_true(CPU_COUNT(&now) > CPU_COUNT(&narrow));
	assert_int_equal(r.n_place_cpus, CPU_COUNT(&now) == CPU_COUNT(&all) ? 0 : CPU_COUNT(&now));
}

/*
 * A set that is as large as the need, and somebody else's work in it: the last
 * lane is let out and does what is missing; the others stay where they are.
 */
static void last_lane_makes_up(void **state)
{
	struct governorrig *f = *state;
	struct governor_courtesy courtesy = {.is_placing = true};
	struct governor_reading r;
	cpu_set_t all = all_cpus();
	struct others o = {.n = 0};
	uint64_t queued_ns;
	cpu_set_t narrow;
	cpu_set_t wide;
	cpu_set_t both;

	if (CPU_COUNT(&all) < 2 || 100 % CPU_COUNT(&all) != 0)
		skip();
	assert_int_equal(governor_set_courtesy(f->gov, &courtesy), 0);
	/* One CPU: of cores with siblings two are taken, and there is air. */
	assert_int_equal(governor_begin(f->gov, 100 / (unsigned)CPU_COUNT(&all), 2), 0);
	governorrig_lanes_start(f, 2, BURNER_LOOP);
	narrow = set_of(f->lanes[0]);
	wide = set_of(f->lanes[1]);
	CPU_AND(&both, &narrow, &wide);
	assert_true(CPU_EQUAL(&both, &narrow));
	if (CPU_COUNT(&narrow) == 1)
		assert_true(CPU_COUNT(&wide) > 1);
	others_start(&o, 1, narrow);
	burner_sleep_ms(6000);
	governor_read(f->gov, &r);
	governorrig_print("beside a nailed loop", &r);
	queued_ns = burner_queued_ns(f->lanes[1]);
	wide = set_of(f->lanes[0]);
	others_end(&o);
	governorrig_lanes_end(f);
	governor_end(f->gov, NULL);
	governorrig_at_most("mean", r.mean_pct, r.aim_pct + 1);
	/* Where the last lane had to queue others have all CPUs, not one. */
	if (queued_ns != UINT64_MAX)
		governorrig_at_least(
			"mean", governorrig_load_pct(&r, r.cpu_ns + queued_ns), r.aim_pct - 2);
	/* Nothing was missing: nobody else had to move. */
	if (r.mean_pct > r.aim_pct - 0.5)
		assert_true(CPU_EQUAL(&wide, &narrow));
}

/* Twice as many loops as CPUs: the budget shrinks, and what is used with it. */
static void backs_off(void **state)
{
	struct governorrig *f = *state;
	struct governor_courtesy courtesy = {.is_backing_off = true, .minimum_pct = 20};
	struct governor_reading r;
	struct others o = {.n = 0};
	cpu_set_t all = all_cpus();

	if (CPU_COUNT(&all) > N_OTHERS_MAX / 2)
		skip();
	assert_int_equal(governor_set_courtesy(f->gov, &courtesy), 0);
	assert_int_equal(governor_begin(f->gov, 50, 1), 0);
	governorrig_lane_start(f, 0, BURNER_LOOP);
	others_start(&o, 2 * (unsigned)CPU_COUNT(&all), all);
	for (unsigned i = 0; i < 600; i++) {
		burner_sleep_ms(25);
		governor_read(f->gov, &r);
		assert_true(r.share_pct >= 20.0 - 1e-6);
		if (r.share_pct < 21.0)
			break;
	}
	others_end(&o);
	governorrig_lanes_end(f);
	governor_end(f->gov, &r);
	governorrig_print("backed off", &r);
	governorrig_at_most("share", r.share_pct, 21.0);
	assert_true(r.backed_off_ns > 0 && r.backed_off_ns < r.active_ns);
	assert_int_equal((int)r.aim_pct, 50 < 100 / r.n_cpus ? 50 : (int)(100 / r.n_cpus));
}

/*
 * The lowest priority beside many loops gets nearly nothing; the guaranteed
 * minimum is had all the same, since the priority rises until it is.
 */
static void minimum_is_had(void **state)
{
	struct governorrig *f = *state;
	struct governor_courtesy courtesy = {
		.is_urging = true, .is_low_priority = true, .minimum_pct = 20};
	struct governor_reading r;
	struct others o = {.n = 0};
	cpu_set_t all = all_cpus();
	uint64_t cpu_ns;
	double got;

	if (CPU_COUNT(&all) > 4 || geteuid() != 0)
		skip();
	assert_int_equal(governor_set_courtesy(f->gov, &courtesy), 0);
	assert_int_equal(governor_begin(f->gov, 50, 1), 0);
	governorrig_lane_start(f, 0, BURNER_LOOP);
	assert_int_equal(priority_lower(f->lanes[0], NULL), 0);
	others_start(&o, 8 * (unsigned)CPU_COUNT(&all), all);
	for (unsigned i = 0; i < 480; i++) {
		burner_sleep_ms(25);
		governor_read(f->gov, &r);
		if (r.nice < 19)
			break;
	}
	assert_true(r.nice < 19);
	assert_int_equal(getpriority(PRIO_PROCESS, (id_t)f->lanes[0]), r.nice);
	burner_sleep_ms(7000); /* two steps more, if they are needed */
	cpu_ns = burner_cpu_ns(f->lanes[0]);
	burner_sleep_ms(4000);
	got = (double)(burner_cpu_ns(f->lanes[0]) - cpu_ns) / 4e9;
	governor_read(f->gov, &r);
	governorrig_at_most("share at raised priority", r.share_pct, 20.1);
	others_end(&o);
	governorrig_lanes_end(f);
	governor_end(f->gov, &r);
	print_message("nice %d, %.3f CPUs, guaranteed %.3f\n", r.nice, got, 0.2 * 0.5 * r.n_cpus);
	governorrig_at_least("guaranteed", got, 0.6 * 0.2 * 0.5 * r.n_cpus);
}

/* Tell of others that take @cpus for up to @n_ms, until the share is below @below_pct; the last reading. */
static void tell_of_others(struct governorrig *f, double cpus, unsigned n_ms, double below_pct,
	struct governor_reading *r)
{
	for (unsigned ms = 0; ms < n_ms; ms += 250) {
		burner_sleep_ms(250);
		governor_note_others(f->gov, (uint64_t)(cpus * 250 * BURNER_MS));
		governor_read(f->gov, r);
		assert_true(r->share_pct >= 20.0 - 1e-6);
		if (r->share_pct < below_pct)
			break;
	}
}

/*
 * Others' CPU time counts against the factor down to the minimum, which the lane
 * goes on with; not without the option, without a factor, or in a pause.
 */
static void others_count(void **state)
{
	struct governorrig *f = *state;
	struct governor_courtesy courtesy = {.is_counting_others = false, .minimum_pct = 20};
	struct governor_reading r;
	uint64_t cpu_ns;

	assert_int_equal(governor_set_courtesy(f->gov, &courtesy), 0);
	assert_int_equal(governor_begin(f->gov, 50, 1), 0);
	governorrig_lane_start(f, 0, BURNER_LOOP);
	tell_of_others(f, 100, 2000, 99, &r);
	assert_true(r.share_pct == 100.0);
	courtesy.is_counting_others = true;
	assert_int_equal(governor_set_courtesy(f->gov, &courtesy), 0);
	assert_int_equal(governor_set_factor(f->gov, 0), 0);
	tell_of_others(f, 100, 2000, 99, &r);
	assert_true(r.share_pct == 100.0);
	assert_int_equal(governor_set_factor(f->gov, 50), 0);
	governor_pause(f->gov);
	tell_of_others(f, 100, 2000, 99, &r);
	assert_true(r.share_pct == 100.0);
	governor_resume(f->gov);
	tell_of_others(f, 100, 20000, 20.5, &r);
	governorrig_print("others count", &r);
	governorrig_at_most("share", r.share_pct, 20.5);
	assert_true(r.backed_off_ns > 0);
	assert_int_equal(r.factor_pct, 50);
	cpu_ns = burner_cpu_ns(f->lanes[0]);
	burner_await_cpu(f->lanes[0], cpu_ns + 100 * BURNER_MS);
	/* Nothing is known of them any more. */
	for (unsigned i = 0; i < 100 && r.share_pct < 100; i++)
		tell_of_others(f, 0, 500, 0, &r);
	assert_true(r.share_pct == 100.0);
	governorrig_lanes_end(f);
	governor_end(f->gov, NULL);
	/* Without an account nobody counts. */
	governor_note_others(f->gov, 1);
}

static void bad_courtesy(void **state)
{
	struct governorrig *f = *state;
	struct governor_courtesy courtesy = {.is_backing_off = true, .minimum_pct = 0};

	assert_int_equal(governor_set_courtesy(f->gov, &courtesy), -EINVAL);
	courtesy.minimum_pct = 101;
	assert_int_equal(governor_set_courtesy(f->gov, &courtesy), -EINVAL);
	courtesy = (struct governor_courtesy){.is_counting_others = true};
	assert_int_equal(governor_set_courtesy(f->gov, &courtesy), -EINVAL);
	courtesy = (struct governor_courtesy){.is_placing = true};
	assert_int_equal(governor_set_courtesy(f->gov, &courtesy), 0);
}

#define WITH_RIG(test)                                                                             \
	cmocka_unit_test_setup_teardown(test, governorrig_setup, governorrig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_RIG(place_is_kept),
		WITH_RIG(threads_move),
		WITH_RIG(nailed_work_is_evaded),
		WITH_RIG(last_lane_makes_up),
		WITH_RIG(backs_off),
		WITH_RIG(minimum_is_had),
		WITH_RIG(others_count),
		WITH_RIG(bad_courtesy),
	};

	return cmocka_run_group_tests_name("courtesy", tests, NULL, NULL);
}
