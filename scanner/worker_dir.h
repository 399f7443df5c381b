/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A worker's private directory: emptied before and after each use. What a
 * killed worker left, or a parser forgot, must not meet the next file.
 * Hands; any thread.
 */
#ifndef QS_WORKER_DIR_H
#define QS_WORKER_DIR_H

#include <stddef.h>

/**
 * Remove all that is in a directory, not the directory itself, however deep it
 * is nested and whatever rights its owner, who calls this, took away. Symbolic
 * links are removed, never followed.
 *
 * @path      The directory.
 * @n_foundp  Set to the entries that were in it; may be NULL.
 * @return    0; -errno of the first entry that could not be removed.
 */
int worker_dir_empty(const char *path, size_t *n_foundp);

#endif
