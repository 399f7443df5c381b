/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Real processes under the grant page: a CPU timer that interrupts a loop
 * without a system call, a futex wait on a read-only mapping, and what the
 * signal handler leaves alone.
 *
 * Bounds are on CPU time by the kernel's clocks; wall time is only a deadline.
 */
#include "unit.h"

#include "burner.h"
#include "clock.h"
#include "grant.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MS = BURNER_MS };

static volatile uint64_t spin_sink;

struct fixture {
	struct grant_page *page;       /**< The daemon's. */
	const struct grant_page *read; /**< A reader's. */
	int fd;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f || grant_page_new(&f->page, &f->fd) != 0 || grant_page_map(f->fd, &f->read) != 0)
		return -1;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	grant_page_close(f->page);
	grant_page_close(f->read);
	close(f->fd);
	free(f);
	return 0;
}

/* A loop without a system call is stopped where it is, and goes on with more. */
static void timer_stops_and_resumes_a_loop(void **state)
{
	struct fixture *f = *state;
	pid_t pid = burner_start(f->read, GRANT_SLOT_LANE0, 1, BURNER_LOOP);
	uint64_t used;

	assert_true(burner_stands(pid)); /* it waits for its generation first */
	grant_assign(f->page, GRANT_SLOT_LANE0, 1);
	assert_true(burner_stands(pid));
	grant_raise(f->page, GRANT_SLOT_LANE0, 100 * MS);
	burner_await_cpu(pid, 100 * MS);
	assert_true(burner_stands(pid));
	used = burner_cpu_ns(pid);
	/* At most one tick late, and room for a machine that is itself stopped. */
	assert_in_range(used, 100 * MS, 150 * MS);
	grant_raise(f->page, GRANT_SLOT_LANE0, 200 * MS);
	burner_await_cpu(pid, 200 * MS);
	assert_true(burner_stands(pid));
	/* The overshoot of the first grant is not given on top. */
	assert_in_range(burner_cpu_ns(pid), 200 * MS, 250 * MS);
	(void)burner_kill(pid);
}

/* An unlimited process runs until its slot is given to another. */
static void timer_unlimited_until_slot_is_taken(void **state)
{
	struct fixture *f = *state;
	pid_t pid = burner_start(f->read, GRANT_SLOT_LANE0, 1, BURNER_LOOP);

	grant_assign(f->page, GRANT_SLOT_LANE0, 1);
	grant_raise(f->page, GRANT_SLOT_LANE0, GRANT_UNLIMITED);
	burner_await_cpu(pid, 300 * MS);
	grant_assign(f->page, GRANT_SLOT_LANE0, 2);
	burner_sleep_ms(300);
	burner_await_cpu(pid, 300 * MS);
	for (int i = 0; i < 50 && !burner_stands(pid); i++)
		;
	assert_true(burner_stands(pid));
	(void)burner_kill(pid);
}

static int body_successor(void *arg)
{
	struct fixture *f = arg;

	/* The parent's timer is not ours; a second start of our own replaces the first. */
	if (grant_timer_start(f->read, GRANT_SLOT_LANE0 + 1, 2) != 0 ||
		grant_timer_start(f->read, GRANT_SLOT_LANE0 + 1, 2) != 0)
		return 1;
	for (;;)
		spin_sink++;
}

/* A zygote with a timer forks a worker, which takes a slot of its own. */
static int body_zygote(void *arg)
{
	struct fixture *f = arg;
	pid_t pid;
	int status;

	if (grant_timer_start(f->read, GRANT_SLOT_ZYGOTE, 1) != 0)
		return 1;
	pid = burner_fork(body_successor, f);
	if (waitpid(pid, &status, 0) != pid)
		return 2;
	return WIFSIGNALED(status) ? 0 : 3;
}

