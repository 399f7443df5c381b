/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file system that fails on purpose: a FUSE process of the test's own that
 * shows one file, "file", with the bytes of another, and breaks its reads from
 * a given offset on. Hands; needs /dev/fuse and, for the mount, root or
 * fusermount3.
 */
#ifndef QS_FAULTFS_H
#define QS_FAULTFS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum faultfs_kind {
	FAULTFS_NONE,     /**< No fault. */
	FAULTFS_ERROR,    /**< Reads at or past the offset give an error. */
	FAULTFS_SHORT,    /**< Reads end at the offset, although the size says more. */
	FAULTFS_TRUNCATE, /**< As SHORT, and from the first such read on the size is the offset. */
	FAULTFS_HANG,     /**< Reads at or past the offset do not return. */
};

/** Configuration first. */
struct faultfs {
	enum faultfs_kind kind;
	uint64_t offset;
	uint64_t n_bytes; /**< ERROR: of that many bytes only; 0 = to the end. */
	int error;        /**< errno for ERROR. */
	bool is_direct;   /**< Without the page cache (FOPEN_DIRECT_IO). */
	/* state */
	char mountpoint[512];
	char file[560]; /**< Path of the file in it. */
	pid_t pid;      /**< Of the process that serves it. */
};

/**
 * Mount below $TMPDIR.
 *
 * @backing  Path of the file whose bytes are shown; read once.
 * @return   0; -ENOTSUP when FUSE cannot be used here (skip the test).
 */
int faultfs_mount(struct faultfs *fs, const char *backing);

/** Unmount, end the process, remove the mount point. Releases hanging reads. */
void faultfs_unmount(struct faultfs *fs);

#endif
