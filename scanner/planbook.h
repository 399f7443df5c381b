/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The book of a plan: what it has dealt with, in a file in memory that the
 * daemon keeps. When a scanner hangs and is given up, the next one reads it and
 * goes on where that one stood: nothing is scanned, told or counted twice.
 *
 * A line is written before what it names is begun. What was begun and not ended
 * when a scanner is given up lies on the mount that hangs (plan_place.c turns
 * to another mount only when everything is settled), and that is given up, too.
 *
 * Hands (write, pread). The walker's thread.
 */
#ifndef QS_PLANBOOK_H
#define QS_PLANBOOK_H

#include "span.h"

#include <stdint.h>

enum planbook_kind {
	PLANBOOK_TREE = 1, /**< number: device of the superblock; bytes: path within it. */
	PLANBOOK_NAME,     /**< bytes: path of a single name. */
	PLANBOOK_FILE,     /**< bytes: device and inode of a file of a process. */
	PLANBOOK_TARGET,   /**< number: of targets of a custom scan that were begun. */
	PLANBOOK_TOLD,     /**< bytes: point of a mount that was left out and told. */
	PLANBOOK_MET,      /**< bytes: point of a mount that is to be walked. */
	PLANBOOK_HOLE,     /**< As TREE, and before it: what the walk of that one does not see. */
	PLANBOOK_KIND_N,
};

struct planbook_line {
	enum planbook_kind kind;
	uint64_t number;
	struct span bytes; /**< When read: valid during the call. */
};

/**
 * Write a line behind the last.
 *
 * @fd  Opened for appending; -1: there is no book.
 */
void planbook_add(int fd, const struct planbook_line *line);

/**
 * Read all lines from the beginning, up to the first that is not whole.
 *
 * @on_line  @return 0, or negative to end.
 * @return   0; what on_line returned; -ENOMEM; -errno of pread.
 */
int planbook_read(int fd, int (*on_line)(void *data, const struct planbook_line *line), void *data);

#endif
