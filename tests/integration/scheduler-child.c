/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's side of a child process, against children that behave badly.
 * This program is its own child: with a mode as argument it plays one.
 */
#include "unit.h"

#include "channel.h"
#include "child_link.h"
#include "clock.h"
#include "left_behind.h"
#include "worker_table.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHATTER = 500 };

/* The children. */

static int say_hello(int fd, size_t n_fds)
{
	const struct ipc_scan_hello hello = {.pid = (uint64_t)getpid()};
	const int fds[] = {STDERR_FILENO};

	return channel_send(fd, IPC_SCAN_HELLO, &hello, fds, n_fds);
}

static void say_notices(int fd, int n)
{
	const struct ipc_scan_notice notice = {.kind = IPC_NOTICE_UNLISTABLE, .path = {"/x", 2}};

	for (int i = 0; i < n; i++)
		(void)channel_send(fd, IPC_SCAN_NOTICE, &notice, NULL, 0);
}

static void wait_for_end(int fd)
{
	char byte;

	while (read(fd, &byte, 1) > 0)
		;
}

static int play(const char *mode)
{
	const int fd = 3;
	const struct ipc_scan_progress progress = {.n_found = 1};

	if (strcmp(mode, "polite") == 0) {
		(void)say_hello(fd, 0);
		wait_for_end(fd);
		return 7;
	}
	if (strcmp(mode, "early") == 0)
		(void)channel_send(fd, IPC_SCAN_PROGRESS, &progress, NULL, 0);
	if (strcmp(mode, "garbage") == 0)
		(void)!write(fd, "garbage", 7);
	if (strcmp(mode, "twice") == 0 && say_hello(fd, 0) == 0)
		(void)say_hello(fd, 0);
	if (strcmp(mode, "descriptor") == 0)
		(void)say_hello(fd, 1);
	if (strcmp(mode, "abort") == 0)
		raise(SIGABRT);
	if (strcmp(mode, "chatter") == 0) {
		say_notices(fd, CHATTER);
		return 0;
	}
	if (strcmp(mode, "chatter on") == 0)
		say_notices(fd, CHATTER);
	if (strcmp(mode, "flood") == 0) {
		for (int i = 0; i < 20000; i++)
			(void)!write(STDERR_FILENO, "a line of noise\n", 16);
		return 0;
	}
	if (strcmp(mode, "heir") == 0) {
		if (fork() == 0)
			wait_for_end(fd); /* keeps the channel until the other side gives up */
		return 0;
	}
	if (strcmp(mode, "last words") == 0) {
		say_notices(fd, 50);
		raise(SIGKILL);
	}
	for (;;)
		pause();
}

/* The other side. */

struct rig {
	uv_loop_t loop;
	struct child_link *link;
	unsigned n_messages;
	unsigned n_gone;
	bool is_held;
	struct child_link_end end;
};

static void on_message(void *arg, const struct channel_inbox *inbox)
{
	struct rig *rig = arg;

	(void)inbox;
	rig->n_messages++;
}

static void on_batch_end(void *arg)
{
	struct rig *rig = arg;

	if (rig->is_held)
		child_link_hold(rig->link, true);
}

static void on_gone(void *arg, const struct child_link_end *end)
{
	struct rig *rig = arg;

	rig->n_gone++;
	rig->end = *end;
	child_link_free(rig->link);
	rig->link = NULL;
}

static int setup(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	assert_int_equal(uv_loop_init(&rig->loop), 0);
	*state = rig;
	return 0;
}

static void on_turn(uv_timer_t *timer)
{
	(void)timer;
}

static void count_open(uv_handle_t *handle, void *n)
{
	(void)handle;
	++*(size_t *)n;
}

static size_t n_open(uv_loop_t *loop)
{
	size_t n = 0;

	uv_walk(loop, count_open, &n);
	return n;
}

static int teardown(void **state)
{
	struct rig *rig = *state;

	uv_timer_t timer;

	child_link_free(rig->link);
	/* A killed child is reaped by a handle that does not keep the loop alive. */
	assert_int_equal(uv_timer_init(&rig->loop, &timer), 0);
	assert_int_equal(uv_timer_start(&timer, on_turn, 1, 1), 0);
	for (int i = 0; i < 10000 && n_open(&rig->loop) > 1; i++)
		(void)uv_run(&rig->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	(void)uv_run(&rig->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&rig->loop), 0);
	free(rig);
	return 0;
}

