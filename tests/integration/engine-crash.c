/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Workers that a file has taken over or brought down (lib/faulty_scan.c): each
 * costs its own lane and no other, and never a wrong "clean".
 */
#include "clock.h"
#include "engineproc.h"
#include "exitcode.h"
#include "samples.h"
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
	char dir[SAMPLES_PATH_SIZE];
	char signatures[SAMPLES_PATH_SIZE];
	char temp[SAMPLES_PATH_SIZE];
	struct engineproc proc;
	struct engineproc_worker bystander; /* On lane 1, in every test. */
	struct engineproc_worker worker;    /* On lane 0. */
} crash;

static const char *crash_path(const char *name)
{
	static char path[SAMPLES_PATH_SIZE];

	samples_path(path, crash.dir, name);
	return path;
}

static int crash_setup(void **state)
{
	char eicar[SAMPLES_EICAR_BYTES + 1];

	(void)state;
	samples_dir(crash.dir);
	samples_dir(crash.signatures);
	samples_dir(crash.temp);
	samples_signatures(crash.signatures);
	samples_eicar(eicar);
	samples_write(crash_path("eicar"), eicar, SAMPLES_EICAR_BYTES);
	crash.proc = (struct engineproc){.program = QUIETSCAN_ENGINE_FAULTY,
		.signatures = crash.signatures,
		.temp_dir = crash.temp,
		.memory_limit = 64 << 20};
	engineproc_start_ready(&crash.proc);
	engineproc_fork(&crash.proc, 1, &crash.bystander);
	engineproc_fork(&crash.proc, 0, &crash.worker);
	return 0;
}

static int crash_teardown(void **state)
{
	(void)state;
	(void)close(crash.worker.socket_fd);
	(void)close(crash.bystander.socket_fd);
	engineproc_stop(&crash.proc);
	samples_dir_remove(crash.dir);
	samples_dir_remove(crash.signatures);
	samples_dir_remove(crash.temp);
	return 0;
}

static void crash_send(const char *fault)
{
	char text[64];
	int fd;

	(void)snprintf(text, sizeof(text), "QSFAULT:%s\n", fault);
	samples_write(crash_path("fault"), text, strlen(text));
	fd = samples_open(crash_path("fault"));
	engineproc_send(&crash.worker, fd, 1);
	(void)close(fd);
}

/* The lane's worker is replaced and finds what there is; the bystander never noticed. */
static void crash_expect_recovery(void)
{
	(void)close(crash.worker.socket_fd);
	engineproc_fork(&crash.proc, 0, &crash.worker);
	assert_int_equal(engineproc_scan(&crash.proc, &crash.worker, crash_path("eicar"))->code,
		IPC_WORK_INFECTED);
	assert_int_equal(engineproc_scan(&crash.proc, &crash.bystander, crash_path("eicar"))->code,
		IPC_WORK_INFECTED);
}

static int crash_expect_death(void)
{
	assert_int_equal(engineproc_recv(crash.worker.socket_fd, crash.proc.inbox), -ENODATA);
	return engineproc_expect_end(&crash.proc, &crash.worker);
}

static void crash_expect_signal(const char *fault, int number)
{
	int status;

	crash_send(fault);
	status = crash_expect_death();
	assert_true(WIFSIGNALED(status));
#ifndef QUIETSCAN_ASAN /* Its report makes calls of its own, and is killed for them. */
	assert_int_equal(WTERMSIG(status), number);
#else
	(void)number;
#endif
	assert_int_equal(crash.proc.inbox->msg.fork_ended.is_killed, 0);
	crash_expect_recovery();
}

/* A wild pointer. */
static void segmentation_fault(void **state)
{
	(void)state;
	crash_expect_signal("crash", SIGSEGV);
}

/* glibc's own checks. */
static void aborted(void **state)
{
	(void)state;
	crash_expect_signal("abort", SIGABRT);
}

/* A call that is not on the list. */
static void forbidden_call(void **state)
{
	(void)state;
	crash_expect_signal("socket", SIGSYS);
}

/* A worker that just goes says no verdict. */
static void exits(void **state)
{
	int status;

	(void)state;
	crash_send("exit");
	status = crash_expect_death();
	assert_true(WIFEXITED(status));
	crash_expect_recovery();
}

static void crash_kill_and_recover(void)
{
	struct ipc_fork_kill request = {.lane = 0, .generation = crash.worker.generation};

	assert_int_equal(channel_send(crash.proc.fork_fd, IPC_FORK_KILL, &request, NULL, 0), 0);
	assert_true(WIFSIGNALED(engineproc_expect_end(&crash.proc, &crash.worker)));
	assert_int_equal(crash.proc.inbox->msg.fork_ended.is_killed, 1);
	crash_expect_recovery();
}

