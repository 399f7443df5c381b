/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The grant page with real processes: what the kernel promises (seals, a futex
 * on a read-only mapping, a CPU timer that interrupts a loop without a system
 * call) and what the reader promises (generation safety, errno).
 *
 * Times are ratios or generous bounds on CPU time; wall time is only a
 * deadline.
 */
#include "unit.h"

#include "clock.h"
#include "grant.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MS = 1000000, TEST_GRANT_SPIN_MS_MAX = 20000 };

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

static void pause_ms(long ms)
{
	struct timespec ts = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * MS};

	while (nanosleep(&ts, &ts) != 0)
		;
}

/* A child that runs @body and dies with us. */
static pid_t child_start(void (*body)(struct fixture *), struct fixture *f)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		body(f);
		_exit(0);
	}
	return pid;
}

static uint64_t child_cpu_ns(pid_t pid)
{
	uint64_t ns = 0;

	assert_int_equal(clock_process_cpu_ns(pid, &ns), 0);
	return ns;
}

static void child_kill(pid_t pid)
{
	int status;

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

/* Wait until the child's clock says at least @ns. */
static void child_await_cpu(pid_t pid, uint64_t ns)
{
	uint64_t deadline = clock_mono_ns() + (uint64_t)TEST_GRANT_SPIN_MS_MAX * MS;

	while (child_cpu_ns(pid) < ns) {
		assert_true(clock_mono_ns() < deadline);
		pause_ms(2);
	}
}

/* Whether the child's clock stands still: three equal readings far apart. */
static bool child_stands(pid_t pid)
{
	uint64_t before;

	pause_ms(60); /* whatever it may still run until the next tick */
	before = child_cpu_ns(pid);
	pause_ms(150);
	return child_cpu_ns(pid) == before;
}

static volatile uint64_t spin_sink;

/* Computes for ever and makes no system call. */
static void body_spin(struct fixture *f)
{
	if (grant_timer_start(f->read, GRANT_SLOT_LANE0, 1) != 0)
		_exit(1);
	for (;;)
		spin_sink++;
}

/* A reader may not write: not by the mapping, not by mprotect, not by write(2). */
static void reader_cannot_write(void **state)
{
	struct fixture *f = *state;
	uint64_t forged = GRANT_UNLIMITED;
	char path[64];
	int fd;

	assert_int_equal(mprotect((void *)(uintptr_t)f->read, 4096, PROT_READ | PROT_WRITE), -1);
	assert_int_equal(errno, EACCES);
	assert_ptr_equal(
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, f->fd, 0), MAP_FAILED);
	assert_int_equal(errno, EPERM);
	assert_int_equal(pwrite(f->fd, &forged, sizeof(forged), 128), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(f->fd, 0), -1);
	assert_int_equal(errno, EPERM);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", f->fd);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd >= 0) {
		assert_ptr_equal(
			mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
		assert_int_equal(pwrite(fd, &forged, sizeof(forged), 128), -1);
		close(fd);
	}
	/* The daemon still can. */
	grant_assign(f->page, GRANT_SLOT_ZYGOTE, 1);
	grant_raise(f->page, GRANT_SLOT_ZYGOTE, 5);
	assert_int_equal(grant_read(f->read, GRANT_SLOT_ZYGOTE, 1), 5);
}

/* A stranger's fd is refused before it is believed. */
static void map_refuses_strangers(void **state)
{
	const struct grant_page *page = NULL;
	int fd = memfd_create("stranger", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int seals = F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
	off_t size;

	assert_int_equal(grant_page_map(-1, &page), -EBADF);
	assert_int_equal(grant_page_map(fd, &page), -EPROTO); /* empty */
	size = lseek(((struct fixture *)*state)->fd, 0, SEEK_END);
	assert_int_equal(ftruncate(fd, size), 0);
	assert_int_equal(grant_page_map(fd, &page), -EPROTO); /* not sealed */
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	assert_int_equal(grant_page_map(fd, &page), -EPROTO); /* no magic */
	assert_null(page);
	close(fd);
}

/* Grants only rise, and only the slot's generation sees them. */
static void read_by_generation(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(grant_read(f->read, 3, 7), 0);
	grant_assign(f->page, 3, 7);
	assert_int_equal(grant_read(f->read, 3, 7), 0);
	grant_raise(f->page, 3, 1000);
	grant_raise(f->page, 3, 500);
	assert_int_equal(grant_read(f->read, 3, 7), 1000);
	assert_int_equal(grant_read(f->read, 3, 6), 0);
	grant_assign(f->page, 3, 8);
	assert_int_equal(grant_read(f->read, 3, 7), 0);
	assert_int_equal(grant_read(f->read, 3, 8), 0);
}

struct changer {
	struct grant_page *page;
	_Atomic bool is_done;
};

/* Give one slot to generation after generation, each with its own number. */
static void *changer_run(void *arg)
{
	struct changer *c = arg;

	for (uint32_t generation = 1; generation < 200000; generation++) {
		grant_assign(c->page, 5, generation);
		grant_raise(c->page, 5, (uint64_t)generation * 10);
	}
	c->is_done = true;
	return NULL;
}

/* Whatever the interleaving, a generation reads 0 or its own number. */
static void read_while_slot_changes_hands(void **state)
{
	struct fixture *f = *state;
	struct changer c = {.page = f->page};
	uint32_t guess = 1;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, changer_run, &c), 0);
	while (!c.is_done) {
		uint64_t got = grant_read(f->read, 5, guess);

		if (got != 0 && got != (uint64_t)guess * 10)
			fail_msg("generation %u read %llu", guess, (unsigned long long)got);
		guess++;
		if (guess >= 200000)
			guess = 1;
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
}

