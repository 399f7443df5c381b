/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the fork to the first file: close what is the zygote's, tie the life to
 * the zygote's, empty the private directory, wait for a grant, build the walls,
 * say READY. Everything that needs a descriptor, a path or memory for sure
 * happens before the walls.
 *
 * The worker is not trusted after its first file, and nobody has to trust it:
 * it can say a verdict about the files it was handed, and nothing else.
 *
 * It ends by _exit(): the exit handlers are the zygote's.
 */
#include "worker.h"

#include "channel.h"
#include "clock.h"
#include "exitcode.h"
#include "log.h"
#include "privileges.h"
#include "worker_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	WORKER_SOCKET_FD = 3,
	/* libclamav holds one or two for each layer of containers, 100 at most. */
	WORKER_FDS_MAX = 256,
	/* After a larger file the heap's free end goes back to the system; below, it is
	 * kept, which is what the raised thresholds are for (engine_main.c). */
	WORKER_TRIM_FILE_BYTES = 16 * 1024 * 1024,
	WORKER_HEAP_KEPT_BYTES = 8 * 1024 * 1024,
};

struct worker {
	struct engine *engine;
	const char *dir; /* As seen from inside the walls. */
	struct channel_inbox *inbox;
	struct engine_verdict *verdict;
};

static _Noreturn void worker_end(enum child_exit code)
{
	_exit((int)code);
}

/* Nothing of the zygote's stays open: not the daemon's channel, not the scanner's. */
static int worker_keep_only(int socket_fd)
{
	int copy = fcntl(socket_fd, F_DUPFD_CLOEXEC, WORKER_SOCKET_FD + 1);

	if (copy < 0 || dup3(copy, WORKER_SOCKET_FD, O_CLOEXEC) < 0)
		return -errno;
	return close_range(WORKER_SOCKET_FD + 1, ~0U, 0) < 0 ? -errno : 0;
}

static int worker_tie_to(pid_t parent)
{
	sigset_t none;

	(void)sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		return -errno;
	return privileges_tie(parent, -1);
}

/* Standard error is the daemon's log; a hostile worker must not write there. */
static int worker_mute(void)
{
#ifndef QUIETSCAN_ASAN
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null < 0 || dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
		return -errno;
	(void)close(null);
#endif
	return 0;
}

static void worker_enter(struct worker *worker, const struct worker_config *config, int socket_fd)
{
	struct sandbox_config sandbox = {.dir = config->dir,
		.socket_fd = WORKER_SOCKET_FD,
		.memory_bytes = config->memory_bytes,
		.file_bytes = config->temp_bytes,
		.n_fds_max = WORKER_FDS_MAX,
		.walls = config->walls};
	struct errmsg msg = ERRMSG_NULL;
	int r = worker_keep_only(socket_fd);

	if (r == 0)
		r = worker_tie_to(config->parent);
	if (r == 0)
		r = worker_dir_empty(config->dir, NULL);
	if (r == 0)
		r = grant_timer_start(
			config->page, GRANT_SLOT_LANE0 + config->lane, config->generation);
	if (r == 0) {
		worker->inbox = channel_inbox_new();
		worker->verdict = calloc(1, sizeof(*worker->verdict));
		if (!worker->inbox || !worker->verdict)
			r = -ENOMEM;
	}
	if (r != 0) {
		log_error("worker", "lane %u: %s", config->lane, err_text(r));
		worker_end(CHILD_EXIT_SYSTEM);
	}
	r = worker_mute();
	if (r == 0)
		r = sandbox_enter(&sandbox, &worker->dir, &msg);
	if (r == 0)
		r = engine_set_temp_dir(worker->engine, worker->dir);
	if (r < 0)
		worker_end(CHILD_EXIT_SANDBOX);
}

static void worker_answer(
	const struct worker *worker, uint16_t type, uint64_t serial, uint64_t cpu_ns)
{
	const struct engine_verdict *v = worker->verdict;
	struct ipc_work_verdict answer = {.serial = serial,
		.code = (uint8_t)v->code,
		.error = (uint32_t)v->error,
		.signature = {.data = v->signature, .n = v->n_signature},
		.container = {.data = v->container, .n = v->n_container},
		.text = span_str(v->text),
		.cpu_ns = cpu_ns};
	int r = channel_send(WORKER_SOCKET_FD, type, &answer, NULL, 0);

	if (r == -EPIPE || r == -ECONNRESET)
		worker_end(CHILD_EXIT_OK);
	if (r < 0)
		worker_end(CHILD_EXIT_SYSTEM);
}

static void worker_clean_up(const struct worker *worker, uint64_t size)
{
	if (worker_dir_empty(worker->dir, NULL) < 0)
		worker_end(CHILD_EXIT_SYSTEM);
	if (size >= WORKER_TRIM_FILE_BYTES)
		(void)malloc_trim(WORKER_HEAP_KEPT_BYTES);
}

static void worker_serve_one(struct worker *worker)
{
	struct channel_inbox *inbox = worker->inbox;
	/* The thread's clock: the process's has the tick's resolution while a CPU timer is
	 * armed on it (the kernel then sums up at ticks and switches only). */
	uint64_t since_ns = clock_thread_cpu_ns();
	struct ipc_work_file file;
	struct stat st;

	if (inbox->type != IPC_WORK_FILE || inbox->n_fds != 1 || fstat(inbox->fds[0], &st) < 0 ||
		!S_ISREG(st.st_mode))
		worker_end(CHILD_EXIT_PROTOCOL);
	file = inbox->msg.work_file;
	engine_scan(worker->engine, inbox->fds[0], file.size, worker->verdict);
	if (worker->verdict->code == IPC_WORK_INFECTED) {
		/* Said before its names are looked for: who dies or is ended meanwhile has
		 * still found it. */
		worker_answer(
			worker, IPC_WORK_FOUND, file.serial, clock_thread_cpu_ns() - since_ns);
		engine_find_container(worker->engine, inbox->fds[0], worker->verdict);
	}
	channel_inbox_clear(inbox);
	worker_clean_up(worker, file.size);
	worker_answer(worker, IPC_WORK_VERDICT, file.serial, clock_thread_cpu_ns() - since_ns);
}

_Noreturn void worker_run(const struct worker_config *config, int socket_fd)
{
	struct worker worker = {.engine = config->engine};
	struct ipc_work_ready ready = {.pid = (uint64_t)getpid()};
	int r;

	worker_enter(&worker, config, socket_fd);
	r = channel_send(WORKER_SOCKET_FD, IPC_WORK_READY, &ready, NULL, 0);
	while (r == 0) {
		r = channel_recv(WORKER_SOCKET_FD, worker.inbox);
		if (r == 0)
			worker_serve_one(&worker);
	}
	worker_end(r == -EBADMSG ? CHILD_EXIT_PROTOCOL : CHILD_EXIT_OK);
}
