/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of the vault's directory: made under a temporary name, ".<random>.new",
 * and given their name when they are on disk whole.
 *
 * Who makes files holds a shared lock of the directory (flock(2)), so that who
 * cleans it up can tell a file in work from one that was left behind.
 *
 * Hands. Any thread; a descriptor belongs to one at a time.
 */
#ifndef QS_VAULT_FILE_H
#define QS_VAULT_FILE_H

#include "err.h"

#include <stddef.h>
#include <stdint.h>

enum { VAULT_FILE_TEMP_SIZE = 38 /**< ".", 32 digits, ".new", NUL. */ };

/** A file that has no name yet. */
struct vault_file {
	int dirfd;                       /**< Borrowed. */
	int fd;                          /**< Of the new file; -1 when there is none. */
	char temp[VAULT_FILE_TEMP_SIZE]; /**< Its temporary name. */
};

#define VAULT_FILE_NULL                                                                            \
	{                                                                                          \
		.dirfd = -1, .fd = -1                                                              \
	}

/**
 * Make a file, mode 0600, open to read and write, and take the shared lock.
 *
 * @dirfd   The vault's directory; the lock is on this descriptor.
 * @file    Set when 0 is returned; vault_file_discard() or vault_file_publish() it.
 * @return  0 or -errno.
 */
int vault_file_create(int dirfd, struct vault_file *file);

/** Remove what was not published, close it, let the lock go; idempotent. */
void vault_file_discard(struct vault_file *file);

/** For _cleanup_(). */
static inline void vault_file_cleanup(struct vault_file *file)
{
	vault_file_discard(file);
}

/**
 * Give the file its name; never takes the place of another. File and name are
 * on disk when 0 is returned; there is no such name (of ours) otherwise. The
 * file is closed in either case.
 *
 * @return  0; -EEXIST; -errno.
 */
int vault_file_publish(struct vault_file *file, const char *name);

/** Remove what stopped writers left; nothing while one is at work. 0 or -errno. */
int vault_file_clean(int dirfd);

/** Write all of it at an offset. 0 or -errno. */
int vault_file_write(int fd, const void *bytes, size_t n, uint64_t offset);

/**
 * Read at an offset until n bytes are there or the file ends.
 *
 * @n_readp  Set when 0 is returned.
 * @return   0 or -errno.
 */
int vault_file_read(int fd, void *bytes, size_t n, uint64_t offset, size_t *n_readp);

#endif
