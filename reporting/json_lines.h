/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LOG_DIR/actions.jsonl: the action log for log shippers and for people, and a
 * second witness of it. It follows the store: every event once, in order,
 * whatever dies when.
 *
 * Where to continue is read from the file's own last whole line; an unfinished
 * one is cut off. Only when the file is new or was emptied (logrotate, both of
 * its ways) the position comes from memory or, after a restart, from the store
 * (json_lines_save()). Each file, and each part that follows a break, begins
 * with a segment line that says what comes next and after which hash.
 *
 * When the file knows of other records than the store does, or has lost lines
 * at its end, somebody changed one of them. What is there is left alone, a
 * segment line marks the place, and the log goes on: log_verify() names the
 * difference for ever after.
 *
 * Flushing: the file is not flushed at every line, since a lost tail is written
 * again from the store; json_lines_save() flushes before it notes a position.
 *
 * Hands. Loop thread only. Format: docs/action-log.md.
 */
#ifndef QS_JSON_LINES_H
#define QS_JSON_LINES_H

#include "err.h"
#include "store.h"

#include <stddef.h>
#include <stdint.h>

enum {
	JSON_LINES_E_MORE = 1,     /**< There are more events than were asked for. */
	JSON_LINES_E_DIVERGED = 2, /**< The file knows of other records than the store. */
};

/** Name of the file in LOG_DIR, and of the position in the store. */
#define JSON_LINES_NAME "actions.jsonl"
#define JSON_LINES_POSITION "json_lines.sequence"

/** Opaque. */
struct json_lines;

/**
 * Open the file, mode 0640, and find the place to continue.
 *
 * @log_dir  Existing directory, borrowed.
 * @sinkp    Set when 0 or JSON_LINES_E_DIVERGED is returned; json_lines_close().
 * @msg      Says why on failure, and what differs when diverged.
 * @return   0; JSON_LINES_E_DIVERGED, the sink works; -ELOOP, -EPERM as
 *           line_file_open(); other -errno.
 */
int json_lines_open(
	const char *log_dir, struct store *store, struct json_lines **sinkp, struct errmsg *msg);

/**
 * Append what the store has and the file has not. Not inside a transaction:
 * what is not committed yet must not be told.
 *
 * @n_events_max  At most so many events, at least 1: bounds the time of a call.
 * @return  0 the file has everything; JSON_LINES_E_MORE call again;
 *          JSON_LINES_E_DIVERGED found when the file had to be opened again,
 *          nothing was appended, call again; -errno (-ENOSPC: the sink is
 *          behind and catches up in a later call).
 */
int json_lines_follow(
	struct json_lines *sink, struct store *store, size_t n_events_max, struct errmsg *msg);

/**
 * Flush the file and note its position in the store, when it moved since the
 * last time. Not inside a transaction.
 *
 * @return  0 or -errno.
 */
int json_lines_save(struct json_lines *sink, struct store *store, struct errmsg *msg);

/** Last sequence in the file. */
uint64_t json_lines_sequence(const struct json_lines *sink);

/** Closes; takes NULL. What was not followed is written after the next open. */
void json_lines_close(struct json_lines *sink);

#endif
