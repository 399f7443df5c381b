/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which directory trees this scan has walked or is about to: each is known by
 * its superblock and its path within the file system, so that it is the same
 * tree whichever mount it is reached by. Overlapping targets, the targets of a
 * quick scan within a full one, and bind mounts are walked once by it.
 *
 * Where another mount lies in a tree the walk does not see what is underneath: a
 * hole. A bind mount of the tree may show it.
 *
 * Pure but for the heap. The walker's thread.
 */
#ifndef QS_COVER_H
#define QS_COVER_H

#include "mounttable.h"

struct cover_tree {
	dev_t dev;         /**< Of the superblock, as mountinfo has it. */
	struct span inner; /**< Path within the file system; owned. */
};

struct cover {
	/* state */
	struct cover_tree *trees;
	size_t n;
	size_t n_room;
	struct cover_tree *holes;
	size_t n_holes;
	size_t n_holes_room;
};

#define COVER_NULL                                                                                 \
	{                                                                                          \
		.trees = NULL                                                                      \
	}

/** Paths at which a walk turns back, sorted; each owned. */
struct cover_stops {
	struct span *paths;
	size_t n;
};

/** Free everything; idempotent. */
void cover_deinit(struct cover *cover);

/**
 * The path within the file system of a path on a mount, on the heap.
 *
 * @path    At or below mount->point.
 * @innerp  Set when 0 is returned; data is freed with free(3).
 * @return  0 or -ENOMEM.
 */
int cover_inner(const struct mounttable_mount *mount, struct span path, struct span *innerp);

/** Add a tree, by its path within the file system. @return 0 or -ENOMEM. */
int cover_add(struct cover *cover, dev_t dev, struct span inner);

/** Add a hole likewise, before its tree. @return 0 or -ENOMEM. */
int cover_add_hole(struct cover *cover, dev_t dev, struct span inner);

/**
 * Whether what @path itself leads to is within a tree that was added, and in no
 * hole of it; below it there may be some.
 *
 * @return 1 yes; 0 no; -ENOMEM.
 */
int cover_has(const struct cover *cover, const struct mounttable_mount *mount, struct span path);

/**
 * Where a walk of @path on @mount meets trees that were added: strictly below
 * @path, as paths of this mount.
 *
 * @return 0 or -ENOMEM; @stops is to be freed with cover_stops_deinit() either way.
 */
int cover_find_stops(const struct cover *cover, const struct mounttable_mount *mount,
	struct span path, struct cover_stops *stops);

/**
 * The holes strictly below @path that no tree has filled, as paths of this mount.
 *
 * @return As cover_find_stops().
 */
int cover_find_holes(const struct cover *cover, const struct mounttable_mount *mount,
	struct span path, struct cover_stops *holes);

/** Idempotent. */
void cover_stops_deinit(struct cover_stops *stops);
/** Whether a walk turns back at @path. */
bool cover_stops_at(const struct cover_stops *stops, struct span path);
/** Whether there is a stop strictly below @path. */
bool cover_stops_below(const struct cover_stops *stops, struct span path);

#endif
