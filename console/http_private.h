/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of http share: the server, its connections, and the exchange
 * that each of them has at most one of. Nobody else includes this.
 *
 *   http_server.c      listens, accepts, sweeps deadlines
 *   http_connection.c  life of a connection, answers → bytes
 *   http_receive.c     bytes → requests
 *   http_exchange.c    requests → handler, page, refusals; answers
 *   http_stream.c      answers that go on
 *
 * Hands. Loop thread only.
 */
#ifndef QS_HTTP_PRIVATE_H
#define QS_HTTP_PRIVATE_H

#include "http.h"
#include "http_chunked.h"
#include "http_lws.h"
#include "http_page.h"
#include "http_parse.h"
#include "http_peer.h"

#include <netinet/in.h>
#include <sys/queue.h>

enum {
	HTTP_ROOM_MIN = 4096,         /* a buffer begins with so much */
	HTTP_INPUT_MAX = 128 * 1024,  /* bytes a client may send ahead; more: it is dropped */
	HTTP_WRITE_CHUNK = 32 * 1024, /* two TLS records */
	HTTP_LINGER_MS = 2000,        /* for a client to read why it was refused */
	HTTP_SWEEP_MS = 250,
	HTTP_NAME_SIZE = 256, /* of a certificate */
};

/*
 *        first byte        head          body          handler, page
 *   IDLE ─────────► HEAD ───────► BODY ───────► BUSY ───────┬────────► FLUSH
 *    ▲                │ refused     │ refused               ▼            │ sent
 *    │                └────────┬────┘                     STREAM ──►     │
 *    │                         ▼                                         │
 *    └───────── keep-alive ──────────────────────────────────────────────┤
 *                                    LINGER ◄── refused ─────────────────┘
 */
enum http_phase {
	HTTP_PHASE_IDLE,
	HTTP_PHASE_HEAD,
	HTTP_PHASE_BODY,
	HTTP_PHASE_BUSY,
	HTTP_PHASE_STREAM,
	HTTP_PHASE_FLUSH,  /* answered; the rest is being sent */
	HTTP_PHASE_LINGER, /* all was sent; what still comes is dropped until the client closes */
};

struct http_exchange {
	struct http_connection *connection; /* NULL: the client is gone */
	struct http_request request;
	struct http_head head; /* points into bytes */
	char *bytes;           /* the head as received */
	char *body;
	size_t n_body;
	size_t n_body_room; /* without the NUL */
	struct http_chunked chunked;
	void (*on_gone)(void *arg);
	void *arg;
	bool is_head_only; /* HEAD */
	char peer[INET6_ADDRSTRLEN];
	char certificate_name[HTTP_NAME_SIZE];
};

struct http_stream {
	struct http_connection *connection;
	const struct http_stream_hooks *hooks;
	void *arg;
	bool is_chunked;
	bool is_head_only;
	bool is_full; /* -EAGAIN was returned: on_writable is owed */
};

struct http_connection {
	LIST_ENTRY(http_connection) link;
	struct http_server *server;
	struct lws *wsi;
	char peer[INET6_ADDRSTRLEN];
	char network[HTTP_PEER_SIZE]; /* of the peer; connections of one are limited */
	/* state */
	enum http_phase phase;
	uint64_t deadline_ms; /* of the loop's clock; 0: none */
	bool is_killed;       /* it is about to be closed */
	bool is_keep_alive;   /* after the present answer */
	bool is_refused;      /* the request was not read to its end */
	size_t n_dropped;     /* bytes, in HTTP_PHASE_LINGER */
	char *input;
	size_t n_input;
	size_t n_input_room;
	struct http_head head;          /* being looked for */
	struct http_exchange *exchange; /* in BODY and BUSY */
	struct http_stream *stream;     /* in STREAM */
	char *output;
	size_t n_output; /* bytes in it, sent ones included */
	size_t n_output_sent;
	size_t n_output_room;
	uint64_t answer_end_ms; /* in FLUSH: all must be sent by then */
};

struct http_server {
	struct http_config config;
	/* state */
	struct http_lws *lws;
	struct http_page *page;
	uv_poll_t listener;
	uv_timer_t sweep;
	int fd;
	uint16_t port;
	bool are_handles_made;
	bool is_listening; /* the poll is active */
	bool is_draining;
	bool is_closed;
	LIST_HEAD(, http_connection) connections;
	unsigned n_connections;
};

/* http_connection.c */

extern const struct http_lws_events http_connection_events;

/** Take over an accepted socket (@fd in every case). 0 or a negative code. */
int http_connection_open(struct http_server *server, int fd, const char *peer);
/** Its deadline has passed. */
void http_connection_on_deadline(struct http_connection *connection);
/** Close soon. */
void http_connection_kill(struct http_connection *connection);
/** What is not sent yet, in bytes. */
size_t http_connection_unsent(const struct http_connection *connection);
/** Append to the output. 0 or -ENOMEM. */
int http_connection_put(struct http_connection *connection, const void *bytes, size_t n);
/** The output may go; the answer is complete if @is_last. */
void http_connection_send(struct http_connection *connection, bool is_last);
/** Bytes that all connections have not sent yet. */
size_t http_server_unsent(const struct http_server *server);
/** Deadline from now; 0: none. */
void http_connection_set_deadline(struct http_connection *connection, unsigned ms);

/* http_receive.c */

/** One step further with what came. */
void http_receive_advance(struct http_connection *connection);

/* http_exchange.c */

/** Begin an exchange with a parsed head; takes @bytes if 0 is returned. 0 or -ENOMEM. */
int http_exchange_new(
	struct http_connection *connection, char *bytes, struct http_exchange **exchangep);
/** Free without an answer. NULL is allowed. */
void http_exchange_free(struct http_exchange *exchange);
/** The request is whole. */
void http_exchange_dispatch(struct http_exchange *exchange);
/** The client is gone. */
void http_exchange_lose(struct http_exchange *exchange);
/** Refuse what is not even an exchange; the connection ends with it. */
void http_exchange_refuse(struct http_connection *connection, unsigned status, const char *message);

/* http_stream.c */

/** The client is gone, or all of an answer to HEAD is sent. */
void http_stream_lose(struct http_stream *stream);
/** Bytes were sent. */
void http_stream_on_sent(struct http_stream *stream);

#endif
