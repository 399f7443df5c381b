/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTTP/1.1 for a handler: TLS, limits, deadlines, whole requests in, whole
 * answers or streams out. It knows nothing of who asks for what.
 *
 * One exchange is one request and its answer. The handler gets the request
 * whole, and answers now or later; requests that a client sends ahead wait for
 * it. Every answer has the security headers (http_reply.h), X-Request-Id and Date.
 * HEAD reaches the handler as GET, and its answer loses the body here; OPTIONS
 * is answered here, as are GET and HEAD of what lies in the page directory.
 *
 * Hands (libwebsockets on a uv loop). Loop thread only.
 */
#ifndef QS_HTTP_H
#define QS_HTTP_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum {
	HTTP_PATH_MAX = 2048,                /**< Bytes of a path; longer: 414. */
	HTTP_QUERY_MAX = 8192,               /**< Bytes of a query; longer: 414. */
	HTTP_HEAD_MAX = 16384,               /**< Request line and headers; more: 431. */
	HTTP_BODY_MAX = 65536,               /**< Bytes of a body; more: 413. */
	HTTP_ANSWER_HEADERS_MAX = 8,         /**< Extra headers of an answer. */
	HTTP_STREAM_UNSENT_MAX = 256 * 1024, /**< Above, a stream takes nothing more. */
	HTTP_UNSENT_SMALL = 64 * 1024,       /**< Answers up to this are given in any case. */
	HTTP_ID_SIZE = 37,                   /**< A GUID and its NUL. */
};

/**
 * One request, whole. Strings are NUL-terminated and hold no control
 * characters; a header that was not sent is "". Borrowed by the handler until
 * it answers, begins a stream, or hears that the client is gone.
 */
struct http_request {
	const char *method; /**< "GET" (HEAD too), "POST", "PUT", "PATCH" or "DELETE". */
	const char *path;   /**< As sent (not decoded), begins with '/', without the query. */
	const char *query;  /**< As sent, without '?'; "" when there is none. */
	const char *authorization;
	const char *origin;
	const char *host; /**< Exactly one was sent; "" with HTTP/1.0 only. */
	const char *content_type;
	const char *last_event_id;
	const char *accept;
	const char *if_none_match;
	const char *sec_fetch_site;
	const char *peer; /**< Address of the client in numbers, without port. */
	const char
		*client_certificate_cn; /**< Common name of a verified certificate; "" without. */
	const char *body; /**< NUL-terminated for convenience, may hold NULs before; never NULL. */
	size_t n_body;
	bool is_head;          /**< HEAD: of the answer only the head goes out. */
	char id[HTTP_ID_SIZE]; /**< GUID of this request, also sent as X-Request-Id. */
};

/** Opaque: one request being answered. */
struct http_exchange;
/** Opaque: an answer that goes on. */
struct http_stream;

/**
 * Called once a request. It must answer exactly once, now or later: by
 * http_answer() or http_stream_begin(). A GET may have a body.
 */
typedef void (*http_handler)(
	void *arg, struct http_exchange *exchange, const struct http_request *request);

/**
 * Asked before anything else, for pages too: may this request be served?
 *
 * @return 0: yes; else the status it is refused with (403, 421, …), whose
 *         body http makes: {"error":{"code":…,"message":…,"target":id}}.
 */
typedef unsigned (*http_gate)(void *arg, const struct http_request *request);

/**
 * Answer whole.
 *
 * @exchange      Gone afterwards, as is its request, whatever is returned.
 * @status        200 to 599.
 * @content_type  NULL: none.
 * @headers       Extra headers, pairs of name and value, ended by {NULL, NULL}; NULL: none. At
 *                most HTTP_ANSWER_HEADERS_MAX; values without control characters. A
 *                name that http sets itself (Cache-Control) replaces http's own.
 * @body          n bytes, copied.
 * @return        0; -EINVAL a header that cannot be sent, -ENOMEM: the client gets a 500;
 *                -ENOBUFS too much waits to be sent: the client gets a 503.
 */
int http_answer(struct http_exchange *exchange, unsigned status, const char *content_type,
	const char *const headers[][2], const void *body, size_t n);

/** What a stream tells. Neither is called from within a call about this stream. */
struct http_stream_hooks {
	/** After -EAGAIN: there is room again (less than half is unsent). */
	void (*on_writable)(void *arg);
	/** The client is gone, or the server closes; the last call, the stream is gone with it. */
	void (*on_closed)(void *arg);
};

