/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Single-threaded libfuse loop in a forked child; times out attributes at once,
 * so that a changed size is seen. Unmounting is lazy and the child is killed by
 * its pid, which aborts the connection and with it every read that hangs.
 */
#define FUSE_USE_VERSION 35

#include "faultfs.h"

#include "samples.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAULTFS_DEADLINE_MS = 10000, FAULTFS_STEP_MS = 10 };

static struct {
	struct faultfs fs;
	unsigned char *bytes;
	size_t n;
	bool is_cut;
} faultfs;

static int faultfs_getattr(const char *path, struct stat *st, struct fuse_file_info *info)
{
	(void)info;
	memset(st, 0, sizeof(*st));
	if (strcmp(path, "/") == 0) {
		st->st_mode = S_IFDIR | 0755;
		st->st_nlink = 2;
		return 0;
	}
	if (strcmp(path, "/file") != 0)
		return -ENOENT;
	st->st_mode = S_IFREG | 0644;
	st->st_nlink = 1;
	st->st_size = (off_t)(faultfs.is_cut ? faultfs.fs.offset : faultfs.n);
	st->st_mtim.tv_sec = 1700000000 + faultfs.is_cut;
	return 0;
}

static int faultfs_open(const char *path, struct fuse_file_info *info)
{
	if (strcmp(path, "/file") != 0)
		return -ENOENT;
	info->direct_io = faultfs.fs.is_direct;
	return 0;
}

static int faultfs_readdir(const char *path, void *buf, fuse_fill_dir_t fill, off_t offset,
	struct fuse_file_info *info, enum fuse_readdir_flags flags)
{
	(void)path;
	(void)offset;
	(void)info;
	(void)flags;
	(void)fill(buf, "file", NULL, 0, 0);
	return 0;
}

static bool faultfs_is_hit(uint64_t at, size_t n)
{
	const struct faultfs *fs = &faultfs.fs;

	return fs->kind != FAULTFS_NONE && at + n > fs->offset &&
	       (fs->n_bytes == 0 || at < fs->offset + fs->n_bytes);
}

static int faultfs_read(
	const char *path, char *buf, size_t n, off_t offset, struct fuse_file_info *info)
{
	uint64_t at = (uint64_t)offset;
	uint64_t end = faultfs.n;

	(void)path;
	(void)info;
	if (faultfs_is_hit(at, n)) {
		if (faultfs.fs.kind == FAULTFS_ERROR)
			return -faultfs.fs.error;
		while (faultfs.fs.kind == FAULTFS_HANG)
			(void)pause();
		faultfs.is_cut = faultfs.fs.kind == FAULTFS_TRUNCATE;
		end = faultfs.fs.offset;
	}
	if (at >= end)
		return 0;
	if (n > end - at)
		n = (size_t)(end - at);
	memcpy(buf, faultfs.bytes + at, n);
	return (int)n;
}

static void *faultfs_init(struct fuse_conn_info *connection, struct fuse_config *config)
{
	(void)connection;
	config->attr_timeout = 0;
	config->entry_timeout = 0;
	return NULL;
}

static const struct fuse_operations faultfs_operations = {
	.getattr = faultfs_getattr,
	.open = faultfs_open,
	.readdir = faultfs_readdir,
	.read = faultfs_read,
	.init = faultfs_init,
};

static _Noreturn void faultfs_serve(const struct faultfs *fs)
{
	const char *argv[] = {"faultfs", "-f", "-s", "-o", "fsname=faultfs,subtype=faultfs",
		fs->mountpoint, NULL};

	_exit(fuse_main(6, (char **)(uintptr_t)argv, &faultfs_operations, NULL) == 0 ? 0 : 1);
}

static void faultfs_load(const struct faultfs *fs, const char *backing)
{
	int fd = samples_open(backing);
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	faultfs.fs = *fs;
	faultfs.n = (size_t)st.st_size;
	faultfs.is_cut = false;
	faultfs.bytes = malloc(faultfs.n + 1);
	assert_non_null(faultfs.bytes);
	assert_int_equal(pread(fd, faultfs.bytes, faultfs.n, 0), faultfs.n);
	(void)close(fd);
}

/*
 * In a mount namespace of this program's, where there is a right to one: what a
 * killed test leaves mounted goes with it.
 */
static void faultfs_keep_private(void)
{
	static bool is_done;

	if (!is_done && unshare(CLONE_NEWNS) == 0)
		(void)mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	is_done = true;
}

int faultfs_mount(struct faultfs *fs, const char *backing)
{
	struct stat outside, inside;

	faultfs_keep_private();
	samples_dir(fs->mountpoint);
	(void)snprintf(fs->file, sizeof(fs->file), "%s/file", fs->mountpoint);
	faultfs_load(fs, backing);
	assert_int_equal(stat(fs->mountpoint, &outside), 0);
	fs->pid = fork();
	assert_true(fs->pid >= 0);
	if (fs->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		faultfs_serve(&faultfs.fs);
	}
	free(faultfs.bytes);
	for (int ms = 0; ms < FAULTFS_DEADLINE_MS; ms += FAULTFS_STEP_MS) {
		if (stat(fs->mountpoint, &inside) == 0 && inside.st_dev != outside.st_dev)
			return 0;
		if (waitpid(fs->pid, NULL, WNOHANG) == fs->pid)
			break;
		(void)poll(NULL, 0, FAULTFS_STEP_MS);
	}
	fs->pid = 0;
	(void)rmdir(fs->mountpoint);
	return -ENOTSUP;
}

void faultfs_unmount(struct faultfs *fs)
{
	if (fs->pid > 0) {
		(void)umount2(fs->mountpoint, MNT_DETACH);
		(void)kill(fs->pid, SIGKILL);
		(void)waitpid(fs->pid, NULL, 0);
	}
	fs->pid = 0;
	(void)rmdir(fs->mountpoint);
}
