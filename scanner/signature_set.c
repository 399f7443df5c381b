/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * freshclam replaces a database by renaming a new file over the old one, one
 * file after another; an administrator copies a local one in place. So a set
 * is taken as consistent when its stat_print is the same before and after all
 * of it was read; otherwise the caller is told to come again.
 *
 * The suffixes are those of libclamav 1.4 (readdb.h, CLI_DBEXT), which matches
 * them without case. ".sign" (detached signatures of 1.5) belongs to a
 * set but is no database by itself.
 *
 * The copy: copy_file_range() lets a file system that can share blocks share
 * them; what it cannot do is read and written. Contents are hashed from the
 * copy, so the fingerprint is of what will be loaded.
 */
#include "signature_set.h"

#include "cleanup.h"
#include "signature_set_hash.h"
#include "signature_set_read.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const signature_set_suffixes[] = {".db", ".hdb", ".hdu", ".fp", ".mdb", ".mdu",
	".hsb", ".hsu", ".sfp", ".msb", ".msu", ".ndb", ".ndu", ".ldb", ".ldu", ".sdb", ".zmd",
	".rmd", ".pdb", ".gdb", ".wdb", ".cbc", ".ftm", ".cfg", ".cvd", ".cld", ".cud", ".cdb",
	".cat", ".crb", ".idb", ".ioc", ".yar", ".yara", ".pwdb", ".ign", ".ign2", ".imp", ".info"};

#define SIGNATURE_SET_COMPANION ".sign"

/* One directory while it is worked on. */
struct signature_set {
	const char *dir;
	int fd;
	bool is_dir_trusted; /* Root's or ours. */
	size_t n_names;
	char **names; /* In byte order. */
};

static bool signature_set_ends_with(const char *name, const char *suffix)
{
	size_t n = strlen(name);
	size_t n_suffix = strlen(suffix);

	return n > n_suffix && strcasecmp(name + n - n_suffix, suffix) == 0;
}

bool signature_set_is_database(const char *name)
{
	if (name[0] == '.')
		return false;
	for (size_t i = 0; i < sizeof(signature_set_suffixes) / sizeof(*signature_set_suffixes);
		i++)
		if (signature_set_ends_with(name, signature_set_suffixes[i]))
			return true;
	return false;
}

static void signature_set_close(struct signature_set *set)
{
	for (size_t i = 0; i < set->n_names; i++)
		free(set->names[i]);
	free(set->names);
	set->names = NULL;
	set->n_names = 0;
	if (set->fd >= 0)
		(void)close(set->fd);
	set->fd = -1;
}

static int signature_set_say(
	const struct signature_set *set, const char *name, int r, struct errmsg *msg)
{
	errmsg_set(msg, "%s%s%s: %s", set->dir, *name ? "/" : "", name, err_text(r));
	return err_origin(r);
}

static int signature_set_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int signature_set_add(struct signature_set *set, const char *name)
{
	char **names;

	if (set->n_names == SIGNATURE_SET_FILES_MAX)
		return -E2BIG;
	names = reallocarray(set->names, set->n_names + 1, sizeof(*names));
	if (!names)
		return -ENOMEM;
	set->names = names;
	names[set->n_names] = strdup(name);
	if (!names[set->n_names])
		return -ENOMEM;
	set->n_names++;
	return 0;
}

static int signature_set_list(struct signature_set *set, bool *has_databasep)
{
	int copy = fcntl(set->fd, F_DUPFD_CLOEXEC, 0);
	_cleanup_(cleanup_closedir) DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (!dir)
		return -errno;
	while ((errno = 0, entry = readdir(dir))) {
		bool is_database = signature_set_is_database(entry->d_name);
		int r = 0;

		if (is_database ||
			(entry->d_name[0] != '.' &&
				signature_set_ends_with(entry->d_name, SIGNATURE_SET_COMPANION)))
			r = signature_set_add(set, entry->d_name);
		if (r < 0)
			return r;
		*has_databasep |= is_database;
	}
	return -errno;
}