/* A loop without a system call is stopped where it is, and goes on with more. */
static void timer_stops_and_resumes_a_loop(void **state)
{
	struct fixture *f = *state;
	pid_t pid = child_start(body_spin, f);
	uint64_t used;

	assert_true(child_stands(pid)); /* it waits for its generation first */
	grant_assign(f->page, GRANT_SLOT_LANE0, 1);
	assert_true(child_stands(pid));
	grant_raise(f->page, GRANT_SLOT_LANE0, 100 * MS);
	child_await_cpu(pid, 100 * MS);
	assert_true(child_stands(pid));
	used = child_cpu_ns(pid);
	/* At most one tick late; 25 ms is a tick of 100 Hz and room. */
	assert_in_range(used, 100 * MS, 125 * MS);
	grant_raise(f->page, GRANT_SLOT_LANE0, 200 * MS);
	child_await_cpu(pid, 200 * MS);
	assert_true(child_stands(pid));
	/* The overshoot of the first grant is not given on top. */
	assert_in_range(child_cpu_ns(pid), 200 * MS, 225 * MS);
	child_kill(pid);
}

/* An unlimited process runs until its slot is given to another. */
static void timer_unlimited_until_slot_is_taken(void **state)
{
	struct fixture *f = *state;
	pid_t pid = child_start(body_spin, f);

	grant_assign(f->page, GRANT_SLOT_LANE0, 1);
	grant_raise(f->page, GRANT_SLOT_LANE0, GRANT_UNLIMITED);
	child_await_cpu(pid, 300 * MS);
	grant_assign(f->page, GRANT_SLOT_LANE0, 2);
	pause_ms(300);
	child_await_cpu(pid, 300 * MS);
	for (int i = 0; i < 50 && !child_stands(pid); i++)
		;
	assert_true(child_stands(pid));
	child_kill(pid);
}

static void body_successor(struct fixture *f)
{
	pid_t pid = getpid();

	/* The parent's timer, if any, is not ours; a second start replaces the first. */
	if (grant_timer_start(f->read, GRANT_SLOT_LANE0 + 1, 2) != 0 ||
		grant_timer_start(f->read, GRANT_SLOT_LANE0 + 1, 2) != 0 || pid != getpid())
		_exit(1);
	for (;;)
		spin_sink++;
}

/* A zygote with a timer forks a worker, which takes a slot of its own. */
static void body_zygote(struct fixture *f)
{
	pid_t pid;
	int status;

	if (grant_timer_start(f->read, GRANT_SLOT_ZYGOTE, 1) != 0)
		_exit(1);
	pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		body_successor(f);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		_exit(2);
	_exit(WIFSIGNALED(status) ? 0 : 3);
}

