/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan of a scan: which places are walked, in which order, none twice.
 *
 *   quick    what running processes execute, the quick targets, what changed
 *            in PATH folders; then mounts met on the way
 *   full     the same, then every file system (mounttable_select())
 *   custom   the given paths; then mounts met on the way
 *
 * and of all these first what cannot hang, then what can (plan_pass.h).
 *
 * Hands. The walker's thread.
 */
#ifndef QS_PLAN_H
#define QS_PLAN_H

#include "home.h"
#include "opener.h"
#include "walk.h"

struct plan_config {
	enum scan_type type;
	unsigned recent_days; /**< For PATH folders, not 0. */
	struct gate *gate;    /**< All borrowed. */
	struct ledger *ledger;
	struct filequeue *queue;
	const struct pathrule *rules; /**< Its targets are those of a custom scan. */
	const struct home_list *homes;
	const struct opener *opener;
	int book_fd;           /**< planbook.h; -1: none. */
	bool is_passes_only;   /**< Only the passes the rules name. */
	bool is_nothing_apart; /**< What may hang is left out. */
};

struct plan {
	struct plan_config config;
	/* state */
	struct mounttable *table;
	struct walk *walk;
	struct cover cover;
	struct nameset judged;    /**< Single names that have their result. */
	struct nameset processes; /**< Device and inode of files of processes, seen before. */
	struct mounttable_mount **pending; /**< Met, allowed, to be walked in this pass. */
	size_t n_pending;
	uint64_t n_targets_begun; /**< By scanners before this one, of what cannot hang. */
	uint64_t target;          /**< The one in work, from 1. */
	bool has_dev;
	dev_t dev;                     /**< What is walked or was offered last lies there. */
	struct mounttable_mount *pass; /**< Head of the pass that runs; NULL: what cannot hang. */
	struct mounttable_mount **passes; /**< Heads of those asked for. */
	size_t n_passes;
};

/**
 * Run it: returns when every name was found and settled or queued.
 *
 * @return 0; -ECANCELED; -ENOMEM; -errno when the mounts cannot be read.
 */
int plan_run(const struct plan_config *config);

#endif
