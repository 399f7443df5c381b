/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of a scan gathered by another product and a mount, to be told at the end
 * of the scan as one event each: counted all, kept few. A hostile tree, or
 * another antivirus that denies everything, gives millions of names.
 *
 * Hands (heap, store). Loop thread only. See blocked_files.h, changed_files.h.
 */
#ifndef QS_FILE_GROUPS_H
#define QS_FILE_GROUPS_H

#include "action_log.h"
#include "neighbours.h"
#include "records.h"
#include "store.h"

enum {
	FILE_GROUPS_MAX = 16,       /**< Events of a scan; the last is of all the rest. */
	FILE_GROUPS_PATHS_MAX = 10, /**< Paths in one event. */
};

struct file_group {
	bool is_known; /**< Whose it is; else pid, product and process_path are not set. */
	pid_t pid;
	char product[NEIGHBOURS_TEXT_MAX];
	char process_path[NEIGHBOURS_TEXT_MAX];
	struct span mount; /**< Raw bytes; empty = not known. Owned. */
	uint64_t n_files;
	uint64_t n_vanished;                      /**< Of them; the caller counts. */
	struct span paths[FILE_GROUPS_PATHS_MAX]; /**< Raw bytes. Owned. */
	size_t n_paths;
};

/** What an event tells of a group; borrowed of it. */
struct action_log_files file_group_files(const struct file_group *group);

/** Opaque. */
struct file_groups;

/** None; NULL without memory. */
struct file_groups *file_groups_new(void);

/** Takes NULL. */
void file_groups_free(struct file_groups *groups);

/** Forget all. */
void file_groups_clear(struct file_groups *groups);

/**
 * One more name. Without memory its path is missing, never its count.
 *
 * @neighbour  NULL: nobody is known. Copied.
 * @mount      Raw bytes; empty: not known. Copied.
 * @path       Raw bytes; copied, when it is one of the first.
 * @return     Its group, borrowed until the next call.
 */
struct file_group *file_groups_add(struct file_groups *groups, const struct neighbour *neighbour,
	struct span mount, struct span path);

/**
 * Write the events, in one transaction.
 *
 * @write   Writes that of a group.
 * @scan    Whose they are.
 * @return  0: all are durable, and forgotten. Negative: nothing was written.
 */
int file_groups_tell(struct file_groups *groups,
	int (*write)(struct store *store, const struct scan_record *scan,
		const struct file_group *group, struct errmsg *msg),
	struct store *store, const struct scan_record *scan, struct errmsg *msg);

#endif
