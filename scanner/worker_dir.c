/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Depth is bounded by what a hostile file could make libclamav nest: its own
 * recursion limit times a directory or two. Deeper is left, and reported.
 */
#include "worker_dir.h"

#include "cleanup.h"
#include "err.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { WORKER_DIR_DEPTH_MAX = 64 };

static int worker_dir_sweep(int parent, const char *name, int depth, size_t *n_foundp)
{
	_cleanup_(cleanup_close) int fd =
		openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	_cleanup_(cleanup_closedir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int first = 0;

	if (!dir)
		return -errno;
	fd = -1;
	while ((errno = 0, entry = readdir(dir))) {
		int r = 0;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (depth == 0)
			(*n_foundp)++;
		if (unlinkat(dirfd(dir), entry->d_name, 0) == 0)
			continue;
		if (errno != EISDIR && errno != EPERM)
			r = -errno;
		else if (depth == WORKER_DIR_DEPTH_MAX)
			r = -ELOOP;
		else
			r = worker_dir_sweep(dirfd(dir), entry->d_name, depth + 1, n_foundp);
		if (r == 0 && unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR) < 0)
			r = -errno;
		first = first ? first : r;
	}
	return first ? first : -errno;
}

int worker_dir_empty(const char *path, size_t *n_foundp)
{
	size_t n_found = 0;
	int r = worker_dir_sweep(AT_FDCWD, path, 0, &n_found);

	if (n_foundp)
		*n_foundp = n_found;
	return err_trace(r);
}
