/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * openat2(2) with RESOLVE_NO_SYMLINKS: the kernel looks at every component, so
 * that a folder which was swapped for a link on the way is an error and not a
 * detour. glibc 2.36 has no wrapper for it.
 */
#include "folder.h"

#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool folder_is_dots(const char *name, size_t n)
{
	return (n == 1 && name[0] == '.') || (n == 2 && name[0] == '.' && name[1] == '.');
}

/* Whether a component of it is "." or "..": canonical paths have none. */
static bool folder_has_dots(struct span path)
{
	const char *at = path.data;
	const char *end = at + path.n;

	while (at < end) {
		const char *slash = memchr(at, '/', (size_t)(end - at));
		const char *stop = slash ? slash : end;

		if (folder_is_dots(at, (size_t)(stop - at)))
			return true;
		at = stop + 1;
	}
	return false;
}

int folder_split(struct span path, struct span *folderp, struct span *namep)
{
	const char *text = path.data;
	const char *slash;
	size_t n_name;

	if (path.n == 0 || text[0] != '/' || memchr(text, '\0', path.n) || folder_has_dots(path))
		return -EINVAL;
	slash = memrchr(text, '/', path.n);
	n_name = path.n - (size_t)(slash + 1 - text);
	if (n_name == 0)
		return -EINVAL;
	if (n_name > FOLDER_NAME_MAX)
		return -ENAMETOOLONG;
	*folderp = (struct span){text, slash == text ? 1 : (size_t)(slash - text)};
	*namep = (struct span){slash + 1, n_name};
	return 0;
}

static int folder_step(int dirfd, const char *path)
{
	const struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
	long fd = syscall(SYS_openat2, dirfd, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

/* The longest beginning that openat2() takes and that ends at a slash. */
static size_t folder_piece(const char *at, size_t n)
{
	const char *slash;

	if (n < PATH_MAX)
		return n;
	slash = memrchr(at + 1, '/', PATH_MAX - 2);
	return slash ? (size_t)(slash - at) : 0;
}

int folder_open(struct span path, int *fdp)
{
	const char *at = path.data;
	size_t n_left = path.n;
	_cleanup_(cleanup_close) int fd = AT_FDCWD;

	if (n_left == 0 || at[0] != '/' || memchr(at, '\0', n_left) || folder_has_dots(path))
		return err_origin(-EINVAL);
	while (n_left > 0) {
		char piece[PATH_MAX];
		size_t n = folder_piece(at, n_left);
		int next;

		if (n == 0)
			return err_origin(-ENAMETOOLONG);
		memcpy(piece, at, n);
		piece[n] = '\0';
		next = folder_step(fd, piece);
		if (next < 0)
			return next;
		cleanup_close(&fd);
		fd = next;
		at += n;
		n_left -= n;
		while (n_left > 0 && at[0] == '/') { /* the rest is relative to this piece */
			at++;
			n_left--;
		}
	}
	*fdp = take_fd(&fd);
	return 0;
}

/* It is not to be found again by a path that leads elsewhere: then there is none. */
static int folder_confirm(const struct stat *status, struct span asked, char path[FOLDER_PATH_SIZE])
{
	_cleanup_(cleanup_close) int fd = -1;
	struct stat there;

	if (asked.n >= FOLDER_PATH_SIZE || folder_open(asked, &fd) < 0)
		return err_origin(-ENAMETOOLONG);
	if (fstat(fd, &there) < 0)
		return err_origin(-errno); /* UNTESTED: of an open directory */
	if (there.st_dev != status->st_dev || there.st_ino != status->st_ino)
		return err_origin(-ENAMETOOLONG);
	memcpy(path, asked.data, asked.n);
	path[asked.n] = '\0';
	return 0;
}

int folder_where(int fd, struct span asked, char path[FOLDER_PATH_SIZE])
{
	char link[64];
	struct stat status;
	ssize_t n;

	if (fstat(fd, &status) < 0)
		return err_origin(-errno);
	if (status.st_nlink == 0)
		return -ENOENT;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, FOLDER_PATH_SIZE - 1);
	if (n < 0)
		return errno == ENAMETOOLONG ? folder_confirm(&status, asked, path)
					     : err_origin(-errno);
	path[n] = '\0';
	return path[0] == '/' ? 0 : -ENOENT;
}

int folder_reopen(int fd, int flags)
{
	char link[64];
	int opened;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	opened = open(link, flags | O_CLOEXEC);
	return opened < 0 ? -errno : opened;
}
