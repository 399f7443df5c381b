/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walk: finds every name below a directory, on one mount, and either
 * settles it at once (links, special files, exclusions) or puts it into the
 * queue for the lanes.
 *
 * Every name that is not a directory is found and gets one result. Of the
 * directories those get one that stand for something not scanned: unlistable
 * (incomplete), on another file system that is not entered (skipped). What is
 * excluded is listed without a stat.
 *
 * Before a name is touched it is compared with the mount table: a stat on a
 * hung mount would never return. What is mounted while the scan runs is seen by
 * its mount id only after it was touched; if it hangs, the scanner is given up
 * (docs/scanner.md, "Mounts that hang").
 *
 * Hands. The walker's thread.
 */
#ifndef QS_WALK_H
#define QS_WALK_H

#include "cover.h"
#include "filequeue.h"
#include "gate.h"
#include "inode.h"
#include "ledger.h"
#include "listing.h"
#include "mounttable.h"
#include "nameset.h"
#include "pathrule.h"
#include "trail.h"

struct walk_config {
	struct gate *gate; /**< All borrowed. */
	struct ledger *ledger;
	struct filequeue *queue;
	const struct pathrule *rules;
	const struct mounttable *table;
	const struct nameset *judged; /**< Single names that have their result already. */
	/**
	 * The walk met the point of another mount and did not touch it. What the
	 * plan makes of it is its business. @return 0 or -errno: ends the walk.
	 */
	int (*on_mount)(void *data, struct mounttable_mount *mount);
	void *data; /**< For on_mount. */
};

struct walk {
	struct walk_config config;
	/* state */
	const struct mounttable_mount *mount; /**< Of the walk that runs. */
	const struct cover_stops *stops;
	bool is_apart; /**< The plan's: what is found lies where any call may hang. */
	struct trail trail;
	struct listing listing;
};

/** A walk on the heap, walk_free() it; NULL without memory. */
struct walk *walk_new(const struct walk_config *config);
/** Takes NULL. */
void walk_free(struct walk *walk);

/**
 * Walk a directory and all below on the same mount.
 *
 * @fd     Readable directory; taken over.
 * @path   Canonical path of it.
 * @mount  What it lies on. @stops Where to turn back.
 * @return 0; -ECANCELED; -ENOMEM; what on_mount returned. What could not be
 *         read is a result, not an error.
 */
int walk_tree(struct walk *walk, int fd, struct span path, const struct mounttable_mount *mount,
	const struct cover_stops *stops);

/** A regular file that is a target of its own. */
struct walk_single {
	struct place *place; /**< Borrowed. */
	struct span name;    /**< In the place. */
	struct span path;    /**< Canonical path: for rules, and shown unless display is set. */
	struct span display; /**< Shown instead; may be empty. */
	const struct inode *inode; /**< Of what lies there. */
	bool is_held;              /**< As in struct entry. */
};

/**
 * Find one name: it is settled or queued.
 *
 * @return 0; -ECANCELED; -ENOMEM.
 */
int walk_offer(struct walk *walk, const struct walk_single *single);

#endif
