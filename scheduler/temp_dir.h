/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The private directories in which engines unpack archives: made for one
 * engine, owned by its user, removed with everything in it.
 *
 * Hands (file system). Making: loop thread. Removing takes its time: any
 * thread, meant for the pool.
 */
#ifndef QS_TEMP_DIR_H
#define QS_TEMP_DIR_H

#include "child_identity.h"
#include "err.h"

#include <stddef.h>

/**
 * Make a fresh directory of mode 0700 in @parent.
 *
 * @parent   Existing directory of the daemon's own.
 * @identity Its owner-to-be, if is_switched.
 * @path     Receives its path.
 * @return   0 or -errno.
 */
int temp_dir_make(const char *parent, const struct child_identity *identity, char *path,
	size_t n_path, struct errmsg *msg);

/**
 * Remove a directory and all below it; never follows a link, never leaves the
 * directory, whatever a hostile owner made of it.
 *
 * @return 0; -ENOENT when it is not there; -errno of the first failure (the
 *         rest is removed as far as possible).
 */
int temp_dir_remove(const char *path);

/** Remove all directories in @parent that temp_dir_make() made. 0 or -errno. */
int temp_dir_sweep(const char *parent);

#endif
