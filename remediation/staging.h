/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The staging folder: where a file is taken to before it is looked at, so that
 * nobody but us can exchange it any more.
 *
 *   where    at the top of the mount the file was reached by, because a rename
 *            fails with EXDEV as soon as it leaves a mount, also between two bind
 *            mounts of one file system. When the top cannot be written, the
 *            file's own folder.
 *   name     ".quietscan-staging-" and 32 random digits; mode 0700, ours
 *   how long for one file: made before it is moved, removed after it was dealt
 *            with. What a killed process leaves is found by the journal, and
 *            removed at the next start.
 *
 * Hands. Everything by descriptors; the path is for the journal only.
 */
#ifndef QS_STAGING_H
#define QS_STAGING_H

#include "folder.h"

#include <stdbool.h>

#define STAGING_PREFIX ".quietscan-staging-"
#define STAGING_FILE "file" /**< Name of what is in it. */

enum { STAGING_ID_LENGTH = 32 /**< Digits of its name. */ };

struct staging {
	int top_fd; /**< The folder it is in, owned; -1. */
	int fd;     /**< It, owned; -1 when it is not made. */
	char name[sizeof(STAGING_PREFIX) + STAGING_ID_LENGTH];
	char top[FOLDER_PATH_SIZE]; /**< Where top_fd was when it was found. */
};

#define STAGING_NULL                                                                               \
	{                                                                                          \
		.top_fd = -1, .fd = -1                                                             \
	}

/**
 * Find its place and choose its name; nothing is made.
 *
 * @folder_fd  The file's folder, borrowed.
 * @folder     Where that was asked for; see folder_where().
 * @id         STAGING_ID_LENGTH characters nobody can guess.
 * @staging    STAGING_NULL; to be given to staging_close() whatever is returned.
 * @return     0; -EROFS; -ENOENT the folder is gone; -ENAMETOOLONG no path leads
 *             to the place, so that it could not be found again; -errno.
 */
int staging_plan(struct staging *staging, int folder_fd, struct span folder, const char *id);

/**
 * Make the planned one.
 *
 * @return 0; -EPERM what is there by its name is not what was made; -ENOSPC,
 *         -EDQUOT, -EROFS, -EACCES; -errno.
 */
int staging_make(struct staging *staging);

/**
 * Open one that was planned by a process that is gone.
 *
 * @top     As it was in struct staging.
 * @return  0; -ENOENT there is none (any more), or none of ours.
 */
int staging_open(struct staging *staging, struct span top, const char *id);

/** Remove it if it is empty; what is in it stays. 0; -ENOTEMPTY; -errno. */
int staging_remove(struct staging *staging);

/** Close what is open; idempotent. */
void staging_close(struct staging *staging);

/** For _cleanup_(). */
static inline void staging_cleanup(struct staging *staging)
{
	staging_close(staging);
}

#endif
