/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps the action log's two witnesses up with the store: JSON lines and
 * checkpoints. The daemon needs only this: open it after the store, call
 * log_keeper_tick() after commits and about once a second, finish and close it
 * at the end.
 *
 * A witness that cannot be written (full disk, folder gone) never stops the
 * service: the tick says so, and a later one catches up. What the keeper finds
 * wrong with the log becomes an event of the log: ActionLogDamaged,
 * ActionLogDiverged, CheckpointKeyCreated.
 *
 * Hands. Loop thread only, never inside a transaction of the store.
 */
#ifndef QS_LOG_KEEPER_H
#define QS_LOG_KEEPER_H

#include "err.h"
#include "store.h"

#include <stdint.h>

enum {
	LOG_KEEPER_E_MORE = 1, /**< There is more to write: call again soon. */
};

struct log_keeper_config {
	const char *log_dir; /**< Existing directory, borrowed for the keeper's life. */
	const char
		*key_path; /**< Of the checkpoint key, likewise; NULL = STATE_DIR/checkpoint.key. */
	const char *state_dir; /**< Used when key_path is NULL. */
};

/** Opaque. */
struct log_keeper;

/**
 * Open both witnesses.
 *
 * @keeperp  Set when 0 is returned; log_keeper_close().
 * @return   0, also when there was no room on the disk (a tick tries again);
 *           -errno for what an operator must mend: a missing folder, a file
 *           that is none of ours, a bad key.
 */
int log_keeper_open(const struct log_keeper_config *config, struct store *store,
	struct log_keeper **keeperp, struct errmsg *msg);

/**
 * One bounded step: at most 256 events to the JSON lines, at most one
 * checkpoint and one note of positions a second.
 *
 * @now_ns  CLOCK_MONOTONIC; @now_unix_ms: for the checkpoint's line.
 * @return  0; LOG_KEEPER_E_MORE; the first -errno, after the rest was tried as
 *          well. Nothing is lost in either case.
 */
int log_keeper_tick(struct log_keeper *keeper, struct store *store, uint64_t now_ns,
	int64_t now_unix_ms, struct errmsg *msg);

/** Everything that is left, and a last checkpoint. @return 0 or the first -errno. */
int log_keeper_finish(
	struct log_keeper *keeper, struct store *store, int64_t now_unix_ms, struct errmsg *msg);

/** Closes; takes NULL. */
void log_keeper_close(struct log_keeper *keeper);

#endif
