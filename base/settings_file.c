/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whoever can write this file can switch the scanner off by an exclusion, so a
 * root daemon takes it only from root. The check is made on the open
 * descriptor, not on the name. O_NONBLOCK: a FIFO in its place must not hang
 * the start.
 */
#include "settings_file.h"

#include "cleanup.h"
#include "full_io.h"

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

static int settings_file_check(int fd, const char *path, struct errmsg *msg)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_origin(-errno);
	if (!S_ISREG(st.st_mode)) {
		errmsg_set(msg, "%s: not a regular file", path);
		return -EINVAL;
	}
	if (st.st_size > SETTINGS_FILE_MAX) {
		errmsg_set(msg, "%s: larger than %d bytes", path, SETTINGS_FILE_MAX);
		return -EFBIG;
	}
	if (geteuid() == 0 && (st.st_uid != 0 || (st.st_mode & 022))) {
		errmsg_set(msg,
			"%s: must belong to root and be writable by nobody else (it has owner %u, "
			"mode %04o)",
			path, st.st_uid, st.st_mode & 07777u);
		return -EPERM;
	}
	return 0;
}

static int settings_file_fill(int fd, char *buf, size_t n_buf, size_t *n_usedp)
{
	int r = full_read(fd, buf, n_buf, n_usedp);

	if (r < 0)
		return err_trace(r);
	return *n_usedp == n_buf ? -EFBIG : 0;
}

int settings_file_read(const char *path, struct settings *settings, struct errmsg *msg)
{
	_cleanup_(cleanup_close) int fd =
		open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	_cleanup_(cleanup_free) char *text = NULL;
	size_t n = 0;
	int r;

	if (fd < 0) {
		r = -errno;
		errmsg_set(msg, "%s: %s", path, err_text(r));
		return r == -ENOENT ? SETTINGS_FILE_E_ABSENT : r;
	}
	r = settings_file_check(fd, path, msg);
	if (r < 0)
		return r;
	text = malloc(SETTINGS_FILE_MAX + 1);
	if (!text)
		return err_origin(-ENOMEM);
	r = settings_file_fill(fd, text, SETTINGS_FILE_MAX + 1, &n);
	if (r < 0) {
		errmsg_set(msg, "%s: %s", path, err_text(r));
		return r;
	}
	return settings_parse(text, n, path, settings, msg);
}

static int settings_file_put(int fd, const char *text, size_t n)
{
	int r = full_write(fd, text, n);

	if (r < 0)
		return err_trace(r);
	return fsync(fd) < 0 ? -errno : 0;
}

/* A rename is durable when its directory is. */
static int settings_file_sync_directory(const char *path)
{
	char copy[PATH_MAX];
	_cleanup_(cleanup_close) int fd = -1;

	(void)snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

static int settings_file_replace(const char *path, const char *text, size_t n)
{
	char fresh[PATH_MAX];
	struct stat st;
	mode_t mode = lstat(path, &st) == 0 && S_ISREG(st.st_mode) ? st.st_mode & 0777u : 0644;
	_cleanup_(cleanup_close) int fd = -1;
	int r;

	if (snprintf(fresh, sizeof(fresh), "%s.XXXXXX", path) >= (int)sizeof(fresh))
		return -ENAMETOOLONG;
	fd = mkostemp(fresh, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = fchmod(fd, mode) < 0 ? -errno : settings_file_put(fd, text, n);
	if (r == 0 && rename(fresh, path) < 0)
		r = -errno;
	if (r < 0) {
		(void)unlink(fresh);
		return r;
	}
	return settings_file_sync_directory(path);
}

int settings_file_write(const char *path, const struct settings *settings, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *object = NULL;
	_cleanup_(cleanup_free) char *text = NULL;
	size_t n = 0;
	int r = settings_to_json(settings, &object);

	if (r == 0)
		r = json_print_pretty(object, &text, &n);
	if (r != 0)
		return r;
	if (n + 1 > SETTINGS_FILE_MAX) {
		errmsg_set(msg, "%s: it would be larger than %d bytes", path, SETTINGS_FILE_MAX);
		return err_origin(-EFBIG);
	}
	text[n] = '\n'; /* in the place of the NUL: it is written by length */
	r = settings_file_replace(path, text, n + 1);
	if (r < 0)
		errmsg_set(msg, "%s: %s", path, err_text(r));
	return err_trace(r);
}
