/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections over libwebsockets: bytes in and out of accepted sockets, with TLS
 * or without, on a uv loop that is not its own. Nothing else includes that
 * library's header.
 *
 * Hands. Loop thread only.
 */
#ifndef QS_HTTP_LWS_H
#define QS_HTTP_LWS_H

#include "err.h"

#include <stddef.h>
#include <uv.h>

enum {
	HTTP_LWS_E_KEPT = 1, /**< Not all is with the kernel yet. */
};

/** libwebsockets' connection. */
struct lws;
/** Opaque: the context. */
struct http_lws;

/** What a connection hears; @peer is what it was adopted with. */
struct http_lws_events {
	/** Bytes came, decrypted. Returns 0, or < 0 to close the connection. */
	int (*on_bytes)(void *peer, const void *bytes, size_t n);
	/** One http_lws_write() is possible now. Returns 0, or < 0 to close. */
	int (*on_writable)(void *peer);
	/** It is closed; the last call about it. Not called if http_lws_adopt() fails. */
	void (*on_closed)(void *peer);
};

struct http_lws_config {
	uv_loop_t *loop;
	const char *certificate; /**< PEM files; NULL: without TLS. */
	const char *key;
	const char *client_ca; /**< PEM; NULL: clients need no certificate. */
	unsigned connections_max;
	unsigned handshake_s;                 /**< A TLS handshake takes no longer. */
	const struct http_lws_events *events; /**< Borrowed. */
};

/**
 * Make the context; loads the uv plugin, certificate and key.
 *
 * @lwsp    Set when 0 is returned.
 * @return  0; -EINVAL files that TLS cannot use; -EIO what the library does not explain.
 */
int http_lws_open(const struct http_lws_config *config, struct http_lws **lwsp, struct errmsg *msg);

/**
 * Take over an accepted socket.
 *
 * @fd     Taken in every case.
 * @peer   Given to the events.
 * @wsip   Set when 0 is returned, before any event.
 * @return 0 or -EIO.
 */
int http_lws_adopt(struct http_lws *lws, int fd, void *peer, struct lws **wsip);

/** on_writable() shall follow. */
void http_lws_want_write(struct lws *wsi);

/**
 * Write, within on_writable() and once: what the socket does not take is kept by
 * the library, and on_writable() comes only after that is gone.
 *
 * @return 0; HTTP_LWS_E_KEPT; -EPIPE.
 */
int http_lws_write(struct lws *wsi, const void *bytes, size_t n);

/** Close soon, not within this call; on_closed() follows. */
void http_lws_kill(struct lws *wsi);

/** The common name of the client's certificate; "" without one. */
void http_lws_common_name(struct lws *wsi, char *name, size_t n_name);

/** Read certificate and key again. 0 or -EINVAL: the old ones stay. */
int http_lws_renew(struct http_lws *lws, struct errmsg *msg);

/** First step: closes every connection. NULL is allowed. */
void http_lws_close(struct http_lws *lws);

/** Second step, when the loop has run empty. NULL is allowed. */
void http_lws_free(struct http_lws *lws);

#endif
