/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small files of the console's state directory, read and replaced whole. A file
 * has mode 0600 and, when root writes it, the directory's owner: root may add a
 * client that the console has to read.
 *
 * Hands. Any thread.
 */
#ifndef QS_STATE_FILE_H
#define QS_STATE_FILE_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/** Which version of a file was read. */
struct state_file_mark {
	uint64_t inode;
	int64_t mtime_ns;
	int64_t size; /**< -1: there is no file. */
};

#define STATE_FILE_MARK_NULL                                                                       \
	{                                                                                          \
		.size = -1                                                                         \
	}

/**
 * Open the directory, O_PATH would not do: names in it are synced.
 *
 * @is_made  Make it (mode 0700) if it is not there; its parent has to be.
 * @fdp      Set when 0 is returned.
 * @return   0 or -errno; @msg has the path.
 */
int state_file_open_dir(const char *path, bool is_made, int *fdp, struct errmsg *msg);

/** Look whether a file is still the one a mark tells of. @return 0, mark set; or -errno. */
int state_file_look(int dir_fd, const char *name, struct state_file_mark *mark);

/** Whether two marks tell of the same version. */
bool state_file_is_same(const struct state_file_mark *a, const struct state_file_mark *b);

/**
 * Read a file whole.
 *
 * @n_max   Longest that is read.
 * @bytesp  Set when 0 is returned; NUL-terminated beyond n; free(3).
 * @mark    Set likewise; may be NULL.
 * @return  0; -ENOENT; -EMSGSIZE too long; -EPERM others may write it; -errno.
 */
int state_file_read(int dir_fd, const char *name, size_t n_max, char **bytesp, size_t *np,
	struct state_file_mark *mark);

/** Replace a file; on disk when 0 is returned. @return 0 or -errno. */
int state_file_write(int dir_fd, const char *name, const void *bytes, size_t n);

/**
 * Hold the lock of the directory's writers; wait for it.
 *
 * @fdp  Close it to let go.
 */
int state_file_lock(int dir_fd, int *fdp);

#endif
