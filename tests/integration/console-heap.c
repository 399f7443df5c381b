/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The n-th allocation fails while a request is served, for every n: the client gets
 * its answer, an error, or the end of its connection; the next client is served.
 */
#include "unit.h"

#include "cleanup.h"
#include "faultheap.h"
#include "http.h"
#include "upstream_message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { TRIES_MAX = 500, TURNS_MAX = 2000 };

static uv_loop_t loop;
static struct http_server *server;

static void on_closed(void *arg)
{
	(void)arg;
}

static void on_request(
	void *arg, struct http_exchange *exchange, const struct http_request *request)
{
	static const struct http_stream_hooks hooks = {.on_closed = on_closed};
	static const char *const headers[][2] = {{"X-Test", "x"}, {NULL, NULL}};
	static char body[20000];
	struct http_stream *stream = NULL;

	(void)arg;
	if (strcmp(request->path, "/stream") != 0) {
		(void)http_answer(exchange, 200, "text/plain", headers, body, sizeof(body));
		return;
	}
	if (http_stream_begin(exchange, "text/plain", &hooks, NULL, &stream) < 0) {
		(void)http_answer(exchange, 503, NULL, NULL, NULL, 0);
		return;
	}
	(void)http_stream_send(stream, body, sizeof(body));
	http_stream_end(stream);
}

/* Turn the loop until the server has closed; what it said. */
static size_t exchange(const char *text, char *said, size_t n_said, unsigned long n_fault)
{
	_cleanup_(cleanup_close) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons(http_server_port(server)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	size_t n = 0;

	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	for (int i = 0; i < TURNS_MAX && http_server_n_connections(server) == 0; i++)
		(void)uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
	faultheap_arm(n_fault);
	for (int i = 0; i < TURNS_MAX; i++) {
		ssize_t got;

		(void)uv_run(&loop, UV_RUN_NOWAIT);
		got = recv(fd, said + n, n_said - n, MSG_DONTWAIT);
		if (got == 0 || (got < 0 && errno != EAGAIN))
			break;
		n += got > 0 ? (size_t)got : 0;
	}
	return n;
}

static void every_allocation(const char *text)
{
	static char said[65536];
	unsigned long n = 0;
	bool has_failed = true;

	for (; has_failed && n < TRIES_MAX; n++) {
		size_t n_said = exchange(text, said, sizeof(said) - 1, n);

		has_failed = faultheap_disarm();
		said[n_said] = '\0';
		for (int i = 0; i < TURNS_MAX && http_server_n_connections(server) > 0; i++)
			(void)uv_run(&loop, UV_RUN_NOWAIT);
		assert_int_equal(http_server_n_connections(server), 0);
		if (n_said > 0)
			assert_memory_equal(said, "HTTP/1.1 ", 9);
		if (!has_failed)
			assert_memory_equal(said, "HTTP/1.1 200 OK\r\n", 17);
	}
	assert_true(n > 2 && n < TRIES_MAX);
}

static void answers(void **state)
{
	(void)state;
	every_allocation("GET /a?b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	every_allocation("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
			 "Connection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
}

static void streams(void **state)
{
	(void)state;
	every_allocation("GET /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
}

/* The messages of the local socket. */
static void messages(void **state)
{
	static const char *const roles[] = {"a", "b"};
	static const struct upstream_caller caller = {.name = "n", .roles = roles, .n_roles = 2};
	static const char line[] =
		"{\"id\":1,\"error\":{\"code\":-1,\"message\":\"m\",\"data\":{\"code\":\"C\"}}}";
	const struct upstream_message_call call = {.id = 1, .method = "m", .caller = &caller};
	bool has_failed = true;

	(void)state;
	for (unsigned long n = 0; has_failed && n < TRIES_MAX; n++) {
		cJSON *params = cJSON_CreateObject();
		char *text = NULL;
		size_t n_text = 0;
		int r;

		faultheap_arm(n);
		r = upstream_message_request(&call, params, &text, &n_text);
		has_failed = faultheap_disarm();
		assert_int_equal(r, has_failed ? -ENOMEM : 0);
		free(text);
	}
	has_failed = true;
	for (unsigned long n = 0; has_failed && n < TRIES_MAX; n++) {
		struct upstream_message message;
		struct errmsg msg = ERRMSG_NULL;
		int r;

		faultheap_arm(n);
		r = upstream_message_read(line, sizeof(line) - 1, &message, &msg);
		has_failed = faultheap_disarm();
		assert_true(has_failed ? r < 0 : r == 0);
		upstream_message_deinit(&message);
	}
}

static int make(void **state)
{
	const struct http_config config = {
		.loop = &loop, .address = "127.0.0.1", .is_plain = true, .handler = on_request};
	struct errmsg msg = ERRMSG_NULL;

	(void)state;
	(void)uv_loop_init(&loop);
	return http_server_open(&config, &server, &msg);
}

static int unmake(void **state)
{
	(void)state;
	http_server_close(server);
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	http_server_free(server);
	return uv_loop_close(&loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(streams),
		cmocka_unit_test(messages),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
