/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The head of an answer, with the headers that every answer has:
 *
 *   Date, X-Request-Id, Connection (only to say "close", or "keep-alive" to
 *   HTTP/1.0), Content-Length or Transfer-Encoding, Cache-Control: no-store
 *   X-Content-Type-Options: nosniff     a body is what it is said to be
 *   X-Frame-Options: DENY               for what is older than frame-ancestors
 *   Referrer-Policy: no-referrer
 *   Cross-Origin-Opener-Policy, Cross-Origin-Resource-Policy: same-origin
 *   Content-Security-Policy             nothing may be loaded; of a page: from here only
 *   Strict-Transport-Security           with TLS
 *
 * Pure but for memory. Any thread.
 */
#ifndef QS_HTTP_REPLY_H
#define QS_HTTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HTTP_REPLY_HEAD_MAX = 8192 };

/** How the end of a body is known. */
enum http_reply_body {
	HTTP_REPLY_LENGTH,  /**< Content-Length: n_body. */
	HTTP_REPLY_CHUNKED, /**< Transfer-Encoding: chunked. */
	HTTP_REPLY_CLOSE,   /**< By the end of the connection (HTTP/1.0). */
	HTTP_REPLY_NONE,    /**< There is none: 204, 304. */
};

struct http_reply {
	unsigned status;
	const char *content_type;        /**< NULL: none. */
	const char *const (*headers)[2]; /**< Ended by {NULL, NULL}; NULL: none. */
	const char *id;                  /**< X-Request-Id; "" or NULL: none. */
	enum http_reply_body body;
	size_t n_body;
	unsigned minor; /**< Of the request: HTTP/1.minor. */
	bool is_keep_alive;
	bool has_tls;
	bool is_page;    /**< A page's policy instead of an API's. */
	int64_t unix_ms; /**< Date. */
};

/** "Not Found"; "" for a status that is not known. */
const char *http_reply_reason(unsigned status);

/** Defender's word for a status: "NotFound", "TooManyRequests", "InvalidInput" … */
const char *http_reply_code(unsigned status);

/** May a value be sent as a header? */
bool http_reply_is_value(const char *value);

/**
 * Write it, the empty line at its end included.
 *
 * @head    Receives at most HTTP_REPLY_HEAD_MAX bytes; no NUL is needed after them.
 * @return  Bytes written, or -EINVAL: a header that cannot be sent, or too many.
 */
int http_reply_head(const struct http_reply *reply, char head[HTTP_REPLY_HEAD_MAX]);

/**
 * An error body: {"error":{"code","message","target"}}.
 *
 * @message  A sentence of ours, without quotation marks or backslashes.
 * @text     Receives it, NUL-terminated.
 * @return   Its length.
 */
size_t http_reply_error(
	unsigned status, const char *message, const char *id, char *text, size_t n_text);

#endif
