/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mounts of this process, by path and by superblock. The walker asks it
 * before it touches anything that could lie on another file system, because a
 * stat on a hung mount never returns.
 *
 * mounttable_parse() and the look-ups are pure but for the heap;
 * mounttable_load() is hands. Owned by the walker's thread.
 */
#ifndef QS_MOUNTTABLE_H
#define QS_MOUNTTABLE_H

#include "mountrule.h"

#include <stdint.h>
#include <sys/types.h>

struct mounttable_mount {
	int id;
	int parent;
	dev_t dev;         /**< Of the superblock. */
	struct span root;  /**< Part of the file system that is mounted. */
	struct span point; /**< Where. */
	struct span type;
	enum mountrule_class class;
	bool is_visible;  /**< Not covered by a later mount. */
	bool is_selected; /**< By mounttable_select(). */
	bool is_told;     /**< The walker's mark: left out, and the daemon knows. */
	/* The plan's marks (apart.h, plan_pass.h). */
	bool is_hung;   /**< A scan hung on its superblock. */
	bool is_apart;  /**< Head of a pass that was asked for. */
	bool is_whole;  /**< In its pass all of it is walked, not only targets. */
	bool is_passed; /**< Head of a pass that is over. */
};

struct mounttable {
	/* state */
	char *bytes; /**< Owned; the spans point into it. */
	struct mounttable_mount *mounts;
	size_t n_mounts;
	size_t *by_point; /**< Indices of the visible mounts, sorted by point. */
	size_t n_by_point;
};

/**
 * Build a table from the text of a mountinfo file; lines that are none are
 * left out.
 *
 * @bytes   On the heap; taken over, also on failure.
 * @tablep  Set when 0 is returned; mounttable_free() it.
 * @return  0 or -ENOMEM.
 */
int mounttable_parse(char *bytes, size_t n_bytes, struct mounttable **tablep);

/**
 * Read and parse.
 *
 * @dir_fd, @name  As openat(2) wants them: AT_FDCWD, "/proc/self/mountinfo".
 * @return  0; -ENOMEM; -errno of open or read.
 */
int mounttable_load(int dir_fd, const char *name, struct mounttable **tablep);

/**
 * Add what mountinfo does not tell in a chroot whose root is no mount point:
 * a local mount on "/", with the id and the device the kernel gives for it.
 * Nothing is done when there is one.
 *
 * @return  0; -ENOMEM; -errno of statx.
 */
int mounttable_complete(struct mounttable *table);

/** Takes NULL. */
void mounttable_free(struct mounttable *table);

/** The visible mount whose point is exactly @path; NULL when there is none. */
struct mounttable_mount *mounttable_at(const struct mounttable *table, struct span path);

/** The visible mount that @path (absolute, canonical) lies on; NULL in an empty table. */
struct mounttable_mount *mounttable_of(const struct mounttable *table, struct span path);

/** By the kernel's mount id (STATX_MNT_ID); NULL. */
struct mounttable_mount *mounttable_by_id(const struct mounttable *table, uint64_t id);

/** Any mount of this superblock, visible or not; NULL. */
struct mounttable_mount *mounttable_by_dev(const struct mounttable *table, dev_t dev);

/** Whether there is a visible mount strictly below @path. */
bool mounttable_has_below(const struct mounttable *table, struct span path);

/**
 * Mark the mounts a full scan walks: of each superblock the visible mounts
 * whose part is not already within another marked one; the whole file system
 * is preferred, then the older mount. Bind mounts fall out, several
 * subvolumes of one file system stay.
 *
 * @type  The scan's type; mounts it does not allow are not marked.
 */
void mounttable_select(struct mounttable *table, enum scan_type type);

/** Whether @path is @directory or below it. Both canonical. */
bool mounttable_is_below(struct span path, struct span directory);

/** Ascending order of the bytes, then the shorter first; for qsort and bsearch. */
int mounttable_compare(struct span a, struct span b);

#endif
