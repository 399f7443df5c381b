/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keyed checkpoints of the action log, in LOG_DIR/checkpoints.jsonl, apart from
 * the store: "at this time the log ended with this sequence and hash". Whoever
 * rewrites the log, chain and all, cannot rewrite them without the key, which
 * lies in a file of its own (and may be kept on other media).
 *
 * Each line is flushed before checkpoint_write() returns, and is only written
 * for events that are on disk already. How many there are and how the last is
 * signed is noted in the store (checkpoint_save()), so that a cut end of this
 * file shows as well.
 *
 * Hands. Loop thread only. Lines: checkpoint_line.h. What all this can show:
 * docs/action-log.md.
 */
#ifndef QS_CHECKPOINT_H
#define QS_CHECKPOINT_H

#include "checkpoint_line.h"
#include "err.h"
#include "store.h"

#include <stdbool.h>
#include <stdint.h>

/** Name of the file in LOG_DIR, and of the note in the store: "<lines> <hmac>". */
#define CHECKPOINT_NAME "checkpoints.jsonl"
#define CHECKPOINT_NOTE "checkpoint.last"

enum {
	CHECKPOINT_E_DIVERGED = 1, /**< File and store know of different records. */
};

/** Opaque. */
struct checkpoint;

/**
 * Open the file, mode 0640, and the key, which is made when there is none. An
 * unfinished last line is cut off.
 *
 * @log_dir      Existing directory, borrowed.
 * @key_path     Borrowed.
 * @checkpointp  Set when 0 or CHECKPOINT_E_DIVERGED is returned; checkpoint_close().
 * @return       0; CHECKPOINT_E_DIVERGED: the store's log is not the one that
 *               was signed, or checkpoints are missing at the end; checkpoints go
 *               on so that log_verify() finds the place; -EINVAL, -EPERM the
 *               key is no good; other -errno.
 */
int checkpoint_open(const char *log_dir, const char *key_path, struct store *store,
	struct checkpoint **checkpointp, struct errmsg *msg);

/** Whether checkpoint_open() made the key. */
bool checkpoint_is_key_new(const struct checkpoint *checkpoint);

/** Name of the key, 16 hex digits. Lives as long as @checkpoint. */
const char *checkpoint_key_id(const struct checkpoint *checkpoint);

/**
 * Write one for the end of the store's log, unless the last one was for it.
 * Not inside a transaction.
 *
 * @now_unix_ms  Goes into the line.
 * @return       0; -errno (-ENOSPC: nothing was written, try again later).
 */
int checkpoint_write(struct checkpoint *checkpoint, struct store *store, int64_t now_unix_ms,
	struct errmsg *msg);

/** Note in the store what the last one is, when that is new. @return 0 or -errno. */
int checkpoint_save(struct checkpoint *checkpoint, struct store *store, struct errmsg *msg);

/** Sequence of the last one, 0 = none. */
uint64_t checkpoint_sequence(const struct checkpoint *checkpoint);

/** Closes and wipes the key from memory; takes NULL. */
void checkpoint_close(struct checkpoint *checkpoint);

#endif
