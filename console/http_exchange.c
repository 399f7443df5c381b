/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An exchange belongs to its connection while the request comes in, and to the
 * handler from the dispatch to the answer. A client that goes meanwhile leaves an
 * orphan behind, which the answer frees.
 */
#include "http_private.h"

#include "clock.h"
#include "http_reply.h"
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A random GUID (RFC 9562, version 4). */
static void http_exchange_make_id(char id[HTTP_ID_SIZE])
{
	unsigned char b[16] = {0};

	(void)uv_random(NULL, NULL, b, sizeof(b), 0, NULL); /* all zeros would do no harm */
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	(void)snprintf(id, HTTP_ID_SIZE,
		"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
		b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
		b[15]);
}

static void http_exchange_fill(struct http_exchange *exchange)
{
	const struct http_head *head = &exchange->head;
	struct http_request *request = &exchange->request;

	request->method = exchange->is_head_only ? "GET" : head->method;
	request->is_head = exchange->is_head_only;
	request->path = head->path;
	request->query = head->query;
	request->authorization = head->headers[HTTP_HEADER_AUTHORIZATION];
	request->origin = head->headers[HTTP_HEADER_ORIGIN];
	request->host = head->headers[HTTP_HEADER_HOST];
	request->content_type = head->headers[HTTP_HEADER_CONTENT_TYPE];
	request->last_event_id = head->headers[HTTP_HEADER_LAST_EVENT_ID];
	request->accept = head->headers[HTTP_HEADER_ACCEPT];
	request->if_none_match = head->headers[HTTP_HEADER_IF_NONE_MATCH];
	request->sec_fetch_site = head->headers[HTTP_HEADER_SEC_FETCH_SITE];
	request->peer = exchange->peer;
	request->client_certificate_cn = exchange->certificate_name;
}

int http_exchange_new(
	struct http_connection *connection, char *bytes, struct http_exchange **exchangep)
{
	struct http_exchange *exchange = calloc(1, sizeof(*exchange));

	if (!exchange)
		return err_origin(-ENOMEM);
	exchange->head = connection->head;
	exchange->n_body_room =
		exchange->head.is_chunked ? HTTP_BODY_MAX : exchange->head.content_length;
	exchange->body = malloc(exchange->n_body_room + 1);
	if (!exchange->body) {
		free(exchange);
		return err_origin(-ENOMEM);
	}
	exchange->chunked.body = exchange->body;
	exchange->chunked.n_room = exchange->n_body_room;
	exchange->bytes = bytes;
	exchange->connection = connection;
	exchange->is_head_only = strcmp(exchange->head.method, "HEAD") == 0;
	memcpy(exchange->peer, connection->peer, sizeof(exchange->peer));
	if (connection->server->config.client_ca)
		http_lws_common_name(connection->wsi, exchange->certificate_name,
			sizeof(exchange->certificate_name));
	http_exchange_fill(exchange);
	http_exchange_make_id(exchange->request.id);
	*exchangep = exchange;
	return 0;
}

void http_exchange_free(struct http_exchange *exchange)
{
	if (!exchange)
		return;
	if (exchange->connection)
		exchange->connection->exchange = NULL;
	free(exchange->bytes);
	free(exchange->body);
	free(exchange);
}

void http_exchange_lose(struct http_exchange *exchange)
{
	exchange->connection->exchange = NULL;
	exchange->connection = NULL;
	if (!exchange->on_gone)
		return; /* the handler does not know, and will answer */
	exchange->on_gone(exchange->arg);
	http_exchange_free(exchange);
}

void http_exchange_on_gone(struct http_exchange *exchange, void (*on_gone)(void *arg), void *arg)
{
	exchange->on_gone = on_gone;
	exchange->arg = arg;
}

static struct http_reply http_exchange_reply(
	const struct http_connection *connection, unsigned status)
{
	return (struct http_reply){.status = status,
		.body = HTTP_REPLY_LENGTH,
		.minor = 1,
		.is_keep_alive = connection->is_keep_alive && !connection->server->is_draining,
		.has_tls = !connection->server->config.is_plain,
		.unix_ms = clock_unix_ms()};
}

/* Head and body into the output, both or nothing of use. */
static int http_exchange_put(struct http_connection *connection, const struct http_reply *reply,
	const void *body, size_t n)
{
	char head[HTTP_REPLY_HEAD_MAX];
	int n_head = http_reply_head(reply, head);
	int r = n_head < 0 ? n_head : http_connection_put(connection, head, (size_t)n_head);

	if (r == 0)
		r = http_connection_put(connection, body, n);
	return r;
}

void http_exchange_refuse(struct http_connection *connection, unsigned status, const char *message)
{
	char text[512];
	struct http_reply reply;
	char id[HTTP_ID_SIZE];

	http_exchange_make_id(id);
	connection->is_refused = true;
	connection->is_keep_alive = false;
	http_exchange_free(connection->exchange);
	reply = http_exchange_reply(connection, status);
	reply.content_type = "application/json";
	reply.id = id;
	reply.n_body = http_reply_error(status, message, id, text, sizeof(text));
	log_debug("http", "%s: %u %s", connection->peer, status, message);
	if (http_exchange_put(connection, &reply, text, reply.n_body) < 0)
		http_connection_kill(connection);
	else
		http_connection_send(connection, true);
}