/* A worker that waits for ever uses no CPU, and can be ended. */
static void hangs(void **state)
{
	struct pollfd p = {.fd = crash.worker.socket_fd, .events = POLLIN};
	uint64_t before_ns, after_ns;

	(void)state;
	crash_send("hang");
	assert_int_equal(poll(&p, 1, 200), 0);
	assert_int_equal(clock_process_cpu_ns(crash.worker.pid, &before_ns), 0);
	assert_int_equal(poll(&p, 1, 200), 0);
	assert_int_equal(clock_process_cpu_ns(crash.worker.pid, &after_ns), 0);
	assert_true(after_ns - before_ns < 20000000);
	crash_kill_and_recover();
}

/* A worker that computes for ever stops at its grant, and can be ended. */
static void burns(void **state)
{
	struct pollfd p = {.fd = crash.worker.socket_fd, .events = POLLIN};
	uint64_t used_ns;
	uint64_t start_ns;

	(void)state;
	crash_kill_and_recover();
	(void)close(crash.worker.socket_fd);
	(void)engineproc_expect_end(&crash.proc, &crash.worker);
	crash.proc.is_governed = true;
	engineproc_fork(&crash.proc, 0, &crash.worker);
	crash.proc.is_governed = false;
	grant_assign(crash.proc.page, GRANT_SLOT_LANE0, crash.worker.generation);
	grant_raise(crash.proc.page, GRANT_SLOT_LANE0, 300000000);
	engineproc_expect(crash.worker.socket_fd, crash.proc.inbox, IPC_WORK_READY);
	crash_send("burn");
	start_ns = clock_mono_ns();
	do {
		assert_int_equal(poll(&p, 1, 20), 0);
		assert_int_equal(clock_process_cpu_ns(crash.worker.pid, &used_ns), 0);
	} while (used_ns < 300000000 && clock_mono_ns() - start_ns < UINT64_C(20000000000));
	assert_int_equal(poll(&p, 1, 500), 0);
	assert_int_equal(clock_process_cpu_ns(crash.worker.pid, &used_ns), 0);
	print_message("granted 300 ms, used %.1f ms\n", (double)used_ns / 1e6);
	/* A late tick or two; without the timer it would be some 800 ms. */
	assert_in_range(used_ns, 300000000, 400000000);
	crash_kill_and_recover();
}

/* Bytes that are no message are refused by the lane's receive. */
static void sends_garbage(void **state)
{
	(void)state;
	crash_send("garbage");
	assert_int_equal(engineproc_recv(crash.worker.socket_fd, crash.proc.inbox), -EBADMSG);
	crash_kill_and_recover();
}

/* A worker that answers twice: a lane sees a second verdict nobody asked for. */
static void answers_twice(void **state)
{
	(void)state;
	crash_send("twice");
	for (int i = 0; i < 2; i++)
		engineproc_expect(crash.worker.socket_fd, crash.proc.inbox, IPC_WORK_VERDICT);
	crash_kill_and_recover();
}

static size_t crash_count_entries(void)
{
	char path[SAMPLES_PATH_SIZE];
	struct dirent *entry;
	size_t n = 0;
	DIR *dir;

	(void)snprintf(
		path, sizeof(path), "/proc/%d/root%s/lane-0", (int)crash.proc.pid, crash.temp);
	dir = opendir(path);
	if (!dir)
		return 0;
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	(void)closedir(dir);
	return n;
}

/* What a file leaves in the temporary directory is gone before the next one. */
static void litters(void **state)
{
	(void)state;
	crash_send("litter");
	engineproc_expect(crash.worker.socket_fd, crash.proc.inbox, IPC_WORK_VERDICT);
	assert_int_equal(crash.proc.inbox->msg.work_verdict.code, IPC_WORK_CLEAN);
	assert_int_equal(crash_count_entries(), 0);
	crash_kill_and_recover();
}

/* A parser that gets no memory and carries on: not clean. */
static void out_of_memory(void **state)
{
	(void)state;
#ifdef QUIETSCAN_ASAN
	skip(); /* No memory limit with a sanitizer. */
#endif
	crash_send("memory");
	if (engineproc_recv(crash.worker.socket_fd, crash.proc.inbox) == 0) {
		assert_int_equal(crash.proc.inbox->msg.work_verdict.code, IPC_WORK_ENGINE_ERROR);
		assert_int_equal(crash.proc.inbox->msg.work_verdict.error, ENOMEM);
		crash_kill_and_recover();
	} else {
		(void)engineproc_expect_end(&crash.proc, &crash.worker);
		crash_expect_recovery();
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, crash_setup, crash_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(segmentation_fault),
		TEST(aborted),
		TEST(forbidden_call),
		TEST(exits),
		TEST(hangs),
		TEST(burns),
		TEST(sends_garbage),
		TEST(answers_twice),
		TEST(litters),
		TEST(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
