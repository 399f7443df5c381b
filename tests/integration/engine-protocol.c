/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Violations: what is not a message, or not allowed here and now, ends who
 * received it with CHILD_EXIT_PROTOCOL, and the zygote's workers with it.
 */
#include "clock.h"
#include "engineproc.h"
#include "exitcode.h"
#include "samples.h"
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
	char dir[SAMPLES_PATH_SIZE];
	char signatures[SAMPLES_PATH_SIZE];
	char temp[SAMPLES_PATH_SIZE];
	char file[SAMPLES_PATH_SIZE];
	struct engineproc proc;
	struct engineproc_worker worker;
} protocol;

static int protocol_setup(void **state)
{
	char eicar[SAMPLES_EICAR_BYTES + 1];

	(void)state;
	memset(&protocol, 0, sizeof(protocol));
	samples_dir(protocol.dir);
	samples_dir(protocol.signatures);
	samples_dir(protocol.temp);
	samples_signatures(protocol.signatures);
	samples_eicar(eicar);
	samples_path(protocol.file, protocol.dir, "eicar");
	samples_write(protocol.file, eicar, SAMPLES_EICAR_BYTES);
	protocol.proc.signatures = protocol.signatures;
	protocol.proc.temp_dir = protocol.temp;
	return 0;
}

static int protocol_teardown(void **state)
{
	(void)state;
	if (protocol.proc.inbox)
		engineproc_stop(&protocol.proc);
	samples_dir_remove(protocol.dir);
	samples_dir_remove(protocol.signatures);
	samples_dir_remove(protocol.temp);
	return 0;
}

static void protocol_expect_exit(enum child_exit code)
{
	int status = engineproc_wait(&protocol.proc);

	if (!WIFEXITED(status) || WEXITSTATUS(status) != (int)code)
		print_error("wait status %#x\n", (unsigned)status);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), code);
}

/* Orphans are ours to reap (main makes us their reaper). */
static bool protocol_is_gone(pid_t pid)
{
	uint64_t until_ns = clock_mono_ns() + UINT64_C(10000000000);

	while (kill(pid, 0) == 0 && clock_mono_ns() < until_ns) {
		(void)waitpid(pid, NULL, WNOHANG);
		(void)poll(NULL, 0, 1);
	}
	return kill(pid, 0) < 0 && errno == ESRCH;
}

static void protocol_expect_violation(void)
{
	protocol_expect_exit(CHILD_EXIT_PROTOCOL);
	assert_true(protocol_is_gone(protocol.worker.pid));
	(void)close(protocol.worker.socket_fd);
}

/* Bytes that are no message. */
static void garbage_from_the_scanner(void **state)
{
	(void)state;
	engineproc_start_ready(&protocol.proc);
	engineproc_fork(&protocol.proc, 0, &protocol.worker);
	assert_int_equal(send(protocol.proc.fork_fd, "garbage", 7, MSG_NOSIGNAL), 7);
	protocol_expect_violation();
}

/* A message of ours that is not for the zygote. */
static void wrong_message_from_the_scanner(void **state)
{
	struct ipc_scan_hello hello = {.pid = 1};

	(void)state;
	engineproc_start_ready(&protocol.proc);
	engineproc_fork(&protocol.proc, 0, &protocol.worker);
	assert_int_equal(channel_send(protocol.proc.fork_fd, IPC_SCAN_HELLO, &hello, NULL, 0), 0);
	protocol_expect_violation();
}

/* A request without a socket, with two, for a lane that does not exist. */
static void malformed_requests(void **state)
{
	int n_fds[] = {0, 2, 1};

	(void)state;
	for (size_t i = 0; i < sizeof(n_fds) / sizeof(n_fds[0]); i++) {
		struct ipc_fork_request request = {.lane = i == 2 ? IPC_LANES_MAX : 1};
		int fds[] = {STDIN_FILENO, STDIN_FILENO};

		engineproc_start_ready(&protocol.proc);
		engineproc_fork(&protocol.proc, 0, &protocol.worker);
		assert_int_equal(channel_send(protocol.proc.fork_fd, IPC_FORK_REQUEST, &request,
					 fds, (size_t)n_fds[i]),
			0);
		protocol_expect_violation();
		engineproc_stop(&protocol.proc);
	}
}

/* The daemon says nothing but its end. */
static void message_from_the_daemon(void **state)
{
	struct ipc_scan_hello hello = {.pid = 1};

	(void)state;
	engineproc_start_ready(&protocol.proc);
	engineproc_fork(&protocol.proc, 0, &protocol.worker);
	assert_int_equal(
		channel_send(protocol.proc.control_fd, IPC_SCAN_HELLO, &hello, NULL, 0), 0);
	protocol_expect_violation();
}

/* A worker that gets a wrong message, or something that is no file, ends itself. */
static void wrong_message_to_a_worker(void **state)
{
	struct ipc_work_file file = {.serial = 1};
	int pair[2];
	int status;

	(void)state;
	engineproc_start_ready(&protocol.proc);
	engineproc_fork(&protocol.proc, 0, &protocol.worker);
	assert_int_equal(send(protocol.worker.socket_fd, "x", 1, MSG_NOSIGNAL), 1);
	status = engineproc_expect_end(&protocol.proc, &protocol.worker);
	assert_int_equal(WEXITSTATUS(status), CHILD_EXIT_PROTOCOL);
	(void)close(protocol.worker.socket_fd);
	engineproc_fork(&protocol.proc, 0, &protocol.worker);
	assert_int_equal(pipe(pair), 0);
	assert_int_equal(
		channel_send(protocol.worker.socket_fd, IPC_WORK_FILE, &file, &pair[0], 1), 0);
	status = engineproc_expect_end(&protocol.proc, &protocol.worker);
	assert_int_equal(WEXITSTATUS(status), CHILD_EXIT_PROTOCOL);
	(void)close(pair[0]);
	(void)close(pair[1]);
	(void)close(protocol.worker.socket_fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, protocol_setup, protocol_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(garbage_from_the_scanner),
		TEST(wrong_message_from_the_scanner),
		TEST(malformed_requests),
		TEST(message_from_the_daemon),
		TEST(wrong_message_to_a_worker),
	};

	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