static bool signature_set_is_trusted(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

static int signature_set_open(struct signature_set *set, struct errmsg *msg)
{
	bool has_database = false;
	struct stat st;
	int r;

	set->fd = open(set->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (set->fd < 0 || fstat(set->fd, &st) < 0)
		return signature_set_say(set, "", -errno, msg);
	set->is_dir_trusted =
		signature_set_is_trusted(st.st_uid) && !(st.st_mode & (S_IWGRP | S_IWOTH));
	r = signature_set_list(set, &has_database);
	if (r < 0)
		return signature_set_say(set, "", r, msg);
	if (!has_database) {
		errmsg_set(msg, "no signature database in %s", set->dir);
		return SIGNATURE_SET_E_EMPTY;
	}
	qsort(set->names, set->n_names, sizeof(*set->names), signature_set_compare);
	return 0;
}

/*
 * Open one file, with the rules about links in the header. O_NONBLOCK: a FIFO
 * of that name must not stop us.
 */
static int signature_set_open_file(
	const struct signature_set *set, const char *name, int *fdp, struct stat *st)
{
	_cleanup_(cleanup_close) int fd = -1;
	int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	struct stat link;

	if (fstatat(set->fd, name, &link, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (!S_ISLNK(link.st_mode))
		flags |= O_NOFOLLOW;
	else if (!set->is_dir_trusted && !signature_set_is_trusted(link.st_uid))
		return -EPERM;
	fd = openat(set->fd, name, flags);
	if (fd < 0 || fstat(fd, st) < 0)
		return -errno;
	if (!S_ISREG(st->st_mode))
		return -EINVAL;
	if (st->st_nlink > 1 && !set->is_dir_trusted && !S_ISLNK(link.st_mode))
		return -EPERM;
	*fdp = take_fd(&fd);
	return 0;
}

static int signature_set_print(
	const struct signature_set *set, struct signature_set_info *infop, struct errmsg *msg)
{
	struct signature_set_hash *hash = signature_set_hash_new();
	int r = hash ? 0 : -ENOMEM;

	infop->n_files = 0;
	infop->n_bytes = 0;
	for (size_t i = 0; r == 0 && i < set->n_names; i++) {
		_cleanup_(cleanup_close) int fd = -1;
		struct stat st = {0};
		char line[160];

		r = signature_set_open_file(set, set->names[i], &fd, &st);
		if (r < 0) {
			(void)signature_set_say(set, set->names[i], r, msg);
			break;
		}
		(void)snprintf(line, sizeof(line), "%lld %lld.%09ld %llu %llu",
			(long long)st.st_size, (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
			(unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
		signature_set_hash_add(hash, set->names[i], strlen(set->names[i]) + 1);
		signature_set_hash_add(hash, line, strlen(line) + 1);
		infop->n_files++;
		infop->n_bytes += (uint64_t)st.st_size;
	}
	return signature_set_hash_end(hash, r, infop->stat_print);
}

/* Add "name NUL size NUL sha256(content)" to the fingerprint. */
static int signature_set_hash_file(struct signature_set_hash *hash, const char *name, int fd)
{
	unsigned char content[SIGNATURE_SET_HASH_BYTES];
	char size[32];
	uint64_t n;
	int r = signature_set_hash_fd(fd, content, &n);

	if (r < 0)
		return r;
	(void)snprintf(size, sizeof(size), "%llu", (unsigned long long)n);
	signature_set_hash_add(hash, name, strlen(name) + 1);
	signature_set_hash_add(hash, size, strlen(size) + 1);
	signature_set_hash_add(hash, content, sizeof(content));
	return 0;
}

static int signature_set_copy_bytes(int from, int to)
{
	char buf[65536];

	for (;;) {
		ssize_t n = copy_file_range(from, NULL, to, NULL, 1 << 30, 0);

		if (n == 0)
			return 0;
		if (n < 0)
			break;
	}
	/* Another file system, or one that cannot: from where it stopped, by hand. */
	for (;;) {
		ssize_t n = read(from, buf, sizeof(buf));

		if (n <= 0)
			return n < 0 ? -errno : 0;
		for (ssize_t done = 0; done < n;) {
			ssize_t w = write(to, buf + done, (size_t)(n - done));

			if (w < 0)
				return -errno;
			done += w;
		}
	}
}

/* @target -1: nothing is copied, the file itself is hashed. */
static int signature_set_take_file(const struct signature_set *set, const char *name, int target,
	struct signature_set_hash *hash)
{
	_cleanup_(cleanup_close) int fd = -1;
	_cleanup_(cleanup_close) int copy = -1;
	struct stat st;
	int r = signature_set_open_file(set, name, &fd, &st);

	if (r < 0 || target < 0)
		return r < 0 ? r : signature_set_hash_file(hash, name, fd);
	copy = openat(target, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (copy < 0)
		return -errno;
	r = signature_set_copy_bytes(fd, copy);
	if (r < 0)
		return r;
	if (futimens(copy, (struct timespec[]){st.st_atim, st.st_mtim}) < 0 ||
		fchmod(copy, 0644) < 0 || fsync(copy) < 0 || lseek(copy, 0, SEEK_SET) < 0)
		return -errno;
	return signature_set_hash_file(hash, name, copy);
}

static int signature_set_take(const struct signature_set *set, int target,
	struct signature_set_info *infop, struct errmsg *msg)
{
	struct signature_set_hash *hash = signature_set_hash_new();
	int r = hash ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < set->n_names; i++) {
		r = signature_set_take_file(set, set->names[i], target, hash);
		if (r < 0)
			(void)signature_set_say(set, set->names[i], r, msg);
	}
	return signature_set_hash_end(hash, r, infop->fingerprint);
}

int signature_set_read(
	const char *dir, int target, struct signature_set_info *infop, struct errmsg *msg)
{
	_cleanup_(signature_set_close) struct signature_set set = {.dir = dir, .fd = -1};
	struct signature_set_info again = {0};
	int r = signature_set_open(&set, msg);

	r = r ?: signature_set_print(&set, infop, msg);
	r = r ?: signature_set_take(&set, target, infop, msg);
	if (r != 0)
		return r;
	r = signature_set_look(dir, &again, NULL);
	if (r != 0 || strcmp(again.stat_print, infop->stat_print) != 0) {
		errmsg_set(msg, "%s changed while it was read", dir);
		return SIGNATURE_SET_E_CHANGED;
	}
	return 0;
}

int signature_set_look(const char *dir, struct signature_set_info *infop, struct errmsg *msg)
{
	_cleanup_(signature_set_close) struct signature_set set = {.dir = dir, .fd = -1};
	int r;

	memset(infop, 0, sizeof(*infop));
	r = signature_set_open(&set, msg);
	r = r ?: signature_set_print(&set, infop, msg);
	if (r != 0)
		memset(infop, 0, sizeof(*infop));
	return r;
}

int signature_set_fingerprint(const char *dir, struct signature_set_info *infop, struct errmsg *msg)
{
	int r;

	memset(infop, 0, sizeof(*infop));
	r = signature_set_read(dir, -1, infop, msg);
	if (r != 0)
		memset(infop, 0, sizeof(*infop));
	return r;
}
