/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a connection does with bytes that came: head, body, dispatch; each step when
 * there is enough for it, and no step twice.
 */
#include "http_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The head's buffer goes to the exchange, since the head points into it. */
static int http_receive_begin(struct http_connection *connection)
{
	size_t n_head = connection->head.n;
	size_t n_rest = connection->n_input - n_head;
	char *bytes = connection->input;
	char *rest = NULL;
	int r;

	if (n_rest > 0) {
		rest = malloc(n_rest > HTTP_ROOM_MIN ? n_rest : HTTP_ROOM_MIN);
		if (!rest)
			return err_origin(-ENOMEM);
		memcpy(rest, bytes + n_head, n_rest);
	}
	r = http_exchange_new(connection, bytes, &connection->exchange);
	if (r < 0) {
		free(rest);
		return r;
	}
	connection->input = rest;
	connection->n_input = n_rest;
	connection->n_input_room = rest ? (n_rest > HTTP_ROOM_MIN ? n_rest : HTTP_ROOM_MIN) : 0;
	connection->phase = HTTP_PHASE_BODY;
	http_connection_set_deadline(connection, connection->server->config.body_ms);
	return 0;
}

/* Returns true when the head is complete and its exchange has begun. */
static bool http_receive_head(struct http_connection *connection)
{
	int r = http_parse_head(
		connection->input, connection->n_input, HTTP_HEAD_MAX, &connection->head);

	if (r == HTTP_PARSE_E_MORE)
		return false;
	connection->is_keep_alive =
		r == 0 && connection->head.is_keep_alive && !connection->server->is_draining;
	if (r == HTTP_PARSE_E_REFUSED)
		http_exchange_refuse(connection, connection->head.status, connection->head.reason);
	else if (connection->head.content_length > HTTP_BODY_MAX)
		http_exchange_refuse(connection, 413, "The body is too large.");
	else if (http_receive_begin(connection) < 0)
		http_exchange_refuse(connection, 503, "There is no memory for this request.");
	else
		return true;
	return false;
}

/* The client waits for leave to send its body. */
static int http_receive_continue(struct http_connection *connection)
{
	static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct http_exchange *exchange = connection->exchange;

	if (!exchange->head.wants_continue || connection->n_input > 0)
		return 0;
	exchange->head.wants_continue = false;
	if (http_connection_put(connection, line, sizeof(line) - 1) < 0)
		return -ENOMEM;
	http_lws_want_write(connection->wsi);
	return 0;
}

/* Returns 1 when the body is complete, 0 when it is not, < 0 when it is none. */
static int http_receive_body(struct http_connection *connection)
{
	struct http_exchange *exchange = connection->exchange;
	struct http_chunked *chunked = &exchange->chunked;
	size_t n_room = exchange->n_body_room - exchange->n_body;
	size_t n_used = connection->n_input < n_room ? connection->n_input : n_room;

	if (exchange->head.is_chunked) {
		int r = http_chunked_decode(
			chunked, connection->input, connection->n_input, &n_used);

		if (r < 0)
			return r;
		exchange->n_body = chunked->n_body;
	} else if (n_used > 0) {
		memcpy(exchange->body + exchange->n_body, connection->input, n_used);
		exchange->n_body += n_used;
	}
	connection->n_input -= n_used;
	if (connection->n_input > 0)
		memmove(connection->input, connection->input + n_used, connection->n_input);
	if (exchange->head.is_chunked)
		return chunked->state == HTTP_CHUNKED_DONE;
	return exchange->n_body == exchange->n_body_room;
}

static void http_receive_rest(struct http_connection *connection)
{
	int r = http_receive_body(connection);

	if (r == 0)
		r = http_receive_continue(connection);
	if (r == -EMSGSIZE)
		http_exchange_refuse(connection, 413, "The body is too large.");
	else if (r < 0)
		http_exchange_refuse(connection, 400, "The body is malformed.");
	if (r <= 0)
		return;
	connection->phase = HTTP_PHASE_BUSY;
	http_connection_set_deadline(connection, 0);
	http_exchange_dispatch(connection->exchange);
}

/* Empty lines before a request are passed over (RFC 9112, 2.2). */
static void http_receive_skip_lines(struct http_connection *connection)
{
	size_t n = 0;

	while (connection->n_input - n >= 2 && memcmp(connection->input + n, "\r\n", 2) == 0)
		n += 2;
	connection->n_input -= n;
	if (n > 0 && connection->n_input > 0)
		memmove(connection->input, connection->input + n, connection->n_input);
}

void http_receive_advance(struct http_connection *connection)
{
	if (connection->phase == HTTP_PHASE_IDLE) {
		http_receive_skip_lines(connection);
		if (connection->n_input == 0)
			return;
		connection->phase = HTTP_PHASE_HEAD;
		connection->head = (struct http_head){0};
		http_connection_set_deadline(connection, connection->server->config.head_ms);
	}
	if (connection->phase == HTTP_PHASE_HEAD && !http_receive_head(connection))
		return;
	if (connection->phase == HTTP_PHASE_BODY)
		http_receive_rest(connection);
}
