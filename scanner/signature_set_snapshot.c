/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Snapshots: a copy under a temporary name becomes a set by one rename, so a
 * crash leaves either nothing of that name or all of it, and a left-over
 * ".new-…" that the next prune removes. The rename never replaces: a snapshot
 * an engine may be loading from right now is not touched.
 */
#include "signature_set.h"

#include "check.h"
#include "cleanup.h"
#include "signature_set_read.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIGNATURE_SET_PREFIX "set-"
#define SIGNATURE_SET_NEW ".new-"

/* One level of files; a snapshot has no more. */
static int signature_set_remove(int parent, const char *name)
{
	_cleanup_(cleanup_close) int fd =
		openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	_cleanup_(cleanup_closedir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir)
		return -errno;
	fd = -1;
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
	return unlinkat(parent, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

/* Give the finished copy its name, unless the same set is there already. */
static int signature_set_publish(
	int parent, int target, const char *temporary, struct signature_set_info *infop)
{
	(void)snprintf(
		infop->name, sizeof(infop->name), SIGNATURE_SET_PREFIX "%s", infop->fingerprint);
	if (fchmod(target, 0755) < 0 || fsync(target) < 0)
		return -errno;
	if (renameat2(parent, temporary, parent, infop->name, RENAME_NOREPLACE) < 0) {
		if (errno != EEXIST)
			return -errno;
		return signature_set_remove(parent, temporary);
	}
	return fsync(parent) < 0 ? -errno : 0;
}

int signature_set_snapshot(
	const char *dir, const char *parent, struct signature_set_info *infop, struct errmsg *msg)
{
	_cleanup_(cleanup_close) int parent_fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(cleanup_close) int target = -1;
	char temporary[64];
	int r;

	memset(infop, 0, sizeof(*infop));
	(void)snprintf(temporary, sizeof(temporary), SIGNATURE_SET_NEW "%d-%d", (int)getpid(),
		(int)gettid());
	if (parent_fd < 0 || mkdirat(parent_fd, temporary, 0700) < 0) {
		r = -errno;
		errmsg_set(msg, "%s: %s", parent, err_text(r));
		return err_origin(r);
	}
	target = openat(parent_fd, temporary, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	r = target < 0 ? -errno : signature_set_read(dir, target, infop, msg);
	if (r == 0) {
		r = signature_set_publish(parent_fd, target, temporary, infop);
		if (r < 0)
			errmsg_set(msg, "%s: %s", parent, err_text(r));
	}
	if (r != 0) {
		(void)signature_set_remove(parent_fd, temporary);
		memset(infop, 0, sizeof(*infop));
	}
	return r;
}

static bool signature_set_is_kept(const char *name, const char *const keep[], size_t n_keep)
{
	for (size_t i = 0; i < n_keep; i++)
		if (keep[i] && strcmp(keep[i], name) == 0)
			return true;
	return false;
}

int signature_set_prune(const char *parent, const char *const keep[], size_t n_keep)
{
	_cleanup_(cleanup_closedir) DIR *dir = opendir(parent);
	struct dirent *entry;
	int first = 0;

	PRE(keep || n_keep == 0);
	if (!dir)
		return err_origin(-errno);
	while ((entry = readdir(dir))) {
		const char *name = entry->d_name;
		bool is_new = strncmp(name, SIGNATURE_SET_NEW, strlen(SIGNATURE_SET_NEW)) == 0;
		bool is_set =
			strncmp(name, SIGNATURE_SET_PREFIX, strlen(SIGNATURE_SET_PREFIX)) == 0;
		int r = 0;

		if (is_new || (is_set && !signature_set_is_kept(name, keep, n_keep)))
			r = signature_set_remove(dirfd(dir), name);
		first = first ? first : r;
	}
	return err_trace(first);
}
