/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the sources of the mover share: mover.c (open, close, delete),
 * mover_move.c (in), mover_restore.c (out), mover_recover.c (after a stop) and
 * mover_staged.c (what all do with a staged file). Nobody else includes it.
 */
#ifndef QS_MOVER_PRIVATE_H
#define QS_MOVER_PRIVATE_H

#include "folder.h"
#include "journal.h"
#include "mover.h"
#include "staging.h"
#include "vault.h"

#include <sys/stat.h>

struct mover {
	struct vault *vault;     /**< Owned. */
	struct journal *journal; /**< Owned. */
};

/** One file on its way: in the staging folder, or about to be. */
struct mover_job {
	struct mover *mover;          /**< Borrowed. */
	struct journal_record record; /**< Its first; spans borrowed. */
	struct identity identity;     /**< What it has to be. */
	char id[33];                  /**< The record's, NUL-terminated. */
	struct staging staging;       /**< Its staging folder. */
	struct mover_result *result;  /**< What is told. */
};

/** The outcome of an error: what of it has a name of its own, or IPC_MOVE_FAILED. */
enum ipc_move_outcome mover_outcome(int r);

/** Set outcome, error, and text ("what: error"; what there is already when @what is NULL). */
void mover_tell(
	struct mover_result *result, enum ipc_move_outcome outcome, int r, const char *what);

/**
 * Open the staged file and look whether it is what was scanned.
 *
 * @fdp     Set when 0 is returned: readable, owned by the caller.
 * @status  Set when 0 is returned.
 * @return  0; as identity_check(); -ENOENT there is none; -errno.
 */
int mover_staged_open(struct mover_job *job, int *fdp, struct stat *status);

/**
 * Put the staged file into the vault under the job's id, and write that down.
 *
 * @fd      From mover_staged_open(). @status Likewise.
 * @reason  Overrides the record's; may be NULL.
 * @return  0; IDENTITY_E_CHANGED another content went in, or it was written to
 *          meanwhile; -errno. Unless 0 is returned nothing is in the vault.
 */
int mover_staged_keep(struct mover_job *job, int fd, const struct stat *status, const char *reason);

/** Write down how far it is. 0 or -errno. */
int mover_staged_note(struct mover_job *job, enum journal_step step);

/** Remove the staged file; it is over, one way or the other, afterwards. 0 or -errno. */
int mover_staged_unlink(struct mover_job *job);

/**
 * Bring it back by its name; beside it when something has the name.
 *
 * @folder_fd  Its folder.
 * @beside     Receives the other name, "" when it has its own.
 * @return     0; -ENOENT the folder has been removed; -errno.
 */
int mover_staged_return(
	struct mover_job *job, int folder_fd, struct span name, char beside[FOLDER_NAME_MAX + 1]);

/**
 * Another file than was scanned is staged and cannot be brought back: put it into
 * the vault, whatever it is. @return 0; -EINVAL no regular file; -errno.
 */
int mover_staged_rescue(struct mover_job *job);

/** Remove the staging folder and write down that the move is over. 0 or -errno. */
int mover_end(struct mover_job *job, enum journal_end end);

/** Rename that never replaces anything. 0; -EEXIST; -errno. */
int mover_rename(int from_fd, const char *from, int to_fd, const char *to);

#endif
