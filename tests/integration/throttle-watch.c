/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The governor trusts nobody: processes that take more than they were given,
 * that are gone, that belong to somebody else; figures that cannot be;
 * arguments out of range; many callers at once.
 */
#include "unit.h"

#include "account.h"
#include "clock.h"
#include "governorrig.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>

/* Who has no timer is told as an offender, once; who keeps to its grant is not. */
static void deaf_worker_is_told(void **state)
{
	struct governorrig *f = *state;
	struct governor_offence offences[4];
	uint64_t deadline = clock_mono_ns() + 20000 * (uint64_t)BURNER_MS;
	size_t n = 0;

	assert_int_equal(governor_begin(f->gov, 10, 2), 0);
	governorrig_lane_start(f, 0, BURNER_LOOP);
	governorrig_lane_start(f, 1, BURNER_DEAF);
	while (n == 0 && clock_mono_ns() < deadline) {
		burner_sleep_ms(10);
		n = governor_take_offences(f->gov, offences, 4);
	}
	assert_int_equal(n, 1);
	assert_int_equal(offences[0].slot, GRANT_SLOT_LANE0 + 1);
	assert_int_equal(offences[0].generation, 1);
	assert_int_equal(offences[0].pid, f->lanes[1]);
	assert_true(offences[0].excess_ns > 250 * BURNER_MS);
	burner_sleep_ms(500);
	assert_int_equal(governor_take_offences(f->gov, offences, 4), 0);
	governorrig_lanes_end(f);
	governor_end(f->gov, NULL);
}

/* The scanner and the zygote are borne longer than a worker, but not for ever. */
static void patience(void **state)
{
	const uint64_t overrun_ns = 20 * BURNER_MS;
	struct governorrig *f = *state;
	struct governor_config config = {.n_cpus = f->machine.n_cpus, .overrun_ns = overrun_ns};
	uint64_t deadline = clock_mono_ns() + 20000 * (uint64_t)BURNER_MS;
	struct governor_offence offence;
	const struct grant_page *page = NULL;
	struct governor *gov = NULL;
	size_t n = 0;
	pid_t pid;

	assert_int_equal(account_bound_ns(250, GRANT_SLOT_LANE0), 250);
	assert_int_equal(account_bound_ns(250, GRANT_N_SLOTS - 1), 250);
	assert_int_equal(account_bound_ns(250, GRANT_SLOT_SCANNER), 5000);
	assert_int_equal(account_bound_ns(250, GRANT_SLOT_ZYGOTE), 5000);
	assert_int_equal(governor_new(&config, &gov, NULL), 0);
	assert_int_equal(grant_page_map(governor_page_fd(gov), &page), 0);
	assert_int_equal(governor_begin(gov, 5, 1), 0);
	pid = burner_start(page, GRANT_SLOT_ZYGOTE, 3, BURNER_DEAF);
	assert_int_equal(governor_add(gov, GRANT_SLOT_ZYGOTE, 3, pid), 0);
	while (n == 0 && clock_mono_ns() < deadline) {
		burner_sleep_ms(10);
		n = governor_take_offences(gov, &offence, 1);
	}
	(void)burner_kill(pid);
	assert_int_equal(n, 1);
	assert_int_equal(offence.slot, GRANT_SLOT_ZYGOTE);
	assert_int_equal(offence.generation, 3);
	assert_true(offence.excess_ns > account_bound_ns(overrun_ns, GRANT_SLOT_ZYGOTE));
	governor_end(gov, NULL);
	governor_free(gov);
	grant_page_close(page);
}

/* A successor with the wrong generation gets nothing, whatever its slot is granted. */
static void generation_keeps_out(void **state)
{
	struct governorrig *f = *state;
	pid_t stale;

	assert_int_equal(governor_begin(f->gov, 0, 1), 0);
	governorrig_lane_start(f, 0, BURNER_LOOP);
	stale = burner_start(f->page, GRANT_SLOT_LANE0, 7, BURNER_LOOP);
	burner_await_cpu(f->lanes[0], 500 * BURNER_MS);
	/* It looks when the slot's word changes, and that is all it does. */
	assert_true(burner_cpu_ns(stale) < 50 * BURNER_MS);
	(void)burner_kill(stale);
	assert_int_equal(governor_remove(f->gov, GRANT_SLOT_LANE0, 7, 0), GOVERNOR_E_STALE);
	governorrig_lanes_end(f);
	assert_int_equal(governor_remove(f->gov, GRANT_SLOT_LANE0, 1, 0), GOVERNOR_E_STALE);
	assert_int_equal(governor_remove(f->gov, GRANT_N_SLOTS, 1, 0), GOVERNOR_E_STALE);
	governor_end(f->gov, NULL);
}

