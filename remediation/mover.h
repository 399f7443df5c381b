/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Moves files into quarantine, away, and back. The only code that changes users'
 * files. All outcomes, and why no race makes it touch another file:
 * docs/remediation.md.
 *
 * Hands. One thread; one process has a state directory at a time.
 */
#ifndef QS_MOVER_H
#define QS_MOVER_H

#include "folder.h"
#include "identity.h"
#include "ipc.h"
#include "journal_record.h"
#include "vault.h"

#include <stdbool.h>

struct mover;

/** One name of a file. */
struct mover_name {
	int folder_fd;    /**< Its folder, borrowed, O_PATH is enough; -1: opened by the path. */
	struct span path; /**< Absolute, canonical; of IPC_PATH_MAX bytes it is refused: cut. */
};

struct mover_request {
	enum ipc_move_action action;
	const struct mover_name *names; /**< n_names of them, of one file; 1 or more. */
	size_t n_names;
	struct identity identity; /**< What was scanned. */
	struct span threat_name;  /**< These are kept with the item; may be empty. */
	struct span detection_id;
	struct span reason;
};

struct mover_result {
	enum ipc_move_outcome outcome;
	int error;                   /**< Positive errno behind it, or 0. */
	char id[33];                 /**< Of the item; "" when there is none. */
	uint64_t n_names;            /**< Names that are gone; restore: 1; list: items. */
	uint64_t n_names_left;       /**< Other names the same file still has; likewise. */
	bool is_executing;           /**< A process runs it. */
	uint64_t n_attributes_left;  /**< Extended attributes that are not in the vault. */
	char path[FOLDER_PATH_SIZE]; /**< Where it is, when not where one would look; or "". */
	struct errmsg text;          /**< Why. */
};

/**
 * Open vault and journal.
 *
 * @state_dirfd  Borrowed until mover_close(); not O_PATH.
 * @return       0; as vault_open() and journal_open(). *moverp is NULL then.
 */
int mover_open(int state_dirfd, struct mover **moverp, struct errmsg *msg);

/** Takes NULL. */
void mover_close(struct mover *mover);

/** Do it; the result tells all, also errors. */
void mover_move(
	struct mover *mover, const struct mover_request *request, struct mover_result *result);

/** Put an item back in its place. @id any text. */
void mover_restore(struct mover *mover, const char *id, struct mover_result *result);

/** Delete an item for good. @id any text. */
void mover_delete(struct mover *mover, const char *id, struct mover_result *result);

/**
 * Tell a page of the items.
 *
 * @page    As of vault_page().
 * @each    Likewise.
 * @result  n_names were told, n_names_left come after them, id is the last one's.
 */
void mover_list(struct mover *mover, struct vault_page *page,
	int (*each)(const struct vault_item *item, void *arg), void *arg,
	struct mover_result *result);

/** How a half-done move was brought to an end. */
struct mover_recovered {
	const char *id;       /**< Of the move. */
	bool is_over;         /**< It is at one of its ends; else it stays in the journal. */
	bool was_over;        /**< It was before the process began. */
	enum journal_end end; /**< When it is over. */
	enum journal_action action;
	bool is_placed;           /**< A restore: it was about to get its name, or has it. */
	struct span path;         /**< As it was asked for. */
	struct span detection_id; /**< Likewise; empty for a restore. */
	const char *text;         /**< For people: where the file is, or why it is not over. */
};

/**
 * Bring every half-done move to one of its ends. Before any other move.
 *
 * @each    Called for each, borrowed for the call; may be NULL.
 * @return  How many are still half done: their file system is not there, or full.
 */
size_t mover_recover(struct mover *mover,
	void (*each)(const struct mover_recovered *recovered, void *arg), void *arg);

/** Tell of every half-done move, as of one that is still so, and leave them. @return How many. */
size_t mover_tell_pending(struct mover *mover,
	void (*each)(const struct mover_recovered *recovered, void *arg), void *arg);

/**
 * Tell of each move that was over when the mover was opened and whose end may not
 * have been heard (journal_n_ended()); not of items that are not in the vault any more.
 */
void mover_tell_ended(struct mover *mover,
	void (*each)(const struct mover_recovered *recovered, void *arg), void *arg);

#endif
