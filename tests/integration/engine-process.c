/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The zygote as a process: how it lives, what it answers, and how it ends,
 * whatever the daemon, the scanner, a worker or a signature set does.
 */
#include "clock.h"
#include "engineproc.h"
#include "exitcode.h"
#include "samples.h"
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESS_NOBODY "65534"

static struct {
	char dir[SAMPLES_PATH_SIZE];
	char signatures[SAMPLES_PATH_SIZE];
	char temp[SAMPLES_PATH_SIZE];
	char file[SAMPLES_PATH_SIZE];
	struct engineproc proc;
	struct engineproc_worker worker;
} process;

static int process_setup(void **state)
{
	char eicar[SAMPLES_EICAR_BYTES + 1];

	(void)state;
	memset(&process, 0, sizeof(process));
	samples_dir(process.dir);
	samples_dir(process.signatures);
	samples_dir(process.temp);
	samples_signatures(process.signatures);
	samples_eicar(eicar);
	samples_path(process.file, process.dir, "eicar");
	samples_write(process.file, eicar, SAMPLES_EICAR_BYTES);
	process.proc.signatures = process.signatures;
	process.proc.temp_dir = process.temp;
	return 0;
}

static int process_teardown(void **state)
{
	(void)state;
	if (process.proc.inbox)
		engineproc_stop(&process.proc);
	samples_dir_remove(process.dir);
	samples_dir_remove(process.signatures);
	samples_dir_remove(process.temp);
	return 0;
}

static void process_expect_exit(enum child_exit code)
{
	int status = engineproc_wait(&process.proc);

	if (!WIFEXITED(status) || WEXITSTATUS(status) != (int)code)
		print_error("wait status %#x\n", (unsigned)status);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), code);
}

/* A line of /proc/PID/status: "Uid:" gives its first number. */
static unsigned long long process_status(pid_t pid, const char *key, int base)
{
	char path[64], line[256];
	unsigned long long value = ~0ULL;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (strncmp(line, key, strlen(key)) == 0)
			value = strtoull(line + strlen(key), NULL, base);
	(void)fclose(f);
	return value;
}

/* In a mount namespace of its own there is nothing to write but its own directories. */
static void process_expect_read_only(pid_t pid)
{
	char path[64];
	char line[8192];
	char own[128];
	char others[128];
	char target[4096];
	unsigned n_roots = 0;
	ssize_t n_own = readlink("/proc/self/ns/mnt", own, sizeof(own));
	ssize_t n_others;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pid);
	n_others = readlink(path, others, sizeof(others));
	/* Not to be looked into, or no namespaces here. */
	if (n_others < 0 || (n_own == n_others && memcmp(own, others, (size_t)n_own) == 0))
		return;
	(void)snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int)pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		const char *end = strstr(line, " - ");
		bool is_ours = end && strstr(end, " quietscan rw");
		const char *options = strstr(line, " ro");

		/* What is mounted there may be a part of a file system itself. */
		assert_int_equal(sscanf(line, "%*u %*u %*s %*s %4095s", target), 1);
		n_roots += strcmp(target, "/") == 0;
		if (!is_ours && (!options || options > end))
			fail_msg("can be written: %s", line);
	}
	(void)fclose(f);
	assert_int_equal(n_roots, 1);
}

/* Orphans are ours to reap (main makes us their reaper). */
static bool process_is_gone(pid_t pid)
{
	uint64_t until_ns = clock_mono_ns() + UINT64_C(10000000000);

	while (kill(pid, 0) == 0 && clock_mono_ns() < until_ns) {
		(void)waitpid(pid, NULL, WNOHANG);
		(void)poll(NULL, 0, 1);
	}
	return kill(pid, 0) < 0 && errno == ESRCH;
}

