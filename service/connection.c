/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    bytes → lines → on_line, one at a time → answers → end of
 *                stream → what was asked is answered → closed.
 * Failure modes: a line beyond the limit → on_oversize; a client that does not
 *                read → dropped; a broken pipe → closed.
 * On close:      writes under way are cancelled, then on_closed, then the
 *                memory goes.
 */
#include "connection.h"

#include "clock.h"
#include "err.h"
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECTION_CHUNK = 65536 };

struct connection_write {
	uv_write_t request;
	struct connection *connection;
	char *line;
};

struct connection *connection_new(
	uv_loop_t *loop, const struct connection_events *events, void *arg)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (!connection)
		return NULL;
	connection->events = events;
	connection->arg = arg;
	(void)uv_pipe_init(loop, &connection->pipe, 0);
	connection->pipe.data = connection;
	return connection;
}

static void connection_on_closed(uv_handle_t *handle)
{
	struct connection *connection = handle->data;

	connection->events->on_closed(connection->arg, connection);
	free(connection->input);
	free(connection);
}

void connection_close(struct connection *connection)
{
	if (connection->is_closing)
		return;
	connection->is_closing = true;
	uv_close((uv_handle_t *)&connection->pipe, connection_on_closed);
}

/* Its next request must not be looked at yet. */
static bool connection_is_waiting(const struct connection *connection)
{
	return connection->is_busy || connection->is_held;
}

/* Nothing is left to be done for this client. */
static void connection_check_end(struct connection *connection)
{
	bool is_done =
		connection->is_last || (connection->is_ended && !connection_is_waiting(connection));

	if (is_done && uv_stream_get_write_queue_size((uv_stream_t *)&connection->pipe) == 0)
		connection_close(connection);
}

static void connection_take_lines(struct connection *connection)
{
	size_t at = 0;

	while (!connection_is_waiting(connection) && !connection->is_closing &&
		!connection->is_last) {
		char *line = connection->input + at;
		char *end = at < connection->n_input ? memchr(line, '\n', connection->n_input - at)
						     : NULL;

		if (!end)
			break;
		at = (size_t)(end + 1 - connection->input);
		connection->events->on_line(
			connection->arg, connection, line, (size_t)(end - line));
	}
	if (at > 0) {
		connection->n_input -= at;
		memmove(connection->input, connection->input + at, connection->n_input);
	}
	if (!connection_is_waiting(connection) && !connection->is_closing && !connection->is_last &&
		connection->n_input > CONNECTION_LINE_MAX) {
		(void)uv_read_stop((uv_stream_t *)&connection->pipe);
		connection->events->on_oversize(connection->arg, connection);
	}
}

static void connection_on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct connection *connection = handle->data;
	size_t wanted = connection->n_input + CONNECTION_CHUNK;

	(void)suggested;
	if (wanted > connection->size_input) {
		size_t size =
			connection->size_input * 2 > wanted ? connection->size_input * 2 : wanted;
		char *input = realloc(connection->input, size);

		if (!input) {
			*buf = uv_buf_init(NULL, 0); /* read ends with UV_ENOBUFS */
			return;
		}
		connection->input = input;
		connection->size_input = size;
	}
	*buf = uv_buf_init(connection->input + connection->n_input, CONNECTION_CHUNK);
}

static void connection_on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf);

static void connection_read(struct connection *connection)
{
	if (!connection->is_closing && !connection->is_ended && !connection->is_last)
		(void)uv_read_start(
			(uv_stream_t *)&connection->pipe, connection_on_alloc, connection_on_read);
}

static void connection_on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct connection *connection = stream->data;

	(void)buf;
	if (n == UV_EOF) {
		connection->is_ended = true;
		(void)uv_read_stop(stream);
		connection_check_end(connection);
		return;
	}
	if (n < 0) {
		connection_close(connection);
		return;
	}
	connection->n_input += (size_t)n;
	connection_take_lines(connection);
	/* What a client sends ahead of its answers waits in the socket. */
	if (connection_is_waiting(connection) && !connection->is_closing)
		(void)uv_read_stop(stream);
}

static void connection_on_written(uv_write_t *request, int status)
{
	struct connection_write *write = (struct connection_write *)request;
	struct connection *connection = write->connection;

	free(write->line);
	free(write);
	if (connection->is_closing)
		return;
	if (status < 0)
		connection_close(connection);
	else
		connection_check_end(connection);
}

void connection_send(struct connection *connection, char *line, size_t n)
{
	struct connection_write *write = NULL;
	uv_stream_t *stream = (uv_stream_t *)&connection->pipe;
	uv_buf_t buf = uv_buf_init(line, (unsigned)n);

	if (!connection->is_closing)
		write = malloc(sizeof(*write));
	if (!write) {
		free(line);
		connection_close(connection);
		return;
	}
	write->connection = connection;
	write->line = line;
	if (uv_write(&write->request, stream, &buf, 1, connection_on_written) < 0) {
		free(line);
		free(write);
		connection_close(connection);
		return;
	}
	if (uv_stream_get_write_queue_size(stream) > CONNECTION_OUTPUT_MAX) {
		log_warn("connection", "%s (pid %d) does not read its answers and is dropped",
			connection->peer.name, (int)connection->peer.pid);
		connection_close(connection);
	}
}

size_t connection_n_unsent(const struct connection *connection)
{
	return uv_stream_get_write_queue_size((const uv_stream_t *)&connection->pipe);
}

int connection_identify(struct connection *connection, const struct peer_rules *rules)
{
	uv_os_fd_t fd;
	int r = uv_fileno((uv_handle_t *)&connection->pipe, &fd);

	if (r == 0)
		r = peer_identify(fd, rules, &connection->peer);
	return r < 0 ? err_trace(r) : 0;
}

void connection_start(struct connection *connection)
{
	connection_read(connection);
}

static void connection_go_on(struct connection *connection)
{
	if (connection_is_waiting(connection) || connection->is_closing)
		return;
	connection_take_lines(connection);
	if (connection_is_waiting(connection) || connection->is_closing)
		return;
	connection_read(connection);
	connection_check_end(connection);
}

void connection_set_busy(struct connection *connection, bool is_busy)
{
	connection->is_busy = is_busy;
	connection_go_on(connection);
}

void connection_set_held(struct connection *connection, bool is_held)
{
	connection->is_held = is_held;
	connection_go_on(connection);
}

struct connection_work connection_work_begin(void)
{
	return (struct connection_work){
		.mono_ns = clock_mono_ns(), .cpu_ns = clock_thread_cpu_ns()};
}

/* Who waits for a disk has the thread, too: others wait with him. */
void connection_work_end(struct connection *connection, const struct connection_work *work)
{
	uint64_t passed_ns = clock_mono_ns() - work->mono_ns;
	uint64_t cpu_ns = clock_thread_cpu_ns() - work->cpu_ns;

	connection->events->on_work(
		connection->arg, connection, passed_ns > cpu_ns ? passed_ns : cpu_ns);
}

void connection_finish(struct connection *connection)
{
	if (connection->is_closing)
		return;
	connection->is_last = true;
	(void)uv_read_stop((uv_stream_t *)&connection->pipe);
	connection_check_end(connection);
}
