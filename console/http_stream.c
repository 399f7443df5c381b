/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    begin → head → send, send … → end → the connection goes on.
 * Failure modes: the client does not read → -EAGAIN, and after write_ms without
 *                progress it is closed; the client goes → on_closed().
 * On close:      on_closed(), then the memory goes.
 */
#include "http_private.h"

#include "clock.h"
#include "http_reply.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int http_stream_put_head(struct http_exchange *exchange, const char *content_type)
{
	struct http_connection *connection = exchange->connection;
	bool is_chunked = exchange->head.minor == 1;
	struct http_reply reply = {.status = 200,
		.content_type = content_type,
		.id = exchange->request.id,
		.body = is_chunked ? HTTP_REPLY_CHUNKED : HTTP_REPLY_CLOSE,
		.minor = exchange->head.minor,
		.has_tls = !connection->server->config.is_plain,
		.unix_ms = clock_unix_ms()};
	char head[HTTP_REPLY_HEAD_MAX];
	int n;

	if (!is_chunked || connection->server->is_draining)
		connection->is_keep_alive = false;
	reply.is_keep_alive = connection->is_keep_alive;
	n = http_reply_head(&reply, head);
	return n < 0 ? n : http_connection_put(connection, head, (size_t)n);
}

int http_stream_begin(struct http_exchange *exchange, const char *content_type,
	const struct http_stream_hooks *hooks, void *arg, struct http_stream **streamp)
{
	struct http_connection *connection = exchange->connection;
	struct http_stream *stream;
	int r;

	if (!connection || connection->is_killed)
		return -EPIPE;
	stream = calloc(1, sizeof(*stream));
	if (!stream)
		return err_origin(-ENOMEM);
	r = http_stream_put_head(exchange, content_type);
	if (r < 0) {
		free(stream);
		return err_trace(r);
	}
	*stream = (struct http_stream){.connection = connection,
		.hooks = hooks,
		.arg = arg,
		.is_chunked = exchange->head.minor == 1,
		.is_head_only = exchange->is_head_only};
	http_exchange_free(exchange);
	connection->stream = stream;
	connection->phase = HTTP_PHASE_STREAM;
	http_connection_send(connection, false);
	*streamp = stream;
	return 0;
}

static int http_stream_put(struct http_stream *stream, const void *data, size_t n)
{
	struct http_connection *connection = stream->connection;
	size_t n_before = http_connection_unsent(connection);
	char size[24];
	int n_size = snprintf(size, sizeof(size), "%zx\r\n", n);
	int r = 0;

	if (stream->is_chunked)
		r = http_connection_put(connection, size, (size_t)n_size);
	if (r == 0)
		r = http_connection_put(connection, data, n);
	if (r == 0 && stream->is_chunked)
		r = http_connection_put(connection, "\r\n", 2);
	if (r < 0) /* half a chunk is worse than none */
		connection->n_output = connection->n_output_sent + n_before;
	return r;
}

int http_stream_send(struct http_stream *stream, const void *data, size_t n)
{
	int r;

	if (stream->connection->is_killed)
		return -EPIPE;
	if (n == 0 || stream->is_head_only)
		return 0;
	if (http_connection_unsent(stream->connection) >= HTTP_STREAM_UNSENT_MAX) {
		stream->is_full = true;
		return -EAGAIN;
	}
	r = http_stream_put(stream, data, n);
	if (r == 0)
		http_connection_send(stream->connection, false);
	return r;
}

void http_stream_on_sent(struct http_stream *stream)
{
	if (!stream->is_full ||
		http_connection_unsent(stream->connection) > HTTP_STREAM_UNSENT_MAX / 2)
		return;
	stream->is_full = false;
	if (stream->hooks->on_writable)
		stream->hooks->on_writable(stream->arg);
}

void http_stream_end(struct http_stream *stream)
{
	struct http_connection *connection = stream->connection;
	bool has_end = stream->is_chunked && !stream->is_head_only;

	connection->stream = NULL;
	free(stream);
	if (connection->is_killed)
		return;
	if (has_end && http_connection_put(connection, "0\r\n\r\n", 5) < 0)
		http_connection_kill(connection);
	else
		http_connection_send(connection, true);
}

void http_stream_lose(struct http_stream *stream)
{
	stream->connection->stream = NULL;
	stream->hooks->on_closed(stream->arg);
	free(stream);
}