/* Between two accounts nobody runs; a process that stayed goes on in the next, uncharged. */
static void process_stays_over_accounts(void **state)
{
	struct governorrig *f = *state;
	struct governor_reading r;
	uint64_t before_ns;

	assert_int_equal(governor_begin(f->gov, 50, 1), 0);
	governorrig_lane_start(f, 0, BURNER_LOOP);
	burner_await_cpu(f->lanes[0], 100 * BURNER_MS);
	governor_end(f->gov, NULL);
	assert_true(burner_stands(f->lanes[0]));
	before_ns = burner_cpu_ns(f->lanes[0]);
	assert_int_equal(governor_begin(f->gov, 25, 1), 0);
	burner_await_cpu(f->lanes[0], before_ns + 300 * BURNER_MS);
	governorrig_lanes_end(f);
	governor_end(f->gov, &r);
	f->used_ns -= before_ns;
	governorrig_assert_kept(f, "second account", &r);
}

/* A final figure that cannot be is cut; one below the last reading is not believed. */
static void final_figure_is_checked(void **state)
{
	struct governorrig *f = *state;
	struct governor_reading before;
	struct governor_reading after;

	assert_int_equal(governor_begin(f->gov, 0, 1), 0);
	governorrig_lane_start(f, 0, BURNER_LOOP);
	burner_await_cpu(f->lanes[0], 100 * BURNER_MS);
	(void)burner_kill(f->lanes[0]);
	f->lanes[0] = 0;
	burner_sleep_ms(50);
	governor_read(f->gov, &before);
	assert_int_equal(governor_remove(f->gov, GRANT_SLOT_LANE0, 1, UINT64_C(3600000000000)), 0);
	burner_sleep_ms(300);
	governor_read(f->gov, &after);
	assert_true(after.cpu_ns - before.cpu_ns < 20000 * (uint64_t)BURNER_MS);
	governorrig_lane_start(f, 0, BURNER_LOOP);
	burner_await_cpu(f->lanes[0], 100 * BURNER_MS);
	burner_sleep_ms(300);
	governor_read(f->gov, &before);
	(void)burner_kill(f->lanes[0]);
	f->lanes[0] = 0;
	assert_int_equal(governor_remove(f->gov, GRANT_SLOT_LANE0, 2, 1), 0);
	governor_end(f->gov, &after);
	assert_true(after.cpu_ns >= before.cpu_ns);
}

/* A process that was dead before it was added is no failure and no load. */
static void dead_process(void **state)
{
	struct governorrig *f = *state;
	struct governor_offence offences[2];
	pid_t pid = burner_start(f->page, GRANT_SLOT_LANE0, 1, BURNER_LOOP);

	(void)burner_kill(pid);
	assert_int_equal(governor_begin(f->gov, 50, 1), 0);
	assert_int_equal(governor_add(f->gov, GRANT_SLOT_LANE0, 1, pid), 0);
	burner_sleep_ms(300);
	assert_int_equal(governor_take_offences(f->gov, offences, 2), 0);
	assert_int_equal(governor_remove(f->gov, GRANT_SLOT_LANE0, 1, 0), 0);
	governor_end(f->gov, NULL);
}

