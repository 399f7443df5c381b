/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory of inodes with several names: each is scanned once and its
 * outcome stands for every name that comes along.
 *
 * An inode is known by device, number and ctime, so that one that changed, or
 * whose number was given to another file, is scanned again. Memory is bounded:
 * an inode is forgotten when as many names came as it has links, and the
 * oldest when there are too many; a name that comes after that is scanned.
 *
 * Two lanes at the same inode: the second leaves its name with the first and
 * goes on; nobody holds a lock while scanning and the first waits for nobody,
 * so there is no deadlock. Only when very many names are left with it does a
 * lane wait for the first.
 *
 * Hands (mutex, heap). Any thread; opaque because threads share it.
 */
#ifndef QS_LINKS_H
#define QS_LINKS_H

#include "outcome.h"

#include <stdint.h>
#include <sys/types.h>

enum {
	LINKS_E_KNOWN = 1,     /**< Scanned before; the outcome is set. */
	LINKS_E_LEFT = 2,      /**< In work elsewhere; the name was left there. */
	LINKS_MAX = 1 << 20,   /**< Inodes remembered, about 80 MB at worst. */
	LINKS_LEFT_MAX = 1024, /**< Names left with one lane before others wait. */
};

struct links;

/** One name left behind, in a list that links_resolve() hands out. */
struct links_name {
	struct links_name *next;
	size_t n_path;
	char path[]; /**< Raw bytes, not NUL-terminated. */
};

struct links_key {
	dev_t dev;
	ino_t ino;
	int64_t ctime_ns;
};

/** @n_max Inodes to remember, normally LINKS_MAX. NULL without memory. */
struct links *links_new(size_t n_max);
/** Nothing is in work any more; takes NULL. */
void links_free(struct links *links);

/**
 * A lane has opened a file with @n_links > 1.
 *
 * @path      The name, copied if it is left.
 * @outcomep  Set when LINKS_E_KNOWN is returned; the caller owns it.
 * @return    0: the caller scans it and calls links_resolve(); LINKS_E_KNOWN;
 *            LINKS_E_LEFT: the caller is done with the name; -ENOMEM.
 */
int links_claim(struct links *links, const struct links_key *key, uint64_t n_links,
	struct span path, struct outcome *outcomep);

/**
 * The lane that claimed it knows the outcome.
 *
 * @outcome  Copied.
 * @return   The names left with it, newest first; the caller settles each with
 *           the same outcome and frees them with links_free_names(). NULL:
 *           none.
 */
struct links_name *links_resolve(
	struct links *links, const struct links_key *key, const struct outcome *outcome);

/** Takes NULL. */
void links_free_names(struct links_name *names);

/** Inodes remembered now; for tests. */
size_t links_count(struct links *links);

#endif
