/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mask is TYPE|MODE|INO|SIZE|MTIME|CTIME|BTIME|MNT_ID: what the walk needs
 * now and the verdict cache will. AT_STATX_DONT_SYNC keeps a network file
 * system from asking its server for each name; the lane's fstat after the open
 * is the one that counts.
 */
#include "inode.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static int inode_ask(int dir_fd, const char *name, int flags, struct inode *inode)
{
	const unsigned mask = STATX_TYPE | STATX_MODE | STATX_INO | STATX_SIZE | STATX_MTIME |
			      STATX_CTIME | STATX_BTIME | STATX_MNT_ID;
	struct statx stx;

	if (statx(dir_fd, name, flags | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, mask, &stx) < 0)
		return -errno;
	*inode = (struct inode){.mode = stx.stx_mode,
		.dev = makedev(stx.stx_dev_major, stx.stx_dev_minor),
		.ino = stx.stx_ino,
		.size = stx.stx_size,
		.mtime_ns = stx.stx_mtime.tv_sec * INT64_C(1000000000) + stx.stx_mtime.tv_nsec,
		.ctime_ns = stx.stx_ctime.tv_sec * INT64_C(1000000000) + stx.stx_ctime.tv_nsec,
		.mount_id = stx.stx_mnt_id,
		.has_mount_id = (stx.stx_mask & STATX_MNT_ID) != 0,
		.is_mount_root = (stx.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0};
	return 0;
}

int inode_of(int dir_fd, const char *name, struct inode *inode)
{
	return inode_ask(dir_fd, name, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, inode);
}

int inode_of_magic(int dir_fd, const char *name, struct inode *inode)
{
	return inode_ask(dir_fd, name, 0, inode);
}
