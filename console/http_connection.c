/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One connection, one exchange at a time.
 *
 * Happy path:    bytes → head → body → handler → answer → sent → next request.
 * Failure modes: no request → refused, what still comes is dropped for a moment so
 *                that the client reads why, closed; too slow → 408 or closed; too much
 *                sent ahead → closed; does not read, or too slowly → closed.
 * On close:      an exchange with the handler hears on_gone or is orphaned, a
 *                stream hears on_closed; then the memory goes.
 *
 * The next request is looked at only when the answer before it has been sent:
 * who sends ahead without reading is not served. Requests are parsed within
 * on_bytes() and on_writable() only, never within a call of the handler.
 */
#include "http_private.h"

#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void http_connection_set_deadline(struct http_connection *connection, unsigned ms)
{
	connection->deadline_ms = ms ? uv_now(connection->server->config.loop) + ms : 0;
}

size_t http_connection_unsent(const struct http_connection *connection)
{
	return connection->n_output - connection->n_output_sent;
}

void http_connection_kill(struct http_connection *connection)
{
	if (connection->is_killed)
		return;
	connection->is_killed = true;
	http_lws_kill(connection->wsi);
}

/* Room for n more bytes; doubles, so that appending is cheap. */
static int http_connection_reserve(char **bytesp, size_t *roomp, size_t n_used, size_t n)
{
	size_t room = *roomp ? *roomp : HTTP_ROOM_MIN;
	char *bytes;

	if (*bytesp && *roomp - n_used >= n)
		return 0;
	while (room - n_used < n)
		room *= 2;
	bytes = realloc(*bytesp, room);
	if (!bytes)
		return err_origin(-ENOMEM);
	*bytesp = bytes;
	*roomp = room;
	return 0;
}

/* Output. */

int http_connection_put(struct http_connection *connection, const void *bytes, size_t n)
{
	int r;

	if (n == 0)
		return 0;
	if (connection->n_output_sent > 0) {
		connection->n_output -= connection->n_output_sent;
		memmove(connection->output, connection->output + connection->n_output_sent,
			connection->n_output);
		connection->n_output_sent = 0;
	}
	r = http_connection_reserve(
		&connection->output, &connection->n_output_room, connection->n_output, n);
	if (r < 0)
		return r;
	memcpy(connection->output + connection->n_output, bytes, n);
	connection->n_output += n;
	return 0;
}

/* So long for the next bytes, but not beyond the end of the whole answer. */
static void http_connection_set_progress(struct http_connection *connection)
{
	http_connection_set_deadline(connection, connection->server->config.write_ms);
	if (connection->phase == HTTP_PHASE_FLUSH &&
		connection->deadline_ms > connection->answer_end_ms)
		connection->deadline_ms = connection->answer_end_ms;
}

void http_connection_send(struct http_connection *connection, bool is_last)
{
	const struct http_config *config = &connection->server->config;

	if (is_last) {
		connection->phase = HTTP_PHASE_FLUSH;
		connection->answer_end_ms = uv_now(config->loop) + config->answer_ms;
	}
	if (connection->deadline_ms == 0 || is_last)
		http_connection_set_progress(connection);
	http_lws_want_write(connection->wsi);
}

/* Input. */

static void http_connection_idle(struct http_connection *connection)
{
	connection->phase = HTTP_PHASE_IDLE;
	http_connection_set_deadline(connection, connection->server->config.idle_ms);
	if (connection->n_output_room > HTTP_WRITE_CHUNK) {
		/* One large answer is no reason to keep its memory for an idle client. */
		free(connection->output);
		connection->output = NULL;
		connection->n_output_room = 0;
	}
	connection->n_output = 0;
	connection->n_output_sent = 0;
}

