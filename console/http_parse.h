/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The head of a request: request line and headers of HTTP/1.1 (RFC 9112) and
 * 1.0, strictly. What two readers could take for two different things (bare
 * line feeds, folded lines, blanks before a colon, two lengths, a length and
 * chunks) is refused, so that nobody hides a request in another one.
 *
 * Pure: no allocation; works in the bytes it is given. Any thread.
 */
#ifndef QS_HTTP_PARSE_H
#define QS_HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>

enum {
	HTTP_PARSE_HEADERS_MAX = 100, /**< More: 431. */

	HTTP_PARSE_E_MORE = 1,    /**< The head is not complete. */
	HTTP_PARSE_E_REFUSED = 2, /**< head->status says why. */
};

/** Headers that mean something to us; all others are checked and passed over. */
enum http_header {
	HTTP_HEADER_ACCEPT,
	HTTP_HEADER_AUTHORIZATION,
	HTTP_HEADER_CONNECTION,
	HTTP_HEADER_CONTENT_LENGTH,
	HTTP_HEADER_CONTENT_TYPE,
	HTTP_HEADER_EXPECT,
	HTTP_HEADER_HOST,
	HTTP_HEADER_IF_NONE_MATCH,
	HTTP_HEADER_LAST_EVENT_ID,
	HTTP_HEADER_ORIGIN,
	HTTP_HEADER_SEC_FETCH_SITE,
	HTTP_HEADER_TRANSFER_ENCODING,
	HTTP_HEADER_N,
};

/** Strings point into the bytes that were parsed. */
struct http_head {
	size_t n_seen; /**< Bytes already looked at for the end: 0 before the first call. */
	/* results */
	size_t n;           /**< Bytes of the head. */
	unsigned status;    /**< Of a refusal: 400, 414, 417, 431, 501 or 505. */
	const char *reason; /**< A sentence, of a refusal. */
	const char *method;
	const char *path;
	const char *query;                  /**< "" when there is none. */
	unsigned minor;                     /**< 0 or 1: HTTP/1.minor. */
	const char *headers[HTTP_HEADER_N]; /**< "" when not sent. */
	bool is_keep_alive;
	bool is_chunked;
	bool wants_continue;   /**< Expect: 100-continue. */
	size_t content_length; /**< 0 when chunked; SIZE_MAX when it is beyond all measure. */
};

/**
 * Parse.
 *
 * @bytes  n bytes as received, from the beginning of a request. Changed (NULs are
 *         put in) unless HTTP_PARSE_E_MORE is returned.
 * @n_max  A head that is not complete within so many bytes is refused (431).
 * @head   Keep between calls for the same request; {0} before the first.
 * @return 0; HTTP_PARSE_E_MORE; HTTP_PARSE_E_REFUSED.
 */
int http_parse_head(char *bytes, size_t n, size_t n_max, struct http_head *head);

#endif