/* The child of a limited process has its own limit and its own clock. */
static void timer_in_forked_child(void **state)
{
	struct fixture *f = *state;
	pid_t zygote;
	pid_t worker = 0;
	char path[64];
	FILE *children;
	int status;

	grant_assign(f->page, GRANT_SLOT_ZYGOTE, 1);
	grant_raise(f->page, GRANT_SLOT_ZYGOTE, GRANT_UNLIMITED);
	grant_assign(f->page, GRANT_SLOT_LANE0 + 1, 2);
	grant_raise(f->page, GRANT_SLOT_LANE0 + 1, 50 * MS);
	zygote = child_start(body_zygote, f);
	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", zygote, zygote);
	for (int i = 0; i < 2000 && worker == 0; i++) {
		pause_ms(5);
		children = fopen(path, "re");
		assert_non_null(children);
		if (fscanf(children, "%d", &worker) != 1)
			worker = 0;
		(void)fclose(children);
	}
	assert_true(worker > 0);
	child_await_cpu(worker, 50 * MS);
	assert_true(child_stands(worker));
	assert_in_range(child_cpu_ns(worker), 50 * MS, 75 * MS);
	assert_int_equal(kill(worker, SIGKILL), 0);
	assert_int_equal(waitpid(zygote, &status, 0), zygote);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void body_errno(struct fixture *f)
{
	uint64_t end = 200 * MS;

	if (grant_timer_start(f->read, GRANT_SLOT_LANE0, 1) != 0)
		_exit(1);
	errno = EXDEV;
	/* Interrupted many times: the page is raised in steps of a millisecond. */
	for (uint64_t n = 0; n % 100000 != 0 || clock_self_cpu_ns() < end; n++) {
		if (errno != EXDEV)
			_exit(2);
	}
	grant_timer_stop();
	/* Not limited any more: the page holds 200 ms and no more comes. */
	while (clock_self_cpu_ns() < end + 50 * MS)
		spin_sink++;
	_exit(0);
}

/* The handler leaves errno alone; after the stop nothing limits. */
static void handler_keeps_errno_and_stop_frees(void **state)
{
	struct fixture *f = *state;
	pid_t pid;
	int status = -1;

	grant_assign(f->page, GRANT_SLOT_LANE0, 1);
	pid = child_start(body_errno, f);
	for (uint64_t ms = 1; ms <= 210; ms++) {
		grant_raise(f->page, GRANT_SLOT_LANE0, ms * MS);
		pause_ms(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void body_blocked_read(struct fixture *f)
{
	sigset_t set;
	char byte = 0;
	int fds[2];

	/* Inherited as blocked: grant_timer_start() must not be deaf. */
	(void)sigemptyset(&set);
	(void)sigaddset(&set, GRANT_SIGNAL);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	if (grant_timer_start(f->read, GRANT_SLOT_LANE0, 1) != 0 || pipe(fds) != 0)
		_exit(1);
	if (fork() == 0) {
		grant_timer_stop();
		for (int i = 0; i < 20; i++) {
			pause_ms(5);
			(void)kill(getppid(), GRANT_SIGNAL);
		}
		_exit(write(fds[1], "x", 1) == 1 ? 0 : 1);
	}
	/* SA_RESTART: the signals do not show. */
	_exit(read(fds[0], &byte, 1) == 1 && byte == 'x' ? 0 : 2);
}

/* A read that the signal interrupts goes on as if nothing had been. */
static void interrupted_read_restarts(void **state)
{
	struct fixture *f = *state;
	pid_t pid;
	int status = -1;

	grant_assign(f->page, GRANT_SLOT_LANE0, 1);
	grant_raise(f->page, GRANT_SLOT_LANE0, 100 * MS);
	pid = child_start(body_blocked_read, f);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void *payer_run(void *arg)
{
	struct fixture *f = arg;
	uint64_t waited_ns = 0;

	for (;;) {
		for (int i = 0; i < 100000; i++)
			spin_sink++;
		grant_pay(f->read, GRANT_SLOT_SCANNER, 1, &waited_ns);
	}
	return NULL;
}

static void body_payers(struct fixture *f)
{
	pthread_t threads[3];

	for (size_t i = 0; i < 3; i++) {
		if (pthread_create(&threads[i], NULL, payer_run, f) != 0)
			_exit(1);
	}
	(void)pthread_join(threads[0], NULL);
}

/* Three threads share one grant and all wait on the same read-only word. */
static void payers_share_a_grant(void **state)
{
	struct fixture *f = *state;
	pid_t pid = child_start(body_payers, f);

	grant_assign(f->page, GRANT_SLOT_SCANNER, 1);
	for (uint64_t ms = 20; ms <= 200; ms += 20) {
		grant_raise(f->page, GRANT_SLOT_SCANNER, ms * MS);
		child_await_cpu(pid, ms * MS);
	}
	assert_true(child_stands(pid));
	/* Each thread runs to its next safe point, less than a few ms. */
	assert_in_range(child_cpu_ns(pid), 200 * MS, 260 * MS);
	child_kill(pid);
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

static void *late_raise_run(void *arg)
{
	struct fixture *f = arg;

	pause_ms(100);
	grant_raise(f->page, GRANT_SLOT_SCANNER, GRANT_UNLIMITED);
	return NULL;
}

/* A futex wait on the read-only mapping is ended by the daemon's wake. */
static void wait_on_read_only_mapping(void **state)
{
	struct fixture *f = *state;
	uint64_t waited_ns = 0;
	pthread_t thread;

	grant_assign(f->page, GRANT_SLOT_SCANNER, 1);
	assert_int_equal(pthread_create(&thread, NULL, late_raise_run, f), 0);
	grant_pay(f->read, GRANT_SLOT_SCANNER, 1, &waited_ns);
	assert_int_equal(pthread_join(thread, NULL), 0);
	/* Woken, not timed out (a second) and not spinning. */
	assert_in_range(waited_ns, 50 * MS, 900 * MS);
}

#define GRANT_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		GRANT_TEST(reader_cannot_write),
		GRANT_TEST(map_refuses_strangers),
		GRANT_TEST(read_by_generation),
		GRANT_TEST(read_while_slot_changes_hands),
		GRANT_TEST(timer_stops_and_resumes_a_loop),
		GRANT_TEST(timer_unlimited_until_slot_is_taken),
		GRANT_TEST(timer_in_forked_child),
		GRANT_TEST(handler_keeps_errno_and_stop_frees),
		GRANT_TEST(interrupted_read_restarts),
		GRANT_TEST(payers_share_a_grant),
		GRANT_TEST(pay_tells_what_it_waited),
		GRANT_TEST(wait_on_read_only_mapping),
	};

	return cmocka_run_group_tests_name("grant", tests, NULL, NULL);
}
