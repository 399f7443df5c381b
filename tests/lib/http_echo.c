/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A server for tests of console/http: a handler that says what it was asked, and
 * does on demand what a handler may do.
 *
 *   http_echo [--NAME VALUE]…      the names are in http_echo_options()
 *
 * Prints "ready PORT" on standard error. SIGTERM closes, SIGINT drains first. Exits 0
 * only when the loop ran empty.
 */
#include "clock.h"
#include "http.h"
#include "json.h"
#include "log.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct echo {
	uv_loop_t loop;
	uv_signal_t signals[2];
	uv_timer_t drain_timer;
	struct http_server *server;
	unsigned n_gone;
	unsigned n_streams;
	unsigned n_closed;
	unsigned n_again;
	unsigned n_requests;
};

/* An answer or a stream that takes its time. */
struct later {
	uv_timer_t timer;
	struct echo *echo;
	struct http_exchange *exchange;
	struct http_stream *stream;
	size_t n_left;
	size_t n_sent;
};

static void later_on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void later_close(struct later *later)
{
	if (!uv_is_closing((uv_handle_t *)&later->timer))
		uv_close((uv_handle_t *)&later->timer, later_on_closed);
}

static struct later *later_new(struct echo *echo)
{
	struct later *later = calloc(1, sizeof(*later));

	if (!later)
		abort();
	later->echo = echo;
	(void)uv_timer_init(&echo->loop, &later->timer);
	later->timer.data = later;
	return later;
}

static void later_answer(uv_timer_t *timer)
{
	struct later *later = timer->data;

	(void)http_answer(later->exchange, 200, "text/plain", NULL, "late", 4);
	later_close(later);
}

static void later_on_gone(void *arg)
{
	struct later *later = arg;

	later->echo->n_gone++;
	later_close(later);
}

static void later_on_stream_closed(void *arg)
{
	struct later *later = arg;

	later->echo->n_closed++;
	later->stream = NULL;
	later_close(later);
}

static void later_pour(void *arg)
{
	struct later *later = arg;
	static char event[1032];

	if (!event[0]) {
		memset(event, 'x', sizeof(event));
		memcpy(event, "data: ", 6);
		memcpy(event + sizeof(event) - 2, "\n\n", 2);
	}
	while (later->n_left > 0) {
		int r = http_stream_send(later->stream, event, sizeof(event));

		if (r == -EAGAIN) {
			later->echo->n_again++;
			return;
		}
		if (r < 0)
			return;
		later->n_left--;
	}
	http_stream_end(later->stream);
	later_close(later);
}

static void later_tick(uv_timer_t *timer)
{
	struct later *later = timer->data;
	char text[64];
	int n = snprintf(text, sizeof(text), "id: %zu\ndata: tick\n\n", ++later->n_sent);

	(void)http_stream_send(later->stream, text, (size_t)n);
}

static const struct http_stream_hooks later_hooks = {later_pour, later_on_stream_closed};

static void echo_stream(struct echo *echo, struct http_exchange *exchange, size_t n_events)
{
	struct later *later = later_new(echo);

	if (http_stream_begin(exchange, "text/event-stream", &later_hooks, later, &later->stream) <
		0) {
		later_close(later);
		(void)http_answer(exchange, 500, NULL, NULL, NULL, 0);
		return;
	}
	echo->n_streams++;
	later->n_left = n_events;
	if (n_events > 0)
		later_pour(later);
	else
		(void)uv_timer_start(&later->timer, later_tick, 0, 50);
}

static void echo_json(struct http_exchange *exchange, unsigned status, cJSON *object)
{
	char *text = NULL;
	size_t n = 0;

	if (json_print(object, &text, &n) < 0)
		abort();
	(void)http_answer(exchange, status, "application/json", NULL, text, n);
	free(text);
	cJSON_Delete(object);
}

static void echo_request(struct http_exchange *exchange, const struct http_request *request)
{
	cJSON *object = cJSON_CreateObject();

	(void)json_add_string(object, "method", request->method);
	(void)json_add_string(object, "path", request->path);
	(void)json_add_string(object, "query", request->query);
	(void)json_add_string(object, "authorization", request->authorization);
	(void)json_add_string(object, "host", request->host);
	(void)json_add_string(object, "origin", request->origin);
	(void)json_add_string(object, "contentType", request->content_type);
	(void)json_add_string(object, "lastEventId", request->last_event_id);
	(void)json_add_string(object, "peer", request->peer);
	(void)json_add_string(object, "cn", request->client_certificate_cn);
	(void)json_add_string(object, "id", request->id);
	(void)json_add_string(object, "body", request->body);
	(void)json_add_uint(object, "length", request->n_body);
	echo_json(exchange, 200, object);
}

static void echo_stats(struct echo *echo, struct http_exchange *exchange)
{
	cJSON *object = cJSON_CreateObject();

	(void)json_add_uint(object, "gone", echo->n_gone);
	(void)json_add_uint(object, "streams", echo->n_streams);
	(void)json_add_uint(object, "closed", echo->n_closed);
	(void)json_add_uint(object, "again", echo->n_again);
	(void)json_add_uint(object, "requests", echo->n_requests);
	(void)json_add_uint(object, "connections", http_server_n_connections(echo->server));
	echo_json(exchange, 200, object);
}

static void echo_big(struct http_exchange *exchange, size_t n)
{
	char *bytes = calloc(1, n + 1);

	if (!bytes)
		abort();
	memset(bytes, 'b', n);
	(void)http_answer(exchange, 200, "application/octet-stream", NULL, bytes, n);
	free(bytes);
}