static int start(struct rig *rig, const char *mode, enum phase phase)
{
	char *argv[] = {(char *)(uintptr_t) "child", (char *)(uintptr_t)mode, NULL};
	const struct child_link_config config = {
		.name = "child",
		.program = strcmp(mode, "missing") == 0 ? "/nonexistent/program" : "/proc/self/exe",
		.argv = argv,
		.fds = {-1, -1, -1},
		.phase = phase,
		.on_message = on_message,
		.on_batch_end = on_batch_end,
		.on_gone = on_gone,
		.arg = rig,
	};
	struct errmsg msg = ERRMSG_NULL;
	int r = child_link_open(&rig->loop, &config, &rig->link, &msg);

	assert_int_equal(r < 0, msg.text[0] != '\0');
	return r;
}

static void run_until_message(struct rig *rig)
{
	uint64_t deadline_ns = clock_mono_ns() + UINT64_C(20000000000);

	while (rig->n_messages == 0 && clock_mono_ns() < deadline_ns)
		(void)uv_run(&rig->loop, UV_RUN_ONCE);
	assert_true(rig->n_messages > 0);
}

static void run_until_gone(struct rig *rig)
{
	uint64_t deadline_ns = clock_mono_ns() + UINT64_C(20000000000);

	while (rig->n_gone == 0 && clock_mono_ns() < deadline_ns)
		(void)uv_run(&rig->loop, UV_RUN_ONCE);
	assert_int_equal(rig->n_gone, 1);
}

/* A child that ends when it is asked to: told once, with its status. */
static void polite(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(start(rig, "polite", PHASE_SCANNER_BORN), 0);
	run_until_message(rig);
	child_link_stop(rig->link, 10000);
	run_until_gone(rig);
	assert_int_equal(rig->end.exit_status, 7);
	assert_int_equal(rig->end.term_signal, 0);
	assert_true(rig->end.is_ours);
	assert_null(rig->end.violation);
}

static void expect_violation(struct rig *rig, const char *mode)
{
	assert_int_equal(start(rig, mode, PHASE_SCANNER_BORN), 0);
	run_until_gone(rig);
	assert_non_null(rig->end.violation);
	assert_int_equal(rig->end.term_signal, SIGKILL);
	assert_true(rig->end.is_ours);
}

/* A message before its phase ends the child. */
static void early(void **state)
{
	struct rig *rig = *state;

	expect_violation(rig, "early");
	assert_int_equal(rig->n_messages, 0);
}

/* Bytes that are no message. */
static void garbage(void **state)
{
	expect_violation(*state, "garbage");
}

/* A message that may come once. */
static void twice(void **state)
{
	struct rig *rig = *state;

	expect_violation(rig, "twice");
	assert_int_equal(rig->n_messages, 1);
}

/* A descriptor nobody asked for. */
static void descriptor(void **state)
{
	struct rig *rig = *state;

	expect_violation(rig, "descriptor");
	assert_int_equal(rig->n_messages, 0);
}

/* A child that does not listen is killed after its grace. */
static void deaf(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(start(rig, "deaf", PHASE_SCANNER_BORN), 0);
	child_link_stop(rig->link, 50);
	run_until_gone(rig);
	assert_int_equal(rig->end.term_signal, SIGKILL);
	assert_true(rig->end.is_ours);
	assert_false(rig->end.is_abandoned);
}

/* One that hangs is killed and told as gone. */
static void abandoned(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(start(rig, "chatter on", PHASE_SCANNER_SCANNING), 0);
	run_until_message(rig);
	child_link_abandon(rig->link);
	child_link_abandon(rig->link);
	run_until_gone(rig);
	assert_true(rig->end.is_ours);
	assert_int_equal(rig->end.term_signal, SIGKILL);
}

