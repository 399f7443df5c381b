/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http_parse: what is a request is understood, whatever could be two is refused. */
#include "unit.h"

#include "http.h"
#include "http_parse.h"

#include <stdio.h>
#include <string.h>

static char bytes[4 * HTTP_HEAD_MAX];

static int parse(const char *text, struct http_head *head)
{
	size_t n = strlen(text);

	memcpy(bytes, text, n);
	*head = (struct http_head){0};
	return http_parse_head(bytes, n, HTTP_HEAD_MAX, head);
}

/* Everything that is understood is where it belongs; what follows the head is left. */
static void whole_request(void **state)
{
	struct http_head head;

	(void)state;
	assert_int_equal(parse("PATCH /api/alerts/%41?a=%20&b HTTP/1.1\r\n"
			       "HOST: example:8443\r\nauthorization:\tBearer x \r\n"
			       "X-Other: anything\r\nContent-Length: 007\r\n"
			       "Content-Type: application/json; charset=utf-8\r\n\r\n{\"a\":1}",
				 &head),
		0);
	assert_string_equal(head.method, "PATCH");
	assert_string_equal(head.path, "/api/alerts/%41");
	assert_string_equal(head.query, "a=%20&b");
	assert_string_equal(head.headers[HTTP_HEADER_HOST], "example:8443");
	assert_string_equal(head.headers[HTTP_HEADER_AUTHORIZATION], "Bearer x");
	assert_string_equal(
		head.headers[HTTP_HEADER_CONTENT_TYPE], "application/json; charset=utf-8");
	assert_string_equal(head.headers[HTTP_HEADER_ORIGIN], "");
	assert_int_equal(head.content_length, 7);
	assert_true(head.is_keep_alive);
	assert_string_equal(bytes + head.n, "{\"a\":1}");
}

/* An incomplete head changes nothing; the same bytes with their end are a request. */
static void piece_by_piece(void **state)
{
	static const char text[] = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
	struct http_head head = {0};

	(void)state;
	memcpy(bytes, text, sizeof(text));
	for (size_t n = 1; n < sizeof(text) - 1; n++) {
		assert_int_equal(
			http_parse_head(bytes, n, HTTP_HEAD_MAX, &head), HTTP_PARSE_E_MORE);
		assert_memory_equal(bytes, text, sizeof(text));
	}
	assert_int_equal(http_parse_head(bytes, sizeof(text) - 1, HTTP_HEAD_MAX, &head), 0);
	assert_int_equal(head.n, sizeof(text) - 1);
}

/* Connection and version decide whether the connection goes on. */
static void keep_alive(void **state)
{
	static const struct {
		const char *text;
		bool is_kept;
	} cases[] = {
		{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, CLOSE\r\n\r\n", false},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: x\r\nConnection: close\r\n\r\n", false},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n", true},
		{"GET / HTTP/1.0\r\n\r\n", false},
		{"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
		{"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_head head;

		assert_int_equal(parse(cases[i].text, &head), 0);
		assert_int_equal(head.is_keep_alive, cases[i].is_kept);
	}
}

/* How the body comes. */
static void bodies(void **state)
{
	struct http_head head;

	(void)state;
	assert_int_equal(
		parse("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n", &head),
		0);
	assert_true(head.is_chunked);
	assert_int_equal(parse("POST / HTTP/1.1\r\nHost: a\r\nExpect: "
			       "100-Continue\r\nContent-Length: 1\r\n\r\n",
				 &head),
		0);
	assert_true(head.wants_continue);
	assert_int_equal(parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: "
			       "18446744073709551616\r\n\r\n",
				 &head),
		0);
	assert_true(head.content_length == SIZE_MAX);
}

/* Each refusal has its status and a sentence. */
static void refused(void **state)
{
	static const struct {
		const char *text;
		unsigned status;
	} cases[] = {
		{"GET / HTTP/1.1\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", 400},
		{"GET / HTTP/1.1\nHost: a\n\n", 400},
		{"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n: a\r\nHost: a\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nHost\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nHost: a\x01\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nH\xc3\xa9: a\r\nHost: a\r\n\r\n", 400},
		{"\r\n\r\n", 400},
		{"GET /\r\n\r\n", 400},
		{"GET / x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
		{" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
		{"G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
		{"GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
		{"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
		{"GET /\t HTTP/1.1\r\nHost: a\r\n\r\n", 400},
		{"GET /#a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
		{"GET / http/1.1\r\nHost: a\r\n\r\n", 400},
		{"AVERYLONGMETHODNAME / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
		{"GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
		{"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1 2\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
			400},
		{"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: "
		 "chunked\r\n\r\n",
			400},
		{"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", 501},
		{"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 501},
		{"GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n", 417},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_head head;

		assert_int_equal(parse(cases[i].text, &head), HTTP_PARSE_E_REFUSED);
		if (head.status != cases[i].status)
			print_error("%s", cases[i].text);
		assert_int_equal(head.status, cases[i].status);
		assert_true(strlen(head.reason) > 10);
	}
}

/* Lengths up to the limit are taken, one more is not. */
static void limits(void **state)
{
	static const struct {
		size_t n_path, n_query, n_header, n_headers;
		unsigned status;
	} cases[] = {
		{HTTP_PATH_MAX, HTTP_QUERY_MAX, 10, 1, 0},
		{HTTP_PATH_MAX + 1, 1, 10, 1, 414},
		{10, HTTP_QUERY_MAX + 1, 10, 1, 414},
		{10, 10, 16000, 1, 0},
		{10, 10, 16384, 1, 431},
		{10, 10, 10, HTTP_PARSE_HEADERS_MAX - 1, 0},
		{10, 10, 10, HTTP_PARSE_HEADERS_MAX, 431},
	};
	static char text[4 * HTTP_HEAD_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		static char fill[HTTP_HEAD_MAX + 1];
		struct http_head head;
		int n;

		memset(fill, 'a', sizeof(fill) - 1);
		n = snprintf(text, sizeof(text), "GET /%.*s?%.*s HTTP/1.1\r\nHost: a\r\n",
			(int)cases[i].n_path - 1, fill, (int)cases[i].n_query, fill);
		for (size_t k = 0; k < cases[i].n_headers; k++)
			n += snprintf(text + n, sizeof(text) - (size_t)n, "X: %.*s\r\n",
				(int)cases[i].n_header, fill);
		(void)snprintf(text + n, sizeof(text) - (size_t)n, "\r\n");
		assert_int_equal(parse(text, &head), cases[i].status ? HTTP_PARSE_E_REFUSED : 0);
		assert_int_equal(head.status, cases[i].status);
	}
}

/* A NUL in the head would end strings early. */
static void nul(void **state)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n";
	struct http_head head = {0};

	(void)state;
	memcpy(bytes, text, sizeof(text));
	assert_int_equal(http_parse_head(bytes, sizeof(text) - 1, HTTP_HEAD_MAX, &head),
		HTTP_PARSE_E_REFUSED);
	assert_int_equal(head.status, 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_request),
		cmocka_unit_test(piece_by_piece),
		cmocka_unit_test(keep_alive),
		cmocka_unit_test(bodies),
		cmocka_unit_test(refused),
		cmocka_unit_test(limits),
		cmocka_unit_test(nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