/**
 * Answer 200 with a body that is sent bit by bit (chunked), until one side ends it.
 *
 * @exchange  Gone afterwards if 0 is returned.
 * @hooks     Borrowed until the stream is gone.
 * @streamp   Set when 0 is returned.
 * @return    0; -ENOMEM, or -EPIPE if the client is gone: the exchange still has to be answered.
 */
int http_stream_begin(struct http_exchange *exchange, const char *content_type,
	const struct http_stream_hooks *hooks, void *arg, struct http_stream **streamp);

/**
 * Send more. All or nothing.
 *
 * @return 0; -EAGAIN: HTTP_STREAM_UNSENT_MAX bytes are unsent, on_writable() will
 *         follow; -EPIPE: on_closed() is about to come; -ENOMEM.
 */
int http_stream_send(struct http_stream *stream, const void *data, size_t n);

/** End it when all is sent. The stream is gone; on_closed() is not called. */
void http_stream_end(struct http_stream *stream);

/**
 * Hear of a client that goes before it is answered.
 *
 * @on_gone  Called at most once, not after the answer; exchange and request are
 *           gone when it returns, and must not be answered. Without it, an
 *           answer to a client that is gone is taken and dropped.
 */
void http_exchange_on_gone(struct http_exchange *exchange, void (*on_gone)(void *arg), void *arg);

/* The server. */

struct http_config {
	uv_loop_t *loop;
	const char *address;     /**< To listen on: an address in numbers. */
	uint16_t port;           /**< 0: any. */
	bool is_plain;           /**< Without TLS; the address must be loopback. */
	const char *certificate; /**< PEM files; needed unless plain. */
	const char *key;
	const char *client_ca; /**< PEM: only clients with a certificate of it; NULL: any client. */
	const char *page_dir;  /**< Served as "/" (index.html) and "/page/NAME"; NULL: none. */
	http_handler handler;
	http_gate gate; /**< NULL: everything may be served. */
	void *arg;      /**< Of both. */
	/* Limits; 0 means the default. */
	unsigned connections_max;             /**< 512. */
	unsigned connections_per_address_max; /**< 64; loopback: half of all. */
	unsigned head_ms;    /**< From a request's first byte to the end of its headers: 10 s. */
	unsigned body_ms;    /**< From there to the end of its body: 20 s. */
	unsigned idle_ms;    /**< Between two requests: 60 s. Before the first one: head_ms. */
	unsigned write_ms;   /**< Without progress of what is being sent: 30 s. */
	unsigned answer_ms;  /**< For the whole of an answer to be sent: 120 s. */
	unsigned unsent_max; /**< Bytes of all answers that are not sent yet: 128 MiB. */
};

/** Opaque. */
struct http_server;

/**
 * Load certificate and page, and listen. Files are read here, not later.
 *
 * @config   Copied; its strings are borrowed for the life of the server.
 * @serverp  Set in every case, NULL without memory. On failure it is closed already: run the
 *           loop until it is empty, then http_server_free().
 * @msg      What is wrong.
 * @return   0; -EINVAL configuration, certificate or key no good; -EADDRINUSE;
 *           -EACCES; -ENOENT; -ENOMEM; -EIO what libwebsockets does not explain.
 */
int http_server_open(
	const struct http_config *config, struct http_server **serverp, struct errmsg *msg);

/** The port it listens on. */
uint16_t http_server_port(const struct http_server *server);

/** Connections open now. */
unsigned http_server_n_connections(const struct http_server *server);

/**
 * Read certificate and key again, from the same files; connections that are open
 * keep what they have.
 *
 * @return 0; -EINVAL: the files are no good, the old ones stay in force.
 */
int http_server_renew(struct http_server *server, struct errmsg *msg);

/**
 * Take nobody new: the listening socket is closed, idle connections go, and each
 * other one goes with its answer; streams hear on_closed().
 */
void http_server_drain(struct http_server *server);

/**
 * Close what is open: streams hear on_closed(), unanswered exchanges on_gone(). The
 * first of two steps: run the loop until it is empty, then http_server_free().
 */
void http_server_close(struct http_server *server);

/** The second step, after the loop has run empty; NULL is allowed. */
void http_server_free(struct http_server *server);

#endif
