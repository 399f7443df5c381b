/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hangfs BACKING MOUNTPOINT: a FUSE file system that shows the folder BACKING
 * and does not answer where a name asks for it:
 *
 *   hang-open     open      hang-read     read
 *   hang-getattr  getattr   hang-readdir  the listing of this directory
 *   hang-direct   read, past the page cache
 *
 * and where a folder is made, whatever its name.
 *
 * SIGUSR1 releases all that hangs and lets nothing hang any more. Prints
 * "ready" when it is mounted; SIGTERM unmounts.
 */
#define FUSE_USE_VERSION 35

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <limits.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *hangfs_backing;
static atomic_bool hangfs_is_released;
static sem_t hangfs_release;

static void hangfs_on_signal(int number)
{
	(void)number;
	atomic_store(&hangfs_is_released, true);
	(void)sem_post(&hangfs_release);
}

/* Hang if the last component asks for it. */
static void hangfs_at(const char *path, const char *name)
{
	const char *last = strrchr(path, '/') + 1;

	if (strncmp(last, name, strlen(name)) != 0)
		return;
	while (!atomic_load(&hangfs_is_released))
		(void)sem_wait(&hangfs_release);
	(void)sem_post(&hangfs_release); /* the next one, too */
}

static const char *hangfs_path(const char *path, char real[PATH_MAX])
{
	(void)snprintf(real, PATH_MAX, "%s%s", hangfs_backing, path);
	return real;
}

static int hangfs_getattr(const char *path, struct stat *st, struct fuse_file_info *info)
{
	char real[PATH_MAX];

	(void)info;
	hangfs_at(path, "hang-getattr");
	return lstat(hangfs_path(path, real), st) < 0 ? -errno : 0;
}

/* Nothing can be written here: who was let go is told so. */
static int hangfs_mkdir(const char *path, mode_t mode)
{
	(void)mode;
	hangfs_at(path, "");
	return -EROFS;
}

static int hangfs_open(const char *path, struct fuse_file_info *info)
{
	char real[PATH_MAX];
	int fd;

	hangfs_at(path, "hang-open");
	fd = open(hangfs_path(path, real), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	info->fh = (uint64_t)fd;
	info->direct_io = strstr(path, "/hang-direct") != NULL;
	return 0;
}

static int hangfs_read(
	const char *path, char *buf, size_t n, off_t offset, struct fuse_file_info *info)
{
	ssize_t got;

	hangfs_at(path, "hang-read");
	hangfs_at(path, "hang-direct");
	got = pread((int)info->fh, buf, n, offset);
	return got < 0 ? -errno : (int)got;
}

static int hangfs_close(const char *path, struct fuse_file_info *info)
{
	(void)path;
	return close((int)info->fh) < 0 ? -errno : 0;
}

static int hangfs_readdir(const char *path, void *buf, fuse_fill_dir_t fill, off_t offset,
	struct fuse_file_info *info, enum fuse_readdir_flags flags)
{
	char real[PATH_MAX];
	DIR *dir;
	const struct dirent *entry;

	(void)offset;
	(void)info;
	(void)flags;
	hangfs_at(path, "hang-readdir");
	dir = opendir(hangfs_path(path, real));
	if (!dir)
		return -errno;
	while ((entry = readdir(dir)) != NULL)
		(void)fill(buf, entry->d_name, NULL, 0, 0);
	(void)closedir(dir);
	return 0;
}

static void *hangfs_init(struct fuse_conn_info *connection, struct fuse_config *config)
{
	(void)connection;
	config->attr_timeout = 0;
	config->entry_timeout = 0;
	(void)puts("ready");
	(void)fflush(stdout);
	return NULL;
}

static const struct fuse_operations hangfs_operations = {
	.getattr = hangfs_getattr,
	.mkdir = hangfs_mkdir,
	.open = hangfs_open,
	.read = hangfs_read,
	.release = hangfs_close,
	.readdir = hangfs_readdir,
	.init = hangfs_init,
};

int main(int argc, char **argv)
{
	const char *fuse_argv[] = {"hangfs", "-f", "-o",
		"fsname=hangfs,subtype=hangfs,allow_other,default_permissions", NULL, NULL};

	if (argc != 3)
		return 64;
	hangfs_backing = argv[1];
	fuse_argv[4] = argv[2];
	if (sem_init(&hangfs_release, 0, 0) < 0)
		return 1;
	(void)signal(SIGUSR1, hangfs_on_signal);
	return fuse_main(5, (char **)(uintptr_t)fuse_argv, &hangfs_operations, NULL) == 0 ? 0 : 1;
}
