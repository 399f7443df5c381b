/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is removed here belonged to a process that parsed hostile archives. The
 * walk is by directory descriptor and O_NOFOLLOW, so that a directory that is
 * swapped for a link is not entered, and its depth is bounded, because the
 * recursion is.
 */
#include "temp_dir.h"

#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEMP_DIR_DEPTH_MAX = 64 };

static const char temp_dir_prefix[] = "engine-";

int temp_dir_make(const char *parent, const struct child_identity *identity, char *path,
	size_t n_path, struct errmsg *msg)
{
	int n = snprintf(path, n_path, "%s/%sXXXXXX", parent, temp_dir_prefix);

	if (n < 0 || (size_t)n >= n_path)
		return err_origin(-ENAMETOOLONG);
	if (!mkdtemp(path)) {
		int r = -errno;

		errmsg_set(msg, "make %s: %s", path, err_text(r));
		return err_origin(r);
	}
	if (identity->is_switched && lchown(path, identity->uid, identity->gid) < 0) {
		int r = -errno;

		errmsg_set(msg, "give %s to uid %u: %s", path, identity->uid, err_text(r));
		(void)rmdir(path);
		return err_origin(r);
	}
	return 0;
}

static int temp_dir_remove_at(int parent_fd, const char *name, unsigned depth);

static int temp_dir_empty(int fd, unsigned depth)
{
	_cleanup_(cleanup_closedir) DIR *dir = fdopendir(fd);
	struct dirent *entry;
	int result = 0;

	if (!dir) {
		int r = -errno;

		(void)close(fd);
		return err_origin(r);
	}
	while ((entry = readdir(dir))) {
		int r;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		r = temp_dir_remove_at(dirfd(dir), entry->d_name, depth + 1);
		if (r < 0 && result == 0)
			result = r;
	}
	return result;
}

static int temp_dir_remove_at(int parent_fd, const char *name, unsigned depth)
{
	int fd, r;

	if (unlinkat(parent_fd, name, 0) == 0)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return err_origin(-errno);
	if (depth > TEMP_DIR_DEPTH_MAX)
		return err_origin(-ELOOP);
	fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* Its owner, who is we ourselves then, took the rights away. Root needs no
	 * rights, and must not chmod a name that may become a link meanwhile. */
	if (fd < 0 && errno == EACCES && geteuid() != 0 &&
		fchmodat(parent_fd, name, S_IRWXU, 0) == 0)
		fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_origin(-errno);
	r = temp_dir_empty(fd, depth);
	if (unlinkat(parent_fd, name, AT_REMOVEDIR) < 0)
		return r < 0 ? r : err_origin(-errno);
	return 0;
}

int temp_dir_remove(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return -errno;
	return temp_dir_remove_at(AT_FDCWD, path, 0);
}

int temp_dir_sweep(const char *parent)
{
	_cleanup_(cleanup_closedir) DIR *dir = opendir(parent);
	struct dirent *entry;
	int result = 0;

	if (!dir)
		return err_origin(-errno);
	while ((entry = readdir(dir))) {
		int r;

		if (strncmp(entry->d_name, temp_dir_prefix, strlen(temp_dir_prefix)) != 0)
			continue;
		r = temp_dir_remove_at(dirfd(dir), entry->d_name, 0);
		if (r < 0 && result == 0)
			result = r;
	}
	return result;
}
