/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon is told first: it opens the worker's slot in the grant page, and
 * the worker waits for that.
 *
 * The scanner's channel does not block: a scanner that does not read its
 * answers (a lane waits for each of its own) must not hold up the zygote,
 * which has to notice the daemon's end. A full socket is an error here.
 *
 * A worker's CPU time is read from its CPU clock while it is a zombie: wait4's
 * rusage has microseconds, the governor counts nanoseconds.
 */
#include "zygote_brood.h"

#include "channel.h"
#include "clock.h"
#include "log.h"
#include "zygote_home.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static int zygote_brood_tell_scanner(struct zygote_brood *brood, uint16_t type, const void *msg)
{
	int r;

	if (brood->fork_fd < 0)
		return 0;
	r = channel_send(brood->fork_fd, type, msg, NULL, 0);
	/* It is gone: its end of file comes by the next poll. */
	return r == -EPIPE || r == -ECONNRESET ? 0 : err_trace(r);
}

static int zygote_brood_start(struct zygote_brood *brood, const struct ipc_fork_request *request,
	int socket_fd, struct ipc_fork_started *started)
{
	char dir[ZYGOTE_HOME_PATH_SIZE];
	struct zygote_brood_child *child = &brood->children[request->lane];
	struct worker_config config = brood->worker;
	pid_t pid;

	zygote_home_lane(brood->temp_dir, request->lane, dir);
	config.lane = request->lane;
	config.generation = brood->n_started + 1;
	config.dir = dir;
	pid = fork();
	if (pid == 0)
		worker_run(&config, socket_fd);
	if (pid < 0)
		return -errno;
	brood->n_started++;
	*child = (struct zygote_brood_child){.pid = pid, .generation = config.generation};
	started->generation = config.generation;
	started->pid = (uint64_t)pid;
	return 0;
}

int zygote_brood_fork(
	struct zygote_brood *brood, const struct ipc_fork_request *request, int socket_fd)
{
	struct ipc_fork_started started = {.lane = request->lane, .serial = request->serial};
	struct ipc_engine_worker worker = {.is_started = 1, .lane = request->lane};
	int r;

	if (request->lane >= IPC_LANES_MAX)
		return err_origin(-EBADMSG);
	if (brood->children[request->lane].pid != 0)
		r = -EBUSY;
	else
		r = zygote_brood_start(brood, request, socket_fd, &started);
	started.error = (uint32_t)-r;
	if (r == 0) {
		worker.generation = started.generation;
		worker.pid = started.pid;
		r = channel_send(brood->control_fd, IPC_ENGINE_WORKER, &worker, NULL, 0);
		if (r < 0)
			return err_trace(r);
	}
	return zygote_brood_tell_scanner(brood, IPC_FORK_STARTED, &started);
}

void zygote_brood_kill(struct zygote_brood *brood, const struct ipc_fork_kill *request)
{
	struct zygote_brood_child *child;

	if (request->lane >= IPC_LANES_MAX)
		return;
	child = &brood->children[request->lane];
	if (child->pid == 0 || child->generation != request->generation)
		return;
	child->is_killed = true;
	(void)kill(child->pid, SIGKILL);
}

void zygote_brood_kill_all(struct zygote_brood *brood)
{
	for (unsigned lane = 0; lane < IPC_LANES_MAX; lane++) {
		struct ipc_fork_kill request = {
			.lane = (uint16_t)lane, .generation = brood->children[lane].generation};

		zygote_brood_kill(brood, &request);
	}
}

static int zygote_brood_tell_end(
	struct zygote_brood *brood, uint16_t lane, int status, uint64_t cpu_ns)
{
	struct zygote_brood_child *child = &brood->children[lane];
	struct ipc_engine_worker worker = {.lane = lane,
		.generation = child->generation,
		.pid = (uint64_t)child->pid,
		.wait_status = (uint32_t)status,
		.cpu_ns = cpu_ns};
	/* Nothing but the daemon (or the kernel out of memory) sends SIGKILL unasked. */
	bool is_killed = child->is_killed || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	struct ipc_fork_ended ended = {.lane = lane,
		.generation = child->generation,
		.pid = (uint64_t)child->pid,
		.wait_status = (uint32_t)status,
		.is_killed = is_killed};
	int r;

	log_debug("zygote", "lane %u: worker %u ended, status %#x", lane, child->generation,
		(unsigned)status);
	*child = (struct zygote_brood_child){0};
	r = channel_send(brood->control_fd, IPC_ENGINE_WORKER, &worker, NULL, 0);
	if (r < 0)
		return err_trace(r);
	return zygote_brood_tell_scanner(brood, IPC_FORK_ENDED, &ended);
}

int zygote_brood_reap(struct zygote_brood *brood)
{
	for (;;) {
		siginfo_t info = {.si_pid = 0};
		uint64_t cpu_ns = 0;
		int status;

		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
			return 0;
		(void)clock_process_cpu_ns(info.si_pid, &cpu_ns);
		if (waitpid(info.si_pid, &status, 0) != info.si_pid)
			return err_origin(-errno);
		for (int lane = 0; lane < IPC_LANES_MAX; lane++) {
			int r;

			if (brood->children[lane].pid != info.si_pid)
				continue;
			r = zygote_brood_tell_end(brood, (uint16_t)lane, status, cpu_ns);
			if (r < 0)
				return r;
			break;
		}
	}
}