static void echo_later(struct echo *echo, struct http_exchange *exchange, uint64_t ms, bool is_told)
{
	struct later *later = later_new(echo);

	later->exchange = exchange;
	if (is_told)
		http_exchange_on_gone(exchange, later_on_gone, later);
	(void)uv_timer_start(&later->timer, later_answer, ms, 0);
}

static void echo_on_request(
	void *arg, struct http_exchange *exchange, const struct http_request *request)
{
	static const char *const extra[][2] = {{"Retry-After", "3"}, {NULL, NULL}};
	static const char *const evil[][2] = {{"X-Evil", "a\r\nSet-Cookie: b"}, {NULL, NULL}};
	struct echo *echo = arg;
	unsigned long number = strtoul(request->query, NULL, 10);

	echo->n_requests++;
	if (strncmp(request->path, "/echo", 5) == 0)
		echo_request(exchange, request);
	else if (strcmp(request->path, "/stats") == 0)
		echo_stats(echo, exchange);
	else if (strcmp(request->path, "/big") == 0)
		echo_big(exchange, number);
	else if (strcmp(request->path, "/later") == 0)
		echo_later(echo, exchange, number, true);
	else if (strcmp(request->path, "/orphan") == 0)
		echo_later(echo, exchange, number, false);
	else if (strcmp(request->path, "/stream") == 0)
		echo_stream(echo, exchange, number);
	else if (strcmp(request->path, "/headers") == 0)
		(void)http_answer(exchange, 429, "text/plain", extra, "slow", 4);
	else if (strcmp(request->path, "/evil") == 0)
		(void)http_answer(exchange, 200, "text/plain", evil, "evil", 4);
	else if (strcmp(request->path, "/renew") == 0)
		(void)http_answer(exchange, http_server_renew(echo->server, NULL) < 0 ? 500 : 200,
			NULL, NULL, NULL, 0);
	else if (strcmp(request->path, "/none") == 0)
		(void)http_answer(exchange, 204, NULL, NULL, NULL, 0);
	else
		(void)http_answer(exchange, 404, "text/plain", NULL, "nothing", 7);
}

static unsigned echo_gate(void *arg, const struct http_request *request)
{
	(void)arg;
	return strcmp(request->host, "wrong.example") == 0 ? 421 : 0;
}

static void echo_close(struct echo *echo)
{
	for (size_t i = 0; i < 2; i++)
		uv_close((uv_handle_t *)&echo->signals[i], NULL);
	uv_close((uv_handle_t *)&echo->drain_timer, NULL);
	http_server_close(echo->server);
}

static void echo_on_drained(uv_timer_t *timer)
{
	struct echo *echo = timer->data;

	if (http_server_n_connections(echo->server) == 0)
		echo_close(echo);
}

static void echo_on_signal(uv_signal_t *handle, int signo)
{
	struct echo *echo = handle->data;

	if (signo == SIGTERM) {
		echo_close(echo);
		return;
	}
	http_server_drain(echo->server);
	(void)uv_timer_start(&echo->drain_timer, echo_on_drained, 10, 10);
}

static void http_echo_options(int argc, char *argv[], struct http_config *config)
{
	const struct {
		const char *name;
		const char **text;
		unsigned *number;
	} options[] = {
		{"--address", &config->address, NULL},
		{"--certificate", &config->certificate, NULL},
		{"--key", &config->key, NULL},
		{"--client-ca", &config->client_ca, NULL},
		{"--page-dir", &config->page_dir, NULL},
		{"--connections", NULL, &config->connections_max},
		{"--per-address", NULL, &config->connections_per_address_max},
		{"--head-ms", NULL, &config->head_ms},
		{"--body-ms", NULL, &config->body_ms},
		{"--idle-ms", NULL, &config->idle_ms},
		{"--write-ms", NULL, &config->write_ms},
		{"--answer-ms", NULL, &config->answer_ms},
		{"--unsent-max", NULL, &config->unsent_max},
	};

	for (int i = 1; i + 1 < argc; i += 2)
		for (size_t k = 0; k < sizeof(options) / sizeof(options[0]); k++) {
			if (strcmp(argv[i], options[k].name) != 0)
				continue;
			if (options[k].text)
				*options[k].text = argv[i + 1];
			else
				*options[k].number = (unsigned)strtoul(argv[i + 1], NULL, 10);
		}
	config->is_plain = !config->certificate;
}

int main(int argc, char *argv[])
{
	static const int signals[2] = {SIGTERM, SIGINT};
	static struct echo echo;
	struct http_config config = {.loop = &echo.loop,
		.address = "127.0.0.1",
		.handler = echo_on_request,
		.gate = echo_gate,
		.arg = &echo};
	struct errmsg msg = ERRMSG_NULL;
	int r;

	(void)signal(SIGPIPE, SIG_IGN);
	log_init("http_echo", getenv("ECHO_DEBUG") ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARN);
	http_echo_options(argc, argv, &config);
	(void)uv_loop_init(&echo.loop);
	r = http_server_open(&config, &echo.server, &msg);
	if (r < 0) {
		(void)fprintf(stderr, "failed %d: %s\n", r, msg.text);
	} else {
		(void)uv_timer_init(&echo.loop, &echo.drain_timer);
		echo.drain_timer.data = &echo;
		for (size_t i = 0; i < 2; i++) {
			(void)uv_signal_init(&echo.loop, &echo.signals[i]);
			echo.signals[i].data = &echo;
			(void)uv_signal_start(&echo.signals[i], echo_on_signal, signals[i]);
		}
		(void)fprintf(stderr, "ready %u\n", http_server_port(echo.server));
	}
	(void)uv_run(&echo.loop, UV_RUN_DEFAULT);
	http_server_free(echo.server);
	if (uv_loop_close(&echo.loop) < 0)
		return 3;
	return r < 0 ? 1 : 0;
}
