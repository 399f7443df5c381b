/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A request's head and body: nothing is read outside, and how the bytes were cut
 * into pieces on their way makes no difference.
 */
#include "fuzz.h"

#include "http.h"
#include "http_chunked.h"
#include "http_parse.h"

#include <stdlib.h>
#include <string.h>

static char *copy(const uint8_t *data, size_t n)
{
	char *bytes = malloc(n + 1);

	if (!bytes)
		abort();
	if (n > 0)
		memcpy(bytes, data, n);
	return bytes;
}

/* The whole at once against byte by byte. */
static void fuzz_head(const uint8_t *data, size_t n)
{
	struct http_head whole = {0};
	struct http_head slow = {0};
	char *bytes = copy(data, n);
	char *again = copy(data, n);
	int r = http_parse_head(bytes, n, HTTP_HEAD_MAX, &whole);
	int r_slow = HTTP_PARSE_E_MORE;

	for (size_t i = 1; i <= n && r_slow == HTTP_PARSE_E_MORE; i++)
		r_slow = http_parse_head(again, i, HTTP_HEAD_MAX, &slow);
	if (n > 0 && (r != r_slow ||
			     (r == 0 && (whole.n != slow.n || strcmp(whole.path, slow.path) != 0))))
		abort();
	if (r == 0) {
		if (whole.n > n || strlen(whole.path) > HTTP_PATH_MAX ||
			strlen(whole.query) > HTTP_QUERY_MAX || strchr(whole.path, ' '))
			abort();
		for (size_t i = 0; i < HTTP_HEADER_N; i++)
			if (strlen(whole.headers[i]) > n)
				abort();
	}
	free(bytes);
	free(again);
}

static void fuzz_body(const uint8_t *data, size_t n)
{
	char room[512];
	char again[512];
	struct http_chunked whole = {.body = room, .n_room = sizeof(room)};
	struct http_chunked slow = {.body = again, .n_room = sizeof(again)};
	char *bytes = copy(data, n);
	size_t n_used;
	int r = http_chunked_decode(&whole, bytes, n, &n_used);
	int r_slow = 0;

	for (size_t i = 0; i < n && r_slow == 0 && slow.state != HTTP_CHUNKED_DONE; i++) {
		size_t n_one;

		r_slow = http_chunked_decode(&slow, bytes + i, 1, &n_one);
	}
	if (n_used > n || (r == 0) != (r_slow == 0))
		abort();
	if (r == 0 && (whole.n_body != slow.n_body || whole.state != slow.state ||
			      memcmp(room, again, whole.n_body) != 0))
		abort();
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_head(data, size);
	fuzz_body(data, size);
	return 0;
}
