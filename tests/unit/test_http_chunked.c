/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http_chunked: a body comes out as it went in, however it was cut. */
#include "unit.h"

#include "http_chunked.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Decode in pieces of n_piece bytes. */
static int decode(const char *text, size_t n_piece, char *body, size_t n_room, size_t *n_restp)
{
	struct http_chunked chunked = {.body = body, .n_room = n_room};
	size_t n = strlen(text);
	size_t at = 0;
	int r = 0;

	while (r == 0 && at < n && chunked.state != HTTP_CHUNKED_DONE) {
		size_t n_part = n - at < n_piece ? n - at : n_piece;
		size_t n_used = 0;

		r = http_chunked_decode(&chunked, text + at, n_part, &n_used);
		at += n_used;
	}
	body[chunked.n_body] = '\0';
	*n_restp = n - at;
	if (r == 0 && chunked.state != HTTP_CHUNKED_DONE)
		return -EAGAIN;
	return r;
}

static void bodies(void **state)
{
	static const struct {
		const char *text;
		const char *body;
		size_t n_rest;
		int r;
	} cases[] = {
		{"0\r\n\r\n", "", 0, 0},
		{"3\r\nabc\r\n0\r\n\r\nGET", "abc", 3, 0},
		{"3\r\nabc\r\n00000002;a=\"b\"\r\nde\r\n000\r\nT: x\r\nU: y\r\n\r\n", "abcde", 0,
			0},
		{"A\r\n0123456789\r\n0 \t\r\n\r\n", "0123456789", 0, 0},
		{"3\r\nabc", "abc", 0, -EAGAIN},
		{"3\r\nabcd", "abc", 0, -EBADMSG},
		{"3\nabc", "", 3, -EBADMSG},
		{"\r\n", "", 1, -EBADMSG},
		{"-1\r\n", "", 3, -EBADMSG},
		{"0x3\r\n", "", 3, -EBADMSG},
		{"g\r\n", "", 2, -EBADMSG},
		{"3\rabc", "", 3, -EBADMSG},
		{"3;\nabc", "", 3, -EBADMSG},
		{"000000003\r\nabc", "", 5, -EMSGSIZE},
		{"ffffffff\r\nabc", "abc", 0, -EAGAIN},
		{"0\r\nT: x\n\r\n", "", 2, -EBADMSG},
		{"0\r\n\rx", "", 0, -EBADMSG},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t n_piece = 1; n_piece < 12; n_piece++) {
			char body[64];
			size_t n_rest = 0;

			assert_int_equal(
				decode(cases[i].text, n_piece, body, sizeof(body) - 1, &n_rest),
				cases[i].r);
			assert_string_equal(body, cases[i].body);
			if (cases[i].r == 0)
				assert_int_equal(n_rest, cases[i].n_rest);
		}
}

/* What does not fit is refused, not cut. */
static void limits(void **state)
{
	char text[8192] = "1;";
	char body[8];
	size_t n_rest = 0;
	size_t at;

	(void)state;
	assert_int_equal(decode("8\r\n12345678\r\n0\r\n\r\n", 64, body, 7, &n_rest), -EMSGSIZE);
	memset(text + 2, 'x', HTTP_CHUNKED_LINE_MAX);
	assert_int_equal(decode(text, 64, body, 7, &n_rest), -EMSGSIZE);
	at = (size_t)snprintf(text, sizeof(text), "0\r\n");
	while (at < HTTP_CHUNKED_TRAILER_MAX + 16)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "T: x\r\n");
	assert_int_equal(decode(text, 64, body, 7, &n_rest), -EMSGSIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(bodies), cmocka_unit_test(limits)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
