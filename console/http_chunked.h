/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes the chunked coding off a request's body (RFC 9112, 7.1). Extensions are
 * passed over, trailers are dropped.
 *
 * Pure. Any thread.
 */
#ifndef QS_HTTP_CHUNKED_H
#define QS_HTTP_CHUNKED_H

#include <stddef.h>

enum {
	HTTP_CHUNKED_LINE_MAX = 256,     /**< Bytes of a chunk's size line. */
	HTTP_CHUNKED_TRAILER_MAX = 4096, /**< Bytes of all trailers. */
};

enum http_chunked_state {
	HTTP_CHUNKED_SIZE,      /**< In a size line. */
	HTTP_CHUNKED_EXTENSION, /**< After the number. */
	HTTP_CHUNKED_SIZE_END,  /**< After its CR. */
	HTTP_CHUNKED_DATA,
	HTTP_CHUNKED_DATA_CR,
	HTTP_CHUNKED_DATA_LF,
	HTTP_CHUNKED_TRAILER, /**< At the beginning of a trailer or of the last line. */
	HTTP_CHUNKED_TRAILER_TEXT,
	HTTP_CHUNKED_TRAILER_LF,
	HTTP_CHUNKED_LAST_LF,
	HTTP_CHUNKED_DONE,
};

struct http_chunked {
	char *body;    /**< Receives the body; borrowed. */
	size_t n_room; /**< Bytes it has room for. */
	/* state; 0 at the beginning */
	size_t n_body; /**< Bytes written. */
	enum http_chunked_state state;
	size_t n_left;   /**< Of the chunk. */
	size_t n_line;   /**< Bytes of the present line, of all trailers. */
	size_t n_digits; /**< Of the size. */
};

/**
 * Decode what there is.
 *
 * @bytes   n coded bytes.
 * @usedp   How many of them were used: all, or up to the end of the body.
 * @return  0 (state is HTTP_CHUNKED_DONE at the end); -EBADMSG no chunks; -EMSGSIZE
 *          the body does not fit.
 */
int http_chunked_decode(struct http_chunked *chunked, const char *bytes, size_t n, size_t *usedp);

#endif