/* The child of a limited process has its own limit and its own clock. */
static void timer_in_forked_child(void **state)
{
	struct fixture *f = *state;
	pid_t zygote;
	pid_t worker = 0;
	char path[64];
	FILE *children;

	grant_assign(f->page, GRANT_SLOT_ZYGOTE, 1);
	grant_raise(f->page, GRANT_SLOT_ZYGOTE, GRANT_UNLIMITED);
	grant_assign(f->page, GRANT_SLOT_LANE0 + 1, 2);
	grant_raise(f->page, GRANT_SLOT_LANE0 + 1, 50 * MS);
	zygote = burner_fork(body_zygote, f);
	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", zygote, zygote);
	for (int i = 0; i < 2000 && worker == 0; i++) {
		burner_sleep_ms(5);
		children = fopen(path, "re");
		assert_non_null(children);
		if (fscanf(children, "%d", &worker) != 1)
			worker = 0;
		(void)fclose(children);
	}
	assert_true(worker > 0);
	burner_await_cpu(worker, 50 * MS);
	assert_true(burner_stands(worker));
	assert_in_range(burner_cpu_ns(worker), 50 * MS, 100 * MS);
	assert_int_equal(kill(worker, SIGKILL), 0);
	assert_int_equal(burner_wait(zygote), 0);
}

static int body_errno(void *arg)
{
	struct fixture *f = arg;
	uint64_t end = 200 * MS;

	if (grant_timer_start(f->read, GRANT_SLOT_LANE0, 1) != 0)
		return 1;
	errno = EXDEV;
	/* Interrupted many times: the page is raised in steps of a millisecond. */
	for (uint64_t n = 0; n % 100000 != 0 || clock_self_cpu_ns() < end; n++) {
		if (errno != EXDEV)
			return 2;
	}
	grant_timer_stop();
	/* Not limited any more: the page holds 200 ms and no more comes. */
	while (clock_self_cpu_ns() < end + 50 * MS)
		spin_sink++;
	return 0;
}

/* The handler leaves errno alone; after the stop nothing limits. */
static void handler_keeps_errno_and_stop_frees(void **state)
{
	struct fixture *f = *state;
	pid_t pid;

	grant_assign(f->page, GRANT_SLOT_LANE0, 1);
	pid = burner_fork(body_errno, f);
	for (uint64_t ms = 1; ms <= 210; ms++) {
		grant_raise(f->page, GRANT_SLOT_LANE0, ms * MS);
		burner_sleep_ms(1);
	}
	assert_int_equal(burner_wait(pid), 0);
}

static int body_blocked_read(void *arg)
{
	struct fixture *f = arg;
	sigset_t set;
	char byte = 0;
	int fds[2];

	/* Inherited as blocked: grant_timer_start() must not be deaf. */
	(void)sigemptyset(&set);
	(void)sigaddset(&set, GRANT_SIGNAL);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	if (grant_timer_start(f->read, GRANT_SLOT_LANE0, 1) != 0 || pipe(fds) != 0)
		return 1;
	if (fork() == 0) {
		grant_timer_stop();
		for (int i = 0; i < 20; i++) {
			burner_sleep_ms(5);
			(void)kill(getppid(), GRANT_SIGNAL);
		}
		_exit(write(fds[1], "x", 1) == 1 ? 0 : 1);
	}
	/* SA_RESTART: the signals do not show. */
	return read(fds[0], &byte, 1) == 1 && byte == 'x' ? 0 : 2;
}

/* A read that the signal interrupts goes on as if nothing had been. */
static void interrupted_read_restarts(void **state)
{
	struct fixture *f = *state;
	pid_t pid;

	grant_assign(f->page, GRANT_SLOT_LANE0, 1);
	grant_raise(f->page, GRANT_SLOT_LANE0, 100 * MS);
	pid = burner_fork(body_blocked_read, f);
	assert_int_equal(burner_wait(pid), 0);
}

static int body_no_timer(void *arg)
{
	const struct rlimit none = {0};
	struct fixture *f = arg;

	/* Each timer takes one of the signals that a user may have pending. */
	if (setrlimit(RLIMIT_SIGPENDING, &none) != 0)
		return 2;
	if (grant_timer_start(f->read, GRANT_SLOT_LANE0, 1) != -EAGAIN)
		return 3;
	grant_timer_stop();
	while (clock_self_cpu_ns() < 20 * MS)
		spin_sink++;
	return 0;
}

