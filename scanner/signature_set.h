/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signature sets on disk: which files of a directory belong to a set, what
 * identifies it, and private copies of it that nobody changes under the
 * engine's feet (freshclam replaces files one by one while we load).
 *
 * Hands (files, SHA-256), without libclamav, so that the daemon can use it.
 * No state: any thread, several at once; meant for a pool thread, since a real
 * set is some 300 MB to read. Snapshots of one parent are made by one thread
 * at a time.
 *
 * Trust: the directory is written by another user (clamav). We may be root, so
 * a link placed there must not make us copy a secret into a readable file: a
 * symbolic link is followed only if root or we ourselves made it, and a file
 * with several hard links is refused unless root or we own the directory.
 */
#ifndef QS_SIGNATURE_SET_H
#define QS_SIGNATURE_SET_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SIGNATURE_SET_HEX_SIZE = 65,   /**< SHA-256 in lower-case hex, NUL included. */
	SIGNATURE_SET_NAME_SIZE = 80,  /**< "set-" and the fingerprint, NUL included. */
	SIGNATURE_SET_FILES_MAX = 4096 /**< More in one directory is a mistake, and refused. */
};

enum {
	SIGNATURE_SET_E_EMPTY = 1,   /**< No database file in the directory. */
	SIGNATURE_SET_E_CHANGED = 2, /**< It changed while it was read: try again later. */
};

struct signature_set_info {
	char fingerprint[SIGNATURE_SET_HEX_SIZE]; /**< Of names and contents. */
	char stat_print[SIGNATURE_SET_HEX_SIZE];  /**< Of names, sizes, mtimes, inodes: cheap. */
	char name[SIGNATURE_SET_NAME_SIZE];       /**< Of the snapshot's directory, "" if none. */
	size_t n_files;
	uint64_t n_bytes;
};

/** Whether libclamav would load a file of this name (by its suffix, any case). */
bool signature_set_is_database(const char *name);

/**
 * Cheap look at a directory: one stat a file, no contents. Two equal
 * stat_prints mean that nothing was replaced in between; the next step on a
 * difference is signature_set_fingerprint() or a snapshot.
 *
 * @dir   NUL-terminated path.
 * @infop Receives stat_print, n_files and n_bytes, the rest is "". On failure
 *        all of it is empty.
 * @msg   May be NULL; says which file or directory and why.
 * @return 0; SIGNATURE_SET_E_EMPTY; -ENOENT, -EACCES, … ; -EPERM for a link
 *        that is not followed; -EINVAL when a database is no regular file;
 *        -E2BIG above SIGNATURE_SET_FILES_MAX.
 */
int signature_set_look(const char *dir, struct signature_set_info *infop, struct errmsg *msg);

/**
 * Read every file and compute the fingerprint: SHA-256 over, for each file in
 * byte order of the names, "name NUL size NUL" and the SHA-256 of its content.
 *
 * @return as signature_set_look(); SIGNATURE_SET_E_CHANGED; read errors.
 */
int signature_set_fingerprint(
	const char *dir, struct signature_set_info *infop, struct errmsg *msg);

/**
 * Copy a set into parent/set-<fingerprint>, whole or not at all: it is made
 * under a temporary name (".new-…"), synced, and renamed. The fingerprint is
 * that of the copy. If that snapshot exists already, it is kept and used.
 *
 * The directory gets mode 0755, its files 0644 and the caller's owner; the
 * engine's user must be able to pass through @parent (0711 is enough).
 *
 * @dir    The set.
 * @parent An existing directory of the caller's, on any file system.
 * @infop  All fields, name included.
 * @return as signature_set_fingerprint(); -ENOSPC and other write errors.
 *         Nothing is left in @parent unless 0 is returned.
 */
int signature_set_snapshot(
	const char *dir, const char *parent, struct signature_set_info *infop, struct errmsg *msg);

/**
 * Remove every snapshot, whole or half-made, but the named ones. Other files
 * in @parent are left alone.
 *
 * @keep    n_keep names as in signature_set_info.name; NULL and "" are ignored.
 * @return  0; -errno of the first that could not be removed (the rest is).
 */
int signature_set_prune(const char *parent, const char *const keep[], size_t n_keep);

#endif
