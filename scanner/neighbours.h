/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who else watches or protects this machine: one look at all processes, for
 * permission marks of fanotify and for known products.
 *
 * A mark needs CAP_SYS_ADMIN, so whoever has one counts. A product is known by
 * folder, service or name, which anybody can imitate; it counts only when the
 * process belongs to root or another system user (uid below 1000): passive mode
 * must not be at the command of everybody who can run a program.
 *
 * Nobody can see all processes who is not root: then the look is partial.
 *
 * Hands (/proc, heap). Any thread; a result does not change.
 */
#ifndef QS_NEIGHBOURS_H
#define QS_NEIGHBOURS_H

#include "fanotify_marks.h"
#include "known_products.h"
#include "mounttable.h"

#include <stdbool.h>
#include <sys/types.h>

enum {
	NEIGHBOURS_MAX = 32,        /**< Processes kept. */
	NEIGHBOURS_BLOCKS_MAX = 16, /**< Places kept of one process. */
	NEIGHBOURS_TEXT_MAX = 256,  /**< Bytes of name and path kept, NUL included. */
};

/** A place where opens and reads wait for the neighbour. */
struct neighbour_block {
	enum fanotify_marks_form form;
	uint32_t id;   /**< Mount id as the neighbour has it; else the kernel's sdev. */
	uint32_t mask; /**< Permission events. */
	dev_t dev;     /**< Of the superblock; 0 = the mount is not known. */
	char *point;   /**< Where it is mounted, raw; NULL = not known. Owned. */
};

struct neighbour {
	pid_t pid;
	uint64_t began;                 /**< Clock ticks since boot; 0 = not known. */
	char name[NEIGHBOURS_TEXT_MAX]; /**< Of the product, else of the program. */
	char path[NEIGHBOURS_TEXT_MAX]; /**< Executable, raw; "" = not known. */
	bool is_known;                  /**< In the table: role, by and is_bpf are set. */
	enum known_product_role role;
	enum known_product_by by;
	bool is_bpf;
	char works_for[NEIGHBOURS_TEXT_MAX]; /**< Name of the product it scans for; "" = none. */
	uint64_t n_blocking; /**< Marks with permission events; 0 = it holds up nobody. */
	struct neighbour_block blocks[NEIGHBOURS_BLOCKS_MAX];
	size_t n_blocks;
	bool is_cut; /**< It blocks more places than are kept. */
};

struct neighbours {
	struct neighbour list[NEIGHBOURS_MAX];
	size_t n;
	bool is_cut;               /**< There are more than are kept. */
	bool is_partial;           /**< Not everything could be seen. */
	size_t n_hidden;           /**< Processes that may not be looked into. */
	struct mounttable *mounts; /**< Ours, at the time of the look; NULL = not known. */
};

struct neighbours_config {
	const char *proc;                   /**< "/proc" */
	pid_t own_pid;                      /**< It and what descends from it are no neighbours. */
	const struct known_products *table; /**< May be NULL. */
};

/**
 * Look.
 *
 * @neighboursp  Set when 0 is returned; neighbours_free() it.
 * @return       0; -ENOMEM; -errno when /proc cannot be read at all.
 */
int neighbours_look(const struct neighbours_config *config, struct neighbours **neighboursp,
	struct errmsg *msg);

/** Takes NULL. */
void neighbours_free(struct neighbours *neighbours);

/**
 * The neighbour whose marks hold up an open of this path. The path is not
 * touched: it is compared with mount points.
 *
 * @path    Absolute, canonical, raw.
 * @mountp  Set to the mount's point in ours; empty when that is not known.
 * @return  Borrowed; NULL: none is known of.
 */
const struct neighbour *neighbours_blocking(
	const struct neighbours *neighbours, struct span path, struct span *mountp);

#endif