/* No timer to be had: told, and the process is left as it was. */
static void timer_refused(void **state)
{
	struct fixture *f = *state;

	grant_assign(f->page, GRANT_SLOT_LANE0, 1);
	assert_int_equal(burner_wait(burner_fork(body_no_timer, f)), 0);
}

/* Three threads share one grant and all wait on the same read-only word. */
static void payers_share_a_grant(void **state)
{
	struct fixture *f = *state;
	pid_t pid = burner_start(f->read, GRANT_SLOT_SCANNER, 1, BURNER_PAYERS);

	grant_assign(f->page, GRANT_SLOT_SCANNER, 1);
	for (uint64_t ms = 20; ms <= 200; ms += 20) {
		grant_raise(f->page, GRANT_SLOT_SCANNER, ms * MS);
		burner_await_cpu(pid, ms * MS);
	}
	assert_true(burner_stands(pid));
	/* Each thread runs to its next safe point, less than a few ms. */
	assert_in_range(burner_cpu_ns(pid), 200 * MS, 260 * MS);
	(void)burner_kill(pid);
}

/* The time a safe point waited is told, and a paid one costs none. */
static void pay_tells_what_it_waited(void **state)
{
	struct fixture *f = *state;
	uint64_t waited_ns = 0;

	grant_assign(f->page, GRANT_SLOT_SCANNER, 1);
	grant_raise(f->page, GRANT_SLOT_SCANNER, GRANT_UNLIMITED);
	grant_pay(f->read, GRANT_SLOT_SCANNER, 1, &waited_ns);
	grant_pay(f->read, GRANT_SLOT_SCANNER, 1, NULL);
	assert_int_equal(waited_ns, 0);
}

struct late {
	struct fixture *fixture;
	uint64_t raised_at_ns;
};

static void *late_raise_run(void *arg)
{
	struct late *late = arg;

	burner_sleep_ms(100);
	late->raised_at_ns = clock_mono_ns();
	grant_raise(late->fixture->page, GRANT_SLOT_SCANNER, GRANT_UNLIMITED);
	return NULL;
}

/* A futex wait on the read-only mapping is ended by the daemon's wake. */
static void wait_on_read_only_mapping(void **state)
{
	struct late late = {.fixture = *state};
	const struct grant_page *page = late.fixture->read;
	uint64_t used_ns = clock_thread_cpu_ns();
	uint64_t waited_ns = 0;
	uint64_t now_ns;
	pthread_t thread;

	grant_assign(late.fixture->page, GRANT_SLOT_SCANNER, 1);
	assert_int_equal(pthread_create(&thread, NULL, late_raise_run, &late), 0);
	grant_pay(page, GRANT_SLOT_SCANNER, 1, &waited_ns);
	now_ns = clock_mono_ns();
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(waited_ns >= 50 * MS);
	/* Woken and not timed out (a second), asleep and not spinning. */
	assert_true(now_ns - late.raised_at_ns < 900 * (uint64_t)MS);
	assert_true(clock_thread_cpu_ns() - used_ns < 50 * MS);
}

#define GRANT_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		GRANT_TEST(timer_stops_and_resumes_a_loop),
		GRANT_TEST(timer_unlimited_until_slot_is_taken),
		GRANT_TEST(timer_in_forked_child),
		GRANT_TEST(handler_keeps_errno_and_stop_frees),
		GRANT_TEST(interrupted_read_restarts),
		GRANT_TEST(timer_refused),
		GRANT_TEST(payers_share_a_grant),
		GRANT_TEST(pay_tells_what_it_waited),
		GRANT_TEST(wait_on_read_only_mapping),
	};

	return cmocka_run_group_tests_name("grant_timer", tests, NULL, NULL);
}