/* Whatever user and walls: it finds EICAR, and is as unprivileged as it says. */
static void process_live(const char *uid, const char *start_uid, const char *walls)
{
	const struct ipc_work_verdict *v;
	unsigned long long expected = uid ? 65534 : start_uid ? 65534 : geteuid();

	process.proc.uid = uid;
	process.proc.start_uid = start_uid;
	process.proc.walls = walls;
	engineproc_start_ready(&process.proc);
	assert_int_equal(process.proc.inbox->msg.engine_ready.n_signatures, 2);
	assert_true(process.proc.inbox->msg.engine_ready.load_cpu_ns > 0);
	assert_true(process.proc.inbox->msg.engine_ready.engine_version.n > 0);
	engineproc_fork(&process.proc, 5, &process.worker);
	assert_int_equal(process_status(process.worker.pid, "Uid:", 10), expected);
	assert_int_equal(process_status(process.worker.pid, "CapPrm:", 16), 0);
	assert_int_equal(process_status(process.worker.pid, "CapEff:", 16), 0);
	assert_int_equal(process_status(process.worker.pid, "NoNewPrivs:", 10), 1);
	assert_int_equal(process_status(process.worker.pid, "Seccomp:", 10), 2);
	assert_int_equal(process_status(process.worker.pid, "Threads:", 10), 1);
	assert_int_equal(process_status(process.proc.pid, "Uid:", 10), expected);
	assert_int_equal(process_status(process.proc.pid, "CapEff:", 16), 0);
	assert_int_equal(process_status(process.proc.pid, "Threads:", 10), 1);
	process_expect_read_only(process.proc.pid);
	v = engineproc_scan(&process.proc, &process.worker, process.file);
	assert_int_equal(v->code, IPC_WORK_INFECTED);
	engineproc_join(&process.proc, &process.worker);
	engineproc_stop(&process.proc);
}

static void ways_of_living(void **state)
{
	static const char *const walls[] = {NULL, "landlock", "chroot"};

	(void)state;
	for (size_t i = 0; i < sizeof(walls) / sizeof(walls[0]); i++) {
		print_message("walls: %s\n", walls[i] ? walls[i] : "auto");
		process_live(NULL, NULL, walls[i]);
		if (geteuid() != 0)
			continue;
		process_live(PROCESS_NOBODY, NULL, walls[i]);
		process_live(NULL, PROCESS_NOBODY, walls[i]);
	}
}

/* A test load says READY, forks nothing, and ends with the daemon's end. */
static void load_only(void **state)
{
	(void)state;
	process.proc.is_test_load = true;
	engineproc_start_ready(&process.proc);
	engineproc_stop(&process.proc);
}

/* A broken database and none at all: FAILED with the reason, exit SIGNATURES. */
static void load_fails(void **state)
{
	char path[SAMPLES_PATH_SIZE];
	const struct ipc_engine_failed *failed;

	(void)state;
	samples_path(path, process.signatures, "bad.ndb");
	samples_write(path, "not:a;signature\n", 16);
	engineproc_start(&process.proc);
	engineproc_expect(process.proc.control_fd, process.proc.inbox, IPC_ENGINE_FAILED);
	failed = &process.proc.inbox->msg.engine_failed;
	assert_int_equal(failed->error, EILSEQ);
	assert_non_null(memmem(failed->text.data, failed->text.n, "bad.ndb", 7));
	process_expect_exit(CHILD_EXIT_SIGNATURES);
	engineproc_stop(&process.proc);
	process.proc.signatures = process.temp;
	engineproc_start(&process.proc);
	engineproc_expect(process.proc.control_fd, process.proc.inbox, IPC_ENGINE_FAILED);
	failed = &process.proc.inbox->msg.engine_failed;
	assert_non_null(memmem(failed->text.data, failed->text.n, "no signature database", 21));
	process_expect_exit(CHILD_EXIT_SIGNATURES);
}

