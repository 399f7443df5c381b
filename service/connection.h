/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One client of the local socket: lines in, lines out. Neither a line without
 * end, nor a reader that does not read, nor a request that takes its time makes
 * the daemon keep more than it can bear.
 *
 * Hands (uv). Loop thread only.
 */
#ifndef QS_CONNECTION_H
#define QS_CONNECTION_H

#include "peer.h"

#include <stddef.h>
#include <sys/queue.h>
#include <uv.h>

enum {
	CONNECTION_LINE_MAX = 1024 * 1024,       /**< Bytes of a request, newline not counted. */
	CONNECTION_OUTPUT_MAX = 8 * 1024 * 1024, /**< Unsent bytes; then the client is dropped. */
};

struct connection;

struct connection_events {
	/** A whole line, without its newline; borrowed during the call. */
	void (*on_line)(void *arg, struct connection *connection, const char *line, size_t n);
	/** A line is too long; nothing more is read. */
	void (*on_oversize)(void *arg, struct connection *connection);
	/** It is closed; the last call about it. */
	void (*on_closed)(void *arg, struct connection *connection);
};

struct connection {
	LIST_ENTRY(connection) link; /**< Of the server's list. */
	const struct connection_events *events;
	void *arg;
	/* state */
	uv_pipe_t pipe;
	struct peer peer;
	char *input;
	size_t n_input;
	size_t size_input;
	bool is_busy;  /**< A request is being answered; the next ones wait. */
	bool is_held;  /**< Its requests wait for somebody else's sake. */
	bool is_ended; /**< The client has sent its last byte. */
	bool is_closing;
	bool is_last;         /**< Close as soon as all is sent. */
	bool is_refusal_told; /**< The log has a line about what it may not. */
};

/** Make one; accept into connection->pipe, identify it, start it. NULL without memory. */
struct connection *connection_new(
	uv_loop_t *loop, const struct connection_events *events, void *arg);

/** Find out who it is (connection->peer). 0 or a negative code; then close it. */
int connection_identify(struct connection *connection, const struct peer_rules *rules);

/** Begin to read. */
void connection_start(struct connection *connection);

/**
 * Send a line.
 *
 * @line  Heap; taken in every case.
 */
void connection_send(struct connection *connection, char *line, size_t n);

/** Bytes that the client has not taken yet. */
size_t connection_n_unsent(const struct connection *connection);

/** Hold back further requests (true) until the present one was answered (false). */
void connection_set_busy(struct connection *connection, bool is_busy);

/** The same for a reason of the server's own: whichever of both is set holds them back. */
void connection_set_held(struct connection *connection, bool is_held);

/** Close when all is sent; reads nothing more. */
void connection_finish(struct connection *connection);

/** Close now. Idempotent. */
void connection_close(struct connection *connection);

#endif
