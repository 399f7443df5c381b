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
#include <stdint.h>
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
	/** The thread was at work for it, so long. */
	void (*on_work)(void *arg, struct connection *connection, uint64_t taken_ns);
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

/** What the thread does for one connection: its beginning. */
struct connection_work {
	uint64_t mono_ns; /**< CLOCK_MONOTONIC. */
	uint64_t cpu_ns;  /**< clock_thread_cpu_ns(). */
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

/** Work for a connection begins … */
struct connection_work connection_work_begin(void);

/** … and ends: on_work, with CPU time or time that passed, the longer. It may be closing. */
void connection_work_end(struct connection *connection, const struct connection_work *work);

/** Close when all is sent; reads nothing more. */
void connection_finish(struct connection *connection);

/** Close now. Idempotent. */
void connection_close(struct connection *connection);

#endif