/* A temporary directory that cannot be: FAILED, exit SYSTEM. */
static void no_home(void **state)
{
	(void)state;
	process.proc.temp_dir = "/proc/no-such-directory/at-all";
	engineproc_start(&process.proc);
	engineproc_expect(process.proc.control_fd, process.proc.inbox, IPC_ENGINE_FAILED);
	assert_int_equal(process.proc.inbox->msg.engine_failed.error, ENOENT);
	process_expect_exit(CHILD_EXIT_SYSTEM);
}

/* Arguments that are missing or absurd: a usage line and exit USAGE. */
static void wrong_arguments(void **state)
{
	char log[256] = "";

	(void)state;
	process.proc.max_recursion = 100000;
	engineproc_start(&process.proc);
	process_expect_exit(CHILD_EXIT_USAGE);
	assert_true(read(process.proc.log_fd, log, sizeof(log) - 1) > 0);
	assert_non_null(strstr(log, "--max-recursion"));
}

/* One worker a lane; another lane has its own. */
static void lane_is_busy(void **state)
{
	struct ipc_fork_request request = {.lane = 1, .serial = 77};
	struct engineproc_worker other;
	int pair[2];

	(void)state;
	engineproc_start_ready(&process.proc);
	engineproc_fork(&process.proc, 1, &process.worker);
	engineproc_fork(&process.proc, 2, &other);
	assert_int_not_equal(process.worker.generation, other.generation);
	assert_int_equal(channel_pair(pair), 0);
	assert_int_equal(
		channel_send(process.proc.fork_fd, IPC_FORK_REQUEST, &request, &pair[1], 1), 0);
	engineproc_expect(process.proc.fork_fd, process.proc.inbox, IPC_FORK_STARTED);
	assert_int_equal(process.proc.inbox->msg.fork_started.error, EBUSY);
	assert_int_equal(process.proc.inbox->msg.fork_started.serial, 77);
	(void)close(pair[0]);
	(void)close(pair[1]);
	engineproc_join(&process.proc, &process.worker);
	engineproc_join(&process.proc, &other);
	/* The lane is free again. */
	engineproc_fork(&process.proc, 1, &process.worker);
	engineproc_join(&process.proc, &process.worker);
}

/* KILL ends the generation that is meant and no other. */
static void kill_on_request(void **state)
{
	struct ipc_fork_kill request = {.lane = 3};
	int status;

	(void)state;
	engineproc_start_ready(&process.proc);
	engineproc_fork(&process.proc, 3, &process.worker);
	request.generation = process.worker.generation + 1;
	assert_int_equal(channel_send(process.proc.fork_fd, IPC_FORK_KILL, &request, NULL, 0), 0);
	request.lane = IPC_LANES_MAX;
	assert_int_equal(channel_send(process.proc.fork_fd, IPC_FORK_KILL, &request, NULL, 0), 0);
	assert_int_equal(engineproc_scan(&process.proc, &process.worker, process.file)->code,
		IPC_WORK_INFECTED);
	request.lane = 3;
	request.generation = process.worker.generation;
	assert_int_equal(channel_send(process.proc.fork_fd, IPC_FORK_KILL, &request, NULL, 0), 0);
	status = engineproc_expect_end(&process.proc, &process.worker);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	assert_int_equal(process.proc.inbox->msg.fork_ended.is_killed, 1);
	(void)close(process.worker.socket_fd);
}

/* A scanner that dies takes the workers with it; the zygote waits for the daemon. */
static void scanner_is_gone(void **state)
{
	(void)state;
	engineproc_start_ready(&process.proc);
	engineproc_fork(&process.proc, 0, &process.worker);
	assert_int_equal(shutdown(process.proc.fork_fd, SHUT_RDWR), 0);
	engineproc_expect(process.proc.control_fd, process.proc.inbox, IPC_ENGINE_WORKER);
	assert_int_equal(process.proc.inbox->msg.engine_worker.is_started, 0);
	assert_true(process_is_gone(process.worker.pid));
	assert_int_equal(kill(process.proc.pid, 0), 0);
	(void)close(process.worker.socket_fd);
}