/* Every argument out of range is refused, with its reason. */
static void bad_arguments(void **state)
{
	struct governorrig *f = *state;
	struct errmsg msg = ERRMSG_NULL;
	struct governor_config config = {.n_cpus = 0};
	struct governor *gov = NULL;
	struct governor_reading r;

	assert_int_equal(governor_new(&config, &gov, &msg), -EINVAL);
	assert_non_null(strstr(msg.text, "CPUs"));
	config.n_cpus = 2;
	config.look_min_ns = 1;
	assert_int_equal(governor_new(&config, &gov, &msg), -EINVAL);
	assert_non_null(strstr(msg.text, "1 to 100 ms"));
	assert_null(gov);
	governor_free(NULL);
	assert_int_equal(governor_begin(f->gov, 101, 1), -EINVAL);
	assert_int_equal(governor_begin(f->gov, 50, 0), -EINVAL);
	assert_int_equal(governor_begin(f->gov, 50, GRANT_N_LANES + 1), -EINVAL);
	assert_int_equal(governor_add(f->gov, GRANT_N_SLOTS, 1, 1), -EINVAL);
	assert_int_equal(governor_add(f->gov, 2, 0, 1), -EINVAL);
	assert_int_equal(governor_add(f->gov, 2, 1, 0), -EINVAL);
	assert_int_equal(governor_set_factor(f->gov, 101), -EINVAL);
	assert_int_equal(governor_set_lanes(f->gov, 0), -EINVAL);
	governor_end(f->gov, &r); /* none is open */
	assert_int_equal(r.cpu_ns, 0);
	governor_pause(f->gov);
	assert_int_equal(governor_begin(f->gov, 50, 2), 0);
	assert_int_equal(governor_begin(f->gov, 50, 2), -EALREADY);
	assert_int_equal(governor_set_lanes(f->gov, 1), 0);
	governor_read(f->gov, &r);
	assert_false(r.is_paused);
	assert_int_equal(r.factor_pct, 50);
	assert_int_equal(r.n_lanes, 1);
	governor_end(f->gov, NULL);
}

static int body_no_fd(void *arg)
{
	const struct rlimit none = {0};
	struct governor_config config = {.n_cpus = 1};
	struct errmsg msg = ERRMSG_NULL;
	struct governor *gov = NULL;

	(void)arg;
	if (setrlimit(RLIMIT_NOFILE, &none) != 0)
		return 2;
	if (governor_new(&config, &gov, &msg) != -EMFILE || gov)
		return 3;
	return strstr(msg.text, "make the grant page: ") ? 0 : 4;
}

/* No descriptor for the page: told with its reason, nothing is left behind. */
static void page_refused(void **state)
{
	(void)state;
	assert_int_equal(burner_wait(burner_fork(body_no_fd, NULL)), 0);
}

struct meddler {
	struct governor *gov;
	pid_t pid;
	_Atomic bool is_done;
};

static void *meddler_run(void *arg)
{
	struct meddler *m = arg;
	struct governor_reading r;
	struct governor_offence offences[4];

	for (uint32_t i = 1; !m->is_done; i++) {
		size_t slot = GRANT_SLOT_LANE0 + 8 + i % 4;

		(void)governor_add(m->gov, slot, i, m->pid);
		governor_read(m->gov, &r);
		(void)governor_set_factor(m->gov, 20 + i % 60);
		(void)governor_take_offences(m->gov, offences, 4);
		(void)governor_set_lanes(m->gov, 1 + i % 4);
		governor_pause(m->gov);
		governor_resume(m->gov);
		(void)governor_remove(m->gov, slot, i, 0);
	}
	return NULL;
}

/* Many threads call everything while the governor's own thread works. */
static void many_callers(void **state)
{
	struct governorrig *f = *state;
	pid_t idler = burner_start(f->page, GRANT_N_SLOTS - 1, 1, BURNER_LOOP); /* waits for ever */
	struct meddler m = {.gov = f->gov, .pid = idler};
	struct governor_reading r;
	pthread_t threads[3];

	assert_int_equal(governor_begin(f->gov, 50, 1), 0);
	governorrig_lane_start(f, 0, BURNER_LOOP);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, meddler_run, &m), 0);
	burner_sleep_ms(1000);
	m.is_done = true;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	(void)burner_kill(idler);
	governorrig_lanes_end(f);
	governor_end(f->gov, &r);
	assert_true(r.n_looks > 0);
}

#define GOVERNOR_TEST(name)                                                                        \
	cmocka_unit_test_setup_teardown(name, governorrig_setup, governorrig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		GOVERNOR_TEST(deaf_worker_is_told),
		GOVERNOR_TEST(patience),
		GOVERNOR_TEST(generation_keeps_out),
		GOVERNOR_TEST(process_stays_over_accounts),
		GOVERNOR_TEST(final_figure_is_checked),
		GOVERNOR_TEST(dead_process),
		GOVERNOR_TEST(bad_arguments),
		GOVERNOR_TEST(page_refused),
		GOVERNOR_TEST(many_callers),
	};

	return cmocka_run_group_tests_name("throttle-watch", tests, NULL, NULL);
}
