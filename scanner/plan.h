/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan of a scan: which places are walked, in which order, none twice.
 *
 *   quick    what running processes execute, the quick targets, what changed
 *            in PATH folders; then mounts met on the way
 *   full     the same, then every file system (mounttable_select())
 *   custom   the given paths; then mounts met on the way
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
};

struct plan {
	struct plan_config config;
	/* state */
	struct mounttable *table;
	struct walk *walk;
	struct cover cover;
	struct nameset judged;    /**< Single names that have their result. */
	struct nameset processes; /**< Device and inode of files of processes, seen before. */
	struct mounttable_mount **pending; /**< Met, allowed, to be walked. */
	size_t n_pending;
};

/**
 * Run it: returns when every name was found and settled or queued.
 *
 * @return 0; -ECANCELED; -ENOMEM; -errno when the mounts cannot be read.
 */
int plan_run(const struct plan_config *config);

#endif
