/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quietscan-remediate computes what the governor grants it: a large file that is taken
 * away, and a long search, alone and beside a scan. The load is measured twice: as the
 * account tells it, and by the process's own clock. One CPU is called the whole
 * machine here, so that one process can be above the factor.
 *
 * In a PID namespace: a search reads what all processes execute.
 */
#include "exitcode.h"
#include "moverproc.h"
#include "pidworld.h"
#include "remediate_seek.h"
#include "runner.h"

#include "burner.h"
#include "clock.h"
#include "governor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { FACTOR_PCT = 40, FILE_MIB = 224 };

static struct fixture {
	struct moverproc *process;
	struct governor *gov;
	const struct grant_page *page;
	struct identity large;
} f;

static int setup(void **state)
{
	const struct governor_config config = {.n_cpus = 1.0};
	int r = moverproc_setup((void **)&f.process);

	(void)state;
	assert_int_equal(governor_new(&config, &f.gov, NULL), 0);
	assert_int_equal(grant_page_map(governor_page_fd(f.gov), &f.page), 0);
	f.process->has_grants = true;
	f.process->grants_fd = governor_page_fd(f.gov);
	return r;
}

static int teardown(void **state)
{
	void *process = f.process;

	(void)state;
	governor_free(f.gov);
	grant_page_close(f.page);
	return moverproc_teardown(&process);
}

static void start(void)
{
	moverproc_start(f.process);
	assert_int_equal(governor_add(f.gov, GRANT_SLOT_REMEDIATE, 1, f.process->pid), 0);
	moverproc_hello(f.process);
}

static void end(void)
{
	assert_int_equal(moverproc_end(f.process), 0);
	assert_int_equal(governor_remove(f.gov, GRANT_SLOT_REMEDIATE, 1, 0), 0);
}

/*
 * All holes: it takes CPU time and no room on the small disk. Scanned before there is
 * an account: this process is the daemon, and charged.
 */
static void make_large(void)
{
	char path[SCRATCH_PATH_SIZE];

	moverworld_make(f.process->world, "large", moverproc_text);
	(void)moverworld_path(f.process->world, "large", path);
	assert_int_equal(truncate(path, (off_t)FILE_MIB << 20), 0);
	f.large = moverworld_scan(f.process->world, "large");
}

static void take_large_away(void)
{
	moverproc_send_name(f.process, "large", true);
	moverproc_send_scanned(f.process, &f.large, IPC_MOVE_QUARANTINE);
	(void)moverproc_result(f.process, 42, IPC_MOVE_QUARANTINED);
	moverworld_expect_none(f.process->world, "large");
}

#ifdef QUIETSCAN_TSAN /* it slows what lies between two safe points by a factor */
enum { IS_MEASURING = 0 };
#else
enum { IS_MEASURING = 1 };
#endif

/* The account's load is at most the factor, and what the process used is in it. */
static void expect_kept(const char *what, const struct governor_reading *r, uint64_t used_ns)
{
	double start_pct = 3.0 / ((double)r->active_ns / 1e9);

	print_message("%s: aim %.1f mean %.2f p99 %.1f max %.2f %%, %.2f s of CPU in %.2f s\n",
		what, r->aim_pct, r->mean_pct, r->window_p99_pct, r->window_max_pct,
		(double)used_ns / 1e9, (double)r->active_ns / 1e9);
	/* It had to wait: without a gate it had been done in less time. */
	assert_true(used_ns > 200 * (uint64_t)BURNER_MS);
	/* All but what was granted at the last look. */
	assert_true(r->cpu_ns + 60 * (uint64_t)BURNER_MS > used_ns);
	if (!IS_MEASURING)
		return;
	if (r->mean_pct > r->aim_pct + 0.5 + start_pct || r->window_p99_pct > r->aim_pct + 4.0)
		fail_msg("%s: above the factor", what);
	if (100.0 * (double)used_ns / (double)r->active_ns > r->aim_pct + 0.5 + start_pct)
		fail_msg("%s: by the kernel's clock above the factor", what);
}

/* Nothing is scanned: a search, then a move, in the account of its own. */
static void alone(void **state)
{
	char path[SCRATCH_PATH_SIZE];
	struct runner runner = {0};
	struct governor_reading r;

	(void)state;
	make_large();
	runner_copy("/bin/cat", moverworld_path(f.process->world, "program", path), 'p');
	assert_int_equal(truncate(path, (off_t)(FILE_MIB / 2) << 20), 0);
	runner_start(&runner, path);
	assert_int_equal(governor_set_aside(f.gov, FACTOR_PCT), 0);
	start();
	moverproc_send_seek(f.process, span_str("da39a3ee5e6b4b0d3255bfef95601890afd80709"));
	assert_int_equal(moverproc_result(f.process, 46, IPC_MOVE_SOUGHT)->n_names_left, 0);
	take_large_away();
	governor_read_aside(f.gov, &r);
	expect_kept("alone", &r, burner_cpu_ns(f.process->pid));
	runner_end(&runner);
	end();
}

