/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptor numbers are the contract's: 3 control, 4 fork, 5 grants. They are
 * moved out of the way first, because any of them may be what another is to
 * become.
 */
#include "engineproc.h"

#include "clock.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ENGINEPROC_ARGS_MAX = 40, ENGINEPROC_FD_SPARE = 100 };

struct engineproc_argv {
	const char *v[ENGINEPROC_ARGS_MAX];
	size_t n;
	char texts[ENGINEPROC_ARGS_MAX][32];
};

static void engineproc_arg(struct engineproc_argv *argv, const char *name, const char *value)
{
	assert_true(argv->n + 3 < ENGINEPROC_ARGS_MAX);
	argv->v[argv->n++] = name;
	argv->v[argv->n++] = value;
}

static void engineproc_number(
	struct engineproc_argv *argv, const char *name, uint64_t value, uint64_t otherwise)
{
	char *text = argv->texts[argv->n];

	(void)snprintf(text, sizeof(argv->texts[0]), "%llu",
		(unsigned long long)(value ? value : otherwise));
	engineproc_arg(argv, name, text);
}

static void engineproc_args(const struct engineproc *proc, struct engineproc_argv *argv)
{
	argv->v[argv->n++] = "quietscan-engine";
	engineproc_arg(argv, "--control-fd", "3");
	if (!proc->is_test_load)
		engineproc_arg(argv, "--fork-fd", "4");
	engineproc_arg(argv, "--grants-fd", "5");
	engineproc_arg(argv, "--signatures", proc->signatures);
	engineproc_arg(argv, "--temp-dir", proc->temp_dir);
	engineproc_arg(argv, "--log-level", "info");
	if (proc->uid) {
		engineproc_arg(argv, "--uid", proc->uid);
		engineproc_arg(argv, "--gid", proc->uid);
	}
	if (proc->walls)
		engineproc_arg(argv, "--walls", proc->walls);
	engineproc_number(argv, "--max-file-size", proc->max_file_size, 100 << 20);
	engineproc_number(argv, "--max-scan-size", proc->max_scan_size, 400 << 20);
	engineproc_number(argv, "--max-recursion", proc->max_recursion, 17);
	engineproc_number(argv, "--max-files", proc->max_files, 10000);
	engineproc_number(argv, "--memory-limit", proc->memory_limit, 1 << 30);
	engineproc_number(argv, "--temp-size", proc->temp_size, 512 << 20);
}

static _Noreturn void engineproc_exec(
	const struct engineproc *proc, int control, int fork_fd, int grants, int log)
{
	struct engineproc_argv argv = {.n = 0};
	int null = open("/dev/null", O_RDWR);
	int spare[] = {dup2(control, ENGINEPROC_FD_SPARE), dup2(fork_fd, ENGINEPROC_FD_SPARE + 1),
		dup2(grants, ENGINEPROC_FD_SPARE + 2)};
	int program;

	engineproc_args(proc, &argv);
	(void)dup2(null, STDIN_FILENO);
	(void)dup2(null, STDOUT_FILENO);
	if (!proc->is_shared)
		(void)dup2(log, STDERR_FILENO);
	for (int i = 0; i < 3; i++)
		(void)dup2(spare[i], 3 + i);
	if (proc->is_test_load)
		(void)close(4);
	(void)syscall(SYS_close_range, 6U, ~0U, 0U);
	program = open(proc->program, O_PATH | O_CLOEXEC);
	if (proc->start_uid) {
		uid_t uid = (uid_t)strtoul(proc->start_uid, NULL, 10);

		if (chown(proc->temp_dir, uid, uid) < 0 || setgroups(0, NULL) < 0 ||
			setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
			_exit(126);
	}
	/* By descriptor: that user may have no way to where the build is. */
	(void)execveat(program, "", (char **)(uintptr_t)argv.v, environ, AT_EMPTY_PATH);
	_exit(127);
}

void engineproc_start(struct engineproc *proc)
{
	int control[2], fork_pair[2], log[2], grants;

	if (!proc->program)
		proc->program = QUIETSCAN_ENGINE;
	assert_int_equal(channel_pair(control), 0);
	assert_int_equal(channel_pair(fork_pair), 0);
	assert_int_equal(pipe2(log, O_CLOEXEC), 0);
	assert_int_equal(grant_page_new(&proc->page, &grants), 0);
	proc->inbox = channel_inbox_new();
	assert_non_null(proc->inbox);
	if (!proc->is_governed) {
		grant_assign(proc->page, GRANT_SLOT_ZYGOTE, 1);
		grant_raise(proc->page, GRANT_SLOT_ZYGOTE, GRANT_UNLIMITED);
	}
	if (proc->is_orphan)
		assert_int_equal(shutdown(control[0], SHUT_RDWR), 0);
	proc->pid = fork();
	assert_true(proc->pid >= 0);
	if (proc->pid == 0)
		engineproc_exec(proc, control[1], fork_pair[1], grants, log[1]);
	(void)close(control[1]);
	(void)close(fork_pair[1]);
	(void)close(log[1]);
	(void)close(grants);
	proc->control_fd = control[0];
	proc->fork_fd = fork_pair[0];
	proc->log_fd = log[0];
}

int engineproc_recv(int fd, struct channel_inbox *inbox)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int r = poll(&p, 1, ENGINEPROC_DEADLINE_MS);

	if (r == 0)
		fail_msg("nothing received in %d ms", ENGINEPROC_DEADLINE_MS);
	return channel_recv(fd, inbox);
}

