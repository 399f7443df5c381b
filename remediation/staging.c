/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way up is walked by "..", which the kernel answers for the inode and not
 * for a path: whoever renames folders meanwhile changes where we come out, but
 * never to another mount, which the mount's id at every step tells.
 *
 * Whoever owns the top folder of a mount (a user's USB stick) can rename our
 * folder in it, but not look or reach into it, and we hold it by descriptor.
 */
#include "staging.h"

#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	STAGING_DEPTH_MAX = 16384, /* IPC_PATH_MAX / 2: deeper paths are not told */
	STAGING_OPEN = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
};

/* Where a step leads to. */
struct staging_place {
	uint64_t mount;
	uint64_t inode;
	uint32_t dev[2]; /* btrfs: a subvolume is no mount, and no rename leaves it either */
	bool has_mount;  /* since Linux 5.8 */
};

static int staging_look(int fd, struct staging_place *place)
{
	struct statx status;

	if (statx(fd, "", AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_MNT_ID, &status) <
		0)
		return err_origin(-errno);
	place->mount = status.stx_mnt_id;
	place->inode = status.stx_ino;
	place->dev[0] = status.stx_dev_major;
	place->dev[1] = status.stx_dev_minor;
	place->has_mount = (status.stx_mask & STATX_MNT_ID) != 0;
	return 0;
}

/* "/" is above itself. */
static bool staging_is_top(const struct staging_place *here, const struct staging_place *above)
{
	return above->mount != here->mount || above->dev[0] != here->dev[0] ||
	       above->dev[1] != here->dev[1] || above->inode == here->inode;
}

/* The path of the folder above, unless somebody renames folders meanwhile. */
static struct span staging_above(struct span path)
{
	const char *text = path.data;
	const char *slash = memrchr(text, '/', path.n);

	return (struct span){text, !slash || slash == text ? 1 : (size_t)(slash - text)};
}

/* Go up as long as it is the same mount. @pathp Of folder_fd; then of the top. */
static int staging_climb(int folder_fd, struct span *pathp, int *topp)
{
	struct staging_place here = {0};
	_cleanup_(cleanup_close) int fd = openat(folder_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = fd < 0 ? err_origin(-errno) : staging_look(fd, &here);

	for (unsigned i = 0; r == 0 && here.has_mount && i < STAGING_DEPTH_MAX; i++) {
		struct staging_place above = {0};
		_cleanup_(cleanup_close) int up =
			openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (up < 0)
			return err_origin(-errno);
		r = staging_look(up, &above);
		if (r < 0 || staging_is_top(&here, &above))
			break;
		cleanup_close(&fd);
		fd = take_fd(&up);
		here = above;
		*pathp = staging_above(*pathp);
	}
	if (r == 0)
		*topp = take_fd(&fd);
	return r;
}

static bool staging_is_writable(int fd, int *errorp)
{
	*errorp = 0;
	if (faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) == 0)
		return true;
	*errorp = -errno;
	return false;
}

static void staging_set_name(struct staging *staging, const char *id)
{
	(void)snprintf(staging->name, sizeof(staging->name), "%s%s", STAGING_PREFIX, id);
}

int staging_plan(struct staging *staging, int folder_fd, struct span folder, const char *id)
{
	struct span top = folder;
	int error;
	int r = staging_climb(folder_fd, &top, &staging->top_fd);

	if (r < 0)
		return r;
	if (!staging_is_writable(staging->top_fd, &error)) {
		if (error == -EROFS)
			return error;
		cleanup_close(&staging->top_fd);
		top = folder;
		staging->top_fd = openat(folder_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (staging->top_fd < 0)
			return err_origin(-errno);
	}
	staging_set_name(staging, id);
	return folder_where(staging->top_fd, top, staging->top);
}

static int staging_enter(struct staging *staging)
{
	struct stat status;
	_cleanup_(cleanup_close) int fd = openat(staging->top_fd, staging->name, STAGING_OPEN);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) < 0)
		return err_origin(-errno); /* UNTESTED: of an open directory */
	if (status.st_uid != geteuid() || (status.st_mode & 077))
		return err_origin(-EPERM);
	staging->fd = take_fd(&fd);
	return 0;
}

int staging_make(struct staging *staging)
{
	int r;

	if (mkdirat(staging->top_fd, staging->name, 0700) < 0)
		return -errno;
	r = staging_enter(staging);
	if (r < 0)
		(void)unlinkat(staging->top_fd, staging->name, AT_REMOVEDIR);
	return r == -ENOENT || r == -ENOTDIR || r == -ELOOP ? -EPERM : r;
}

int staging_open(struct staging *staging, struct span top, const char *id)
{
	int r = folder_open(top, &staging->top_fd);

	staging_set_name(staging, id);
	if (r == 0)
		r = staging_enter(staging);
	return r < 0 ? -ENOENT : 0;
}

int staging_remove(struct staging *staging)
{
	if (staging->top_fd < 0)
		return 0;
	return unlinkat(staging->top_fd, staging->name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

void staging_close(struct staging *staging)
{
	cleanup_close(&staging->fd);
	cleanup_close(&staging->top_fd);
	staging->fd = -1;
	staging->top_fd = -1;
}
