/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Written to a name of its own, synced, renamed, and the directory synced: who
 * reads sees the old file or the new one.
 */
#include "state_file.h"

#include "cleanup.h"
#include "full_io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

int state_file_open_dir(const char *path, bool is_made, int *fdp, struct errmsg *msg)
{
	int fd;
	int r;

	if (is_made && mkdir(path, 0700) < 0 && errno != EEXIST) {
		r = -errno;
		errmsg_set(msg, "make %s: %s", path, err_text(r));
		return err_origin(r);
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		r = -errno;
		errmsg_set(msg, "open %s: %s", path, err_text(r));
		return err_origin(r);
	}
	*fdp = fd;
	return 0;
}

static void state_file_mark_of(const struct stat *status, struct state_file_mark *mark)
{
	mark->inode = status->st_ino;
	mark->mtime_ns = (int64_t)status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec;
	mark->size = status->st_size;
}

int state_file_look(int dir_fd, const char *name, struct state_file_mark *mark)
{
	struct stat status;

	if (fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT)
			return err_origin(-errno);
		*mark = (struct state_file_mark)STATE_FILE_MARK_NULL;
		return 0;
	}
	state_file_mark_of(&status, mark);
	return 0;
}

bool state_file_is_same(const struct state_file_mark *a, const struct state_file_mark *b)
{
	return a->inode == b->inode && a->mtime_ns == b->mtime_ns && a->size == b->size;
}

int state_file_read(int dir_fd, const char *name, size_t n_max, char **bytesp, size_t *np,
	struct state_file_mark *mark)
{
	_cleanup_(cleanup_close) int fd =
		openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	_cleanup_(cleanup_free) char *bytes = NULL;
	struct stat status;
	size_t n = 0;
	int r;

	if (fd < 0)
		return errno == ENOENT ? -ENOENT : err_origin(-errno);
	if (fstat(fd, &status) < 0)
		return err_origin(-errno); /* UNTESTED: of an open file */
	if (!S_ISREG(status.st_mode) || (status.st_mode & 022))
		return err_origin(-EPERM);
	if (status.st_size < 0 || (size_t)status.st_size > n_max)
		return err_origin(-EMSGSIZE);
	bytes = malloc((size_t)status.st_size + 1);
	if (!bytes)
		return err_origin(-ENOMEM);
	r = full_read(fd, bytes, (size_t)status.st_size, &n);
	if (r < 0)
		return err_trace(r);
	if (n < (size_t)status.st_size)
		return err_origin(-EIO);
	bytes[n] = '\0';
	if (mark)
		state_file_mark_of(&status, mark);
	*bytesp = bytes;
	*np = n;
	bytes = NULL;
	return 0;
}

static int state_file_fill(int dir_fd, int fd, const char *bytes, size_t n)
{
	struct stat status;
	int r;

	if (geteuid() == 0 &&
		(fstat(dir_fd, &status) < 0 || fchown(fd, status.st_uid, status.st_gid) < 0))
		return err_origin(-errno);
	r = full_write(fd, bytes, n);
	if (r < 0)
		return err_trace(r);
	return fsync(fd) < 0 ? err_origin(-errno) : 0;
}

int state_file_write(int dir_fd, const char *name, const void *bytes, size_t n)
{
	_cleanup_(cleanup_close) int fd = -1;
	char fresh[128];
	int r;

	if (snprintf(fresh, sizeof(fresh), ".%s.new", name) >= (int)sizeof(fresh))
		return err_origin(-ENAMETOOLONG);
	if (unlinkat(dir_fd, fresh, 0) < 0 && errno != ENOENT)
		return err_origin(-errno);
	fd = openat(dir_fd, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_origin(-errno);
	r = state_file_fill(dir_fd, fd, bytes, n);
	if (r == 0 && renameat(dir_fd, fresh, dir_fd, name) < 0)
		r = err_origin(-errno);
	if (r < 0) {
		(void)unlinkat(dir_fd, fresh, 0);
		return r;
	}
	return fsync(dir_fd) < 0 ? err_origin(-errno) : 0;
}

int state_file_lock(int dir_fd, int *fdp)
{
	/* A descriptor of its own: a lock belongs to the open file. */
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_origin(-errno);
	while (flock(fd, LOCK_EX) < 0) {
		if (errno == EINTR)
			continue;
		(void)close(fd);
		return err_origin(-errno);
	}
	*fdp = fd;
	return 0;
}
