/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Depth is bounded by what a hostile file could make libclamav nest: its own
 * recursion limit times a directory or two. But the directory may also have
 * been a worker's that a file took over, and what that left must not keep the
 * next worker of the lane from starting: a directory without rights gets them
 * back, and what lies deeper than the bound is moved up and swept in a next
 * round. Nobody else is at work in it meanwhile.
 */
#include "worker_dir.h"

#include "cleanup.h"
#include "err.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	WORKER_DIR_DEPTH_MAX = 64,
	WORKER_DIR_ROUNDS_MAX = 2048, /* 131,072 levels; a lane has 65,536 inodes */
};

struct worker_dir {
	int fd;
	unsigned round;
	size_t n_found; /* in the directory itself, in the first round */
	size_t n_moved; /* from too deep */
};

/*
 * Rights are given back only where they lack: inside the walls there is no
 * such call, and none of our own making needs it.
 */
static int worker_dir_unlink(int parent, const char *name, int flags)
{
	int r = unlinkat(parent, name, flags);

	if (r < 0 && errno == EACCES && fchmod(parent, S_IRWXU) == 0)
		r = unlinkat(parent, name, flags);
	return r < 0 ? -errno : 0;
}

static int worker_dir_open(int parent, const char *name)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(parent, name, flags);

	if (fd < 0 && errno == EACCES && fchmodat(parent, name, S_IRWXU, 0) == 0)
		fd = openat(parent, name, flags);
	return fd < 0 ? -errno : fd;
}

/* To where the next round begins; under a name that is taken, in the round after. */
static int worker_dir_move_up(struct worker_dir *top, int parent, const char *name)
{
	char fresh[32];

	(void)snprintf(fresh, sizeof(fresh), "deep-%zu", top->n_moved++);
	/* A directory that gets another parent has to be writable itself. */
	if (fchmodat(parent, name, S_IRWXU, 0) < 0 || renameat(parent, name, top->fd, fresh) < 0)
		return -errno;
	return 0;
}

static int worker_dir_sweep(struct worker_dir *top, int fd, int depth);

static int worker_dir_remove(struct worker_dir *top, int parent, const char *name, int depth)
{
	int r = worker_dir_unlink(parent, name, 0);
	int fd;

	if (r != -EISDIR && r != -EPERM)
		return r;
	if (depth == WORKER_DIR_DEPTH_MAX)
		return worker_dir_move_up(top, parent, name);
	fd = worker_dir_open(parent, name);
	r = fd < 0 ? fd : worker_dir_sweep(top, fd, depth + 1);
	return r < 0 ? r : worker_dir_unlink(parent, name, AT_REMOVEDIR);
}

/* Takes @fd. */
static int worker_dir_sweep(struct worker_dir *top, int fd, int depth)
{
	_cleanup_(cleanup_closedir) DIR *dir = fdopendir(fd);
	struct dirent *entry;
	int first = 0;

	if (!dir) {
		first = -errno;
		(void)close(fd);
		return first;
	}
	while ((errno = 0, entry = readdir(dir))) {
		int r;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		top->n_found += depth == 0 && top->round == 0;
		r = worker_dir_remove(top, fd, entry->d_name, depth);
		first = first ? first : r;
	}
	return first ? first : -errno;
}

int worker_dir_empty(const char *path, size_t *n_foundp)
{
	_cleanup_(cleanup_close) int fd = worker_dir_open(AT_FDCWD, path);
	struct worker_dir top = {.fd = fd};
	size_t n_moved;
	int r;

	if (fd < 0)
		return err_origin(fd);
	do {
		int round_fd = worker_dir_open(fd, ".");

		n_moved = top.n_moved;
		r = round_fd < 0 ? round_fd : worker_dir_sweep(&top, round_fd, 0);
	} while (top.n_moved > n_moved && ++top.round < WORKER_DIR_ROUNDS_MAX);
	if (n_foundp)
		*n_foundp = top.n_found;
	return err_trace(r);
}
