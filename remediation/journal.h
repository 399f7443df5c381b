/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What quietscan-remediate is about to do to users' files, on disk before it does
 * it: STATE_DIR/remediation.journal, mode 0600, lines that are only appended
 * (journal_record.h), each synced. After a stop at any moment it says which moves
 * are half done and how far they were.
 *
 * It is what recovery needs, not the history: that is the action log. When all
 * moves in it are over and it is long, it becomes remediation.journal.old and a
 * new one begins with the next move: who asks for that has heard of all before.
 *
 * Hands. Owner's thread; one process at a time.
 */
#ifndef QS_JOURNAL_H
#define QS_JOURNAL_H

#include "journal_record.h"

#define JOURNAL_NAME "remediation.journal"

enum {
	JOURNAL_ROTATE_BYTES = 1024 * 1024, /**< Longer than that it begins anew. */
	JOURNAL_PENDING_MAX = 4096,         /**< Half-done moves. */
	JOURNAL_ENDED_MAX = 64,             /**< Moves of one request: IPC_MOVE_NAMES_MAX. */
};

/** A move that is not over. */
struct journal_move {
	struct journal_record begin; /**< Its first record. */
	uint8_t step;                /**< The last step it took. */
	uint8_t end;                 /**< enum journal_end, of one that is over. */
	uint64_t n_begun;    /**< BEGINs up to its own; of one that is over, up to its end. */
	uint64_t placed_dev; /**< Of JOURNAL_PLACED. */
	uint64_t placed_inode;
	void *bytes; /**< What begin's spans point into. */
};

struct journal;

/**
 * Open it, make it if there is none, read it. A last line without an end is cut
 * off; a damaged one is passed over and counted.
 *
 * @state_dirfd  Borrowed, also while it is open; not O_PATH.
 * @journalp     Set when 0 is returned, else NULL; journal_close() it.
 * @return       0; -EBUSY another process has it; -EPERM not a regular file of ours
 *               with one name; -E2BIG too many half-done moves; -ENOMEM; -errno.
 */
int journal_open(int state_dirfd, struct journal **journalp, struct errmsg *msg);

/** Takes NULL. */
void journal_close(struct journal *journal);

/** Moves that are not over. */
size_t journal_n_pending(const struct journal *journal);

/** The i-th of them, oldest first; borrowed until the next append. */
const struct journal_move *journal_pending(const struct journal *journal, size_t i);

/**
 * Moves that were over when it was opened, of the last request that had any: those
 * of one detection, or one restore; and those of others that were brought to their
 * ends after it was begun. Who asked for them may not have heard it, since an end is
 * told after it was written down. Oldest first, JOURNAL_ENDED_MAX at most.
 */
size_t journal_n_ended(const struct journal *journal);

/** The i-th of them; borrowed until journal_close(). */
const struct journal_move *journal_ended(const struct journal *journal, size_t i);

/** Lines that could not be read. */
size_t journal_n_damaged(const struct journal *journal);

/**
 * Append a record; on disk when 0 is returned. What is pending follows from it.
 *
 * @return 0; -ENOSPC, -EDQUOT, -EMSGSIZE, -ENOMEM, -E2BIG too many half-done moves,
 *         …: it is not in the journal.
 */
int journal_append(
	struct journal *journal, const struct journal_record *record, struct errmsg *msg);

#endif