/* A child whose death nobody has seen yet is counted until it has ended. */
static void left_behind(void **state)
{
	struct rig *rig = *state;
	uint64_t deadline_ns = clock_mono_ns() + UINT64_C(20000000000);
	pid_t pid = unit_fork();
	int pidfd;

	while (left_behind_count() > 0 && clock_mono_ns() < deadline_ns)
		(void)poll(NULL, 0, 1); /* of tests before */
	assert_true(pid >= 0);
	if (pid == 0)
		for (;;)
			pause();
	left_behind_add(-1);
	left_behind_add_child(pid);
	assert_int_equal(left_behind_count(), 1);
	assert_int_equal(left_behind_count(), 1);
	for (unsigned i = 0; i < 8 * LEFT_BEHIND_MAX; i++)
		left_behind_add_child(pid);
	assert_true(left_behind_count() >= 2 * LEFT_BEHIND_MAX);
	pidfd = open("/proc/self/fd", O_RDONLY | O_CLOEXEC);
	assert_true(pidfd >= 0 && pidfd < 8 * LEFT_BEHIND_MAX); /* bounded, too */
	(void)close(pidfd);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(left_behind_count(), 0);
	/* Who frees a link leaves its process behind until that has ended. */
	assert_int_equal(start(rig, "deaf", PHASE_SCANNER_BORN), 0);
	child_link_free(rig->link);
	rig->link = NULL;
	while (left_behind_count() > 0 && clock_mono_ns() < deadline_ns)
		(void)poll(NULL, 0, 1);
	assert_int_equal(left_behind_count(), 0);
}

/* A crash is told as such, and is not ours. */
static void crash(void **state)
{
	struct rig *rig = *state;
	char text[128];

	assert_int_equal(start(rig, "abort", PHASE_SCANNER_BORN), 0);
	run_until_gone(rig);
	assert_int_equal(rig->end.term_signal, SIGABRT);
	assert_false(rig->end.is_ours);
	child_link_end_text(&rig->end, text, sizeof(text));
	assert_non_null(strstr(text, "signal 6"));
}

/* SIGKILL from outside is not ours either. */
static void killed_from_outside(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(start(rig, "deaf", PHASE_SCANNER_BORN), 0);
	assert_int_equal(kill(child_link_pid(rig->link), SIGKILL), 0);
	run_until_gone(rig);
	assert_int_equal(rig->end.term_signal, SIGKILL);
	assert_false(rig->end.is_ours);
}

/* What was said before the end is read before the end is told. */
static void last_words(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(start(rig, "chatter", PHASE_SCANNER_SCANNING), 0);
	run_until_gone(rig);
	assert_int_equal(rig->n_messages, CHATTER);
	assert_int_equal(rig->end.exit_status, 0);
}

/* A held child is not read, its end waits, and nothing of it is lost. */
static void held(void **state)
{
	struct rig *rig = *state;
	unsigned n_before;

	assert_int_equal(start(rig, "chatter", PHASE_SCANNER_SCANNING), 0);
	rig->is_held = true;
	run_until_message(rig);
	n_before = rig->n_messages;
	assert_true(n_before < CHATTER);
	for (int i = 0; i < 20; i++) {
		(void)usleep(10000);
		(void)uv_run(&rig->loop, UV_RUN_NOWAIT);
	}
	assert_int_equal(rig->n_messages, n_before);
	assert_int_equal(rig->n_gone, 0);
	rig->is_held = false;
	child_link_hold(rig->link, false);
	run_until_gone(rig);
	assert_int_equal(rig->n_messages, CHATTER);
}

/* A child that dies with something unread: its last words are read all the same. */
static void last_words_of_the_dead(void **state)
{
	struct rig *rig = *state;
	const struct ipc_scan_control msg = {.command = IPC_SCAN_PAUSE};

	assert_int_equal(start(rig, "last words", PHASE_SCANNER_SCANNING), 0);
	for (int i = 0; i < 10; i++)
		assert_int_equal(child_link_send(rig->link, IPC_SCAN_CONTROL, &msg, -1), 0);
	run_until_gone(rig);
	assert_int_equal(rig->n_messages, 50);
	assert_int_equal(rig->end.term_signal, SIGKILL);
}

/* Noise on standard error blocks nobody. */
static void flood(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(start(rig, "flood", PHASE_SCANNER_BORN), 0);
	run_until_gone(rig);
	assert_int_equal(rig->end.exit_status, 0);
}

/* A grandchild that keeps the channel open delays the end by a bounded time only. */
static void heir(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(start(rig, "heir", PHASE_SCANNER_BORN), 0);
	run_until_gone(rig);
	assert_int_equal(rig->end.exit_status, 0);
	assert_false(rig->end.is_abandoned);
}

/* A program that is missing is an error at once, and leaves nothing. */
static void missing(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(start(rig, "missing", PHASE_SCANNER_BORN), -ENOENT);
	assert_null(rig->link);
}

