/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the walk asks the kernel about one name: a statx(2) that follows no
 * link, triggers no automount and does not ask a server for news. The mask is
 * the same everywhere, so that a name costs one kind of call.
 *
 * Hands. Any thread.
 */
#ifndef QS_INODE_H
#define QS_INODE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	/* What a path given to the kernel may hold. NAME_MAX is what disk file
	 * systems keep; FUSE and others give longer names. */
	INODE_NAME_MAX = 4095,
};

struct inode {
	mode_t mode;
	dev_t dev; /**< As stat gives it; on btrfs not the superblock's. */
	ino_t ino;
	uint64_t size;    /**< Bytes. */
	int64_t mtime_ns; /**< Since 1970. */
	int64_t ctime_ns;
	uint64_t mount_id;  /**< STATX_MNT_ID. */
	bool has_mount_id;  /**< Kernels before 5.8 do not tell. */
	bool is_mount_root; /**< Of some mount, if the kernel tells. */
};

/**
 * Ask about a name.
 *
 * @dir_fd  Directory; @name in it, or "": the descriptor itself.
 * @return  0 or -errno.
 */
int inode_of(int dir_fd, const char *name, struct inode *inode);

/** The same through the link of /proc that @name is. */
int inode_of_magic(int dir_fd, const char *name, struct inode *inode);

#endif
