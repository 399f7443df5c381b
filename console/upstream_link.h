/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One connection to the local socket: connects, again and again if need be, and
 * carries lines both ways.
 *
 * Hands (uv). Loop thread only.
 */
#ifndef QS_UPSTREAM_LINK_H
#define QS_UPSTREAM_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct upstream_link;

/** What its owner hears. None is called from within a call of the owner but close. */
struct upstream_link_events {
	void (*on_connected)(struct upstream_link *link);
	/** It was connected and is not any more; it will try again by itself. */
	void (*on_lost)(struct upstream_link *link);
	/** A line without its newline, borrowed. */
	void (*on_line)(struct upstream_link *link, const char *line, size_t n);
	/** After upstream_link_close(), and nothing after it: the memory may go. */
	void (*on_closed)(struct upstream_link *link);
};

struct upstream_link {
	const struct upstream_link_events *events;
	const char *path;
	void *arg; /**< Of the owner. */
	/* state */
	uv_loop_t *loop;
	uv_pipe_t pipe;
	uv_connect_t connect;
	uv_timer_t timer;
	unsigned backoff_ms; /**< Before the next attempt. */
	bool is_connected;
	bool is_pipe_open; /**< The handle is in use. */
	bool is_closing;   /**< For good. */
	bool is_timer_open;
	char *input;
	size_t n_input;
	size_t n_seen; /**< Of those, looked at for a newline already. */
	size_t n_input_room;
};

/** Begin to connect. @link is embedded and zeroed but for events, path, arg. */
void upstream_link_start(struct upstream_link *link, uv_loop_t *loop);

/**
 * Send a line.
 *
 * @line  Heap, newline included; taken in every case.
 * @return 0; -ECONNREFUSED not connected; -ENOMEM; a uv code.
 */
int upstream_link_send(struct upstream_link *link, char *line, size_t n);

/** Drop the connection and make a new one; on_lost() is called in a later turn. */
void upstream_link_reset(struct upstream_link *link);

/** Close for good: on_closed() follows, on_lost() does not. Idempotent. */
void upstream_link_close(struct upstream_link *link);

#endif
