/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A name is given by link(2), which never replaces one and which every file
 * system with links knows (renameat2(2) with RENAME_NOREPLACE, ZFS does not
 * before 2.2), after the file is on disk. The steps, and what a stop after each
 * leaves:
 *
 *   make .x.new    the temporary name: removed by vault_file_clean()
 *   write, fsync   likewise
 *   link to NAME   both names: the file is whole, the temporary one is removed
 *   unlink .x.new  the file
 *   fsync of the directory; only now the caller is told
 *
 * Not O_TMPFILE: what has no name is given one through /proc or with a
 * capability only, and then not on every file system.
 */
#include "vault_file.h"

#include "check.h"
#include "cleanup.h"
#include "vault_crypto.h"
#include "vault_item.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

static int vault_file_lock(int dirfd, int operation)
{
	while (flock(dirfd, operation) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

int vault_file_create(int dirfd, struct vault_file *file)
{
	uint8_t random[VAULT_ID_LENGTH / 2];
	char text[VAULT_ID_LENGTH + 1];
	int r = vault_file_lock(dirfd, LOCK_SH);

	if (r < 0)
		return err_origin(r); /* UNTESTED: a directory that cannot be locked */
	vault_crypto_random(random, sizeof(random));
	vault_crypto_hex(random, sizeof(random), text);
	(void)snprintf(file->temp, sizeof(file->temp), ".%s.new", text);
	file->dirfd = dirfd;
	file->fd =
		openat(dirfd, file->temp, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file->fd >= 0)
		return 0;
	r = -errno;
	(void)vault_file_lock(dirfd, LOCK_UN);
	return err_origin(r);
}

void vault_file_discard(struct vault_file *file)
{
	if (file->fd < 0)
		return;
	(void)unlinkat(file->dirfd, file->temp, 0);
	(void)close(file->fd);
	(void)vault_file_lock(file->dirfd, LOCK_UN);
	file->fd = -1;
}

static int vault_file_link(const struct vault_file *file, const char *name)
{
	int r;

	if (fsync(file->fd) < 0 || linkat(file->dirfd, file->temp, file->dirfd, name, 0) < 0)
		return -errno;
	if (unlinkat(file->dirfd, file->temp, 0) == 0 && fsync(file->dirfd) == 0)
		return 0;
	/* UNTESTED: a disk that fails now */
	r = -errno;
	(void)unlinkat(file->dirfd, name, 0);
	return r;
}

int vault_file_publish(struct vault_file *file, const char *name)
{
	int r = vault_file_link(file, name);

	vault_file_discard(file);
	return r < 0 ? err_origin(r) : 0;
}

static int vault_file_is_temp(const char *name)
{
	return name[0] == '.' && strspn(name + 1, "0123456789abcdef") == VAULT_ID_LENGTH &&
	       strcmp(name + 1 + VAULT_ID_LENGTH, ".new") == 0;
}

static int vault_file_clean_entries(DIR *dir)
{
	const struct dirent *entry;

	while (errno = 0, entry = readdir(dir)) {
		if (!vault_file_is_temp(entry->d_name))
			continue;
		/* Where nobody can write, nobody can put something there. */
		if (unlinkat(dirfd(dir), entry->d_name, 0) < 0 && errno != ENOENT && errno != EROFS)
			break;
	}
	return errno ? err_origin(-errno) : 0;
}

int vault_file_clean(int dirfd)
{
	/* A lock belongs to the open file: one of our own. */
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(cleanup_closedir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int r;

	if (!dir) {
		r = -errno;
		cleanup_close(&fd);
		return err_origin(r);
	}
	r = vault_file_lock(fd, LOCK_EX | LOCK_NB);
	if (r == -EWOULDBLOCK)
		return 0;
	return r < 0 ? err_origin(r) : vault_file_clean_entries(dir);
}

int vault_file_write(int fd, const void *bytes, size_t n, uint64_t offset)
{
	const char *at = bytes;

	while (n > 0) {
		ssize_t put = pwrite(fd, at, n, (off_t)offset);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return err_origin(-errno);
		at += put;
		n -= (size_t)put;
		offset += (uint64_t)put;
	}
	return 0;
}

int vault_file_read(int fd, void *bytes, size_t n, uint64_t offset, size_t *n_readp)
{
	char *at = bytes;
	size_t n_left = n;

	while (n_left > 0) {
		ssize_t got = pread(fd, at, n_left, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_origin(-errno);
		if (got == 0)
			break;
		at += got;
		n_left -= (size_t)got;
		offset += (uint64_t)got;
	}
	*n_readp = n - n_left;
	return 0;
}
