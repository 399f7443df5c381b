/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    spawn → lines from standard error → exit → on_exit → free.
 * Failure modes: spawn fails → error, nothing is left; the child hangs in the
 *                kernel → the owner frees it, it is reaped whenever it ends.
 * On close:      the pipe is read once more and closed; then the process handle
 *                has to close, which the kernel decides, and the memory goes.
 */
#include "child_process.h"

#include "check.h"
#include "child_log.h"
#include "left_behind.h"
#include "log.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	CHILD_PROCESS_CHUNK = 4096,
	CHILD_PROCESS_LAST_CHUNKS = 16, /* read of what is left when it is freed */
};

struct child_process {
	struct child_process_config config;
	/* state */
	uv_process_t process;
	uv_pipe_t err;
	struct child_log log;
	bool is_process_closed;
	bool is_err_closed;
	bool is_freed; /* the owner let go */
	bool is_exited;
	char chunk[CHILD_PROCESS_CHUNK];
};

static void child_process_reclaim(struct child_process *child)
{
	if (child->is_process_closed && child->is_err_closed && child->is_freed)
		free(child);
}

static void child_process_on_process_closed(uv_handle_t *handle)
{
	struct child_process *child = handle->data;

	child->is_process_closed = true;
	child_process_reclaim(child);
}

static void child_process_on_err_closed(uv_handle_t *handle)
{
	struct child_process *child = handle->data;

	child->is_err_closed = true;
	child_process_reclaim(child);
}

static void child_process_sink(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	log_line(level, "child", "%s", line);
}

static void child_process_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct child_process *child = handle->data;

	(void)suggested;
	*buf = uv_buf_init(child->chunk, sizeof(child->chunk));
}

static void child_process_close_err(struct child_process *child)
{
	child_log_end(&child->log, uv_now(child->err.loop));
	uv_close((uv_handle_t *)&child->err, child_process_on_err_closed);
}

static void child_process_on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct child_process *child = stream->data;
	uint64_t now_ms = uv_now(stream->loop);

	if (n > 0)
		child_log_feed(&child->log, buf->base, (size_t)n, now_ms);
	if (n >= 0)
		return;
	child_process_close_err(child);
}

/* What it wrote last says why it ended; nobody will wait for the loop to bring it. */
static void child_process_last_lines(struct child_process *child)
{
	uv_os_fd_t fd;

	if (uv_is_closing((uv_handle_t *)&child->err))
		return;
	(void)uv_read_stop((uv_stream_t *)&child->err);
	for (int i = 0; i < CHILD_PROCESS_LAST_CHUNKS; i++) {
		ssize_t n = -1;

		if (uv_fileno((uv_handle_t *)&child->err, &fd) == 0)
			n = read(fd, child->chunk, sizeof(child->chunk)); /* does not block */
		if (n <= 0)
			break;
		child_log_feed(&child->log, child->chunk, (size_t)n, uv_now(child->err.loop));
	}
	child_process_close_err(child);
}

static void child_process_on_exit(uv_process_t *process, int64_t exit_status, int term_signal)
{
	struct child_process *child = process->data;

	child->is_exited = true;
	uv_close((uv_handle_t *)process, child_process_on_process_closed);
	if (!child->is_freed)
		child->config.on_exit(child->config.arg, (int)exit_status, term_signal);
	/* The owner may have freed it; only the close call-backs follow. */
}

static void child_process_stdio(struct child_process *child, uv_stdio_container_t *stdio)
{
	stdio[0].flags = UV_IGNORE;
	stdio[1].flags = UV_IGNORE;
	stdio[2].flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE;
	stdio[2].data.stream = (uv_stream_t *)&child->err;
	for (size_t i = 0; i < CHILD_PROCESS_FDS_MAX; i++) {
		int fd = child->config.fds[i];

		stdio[CHILD_PROCESS_FD0 + i].flags = fd >= 0 ? UV_INHERIT_FD : UV_IGNORE;
		stdio[CHILD_PROCESS_FD0 + i].data.fd = fd;
	}
}

int child_process_spawn(uv_loop_t *loop, const struct child_process_config *config,
	struct child_process **childp, struct errmsg *msg)
{
	uv_stdio_container_t stdio[CHILD_PROCESS_FD0 + CHILD_PROCESS_FDS_MAX] = {0};
	uv_process_options_t options = {0};
	struct child_process *child = calloc(1, sizeof(*child));
	int r;

	if (!child)
		return err_origin(-ENOMEM);
	child->config = *config;
	child->process.data = child;
	child_log_init(&child->log, child_process_sink, NULL);
	r = uv_pipe_init(loop, &child->err, 0);
	PRE(r == 0);
	child->err.data = child;
	child_process_stdio(child, stdio);
	options.file = config->program;
	options.args = (char **)config->argv;
	options.stdio = stdio;
	options.stdio_count = CHILD_PROCESS_FD0 + CHILD_PROCESS_FDS_MAX;
	options.exit_cb = child_process_on_exit;
	/* A session of its own: its priority is then not that of whoever started the daemon
	 * (priority.h), and the terminal's signals are for the daemon alone. */
	options.flags = UV_PROCESS_DETACHED;
	r = uv_spawn(loop, &child->process, &options);
	if (r < 0) {
		errmsg_set(msg, "start %s: %s", config->program, err_text(r));
		child->is_freed = true;
		uv_close((uv_handle_t *)&child->process, child_process_on_process_closed);
		uv_close((uv_handle_t *)&child->err, child_process_on_err_closed);
		return err_origin(r);
	}
	(void)uv_read_start((uv_stream_t *)&child->err, child_process_alloc, child_process_on_read);
	/* Its grandchildren may hold the pipe; only the process counts. */
	uv_unref((uv_handle_t *)&child->err);
	*childp = child;
	return 0;
}

pid_t child_process_pid(const struct child_process *child)
{
	return child->is_exited ? 0 : (pid_t)child->process.pid;
}

void child_process_kill(struct child_process *child, int signo)
{
	if (!child->is_exited)
		(void)uv_process_kill(&child->process, signo);
}

void child_process_free(struct child_process *child)
{
	if (!child)
		return;
	PRE(!child->is_freed);
	child->is_freed = true;
	child_process_kill(child, SIGKILL);
	if (!child->is_exited)
		left_behind_add_child((pid_t)child->process.pid);
	child_process_last_lines(child);
	if (!uv_is_closing((uv_handle_t *)&child->process))
		uv_unref((uv_handle_t *)&child->process);
	child_process_reclaim(child);
}

static void child_process_forget(uv_handle_t *handle, void *arg)
{
	const struct child_process *child = handle->data;

	(void)arg;
	/* Only this module has processes on the loop. */
	if (handle->type == UV_PROCESS && !uv_is_closing(handle) && child->is_freed)
		uv_close(handle, child_process_on_process_closed);
}

void child_process_forget_all(uv_loop_t *loop)
{
	uv_walk(loop, child_process_forget, NULL);
}
