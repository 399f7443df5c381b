/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A path of a process says little: the file may be deleted, replaced, or in
 * another mount namespace. /proc/PID/exe is followed to the inode instead, by
 * O_PATH, which opens nothing: no FIFO waits, no device notices. It is opened
 * for reading through that descriptor, so what is read is what was looked at.
 *
 * Files are told apart by device, inode, size and times. The number of an inode
 * that was freed comes back with another file, and no descriptor is kept while
 * /proc is walked: a machine may run more programs than a process may have
 * files open.
 *
 * What an executable holds cannot be changed while a process runs it (ETXTBSY),
 * except by file systems that do not care; so size and time are looked at once
 * more after it was read.
 */
#include "seek.h"

#include "cleanup.h"
#include "clock.h"
#include "folder.h"
#include "hex.h"
#include "identity.h"
#include "pace.h"
#include "proc_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* A file that was seen. */
struct seek_entry {
	struct seek_file file; /* what it points to is the entry's */
	bool is_read;          /* its content is known */
	bool is_match;
	char *path;
	pid_t *pids;
	size_t n_pids_room;
};

struct seek {
	const struct seek_config *config;
	struct seek_totals *totals;
	uint64_t end_ns; /* CLOCK_MONOTONIC; UINT64_MAX: no bound */
	uint64_t n_left; /* bytes that may still be read */
	char hash[65];
	struct seek_entry *entries; /* in the order they were seen */
	size_t n;
	size_t n_room;
	char text[FOLDER_PATH_SIZE];
};

static void seek_deinit(struct seek *seek)
{
	for (size_t i = 0; i < seek->n; i++) {
		free(seek->entries[i].path);
		free(seek->entries[i].pids);
	}
	free(seek->entries);
}

static int seek_set_hash(struct seek *seek, const char *text)
{
	size_t n = strnlen(text, sizeof(seek->hash));

	if (n != 40 && n != 64)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		int digit = hex_digit((unsigned char)text[i]);

		if (digit < 0)
			return -EINVAL;
		seek->hash[i] = "0123456789abcdef"[digit];
	}
	seek->hash[n] = '\0';
	return 0;
}

/* Whether the file is at the path, as its last component. */
static bool seek_is_at(const struct seek_file *file, const char *path)
{
	struct stat status;

	return fstatat(AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) == 0 &&
	       status.st_dev == file->dev && status.st_ino == file->ino;
}

/* Where the kernel says it is, and what is to be thought of it. @status Of fd. */
static int seek_find_name(struct seek *seek, struct seek_entry *entry, int fd, nlink_t n_links)
{
	static const char gone[] = " (deleted)";
	const size_t n_gone = sizeof(gone) - 1;
	char link[64];
	size_t n;
	ssize_t n_text;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n_text = readlink(link, seek->text, sizeof(seek->text) - 1);
	n = n_text > 0 ? (size_t)n_text : 0; /* nothing: the kernel cannot tell so long a one */
	seek->text[n] = '\0';
	if (n > 0 && seek_is_at(&entry->file, seek->text)) {
		entry->file.name = SEEK_NAME_THERE;
	} else if (n > n_gone && memcmp(seek->text + n - n_gone, gone, n_gone) == 0) {
		bool is_memory = n_links == 0 && strncmp(seek->text, "/memfd:", 7) == 0;

		entry->file.name = is_memory ? SEEK_NAME_NEVER : SEEK_NAME_GONE;
		n -= n_gone;
	} else {
		entry->file.name = SEEK_NAME_FOREIGN;
	}
	entry->path = strndup(seek->text, n);
	if (!entry->path)
		return err_origin(-ENOMEM);
	entry->file.path = (struct span){.data = entry->path, .n = n};
	return 0;
}

/* @return 0: hashed; IDENTITY_E_CHANGED; IDENTITY_E_LATE; -errno. */
static int seek_hash(struct seek *seek, struct seek_file *file, int fd, const struct stat *before)
{
	struct stat after;
	int r = identity_hash_until(fd, file->size, seek->end_ns, file->sha256, file->sha1);

	if (r == 0 && fstat(fd, &after) < 0)
		r = -errno; /* UNTESTED: of an open file */
	if (r == 0 && !identity_is_unchanged(before, &after))
		r = IDENTITY_E_CHANGED;
	return r;
}

static void seek_count_unread(struct seek_totals *totals, int r)
{
	if (r == IDENTITY_E_CHANGED)
		totals->n_changed++;
	else if (r == IDENTITY_E_LATE)
		totals->n_beyond++;
	else
		totals->n_unreadable++;
}