static void http_exchange_answered(struct http_exchange *exchange)
{
	struct http_connection *connection = exchange->connection;

	exchange->connection = NULL;
	connection->exchange = NULL;
	http_exchange_free(exchange);
	http_connection_send(connection, true);
}

/* An error instead of the answer; what cannot even be kept is the end. */
static void http_exchange_fail(struct http_exchange *exchange, unsigned status, const char *message,
	const char *const headers[][2])
{
	struct http_connection *connection = exchange->connection;
	struct http_reply reply = http_exchange_reply(connection, status);
	char text[512];

	reply.content_type = "application/json";
	reply.headers = headers;
	reply.id = exchange->request.id;
	reply.n_body = http_reply_error(status, message, exchange->request.id, text, sizeof(text));
	if (http_exchange_put(connection, &reply, text, exchange->is_head_only ? 0 : reply.n_body) <
		0)
		http_connection_kill(connection);
	http_exchange_answered(exchange);
}

static int http_exchange_send(
	struct http_exchange *exchange, struct http_reply *reply, const void *body, size_t n)
{
	static const char *const later[][2] = {{"Retry-After", "10"}, {NULL, NULL}};
	struct http_connection *connection = exchange->connection;
	const struct http_server *server = connection->server;
	size_t n_before = http_connection_unsent(connection);
	bool has_body = reply->status != 204 && reply->status != 304;
	int r;

	reply->body = has_body ? HTTP_REPLY_LENGTH : HTTP_REPLY_NONE;
	reply->n_body = n;
	reply->id = exchange->request.id;
	reply->minor = exchange->head.minor;
	log_debug("http", "%s: %s %u, %zu bytes", exchange->peer, exchange->head.method,
		reply->status, n);
	if (n > HTTP_UNSENT_SMALL && http_server_unsent(server) + n > server->config.unsent_max) {
		log_warn("http", "%s: too much waits to be sent", exchange->peer);
		http_exchange_fail(exchange, 503, "Too many answers are being sent.", later);
		return -ENOBUFS;
	}
	r = http_exchange_put(connection, reply, body, has_body && !exchange->is_head_only ? n : 0);
	if (r == 0) {
		http_exchange_answered(exchange);
		return 0;
	}
	/* Nothing of it may go out: what was put is taken back. */
	connection->n_output = connection->n_output_sent + n_before;
	http_exchange_fail(exchange, 500, "The answer could not be made.", NULL);
	return err_trace(r);
}

int http_answer(struct http_exchange *exchange, unsigned status, const char *content_type,
	const char *const headers[][2], const void *body, size_t n)
{
	struct http_reply reply;

	if (!exchange->connection || exchange->connection->is_killed) {
		http_exchange_free(exchange);
		return 0;
	}
	reply = http_exchange_reply(exchange->connection, status);
	reply.content_type = content_type;
	reply.headers = headers;
	return http_exchange_send(exchange, &reply, body, n);
}

/* Before the handler. */

static void http_exchange_error(struct http_exchange *exchange, unsigned status,
	const char *message, const char *const headers[][2])
{
	char text[512];
	size_t n = http_reply_error(status, message, exchange->request.id, text, sizeof(text));

	(void)http_answer(exchange, status, "application/json", headers, text, n);
}

static void http_exchange_page(struct http_exchange *exchange, const struct http_page_file *file)
{
	const char *const headers[][2] = {
		{"ETag", file->etag}, {"Cache-Control", "no-cache"}, {NULL, NULL}};
	bool is_known = http_page_is_match(file, exchange->request.if_none_match);
	struct http_reply reply = http_exchange_reply(exchange->connection, is_known ? 304 : 200);

	reply.content_type = is_known ? NULL : file->content_type;
	reply.headers = headers;
	reply.is_page = true;
	(void)http_exchange_send(exchange, &reply, file->bytes, is_known ? 0 : file->n);
}

static bool http_exchange_is_method(const char *method)
{
	static const char *const methods[] = {
		"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strcmp(method, methods[i]) == 0)
			return true;
	return false;
}

void http_exchange_dispatch(struct http_exchange *exchange)
{
	static const char *const allow[][2] = {
		{"Allow", "GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS"}, {NULL, NULL}};
	const struct http_config *config = &exchange->connection->server->config;
	struct http_request *request = &exchange->request;
	const struct http_page_file *file;
	unsigned status;

	exchange->body[exchange->n_body] = '\0';
	request->body = exchange->body;
	request->n_body = exchange->n_body;
	if (!http_exchange_is_method(exchange->head.method)) {
		http_exchange_error(exchange, 501, "This method is not known here.", NULL);
		return;
	}
	status = config->gate ? config->gate(config->arg, request) : 0;
	if (status != 0) {
		http_exchange_error(exchange, status, "This request is not served here.", NULL);
		return;
	}
	if (strcmp(request->method, "OPTIONS") == 0) {
		/* No header of CORS: what another origin asks for is refused by browsers. */
		(void)http_answer(exchange, 204, NULL, allow, NULL, 0);
		return;
	}
	file = strcmp(request->method, "GET") == 0
		       ? http_page_find(exchange->connection->server->page, request->path)
		       : NULL;
	if (file)
		http_exchange_page(exchange, file);
	else if (request->path[0] != '/')
		http_exchange_error(exchange, 400, "The target must be a path.", NULL);
	else
		config->handler(config->arg, exchange, request);
}