static int http_connection_on_bytes(void *peer, const void *bytes, size_t n)
{
	struct http_connection *connection = peer;

	if (connection->is_killed)
		return -ECANCELED;
	if (connection->is_refused) {
		connection->n_dropped += n;
		return connection->n_dropped > 64 * (size_t)HTTP_INPUT_MAX ? -EMSGSIZE : 0;
	}
	if (connection->n_input + n > HTTP_INPUT_MAX)
		return -EMSGSIZE;
	if (http_connection_reserve(
		    &connection->input, &connection->n_input_room, connection->n_input, n) < 0)
		return -ENOMEM;
	memcpy(connection->input + connection->n_input, bytes, n);
	connection->n_input += n;
	http_receive_advance(connection);
	return 0;
}

/* Everything is sent. Returns < 0 to close. */
static int http_connection_on_sent(struct http_connection *connection)
{
	switch (connection->phase) {
	case HTTP_PHASE_STREAM:
		http_connection_set_deadline(connection, 0);
		if (!connection->stream || !connection->stream->is_head_only)
			return 0;
		http_stream_lose(connection->stream);
		break;
	case HTTP_PHASE_FLUSH:
		break;
	default:
		return 0;
	}
	if (connection->is_refused) {
		connection->phase = HTTP_PHASE_LINGER;
		http_connection_set_deadline(connection, HTTP_LINGER_MS);
		return 0;
	}
	if (!connection->is_keep_alive || connection->server->is_draining)
		return -ECANCELED;
	http_connection_idle(connection);
	http_receive_advance(connection);
	return 0;
}

static int http_connection_on_writable(void *peer)
{
	struct http_connection *connection = peer;
	size_t n = http_connection_unsent(connection);
	int r;

	if (connection->is_killed)
		return -ECANCELED;
	if (n == 0)
		return http_connection_on_sent(connection);
	if (n > HTTP_WRITE_CHUNK)
		n = HTTP_WRITE_CHUNK;
	r = http_lws_write(connection->wsi, connection->output + connection->n_output_sent, n);
	if (r < 0)
		return r;
	connection->n_output_sent += n;
	if (connection->phase == HTTP_PHASE_FLUSH || connection->phase == HTTP_PHASE_STREAM)
		http_connection_set_progress(connection);
	if (connection->stream)
		http_stream_on_sent(connection->stream);
	if (http_connection_unsent(connection) == 0 && r == 0)
		return http_connection_on_sent(connection);
	http_lws_want_write(connection->wsi);
	return 0;
}

static void http_connection_free(struct http_connection *connection)
{
	free(connection->input);
	free(connection->output);
	free(connection);
}

static void http_connection_on_closed(void *peer)
{
	struct http_connection *connection = peer;

	connection->is_killed = true;
	if (connection->exchange && connection->phase == HTTP_PHASE_BUSY)
		http_exchange_lose(connection->exchange);
	else
		http_exchange_free(connection->exchange);
	if (connection->stream)
		http_stream_lose(connection->stream);
	LIST_REMOVE(connection, link);
	connection->server->n_connections--;
	http_connection_free(connection);
}

const struct http_lws_events http_connection_events = {
	.on_bytes = http_connection_on_bytes,
	.on_writable = http_connection_on_writable,
	.on_closed = http_connection_on_closed,
};

void http_connection_on_deadline(struct http_connection *connection)
{
	log_debug("http", "%s: too slow (phase %d)", connection->peer, (int)connection->phase);
	if (connection->phase == HTTP_PHASE_HEAD || connection->phase == HTTP_PHASE_BODY)
		http_exchange_refuse(connection, 408, "The request took too long.");
	else
		http_connection_kill(connection);
}

int http_connection_open(struct http_server *server, int fd, const char *peer)
{
	struct http_connection *connection = calloc(1, sizeof(*connection));
	int r;

	if (!connection) {
		(void)close(fd);
		return err_origin(-ENOMEM);
	}
	connection->server = server;
	(void)snprintf(connection->peer, sizeof(connection->peer), "%s", peer);
	http_peer_network(peer, connection->network);
	http_connection_set_deadline(connection, server->config.head_ms);
	r = http_lws_adopt(server->lws, fd, connection, &connection->wsi);
	if (r < 0) {
		http_connection_free(connection);
		return r;
	}
	LIST_INSERT_HEAD(&server->connections, connection, link);
	server->n_connections++;
	return 0;
}