/* A scan runs: its account has both, and the lane gets less. */
static void beside_a_scan(void **state)
{
	struct governor_reading before;
	struct governor_reading after;
	uint64_t used_ns;
	uint64_t lane_ns;
	pid_t lane;

	(void)state;
	make_large();
	assert_int_equal(governor_set_aside(f.gov, FACTOR_PCT), 0);
	assert_int_equal(governor_begin(f.gov, FACTOR_PCT, 1), 0);
	lane = burner_start(f.page, GRANT_SLOT_LANE0, 1, BURNER_LOOP); /* has no channel yet */
	assert_int_equal(governor_add(f.gov, GRANT_SLOT_LANE0, 1, lane), 0);
	start();
	governor_read(f.gov, &before);
	take_large_away();
	governor_read(f.gov, &after);
	used_ns = burner_cpu_ns(f.process->pid);
	lane_ns = burner_cpu_ns(lane);
	print_message("lane %.2f s\n", (double)lane_ns / 1e9);
	expect_kept("beside a scan", &after, used_ns + lane_ns);
	assert_true(used_ns > 200 * (uint64_t)BURNER_MS);
	assert_true(after.cpu_ns > before.cpu_ns);
	/* Both are there at any time; while one hashes the other has the smaller part. */
	if (IS_MEASURING)
		assert_true(lane_ns < used_ns);
	end();
	(void)burner_kill(lane);
	governor_end(f.gov, NULL);
}

/* Nothing is granted: it does not begin, and goes on when it is. */
static void stands_still(void **state)
{
	struct pollfd answer = {.events = POLLIN};
	uint64_t used_ns;

	(void)state;
	moverworld_make(f.process->world, "small", moverproc_text);
	moverproc_start(f.process);
	moverproc_hello(f.process);
	moverproc_send_name(f.process, "small", true);
	moverproc_send_file(f.process, "small", IPC_MOVE_QUARANTINE);
	assert_true(burner_stands(f.process->pid));
	used_ns = burner_cpu_ns(f.process->pid);
	answer.fd = f.process->fd;
	assert_int_equal(poll(&answer, 1, 500), 0);
	assert_true(burner_cpu_ns(f.process->pid) - used_ns <= (uint64_t)BURNER_STILL_NS);
	moverworld_expect(f.process->world, "small", moverproc_text);
	assert_int_equal(governor_add(f.gov, GRANT_SLOT_REMEDIATE, 1, f.process->pid), 0);
	(void)moverproc_result(f.process, 42, IPC_MOVE_QUARANTINED);
	end();
}

/*
 * Who executes a file is to be ended, and the file to be read for that: nothing is
 * granted in the middle of it, for longer than killed processes have to end.
 */
static void stands_still_in_a_stop(void **state)
{
	char path[SCRATCH_PATH_SIZE];
	struct runner runner = {0};
	struct pollfd answer = {.events = POLLIN};
	struct identity program;

	(void)state;
	runner_copy("/bin/cat", moverworld_path(f.process->world, "program", path), 'p');
	assert_int_equal(truncate(path, (off_t)FILE_MIB << 20), 0);
	program = moverworld_scan(f.process->world, "program");
	program.ctime_ns--; /* as if it had been touched since it was found */
	runner_start(&runner, path);
	start();
	assert_int_equal(governor_remove(f.gov, GRANT_SLOT_REMEDIATE, 1, 0), 0);
	moverproc_send_stop(f.process, &program);
	answer.fd = f.process->fd;
	assert_int_equal(poll(&answer, 1, REMEDIATE_SEEK_WAIT_MS + 500), 0);
	assert_true(runner_is_running(&runner));
	assert_int_equal(governor_add(f.gov, GRANT_SLOT_REMEDIATE, 1, f.process->pid), 0);
	assert_int_equal(moverproc_result(f.process, 47, IPC_MOVE_STOPPED)->n_names, 1);
	assert_int_equal(f.process->inbox->msg.move_result.n_names_left, 0);
	assert_int_equal(runner_wait(&runner), SIGKILL);
	end();
}

/* What it is given is no grant page: it does not begin. */
static void no_page(void **state)
{
	int fd = memfd_create("no page", MFD_CLOEXEC);
	int status;

	(void)state;
	f.process->grants_fd = fd;
	moverproc_start(f.process);
	status = moverproc_end(f.process);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), CHILD_EXIT_SYSTEM);
	(void)close(fd);
}

static int run(void)
{
#define PACE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		PACE_TEST(alone),
		PACE_TEST(beside_a_scan),
		PACE_TEST(stands_still),
		PACE_TEST(stands_still_in_a_stop),
		PACE_TEST(no_page),
	};

	return cmocka_run_group_tests_name("remediation-pace", tests, NULL, NULL);
}

int main(void)
{
	return pidworld_run(run);
}
