/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http_reply: heads are whole, and nothing foreign gets into them. */
#include "unit.h"

#include "http_reply.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static char head[HTTP_REPLY_HEAD_MAX + 1];

static const char *make(const struct http_reply *reply)
{
	int n = http_reply_head(reply, head);

	assert_true(n > 0);
	head[n] = '\0';
	assert_string_equal(head + n - 4, "\r\n\r\n");
	return head;
}

/* Every header of an answer of the API, byte by byte. */
static void whole(void **state)
{
	static const char *const headers[][2] = {{"Retry-After", "7"}, {NULL, NULL}};
	const struct http_reply reply = {.status = 429,
		.content_type = "application/json",
		.headers = headers,
		.id = "the-id",
		.n_body = 12,
		.minor = 1,
		.is_keep_alive = true,
		.has_tls = true,
		.unix_ms = INT64_C(784111777000)};

	(void)state;
	assert_string_equal(make(&reply),
		"HTTP/1.1 429 Too Many Requests\r\n"
		"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
		"X-Request-Id: the-id\r\n"
		"Content-Type: application/json\r\n"
		"Content-Length: 12\r\n"
		"Retry-After: 7\r\n"
		"Cache-Control: no-store\r\n"
		"X-Content-Type-Options: nosniff\r\n"
		"X-Frame-Options: DENY\r\n"
		"Referrer-Policy: no-referrer\r\n"
		"Cross-Origin-Opener-Policy: same-origin\r\n"
		"Cross-Origin-Resource-Policy: same-origin\r\n"
		"Content-Security-Policy: default-src 'none'; base-uri 'none'; form-action 'none'; "
		"frame-ancestors 'none'\r\n"
		"Strict-Transport-Security: max-age=31536000\r\n\r\n");
}

static void framing(void **state)
{
	static const char *const cache[][2] = {{"cache-control", "no-cache"}, {NULL, NULL}};
	struct http_reply reply = {.status = 200, .body = HTTP_REPLY_CHUNKED, .minor = 1};

	(void)state;
	assert_non_null(
		strstr(make(&reply), "Transfer-Encoding: chunked\r\nConnection: close\r\n"));
	assert_null(strstr(head, "Content-Length"));
	assert_null(strstr(head, "Strict-Transport-Security"));
	reply.body = HTTP_REPLY_NONE;
	reply.headers = cache;
	reply.is_page = true;
	reply.minor = 0;
	reply.is_keep_alive = true;
	assert_null(strstr(make(&reply), "no-store"));
	assert_non_null(strstr(head, "script-src 'self'; style-src 'self'; connect-src 'self'; "
				     "img-src 'self' data:"));
	assert_non_null(strstr(head, "Connection: keep-alive\r\n"));
	assert_null(strstr(head, "Content-Length"));
	assert_null(strstr(head, "chunked"));
}

/* What would split an answer in two is refused, as is what http says itself. */
static void refused(void **state)
{
	static const char *const bad[][2] = {{"X", "a\r\nb"}, {"X", "a\nb"}, {"X\r\n", "a"},
		{"X: y", "a"}, {"", "a"}, {"X", NULL}, {"Content-Length", "3"},
		{"transfer-encoding", "chunked"}, {"Connection", "close"}, {"Date", "now"}};
	static char text[HTTP_REPLY_HEAD_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *const headers[][2] = {{bad[i][0], bad[i][1]}, {NULL, NULL}};
		const struct http_reply reply = {.status = 200, .headers = headers};

		assert_int_equal(http_reply_head(&reply, head), -EINVAL);
	}
	assert_int_equal(
		http_reply_head(&(struct http_reply){.status = 200, .content_type = "a\nb"}, head),
		-EINVAL);
	memset(text, 'a', sizeof(text) - 1);
	assert_int_equal(
		http_reply_head(&(struct http_reply){.status = 200, .content_type = text}, head),
		-EINVAL);
}

/* Every status we send has a reason and a word. */
static void words(void **state)
{
	static const unsigned statuses[] = {200, 201, 202, 204, 304, 400, 401, 403, 404, 405, 408,
		409, 413, 414, 417, 421, 429, 431, 500, 501, 502, 503, 504, 505};
	char text[200];

	(void)state;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		assert_true(strlen(http_reply_reason(statuses[i])) > 1);
		assert_string_not_equal(http_reply_code(statuses[i]), "Unknown");
	}
	assert_string_equal(http_reply_code(299), "Unknown");
	(void)http_reply_error(404, "Not here.", "id", text, sizeof(text));
	assert_string_equal(text, "{\"error\":{\"code\":\"NotFound\",\"message\":\"Not here.\","
				  "\"target\":\"id\"}}");
	assert_int_equal(http_reply_error(404, "Not here.", "id", text, 10), 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(framing),
		cmocka_unit_test(refused),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
