/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine of single characters; only data is taken in one piece. A size has at
 * most 8 digits, so it cannot overflow.
 *
 *   SIZE ─► EXTENSION ─► SIZE_END ─► DATA ─► DATA_CR ─► DATA_LF ─► SIZE
 *                           │ size 0
 *                           └─► TRAILER ─► TRAILER_TEXT ─► TRAILER_LF ─► TRAILER
 *                                 └─► LAST_LF ─► DONE
 */
#include "http_chunked.h"

#include "hex.h"

#include <errno.h>
#include <string.h>

static int http_chunked_size(struct http_chunked *chunked, char c)
{
	int digit = hex_digit((unsigned char)c);

	if (digit >= 0) {
		if (++chunked->n_digits > 8)
			return -EMSGSIZE;
		chunked->n_left = chunked->n_left * 16 + (size_t)digit;
		return 0;
	}
	if (chunked->n_digits == 0)
		return -EBADMSG;
	if (c == '\r')
		chunked->state = HTTP_CHUNKED_SIZE_END;
	else if (c == ';' || c == ' ' || c == '\t')
		chunked->state = HTTP_CHUNKED_EXTENSION;
	else
		return -EBADMSG;
	return 0;
}

static int http_chunked_text(struct http_chunked *chunked, char c, enum http_chunked_state next)
{
	if (c == '\r')
		chunked->state = next;
	else if (c == '\n' || c == '\0')
		return -EBADMSG;
	return 0;
}

static int http_chunked_expect(
	struct http_chunked *chunked, char c, char wanted, enum http_chunked_state next)
{
	if (c != wanted)
		return -EBADMSG;
	chunked->state = next;
	return 0;
}

static int http_chunked_size_end(struct http_chunked *chunked, char c)
{
	chunked->n_line = 0;
	chunked->n_digits = 0;
	return http_chunked_expect(
		chunked, c, '\n', chunked->n_left > 0 ? HTTP_CHUNKED_DATA : HTTP_CHUNKED_TRAILER);
}

static int http_chunked_step(struct http_chunked *chunked, char c)
{
	size_t n_max = chunked->state >= HTTP_CHUNKED_TRAILER ? HTTP_CHUNKED_TRAILER_MAX
							      : HTTP_CHUNKED_LINE_MAX;

	if (++chunked->n_line > n_max)
		return -EMSGSIZE;
	switch (chunked->state) {
	case HTTP_CHUNKED_SIZE:
		return http_chunked_size(chunked, c);
	case HTTP_CHUNKED_EXTENSION:
		return http_chunked_text(chunked, c, HTTP_CHUNKED_SIZE_END);
	case HTTP_CHUNKED_SIZE_END:
		return http_chunked_size_end(chunked, c);
	case HTTP_CHUNKED_DATA_CR:
		return http_chunked_expect(chunked, c, '\r', HTTP_CHUNKED_DATA_LF);
	case HTTP_CHUNKED_DATA_LF:
		chunked->n_line = 0;
		return http_chunked_expect(chunked, c, '\n', HTTP_CHUNKED_SIZE);
	case HTTP_CHUNKED_TRAILER:
		chunked->state = HTTP_CHUNKED_TRAILER_TEXT;
		return http_chunked_text(chunked, c, HTTP_CHUNKED_LAST_LF);
	case HTTP_CHUNKED_TRAILER_TEXT:
		return http_chunked_text(chunked, c, HTTP_CHUNKED_TRAILER_LF);
	case HTTP_CHUNKED_TRAILER_LF:
		return http_chunked_expect(chunked, c, '\n', HTTP_CHUNKED_TRAILER);
	case HTTP_CHUNKED_LAST_LF:
		return http_chunked_expect(chunked, c, '\n', HTTP_CHUNKED_DONE);
	default:
		return -EBADMSG;
	}
}

/* As much of a chunk's data as there is. */
static int http_chunked_data(
	struct http_chunked *chunked, const char *bytes, size_t n, size_t *usedp)
{
	size_t n_part = n < chunked->n_left ? n : chunked->n_left;

	if (n_part > chunked->n_room - chunked->n_body)
		return -EMSGSIZE;
	memcpy(chunked->body + chunked->n_body, bytes, n_part);
	chunked->n_body += n_part;
	chunked->n_left -= n_part;
	if (chunked->n_left == 0)
		chunked->state = HTTP_CHUNKED_DATA_CR;
	*usedp += n_part;
	return 0;
}

int http_chunked_decode(struct http_chunked *chunked, const char *bytes, size_t n, size_t *usedp)
{
	size_t used = 0;
	int r = 0;

	while (r == 0 && used < n && chunked->state != HTTP_CHUNKED_DONE) {
		if (chunked->state == HTTP_CHUNKED_DATA)
			r = http_chunked_data(chunked, bytes + used, n - used, &used);
		else
			r = http_chunked_step(chunked, bytes[used++]);
	}
	*usedp = used;
	return r;
}