void engineproc_expect(int fd, struct channel_inbox *inbox, uint16_t type)
{
	assert_int_equal(engineproc_recv(fd, inbox), 0);
	/* What comes before the last word of an infected file. */
	if (type == IPC_WORK_VERDICT && inbox->type == IPC_WORK_FOUND)
		assert_int_equal(engineproc_recv(fd, inbox), 0);
	if (type != inbox->type && inbox->type == IPC_ENGINE_FAILED)
		print_error("engine failed: %.*s\n", (int)inbox->msg.engine_failed.text.n,
			(const char *)inbox->msg.engine_failed.text.data);
	assert_int_equal(inbox->type, type);
}

void engineproc_start_ready(struct engineproc *proc)
{
	engineproc_start(proc);
	engineproc_expect(proc->control_fd, proc->inbox, IPC_ENGINE_READY);
}

void engineproc_fork(struct engineproc *proc, unsigned lane, struct engineproc_worker *worker)
{
	struct ipc_fork_request request = {.lane = (uint16_t)lane, .serial = 4711 + lane};
	struct channel_inbox *inbox = proc->inbox;
	int pair[2];

	assert_int_equal(channel_pair(pair), 0);
	assert_int_equal(channel_send(proc->fork_fd, IPC_FORK_REQUEST, &request, &pair[1], 1), 0);
	(void)close(pair[1]);
	engineproc_expect(proc->fork_fd, inbox, IPC_FORK_STARTED);
	assert_int_equal(inbox->msg.fork_started.error, 0);
	assert_int_equal(inbox->msg.fork_started.serial, request.serial);
	*worker = (struct engineproc_worker){.socket_fd = pair[0],
		.pid = (pid_t)inbox->msg.fork_started.pid,
		.generation = inbox->msg.fork_started.generation,
		.lane = lane};
	engineproc_expect(proc->control_fd, inbox, IPC_ENGINE_WORKER);
	assert_int_equal(inbox->msg.engine_worker.is_started, 1);
	assert_int_equal(inbox->msg.engine_worker.pid, worker->pid);
	assert_int_equal(inbox->msg.engine_worker.generation, worker->generation);
	if (!proc->is_governed) {
		grant_assign(proc->page, GRANT_SLOT_LANE0 + lane, worker->generation);
		grant_raise(proc->page, GRANT_SLOT_LANE0 + lane, GRANT_UNLIMITED);
		engineproc_expect(worker->socket_fd, inbox, IPC_WORK_READY);
		assert_int_equal(inbox->msg.work_ready.pid, worker->pid);
	}
}

void engineproc_send(struct engineproc_worker *worker, int fd, uint64_t serial)
{
	struct ipc_work_file file = {.serial = serial};
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	file.size = (uint64_t)st.st_size;
	assert_int_equal(channel_send(worker->socket_fd, IPC_WORK_FILE, &file, &fd, 1), 0);
}

const struct ipc_work_verdict *engineproc_scan(
	struct engineproc *proc, struct engineproc_worker *worker, const char *path)
{
	static uint64_t serial;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	engineproc_send(worker, fd, ++serial);
	(void)close(fd);
	engineproc_expect(worker->socket_fd, proc->inbox, IPC_WORK_VERDICT);
	assert_int_equal(proc->inbox->msg.work_verdict.serial, serial);
	return &proc->inbox->msg.work_verdict;
}

int engineproc_expect_end(struct engineproc *proc, const struct engineproc_worker *worker)
{
	struct channel_inbox *inbox = proc->inbox;
	uint32_t status;

	engineproc_expect(proc->control_fd, inbox, IPC_ENGINE_WORKER);
	assert_int_equal(inbox->msg.engine_worker.is_started, 0);
	assert_int_equal(inbox->msg.engine_worker.pid, worker->pid);
	assert_int_equal(inbox->msg.engine_worker.lane, worker->lane);
	assert_true(inbox->msg.engine_worker.cpu_ns > 0);
	status = inbox->msg.engine_worker.wait_status;
	engineproc_expect(proc->fork_fd, inbox, IPC_FORK_ENDED);
	assert_int_equal(inbox->msg.fork_ended.pid, worker->pid);
	assert_int_equal(inbox->msg.fork_ended.generation, worker->generation);
	assert_int_equal(inbox->msg.fork_ended.wait_status, status);
	return (int)status;
}

void engineproc_join(struct engineproc *proc, struct engineproc_worker *worker)
{
	int status;

	(void)close(worker->socket_fd);
	worker->socket_fd = -1;
	status = engineproc_expect_end(proc, worker);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int engineproc_wait(struct engineproc *proc)
{
	uint64_t until_ns = clock_mono_ns() + (uint64_t)ENGINEPROC_DEADLINE_MS * 1000000;
	int status;

	for (;;) {
		pid_t pid = waitpid(proc->pid, &status, WNOHANG);

		if (pid == proc->pid)
			break;
		if (clock_mono_ns() > until_ns) {
			(void)kill(proc->pid, SIGKILL);
			(void)waitpid(proc->pid, &status, 0);
			proc->pid = 0;
			fail_msg("the zygote did not end");
		}
		(void)poll(NULL, 0, 5);
	}
	proc->pid = 0;
	return status;
}

void engineproc_stop(struct engineproc *proc)
{
	(void)close(proc->control_fd);
	if (proc->pid > 0) {
		int status = engineproc_wait(proc);

		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	(void)close(proc->fork_fd);
	(void)close(proc->log_fd);
	grant_page_close(proc->page);
	channel_inbox_free(proc->inbox);
	proc->inbox = NULL;
}
