/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    connect → connected → lines → …
 * Failure modes: no socket, refused, broken, a line beyond the limit → the pipe is
 *                closed → on_lost, if it was connected → back-off → connect.
 * On close:      pipe and timer are closed, then on_closed.
 *
 * A daemon that was restarted is there again within a second: the back-off begins
 * at a tenth of that, and starts anew with each connection that was made.
 */
#include "upstream_link.h"

#include "upstream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { UPSTREAM_LINK_CHUNK = 65536 };

struct upstream_link_write {
	uv_write_t request;
	struct upstream_link *link;
	char *line;
};

static void upstream_link_connect(struct upstream_link *link);

static void upstream_link_reclaim(struct upstream_link *link)
{
	if (!link->is_closing || link->is_pipe_open || link->is_timer_open)
		return;
	free(link->input);
	link->input = NULL;
	link->events->on_closed(link);
}

static void upstream_link_on_timer(uv_timer_t *timer)
{
	upstream_link_connect(timer->data);
}

static void upstream_link_on_pipe_closed(uv_handle_t *handle)
{
	struct upstream_link *link = handle->data;
	bool was_connected = link->is_connected;

	link->is_pipe_open = false;
	link->is_connected = false;
	link->n_input = 0;
	link->n_seen = 0;
	if (link->is_closing) {
		upstream_link_reclaim(link);
		return;
	}
	(void)uv_timer_start(&link->timer, upstream_link_on_timer, link->backoff_ms, 0);
	link->backoff_ms = 2 * link->backoff_ms < UPSTREAM_BACKOFF_MAX_MS ? 2 * link->backoff_ms
									  : UPSTREAM_BACKOFF_MAX_MS;
	if (was_connected)
		link->events->on_lost(link);
}

void upstream_link_reset(struct upstream_link *link)
{
	if (link->is_pipe_open && !uv_is_closing((uv_handle_t *)&link->pipe))
		uv_close((uv_handle_t *)&link->pipe, upstream_link_on_pipe_closed);
}

static void upstream_link_on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct upstream_link *link = handle->data;
	size_t wanted = link->n_input + UPSTREAM_LINK_CHUNK;

	(void)suggested;
	if (wanted > link->n_input_room) {
		size_t room = link->n_input_room * 2 > wanted ? link->n_input_room * 2 : wanted;
		char *input = realloc(link->input, room);

		if (!input) {
			*buf = uv_buf_init(NULL, 0); /* read ends with UV_ENOBUFS */
			return;
		}
		link->input = input;
		link->n_input_room = room;
	}
	*buf = uv_buf_init(link->input + link->n_input, UPSTREAM_LINK_CHUNK);
}

static void upstream_link_take_lines(struct upstream_link *link)
{
	size_t at = 0;

	while (!uv_is_closing((uv_handle_t *)&link->pipe) && at < link->n_input) {
		size_t from = link->n_seen > at ? link->n_seen : at;
		char *end = from < link->n_input
				    ? memchr(link->input + from, '\n', link->n_input - from)
				    : NULL;

		if (!end)
			break;
		link->events->on_line(link, link->input + at, (size_t)(end - (link->input + at)));
		at = (size_t)(end + 1 - link->input);
	}
	link->n_input -= at;
	if (at > 0)
		memmove(link->input, link->input + at, link->n_input);
	link->n_seen = link->n_input;
	if (link->n_input > UPSTREAM_ANSWER_MAX)
		upstream_link_reset(link);
}

static void upstream_link_on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct upstream_link *link = stream->data;

	(void)buf;
	if (n < 0) {
		upstream_link_reset(link);
		return;
	}
	link->n_input += (size_t)n;
	upstream_link_take_lines(link);
}

static void upstream_link_on_connect(uv_connect_t *connect, int status)
{
	struct upstream_link *link = connect->data;

	if (uv_is_closing((uv_handle_t *)&link->pipe))
		return;
	if (status == 0)
		status = uv_read_start(
			(uv_stream_t *)&link->pipe, upstream_link_on_alloc, upstream_link_on_read);
	if (status < 0) {
		upstream_link_reset(link);
		return;
	}
	link->backoff_ms = UPSTREAM_BACKOFF_MIN_MS;
	link->is_connected = true;
	link->events->on_connected(link);
}

static void upstream_link_connect(struct upstream_link *link)
{
	(void)uv_pipe_init(link->loop, &link->pipe, 0);
	link->pipe.data = link;
	link->is_pipe_open = true;
	link->connect.data = link;
	/* Its failures come through the callback. */
	uv_pipe_connect(&link->connect, &link->pipe, link->path, upstream_link_on_connect);
}

void upstream_link_start(struct upstream_link *link, uv_loop_t *loop)
{
	link->loop = loop;
	link->backoff_ms = UPSTREAM_BACKOFF_MIN_MS;
	(void)uv_timer_init(loop, &link->timer);
	link->timer.data = link;
	link->is_timer_open = true;
	upstream_link_connect(link);
}

static void upstream_link_on_written(uv_write_t *request, int status)
{
	struct upstream_link_write *write = (struct upstream_link_write *)request;

	if (status < 0)
		upstream_link_reset(write->link);
	free(write->line);
	free(write);
}

int upstream_link_send(struct upstream_link *link, char *line, size_t n)
{
	struct upstream_link_write *write;
	uv_buf_t buf = uv_buf_init(line, (unsigned)n);
	int r;

	if (!link->is_connected || uv_is_closing((uv_handle_t *)&link->pipe)) {
		free(line);
		return -ECONNREFUSED;
	}
	write = malloc(sizeof(*write));
	if (!write) {
		free(line);
		return -ENOMEM;
	}
	*write = (struct upstream_link_write){.link = link, .line = line};
	r = uv_write(
		&write->request, (uv_stream_t *)&link->pipe, &buf, 1, upstream_link_on_written);
	if (r < 0) {
		free(line);
		free(write);
	}
	return r;
}

static void upstream_link_on_timer_closed(uv_handle_t *handle)
{
	struct upstream_link *link = handle->data;

	link->is_timer_open = false;
	upstream_link_reclaim(link);
}

void upstream_link_close(struct upstream_link *link)
{
	if (link->is_closing)
		return;
	link->is_closing = true;
	upstream_link_reset(link);
	uv_close((uv_handle_t *)&link->timer, upstream_link_on_timer_closed);
}