/* The daemon's end of file ends the zygote and its workers. */
static void daemon_is_gone(void **state)
{
	(void)state;
	engineproc_start_ready(&process.proc);
	engineproc_fork(&process.proc, 0, &process.worker);
	assert_int_equal(shutdown(process.proc.control_fd, SHUT_RDWR), 0);
	process_expect_exit(CHILD_EXIT_OK);
	assert_true(process_is_gone(process.worker.pid));
	(void)close(process.worker.socket_fd);
}

/* A daemon that was gone before its zygote looked: no grant will come, so none is waited for. */
static void daemon_was_never_there(void **state)
{
	(void)state;
	process.proc.is_orphan = true;
	process.proc.is_governed = true;
	engineproc_start(&process.proc);
	process_expect_exit(CHILD_EXIT_SYSTEM);
}

/* A zygote that is killed takes its workers with it. */
static void zygote_is_killed(void **state)
{
	int status;

	(void)state;
	engineproc_start_ready(&process.proc);
	engineproc_fork(&process.proc, 0, &process.worker);
	assert_int_equal(kill(process.proc.pid, SIGKILL), 0);
	status = engineproc_wait(&process.proc);
	assert_true(WIFSIGNALED(status));
	assert_true(process_is_gone(process.worker.pid));
	(void)close(process.worker.socket_fd);
}

/* Loading and scanning wait for what the governor grants. */
static void nothing_without_a_grant(void **state)
{
	struct pollfd p;
	uint64_t used_ns;

	(void)state;
	process.proc.is_governed = true;
	engineproc_start(&process.proc);
	p = (struct pollfd){.fd = process.proc.control_fd, .events = POLLIN};
	assert_int_equal(poll(&p, 1, 300), 0);
	grant_assign(process.proc.page, GRANT_SLOT_ZYGOTE, 1);
	grant_raise(process.proc.page, GRANT_SLOT_ZYGOTE, GRANT_UNLIMITED);
	engineproc_expect(process.proc.control_fd, process.proc.inbox, IPC_ENGINE_READY);
	engineproc_fork(&process.proc, 0, &process.worker);
	p.fd = process.worker.socket_fd;
	assert_int_equal(poll(&p, 1, 300), 0);
	assert_int_equal(clock_process_cpu_ns(process.worker.pid, &used_ns), 0);
	assert_true(used_ns < 100000000);
	grant_assign(process.proc.page, GRANT_SLOT_LANE0, process.worker.generation);
	grant_raise(process.proc.page, GRANT_SLOT_LANE0, GRANT_UNLIMITED);
	engineproc_expect(process.worker.socket_fd, process.proc.inbox, IPC_WORK_READY);
	engineproc_join(&process.proc, &process.worker);
}

/* A worker has its socket and the standard descriptors, and no sibling's. */
static void descriptors_of_a_worker(void **state)
{
	struct engineproc_worker first;
	char path[64];

	(void)state;
	if (geteuid() != 0)
		skip();
	engineproc_start_ready(&process.proc);
	engineproc_fork(&process.proc, 0, &first);
	engineproc_fork(&process.proc, 1, &process.worker);
	for (int fd = 0; fd < 64; fd++) {
		(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)process.worker.pid, fd);
		assert_int_equal(access(path, F_OK) == 0, fd <= 3);
	}
	engineproc_join(&process.proc, &process.worker);
	engineproc_join(&process.proc, &first);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, process_setup, process_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ways_of_living),
		TEST(load_only),
		TEST(load_fails),
		TEST(no_home),
		TEST(wrong_arguments),
		TEST(lane_is_busy),
		TEST(kill_on_request),
		TEST(scanner_is_gone),
		TEST(daemon_is_gone),
		TEST(daemon_was_never_there),
		TEST(zygote_is_killed),
		TEST(nothing_without_a_grant),
		TEST(descriptors_of_a_worker),
	};

	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
