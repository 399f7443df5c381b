/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scanner holds CAP_DAC_READ_SEARCH, so on a local disk EACCES is a policy
 * (SELinux, AppArmor) or a missing capability, and EPERM is what a fanotify
 * permission listener answers: another antivirus denied the open. O_NOATIME
 * gives EPERM as well when the caller is not the owner and has no CAP_FOWNER,
 * hence the second try without it.
 *
 * O_NONBLOCK keeps an open from waiting for a lease (fcntl(2)) to be broken;
 * it fails with EAGAIN then, and a few short waits give the holder time.
 */
#include "opener.h"

#include "cleanup.h"
#include "err.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum {
	OPENER_LEASE_TRIES = 10,
	OPENER_LEASE_WAIT_NS = 20 * 1000 * 1000,
};

int opener_init(struct opener *opener)
{
	opener->proc_fd = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return opener->proc_fd < 0 ? err_origin(-errno) : 0;
}

void opener_deinit(struct opener *opener)
{
	if (opener->proc_fd >= 0)
		(void)close(opener->proc_fd);
	opener->proc_fd = -1;
}

static int opener_try(const struct opener *opener, const char *link)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = openat(opener->proc_fd, link, flags | O_NOATIME);

	if (fd < 0 && errno == EPERM)
		fd = openat(opener->proc_fd, link, flags);
	return fd < 0 ? -errno : fd;
}

int opener_reopen(const struct opener *opener, int path_fd)
{
	const struct timespec wait = {.tv_nsec = OPENER_LEASE_WAIT_NS};
	char link[16];
	int r;

	(void)snprintf(link, sizeof(link), "%d", path_fd);
	for (int i = 0;; i++) {
		r = opener_try(opener, link);
		if ((r != -EAGAIN && r != -EINTR) || i == OPENER_LEASE_TRIES)
			return r;
		(void)nanosleep(&wait, NULL);
	}
}

void opener_explain(int error, struct outcome *outcome)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
	case ESTALE:
	case ESRCH:
		outcome_set(outcome, FILE_RESULT_CHANGED, REASON_VANISHED);
		break;
	case ELOOP:
	case ENXIO:
		outcome_set(outcome, FILE_RESULT_CHANGED, REASON_REPLACED);
		break;
	case EPERM:
		outcome_set(outcome, FILE_RESULT_BLOCKED, REASON_DENIED);
		break;
	default:
		outcome_set(outcome, FILE_RESULT_INCOMPLETE, REASON_UNREADABLE);
		break;
	}
}

/* @path_fd is O_PATH of what lies there now. */
static int opener_open_checked(const struct opener *opener, const struct entry *entry, int path_fd,
	struct stat *stat, struct outcome *outcome)
{
	if (fstat(path_fd, stat) < 0)
		return -errno;
	if (!S_ISREG(stat->st_mode) || stat->st_dev != entry->dev || stat->st_ino != entry->ino)
		return -ELOOP; /* explained as replaced */
	outcome->size = (uint64_t)stat->st_size;
	return opener_reopen(opener, path_fd);
}

int opener_open(const struct opener *opener, const struct entry *entry, int *fdp, struct stat *stat,
	struct outcome *outcome)
{
	_cleanup_(cleanup_close) int path_fd = -1;
	int fd;

	outcome->size = entry->size;
	if (!entry->is_held) {
		path_fd = openat(
			entry->place->fd, entry_name(entry), O_PATH | O_NOFOLLOW | O_CLOEXEC);
		fd = path_fd < 0 ? -errno
				 : opener_open_checked(opener, entry, path_fd, stat, outcome);
	} else {
		fd = opener_open_checked(opener, entry, entry->place->fd, stat, outcome);
	}
	if (fd < 0) {
		opener_explain(-fd, outcome);
		return OPENER_E_SETTLED;
	}
	*fdp = fd;
	return 0;
}

static bool opener_is_other_time(struct timespec a, struct timespec b)
{
	return a.tv_sec != b.tv_sec || a.tv_nsec != b.tv_nsec;
}

bool opener_has_changed(const struct stat *before, const struct stat *after)
{
	return before->st_dev != after->st_dev || before->st_ino != after->st_ino ||
	       before->st_size != after->st_size ||
	       opener_is_other_time(before->st_mtim, after->st_mtim) ||
	       opener_is_other_time(before->st_ctim, after->st_ctim);
}