/* Read a file that was not seen before. What cannot be read is counted and no match. */
static int seek_judge(struct seek *seek, struct seek_entry *entry, int path_fd)
{
	_cleanup_(cleanup_close) int fd = -1;
	struct stat status = {0};
	int r;

	if (entry->file.size > seek->config->size_max) {
		seek->totals->n_too_large++;
		return 0;
	}
	if (entry->file.size > seek->n_left || clock_mono_ns() >= seek->end_ns) {
		seek->totals->n_beyond++;
		return 0;
	}
	seek->n_left -= entry->file.size; /* also of one that cannot be read to its end */
	fd = folder_reopen(path_fd, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	r = fd < 0                   ? fd
	    : fstat(fd, &status) < 0 ? -errno
				     : seek_hash(seek, &entry->file, fd, &status);
	if (r == -ENOMEM || r == -EMFILE || r == -ENFILE)
		return r;
	if (r != 0) {
		seek_count_unread(seek->totals, r);
		return 0;
	}
	seek->totals->n_hashed++;
	entry->is_read = true;
	entry->is_match = strcmp(seek->hash, entry->file.sha256) == 0 ||
			  strcmp(seek->hash, entry->file.sha1) == 0;
	return entry->is_match ? seek_find_name(seek, entry, path_fd, status.st_nlink) : 0;
}

static struct seek_entry *seek_known(struct seek *seek, const struct stat *status)
{
	for (size_t i = 0; i < seek->n; i++) {
		struct seek_entry *entry = &seek->entries[i];

		if (entry->file.dev == status->st_dev && entry->file.ino == status->st_ino &&
			entry->file.size == (uint64_t)status->st_size &&
			entry->file.mtime_ns == identity_ns(status->st_mtim) &&
			entry->file.ctime_ns == identity_ns(status->st_ctim))
			return entry;
	}
	return NULL;
}

static int seek_add(
	struct seek *seek, int path_fd, const struct stat *status, struct seek_entry **entryp)
{
	struct seek_entry *entry;

	if (seek->n == seek->n_room) {
		size_t n_room = seek->n_room ? 2 * seek->n_room : 64;
		struct seek_entry *more = reallocarray(seek->entries, n_room, sizeof(*more));

		if (!more)
			return err_origin(-ENOMEM);
		seek->entries = more;
		seek->n_room = n_room;
	}
	entry = &seek->entries[seek->n++];
	*entry = (struct seek_entry){.file = {.dev = status->st_dev,
					     .ino = status->st_ino,
					     .size = (uint64_t)status->st_size,
					     .mtime_ns = identity_ns(status->st_mtim),
					     .ctime_ns = identity_ns(status->st_ctim)}};
	*entryp = entry;
	if (S_ISREG(status->st_mode))
		return seek_judge(seek, entry, path_fd);
	seek->totals->n_unreadable++; /* UNTESTED: the kernel executes regular files */
	return 0;
}

static int seek_add_process(struct seek_entry *entry, pid_t pid)
{
	if (entry->file.n_pids == entry->n_pids_room) {
		size_t n_room = entry->n_pids_room ? 2 * entry->n_pids_room : 16;
		pid_t *more = reallocarray(entry->pids, n_room, sizeof(*more));

		if (!more)
			return err_origin(-ENOMEM);
		entry->pids = more;
		entry->n_pids_room = n_room;
		entry->file.pids = more;
	}
	entry->pids[entry->file.n_pids++] = pid;
	return 0;
}

static int seek_process(struct seek *seek, int proc_fd, pid_t pid)
{
	char name[PROC_DIR_NAME_SIZE];
	struct seek_entry *entry;
	struct stat status = {0};
	int r = proc_dir_exe(proc_fd, pid, name);
	_cleanup_(cleanup_close) int fd = r < 0 ? -1 : openat(proc_fd, name, O_PATH | O_CLOEXEC);

	if (r == 0 && (fd < 0 || fstat(fd, &status) < 0))
		r = errno == ESRCH ? -ENOENT : -errno;
	if (r == -EACCES || r == -EPERM)
		seek->totals->n_hidden++;
	if (r == -ENOENT || r == -EACCES || r == -EPERM)
		return 0;
	if (r < 0)
		return err_origin(r);
	seek->totals->n_processes++;
	entry = seek_known(seek, &status);
	if (!entry)
		r = seek_add(seek, fd, &status, &entry);
	if (r == 0 && !entry->is_read)
		seek->totals->n_unread++;
	return r == 0 && entry->is_match ? seek_add_process(entry, pid) : r;
}

static int seek_tell(const struct seek *seek)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < seek->n; i++)
		if (seek->entries[i].is_match)
			r = seek->config->on_found(seek->config->data, &seek->entries[i].file);
	return r;
}

int seek_processes(const struct seek_config *config, struct seek_totals *totalsp)
{
	_cleanup_(seek_deinit) struct seek seek = {.config = config, .totals = totalsp};
	_cleanup_(cleanup_closedir) DIR *proc = NULL;
	int r = seek_set_hash(&seek, config->hash);
	pid_t pid;

	if (r < 0)
		return err_origin(r);
	*totalsp = (struct seek_totals){0};
	seek.n_left = config->total_max ? config->total_max : UINT64_MAX;
	seek.end_ns = config->time_ms ? clock_mono_ns() + config->time_ms * UINT64_C(1000000)
				      : UINT64_MAX;
	proc = opendir("/proc");
	if (!proc)
		return err_origin(-errno);
	while (r == 0 && (pid = proc_dir_next(proc)) > 0) {
		pace_keep();
		r = seek_process(&seek, dirfd(proc), pid);
	}
	return r == 0 ? seek_tell(&seek) : err_trace(r);
}
