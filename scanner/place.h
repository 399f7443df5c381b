/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A place: an open directory and its path, shared by the walker that lists it
 * and the lanes that open files in it. Files are opened relative to the
 * directory's descriptor, so that renaming a parent changes nothing and no
 * path is too long; the path is for people only.
 *
 * Hands. The count is atomic, the rest never changes: any thread.
 */
#ifndef QS_PLACE_H
#define QS_PLACE_H

#include "span.h"

#include <stdatomic.h>

struct place {
	/* state */
	atomic_uint n_refs;
	int fd;        /**< Owned; O_PATH or readable. */
	size_t n_path; /**< Bytes of path, at most IPC_PATH_MAX. */
	char path[]; /**< Not NUL-terminated; "/" for the root, else without a slash at the end. */
};

/**
 * A new place with one reference.
 *
 * @fd     Taken over, also when NULL is returned (then it is closed).
 * @path   Copied; cut at IPC_PATH_MAX.
 * @return NULL without memory.
 */
struct place *place_new(int fd, struct span path);

/** One more reference; returns @place. */
struct place *place_ref(struct place *place);

/** One less; the last one closes the descriptor. Takes NULL. */
void place_unref(struct place *place);

/**
 * Write the path of a name in it.
 *
 * @name   Empty: the path of the place itself.
 * @buf    Room for n_buf bytes; what does not fit is cut.
 * @return Bytes written; no NUL is added.
 */
size_t place_path_of(const struct place *place, struct span name, char *buf, size_t n_buf);

#endif
