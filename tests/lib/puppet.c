/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One loop over both channels, reaping children every few milliseconds: it is
 * no example of how to do it, but it is short. Workers die with it (PDEATHSIG),
 * as those of the real zygote do.
 */
#include "puppet.h"

#include "channel.h"
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct puppet_worker {
	pid_t pid;
	uint32_t generation;
	bool is_killed;
};

struct puppet {
	int control_fd;
	int fork_fd;
	uint32_t n_started;
	int *n_once; /* shared with the workers */
	struct puppet_worker workers[IPC_LANES_MAX];
	struct channel_inbox *inbox;
};

static void puppet_die(const struct puppet *puppet, const char *word)
{
	volatile unsigned spin = 0;

	if (strcmp(word, "SEGV") == 0)
		(void)raise(SIGSEGV);
	if (strcmp(word, "ABORT") == 0)
		(void)raise(SIGABRT);
	if (strcmp(word, "SYS") == 0)
		(void)raise(SIGSYS);
	if (strcmp(word, "EXIT") == 0)
		_exit(9);
	if (strcmp(word, "SUICIDE") == 0)
		(void)raise(SIGKILL);
	if (strcmp(word, "ONCE") == 0 &&
		__atomic_fetch_add(puppet->n_once, 1, __ATOMIC_SEQ_CST) == 0)
		(void)raise(SIGSEGV);
	while (strcmp(word, "SPIN") == 0)
		spin++;
	while (strcmp(word, "HANG") == 0)
		(void)pause();
	if (strcmp(word, "SLOW") == 0)
		(void)poll(NULL, 0, 300);
	if (strcmp(word, "MUTE") == 0) {
		(void)close(3);
		for (;;)
			(void)pause();
	}
}

static struct ipc_work_verdict puppet_verdict(const char *word, uint64_t serial)
{
	static const struct {
		const char *word;
		uint8_t code;
	} codes[] = {{"VIRUS", IPC_WORK_INFECTED}, {"NAMELESS", IPC_WORK_INFECTED},
		{"LIMIT", IPC_WORK_LIMIT}, {"READERROR", IPC_WORK_READ_ERROR},
		{"DENIED", IPC_WORK_DENIED}, {"ENGINEERROR", IPC_WORK_ENGINE_ERROR},
		{"BADCODE", IPC_WORK_CODE_N + 7}};
	struct ipc_work_verdict verdict = {.serial = serial, .code = IPC_WORK_CLEAN};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(word, codes[i].word) == 0)
			verdict.code = codes[i].code;
	if (strcmp(word, "VIRUS") == 0) {
		verdict.signature = span_str("Puppet.Virus");
		verdict.container = span_str("inner/file");
	}
	if (strcmp(word, "LIE") == 0)
		verdict.serial = serial + 1;
	return verdict;
}

/* @return what is left of the word. */
static const char *puppet_found(const char *word, uint64_t serial)
{
	const struct ipc_work_verdict found = {
		.serial = serial, .code = IPC_WORK_INFECTED, .signature = span_str("Puppet.Found")};

	if (strncmp(word, "FOUND", 5) != 0)
		return word;
	(void)channel_send(3, IPC_WORK_FOUND, &found, NULL, 0);
	return word + 5;
}

/* Judge this file and, unasked, all that may follow; then read no more. */
static _Noreturn void puppet_judge_ahead(uint64_t serial)
{
	struct ipc_work_verdict verdict = {.serial = serial, .code = IPC_WORK_CLEAN};

	(void)channel_set_blocking(3, false);
	while (channel_send(3, IPC_WORK_VERDICT, &verdict, NULL, 0) == 0)
		verdict.serial++;
	for (;;)
		(void)pause();
}

static _Noreturn void puppet_work(const struct puppet *puppet, int socket_fd)
{
	struct ipc_work_ready ready = {.pid = (uint64_t)getpid()};
	struct channel_inbox *inbox = puppet->inbox;

	/* It may be 3 already, and the inbox would close it. */
	inbox->fds[0] = -1;
	(void)dup2(socket_fd, 3);
	(void)syscall(SYS_close_range, 4U, ~0U, 0U);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (channel_send(3, IPC_WORK_READY, &ready, NULL, 0) < 0)
		_exit(0);
	while (channel_recv(3, inbox) == 0) {
		uint64_t serial = inbox->msg.work_file.serial;
		char text[32] = "";
		char text_word[32] = "";
		const char *word;
		struct ipc_work_verdict verdict;

		if (inbox->type != IPC_WORK_FILE || inbox->n_fds != 1)
			_exit(72);
		(void)!pread(inbox->fds[0], text, sizeof(text) - 1, 0);
		(void)sscanf(text, "%31[A-Z]", text_word);
		word = puppet_found(text_word, serial);
		puppet_die(puppet, word);
		if (strcmp(word, "AHEAD") == 0)
			puppet_judge_ahead(serial);
		verdict = puppet_verdict(word, serial);
		if (channel_send(3, IPC_WORK_VERDICT, &verdict, NULL, 0) < 0)
			break;
	}
	_exit(0);
}

