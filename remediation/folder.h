/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Folders by descriptor: opened by an absolute path on which no component is a
 * link, and asked where they are.
 *
 * Hands. Any thread.
 */
#ifndef QS_FOLDER_H
#define QS_FOLDER_H

#include "err.h"
#include "span.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	FOLDER_PATH_SIZE = 32768, /**< Of a path, NUL included: IPC_PATH_MAX. */
	FOLDER_NAME_MAX = 255,    /**< Bytes of a name. */
};

/** Split a path into the folder's and the last name. Pure; both point into @path.
 *
 * @path   Any bytes.
 * @return 0; -EINVAL: relative, has a NUL, "." or ".." in it, or no name at its end;
 *         -ENAMETOOLONG: the name is longer than FOLDER_NAME_MAX.
 */
int folder_split(struct span path, struct span *folderp, struct span *namep);

/**
 * Open a folder without following a symbolic or magic link anywhere.
 *
 * @path   Absolute; longer than PATH_MAX is opened piece by piece.
 * @fdp    Set when 0 is returned: O_PATH, CLOEXEC, the caller's.
 * @return 0; -ENOENT, -ENOTDIR it is not there; -ELOOP there is a link in it;
 *         -EINVAL; -ENOSYS before Linux 5.6; -errno.
 */
int folder_open(struct span path, int *fdp);

/**
 * Where a folder is now, as the kernel says.
 *
 * @asked  Where it should be, as for folder_open(): the kernel tells no path
 *         longer than PATH_MAX, so then this is told, if it leads there.
 * @path   Receives it, NUL-terminated.
 * @return 0; -ENOENT it has been removed, or is nowhere below our root;
 *         -ENAMETOOLONG the kernel cannot tell, and @asked leads elsewhere or
 *         nowhere; -errno.
 */
int folder_where(int fd, struct span asked, char path[FOLDER_PATH_SIZE]);

/**
 * Open an O_PATH descriptor of a folder or file again, for more than that: by
 * /proc/self/fd, which leads to the inode and not to what has its name by now.
 *
 * @return A descriptor, CLOEXEC, the caller's; -errno.
 */
int folder_reopen(int fd, int flags);

#endif
