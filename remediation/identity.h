/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was scanned, and whether a file is still it. A name proves nothing: it is
 * compared by device and inode, and by content.
 *
 * Hands (reads descriptors it is given). Any thread.
 */
#ifndef QS_IDENTITY_H
#define QS_IDENTITY_H

#include "err.h"

#include <stdint.h>
#include <sys/stat.h>

enum {
	IDENTITY_E_OTHER = 1, /**< Another file. */
	IDENTITY_E_KIND,      /**< The same, and no regular file. */
	IDENTITY_E_CHANGED,   /**< The same file with another content. */
	IDENTITY_E_LATE,      /**< Its time was over before it was read. */
};

/** All of it as of the scan. */
struct identity {
	uint64_t dev;     /**< st_dev. */
	uint64_t inode;   /**< st_ino. */
	uint64_t size;    /**< Bytes. */
	int64_t mtime_ns; /**< Since 1970. */
	int64_t ctime_ns; /**< Since 1970; 0 = not known. */
	char sha256[65];  /**< Lower-case hex; "" = not known, and then the times count. */
};

/** Nanoseconds since 1970. */
static inline int64_t identity_ns(struct timespec time)
{
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/** All but the hash from a look at the file. */
void identity_from_stat(const struct stat *status, struct identity *identity);

/**
 * Compare what a look at a file can tell. Pure.
 *
 * Where the hash is known, times are not compared: who touches a file does not
 * get it off. A link or a rename moves the ctime, so it counts before a move only.
 *
 * @is_moved  It was moved since: its ctime says nothing.
 * @return    0; IDENTITY_E_OTHER; IDENTITY_E_KIND; IDENTITY_E_CHANGED.
 */
int identity_compare(const struct identity *identity, const struct stat *status, int is_moved);

/**
 * Whether a descriptor is what was scanned: identity_compare() after a move, then
 * the hash of its content, if that is known.
 *
 * @fd      Open for reading, borrowed; its offset stays.
 * @status  Set when 0 is returned: the look before the content was read.
 * @return  0; as identity_compare(), also when it changed while it was read;
 *          -ENOMEM; -errno of fstat(2), pread(2).
 */
int identity_check(const struct identity *identity, int fd, struct stat *status);

/**
 * Hash a file's content, all of it, at the pace (pace.h).
 *
 * @fd    Open for reading, borrowed; its offset stays.
 * @size  Bytes it is to have.
 * @sha256, @sha1  Receive lower-case hex; undefined unless 0 is returned.
 * @return         0; IDENTITY_E_CHANGED it has more or fewer bytes; -ENOMEM;
 *                 -errno of pread(2).
 */
int identity_hash(int fd, uint64_t size, char sha256[65], char sha1[41]);

/**
 * The same, given up at a time.
 *
 * @end_ns  CLOCK_MONOTONIC; UINT64_MAX: never.
 * @return  As identity_hash(); IDENTITY_E_LATE.
 */
int identity_hash_until(int fd, uint64_t size, uint64_t end_ns, char sha256[65], char sha1[41]);

/** Whether two looks at one file saw the same content: size and mtime. Pure. */
int identity_is_unchanged(const struct stat *before, const struct stat *after);

#endif