static void puppet_tell(const struct puppet *puppet, uint16_t lane, bool is_started, int status)
{
	const struct puppet_worker *worker = &puppet->workers[lane];
	struct ipc_engine_worker told = {.is_started = is_started,
		.lane = lane,
		.generation = worker->generation,
		.pid = (uint64_t)worker->pid,
		.wait_status = (uint32_t)status};

	(void)channel_send(puppet->control_fd, IPC_ENGINE_WORKER, &told, NULL, 0);
}

static void puppet_fork(struct puppet *puppet)
{
	struct ipc_fork_request request = puppet->inbox->msg.fork_request;
	struct puppet_worker *worker = &puppet->workers[request.lane];
	struct ipc_fork_started started = {.lane = request.lane, .serial = request.serial};

	if (worker->pid > 0) {
		started.error = EBUSY;
	} else {
		worker->generation = ++puppet->n_started;
		worker->is_killed = false;
		worker->pid = fork();
		if (worker->pid == 0)
			puppet_work(puppet, puppet->inbox->fds[0]);
		started.generation = worker->generation;
		started.pid = (uint64_t)worker->pid;
		puppet_tell(puppet, request.lane, true, 0);
	}
	(void)channel_send(puppet->fork_fd, IPC_FORK_STARTED, &started, NULL, 0);
}

static void puppet_reap(struct puppet *puppet)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (uint16_t lane = 0; lane < IPC_LANES_MAX; lane++) {
			struct puppet_worker *worker = &puppet->workers[lane];
			struct ipc_fork_ended ended = {.lane = lane,
				.generation = worker->generation,
				.pid = (uint64_t)pid,
				.wait_status = (uint32_t)status,
				.is_killed = worker->is_killed};

			if (worker->pid != pid)
				continue;
			puppet_tell(puppet, lane, false, status);
			worker->pid = 0;
			(void)channel_send(puppet->fork_fd, IPC_FORK_ENDED, &ended, NULL, 0);
		}
	}
}

static void puppet_on_scanner(struct puppet *puppet)
{
	struct channel_inbox *inbox = puppet->inbox;

	if (channel_recv(puppet->fork_fd, inbox) < 0)
		_exit(0);
	if (inbox->type == IPC_FORK_REQUEST && inbox->msg.fork_request.lane < IPC_LANES_MAX) {
		puppet_fork(puppet);
	} else if (inbox->type == IPC_FORK_KILL && inbox->msg.fork_kill.lane < IPC_LANES_MAX) {
		struct puppet_worker *worker = &puppet->workers[inbox->msg.fork_kill.lane];

		if (worker->pid > 0 && worker->generation == inbox->msg.fork_kill.generation) {
			worker->is_killed = true;
			(void)kill(worker->pid, SIGKILL);
		}
	}
	channel_inbox_clear(inbox);
}

static _Noreturn void puppet_run(struct puppet *puppet)
{
	for (;;) {
		struct pollfd fds[] = {{.fd = puppet->control_fd, .events = POLLIN},
			{.fd = puppet->fork_fd, .events = POLLIN}};

		(void)poll(fds, 2, 5);
		if (fds[0].revents)
			_exit(0);
		if (fds[1].revents)
			puppet_on_scanner(puppet);
		puppet_reap(puppet);
	}
}

pid_t puppet_start(int control_fd, int fork_fd, const int other_fds[], int n_other)
{
	struct puppet puppet = {.control_fd = control_fd, .fork_fd = fork_fd};
	pid_t pid;

	/* Shared by all puppets of a test, so that "once" survives a new zygote. */
	static int *n_once;

	if (!n_once)
		n_once = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	assert_true(n_once != MAP_FAILED);
	*n_once = 0;
	puppet.n_once = n_once;
	puppet.inbox = channel_inbox_new();
	assert_non_null(puppet.inbox);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		for (int i = 0; i < n_other; i++)
			(void)close(other_fds[i]);
		(void)signal(SIGABRT, SIG_DFL);
		(void)signal(SIGSEGV, SIG_DFL);
		(void)signal(SIGSYS, SIG_DFL);
		puppet_run(&puppet);
	}
	channel_inbox_free(puppet.inbox);
	return pid;
}