/* Freed while it runs: killed, no call-back any more, and reaped (teardown waits for that). */
static void freed(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(start(rig, "deaf", PHASE_SCANNER_BORN), 0);
	child_link_free(rig->link);
	rig->link = NULL;
	for (int i = 0; i < 3; i++)
		(void)uv_run(&rig->loop, UV_RUN_NOWAIT);
	assert_int_equal(rig->n_gone, 0);
}

/* Many messages to a child that does not read wait in memory, in order, without blocking. */
static void slow_reader(void **state)
{
	struct rig *rig = *state;
	char path[4096];
	struct ipc_scan_path msg = {.kind = IPC_PATH_EXCLUDE, .path = {path, sizeof(path)}};

	memset(path, 'x', sizeof(path));
	assert_int_equal(start(rig, "deaf", PHASE_SCANNER_BORN), 0);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(child_link_send(rig->link, IPC_SCAN_PATH, &msg, -1), 0);
	(void)uv_run(&rig->loop, UV_RUN_NOWAIT);
	child_link_kill(rig->link);
	run_until_gone(rig);
}

/* A process id that the zygote names is only believed if it is the zygote's child. */
static void workers(void **state)
{
	struct worker_table table;
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		for (;;)
			pause();
	}
	worker_table_init(&table);
	assert_int_equal(worker_table_add(&table, 0, 1, getppid(), getpid()), -EPERM);
	assert_int_equal(worker_table_add(&table, 0, 1, 1, getpid()), -EPERM);
	assert_int_equal(table.n, 0);
	assert_int_equal(worker_table_add(&table, 3, 5, pid, getpid()), 0);
	assert_int_equal(table.n, 1);
	assert_int_equal(worker_table_kill(&table, 3, 4), -ESRCH);
	assert_int_equal(worker_table_kill(&table, 2, 5), -ESRCH);
	assert_int_equal(worker_table_kill(&table, 3, 5), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WTERMSIG(status), SIGKILL);
	/* It has ended, and its number may be anybody's: the handle knows. */
	assert_int_equal(worker_table_kill(&table, 3, 5), -ESRCH);
	assert_int_equal(worker_table_remove(&table, 3, 4), -ESRCH);
	assert_int_equal(worker_table_remove(&table, 3, 5), 0);
	assert_int_equal(worker_table_add(&table, 1, 1, pid, getpid()), 0); /* ended already */
	assert_int_equal(worker_table_kill(&table, 1, 1), -ESRCH);
	worker_table_clear(&table);
	assert_int_equal(table.n, 0);
}

/* Accused of something it did not say: ended like one that broke the protocol. */
static void accused(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(start(rig, "polite", PHASE_SCANNER_BORN), 0);
	run_until_message(rig);
	child_link_accuse(rig->link, "it did wrong");
	child_link_accuse(rig->link, "it did wrong again");
	run_until_gone(rig);
	assert_string_equal(rig->end.violation, "it did wrong");
	assert_int_equal(rig->end.term_signal, SIGKILL);
	assert_true(rig->end.is_ours);
}

/* A process that lives and whose parent cannot be asked for is not taken. */
static void worker_without_parent(void **state)
{
	struct worker_table table;
	struct rlimit old;
	struct rlimit tight;
	int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int status;
	pid_t pid = fork();
	int r;

	(void)state;
	if (pid == 0)
		for (;;)
			pause();
	assert_true(next >= 0);
	(void)close(next);
	worker_table_init(&table);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	/* Room for the handle of the process, none for its /proc file. */
	tight = (struct rlimit){.rlim_cur = (rlim_t)next + 1, .rlim_max = old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	r = worker_table_add(&table, 0, 1, pid, getpid());
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
	assert_int_equal(r, -EMFILE);
	assert_int_equal(table.n, 0);
}

int main(int argc, char *argv[])
{
#define RIGGED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		RIGGED(polite),
		RIGGED(early),
		RIGGED(garbage),
		RIGGED(twice),
		RIGGED(descriptor),
		RIGGED(deaf),
		RIGGED(abandoned),
		RIGGED(left_behind),
		RIGGED(crash),
		RIGGED(killed_from_outside),
		RIGGED(last_words),
		RIGGED(last_words_of_the_dead),
		RIGGED(held),
		RIGGED(flood),
		RIGGED(heir),
		RIGGED(missing),
		RIGGED(freed),
		RIGGED(slow_reader),
		RIGGED(accused),
		cmocka_unit_test(workers),
		cmocka_unit_test(worker_without_parent),
	};

	if (argc > 1)
		return play(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
