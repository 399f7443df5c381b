/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A number of a process is nobody's: it is given to another one when it ends. So
 * first a pidfd, which stays with its process, then one more look at what
 * that number executes, then the signal through the pidfd. Had the number
 * changed hands in between, the pidfd would be of a process that is gone
 * (ESRCH). What is left is a process that executes something else between the
 * look and the signal: it ran the file a moment ago, and is ended.
 *
 * The number of an inode is nobody's either: who executes it may execute what was
 * written there after the search. Size, mtime and ctime as they were say that it is
 * not so; but whoever owns a file can move its times as fast as anybody looks, and
 * must not live by that. So where one is another, the file is read through what the
 * process executes, and its hash decides; its descriptor stays open until the
 * signal, so that the number stays with it.
 *
 * A process may start others of the same file while it is being stopped, so
 * all of /proc is gone through until nobody is found, or the time is over. The
 * pace is kept between two rounds and where a file is read, and its wait is not of
 * that time.
 * Nobody is waited for one by one: that would give the rest time to breed.
 */
#include "seek.h"

#include "cleanup.h"
#include "clock.h"
#include "folder.h"
#include "identity.h"
#include "pace.h"
#include "proc_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

enum { SEEK_STOP_TICK_MS = 20 }; /* between two rounds, when nobody ends sooner */

struct seek_stop_item {
	pid_t pid;
	enum seek_stop_end end; /* LEFT: killed and not known to be gone */
	int error;
	unsigned round; /* in which it was seen last */
};

/* By which the file is known without reading it. */
struct seek_stop_mark {
	uint64_t size;
	int64_t mtime_ns;
	int64_t ctime_ns;
};

struct seek_stop {
	const struct seek_stop_config *config;
	struct seek_stop_mark mark; /* as it was found, or read last */
	struct seek_stop_item *items;
	size_t n;
	size_t n_room;
	unsigned round;
	bool is_one_left; /* in this round */
	int last_fd;      /* pidfd of the one that was killed last; owned */
};

static void seek_stop_deinit(struct seek_stop *stop)
{
	cleanup_close(&stop->last_fd);
	free(stop->items);
}

static bool seek_stop_is_ours(const struct seek_stop_config *config, pid_t pid)
{
	for (size_t i = 0; i < config->n_spared; i++)
		if (config->spared[i] == pid)
			return true;
	return config->is_spared || pid == 1 || pid == getpid() || pid == getppid();
}

static int64_t seek_stop_ns(struct statx_timestamp time)
{
	return time.tv_sec * 1000000000 + time.tv_nsec;
}

/* A look asks no file system for more than is in memory. @mark Set when it is true. */
static bool seek_stop_look(
	const struct seek_stop *stop, int proc_fd, pid_t pid, struct seek_stop_mark *mark)
{
	const unsigned wanted = STATX_INO | STATX_SIZE | STATX_MTIME | STATX_CTIME;
	struct statx found;
	char name[PROC_DIR_NAME_SIZE];

	if (proc_dir_exe(proc_fd, pid, name) != 0 ||
		statx(proc_fd, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, wanted, &found) != 0 ||
		found.stx_ino != stop->config->ino ||
		makedev(found.stx_dev_major, found.stx_dev_minor) != stop->config->dev)
		return false;
	*mark = (struct seek_stop_mark){.size = found.stx_size,
		.mtime_ns = seek_stop_ns(found.stx_mtime),
		.ctime_ns = seek_stop_ns(found.stx_ctime)};
	return true;
}

static bool seek_stop_is_executing(const struct seek_stop *stop, int proc_fd, pid_t pid)
{
	struct seek_stop_mark mark;

	return seek_stop_look(stop, proc_fd, pid, &mark);
}

static bool seek_stop_is_marked(const struct seek_stop *stop, const struct seek_stop_mark *mark)
{
	return mark->size == stop->mark.size && mark->mtime_ns == stop->mark.mtime_ns &&
	       mark->ctime_ns == stop->mark.ctime_ns;
}

/* Read what the process executes. @return 1 it is the file, 0, -errno. */
static int seek_stop_hash(struct seek_stop *stop, int fd)
{
	struct stat before;
	struct stat after;
	char sha256[65];
	char sha1[41];
	int r;

	if (fstat(fd, &before) < 0)
		return -errno; /* UNTESTED: of an open file */
	if (before.st_dev != stop->config->dev || before.st_ino != stop->config->ino ||
		(uint64_t)before.st_size != stop->config->size)
		return 0;
	r = identity_hash(fd, stop->config->size, sha256, sha1);
	if (r == 0 && fstat(fd, &after) < 0)
		r = -errno; /* UNTESTED: of an open file */
	if (r < 0)
		return r;
	if (r > 0 || before.st_size != after.st_size || strcmp(sha256, stop->config->sha256) != 0)
		return 0;
	stop->mark = (struct seek_stop_mark){.size = stop->config->size,
		.mtime_ns = identity_ns(before.st_mtim),
		.ctime_ns = identity_ns(before.st_ctim)};
	return 1;
}

/*
 * Whether it executes the file itself and not one that has its number by now.
 *
 * @fdp    May be set: to be kept open until the signal.
 * @return 1, 0, -errno.
 */
static int seek_stop_is_it(struct seek_stop *stop, int proc_fd, pid_t pid, int *fdp)
{
	_cleanup_(cleanup_close) int path_fd = -1;
	struct seek_stop_mark mark;
	char name[PROC_DIR_NAME_SIZE];
	int r;

	if (!seek_stop_look(stop, proc_fd, pid, &mark))
		return 0;
	if (seek_stop_is_marked(stop, &mark))
		return 1;
	if (proc_dir_exe(proc_fd, pid, name) != 0)
		return 0; /* UNTESTED: it ended just now */
	path_fd = openat(proc_fd, name, O_PATH | O_CLOEXEC);
	if (path_fd < 0)
		return errno == ENOENT || errno == ESRCH ? 0 : -errno;
	*fdp = folder_reopen(path_fd, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (*fdp < 0)
		return *fdp;
	r = seek_stop_hash(stop, *fdp);
	/* That took a while. */
	return r == 1 ? seek_stop_is_executing(stop, proc_fd, pid) : r;
}

static int seek_stop_note(struct seek_stop *stop, pid_t pid, enum seek_stop_end end, int error)
{
	size_t i = 0;

	while (i < stop->n && stop->items[i].pid != pid)
		i++;
	if (i == stop->n_room) {
		size_t n_room = stop->n_room ? 2 * stop->n_room : 16;
		struct seek_stop_item *more = reallocarray(stop->items, n_room, sizeof(*more));

		if (!more)
			return err_origin(-ENOMEM);
		stop->items = more;
		stop->n_room = n_room;
	}
	if (i == stop->n)
		stop->n++;
	stop->items[i] = (struct seek_stop_item){
		.pid = pid, .end = end, .error = error, .round = stop->round};
	return 0;
}

static int seek_stop_kill(struct seek_stop *stop, int proc_fd, pid_t pid)
{
	_cleanup_(cleanup_close) int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	_cleanup_(cleanup_close) int file_fd = -1;
	int r;

	if (fd < 0)
		return errno == ESRCH ? 0 : seek_stop_note(stop, pid, SEEK_STOP_FAILED, -errno);
	r = seek_stop_is_it(stop, proc_fd, pid, &file_fd);
	if (r == 0 || r == -ENOMEM)
		return err_trace(r);
	if (r < 0)
		return seek_stop_note(stop, pid, SEEK_STOP_FAILED, r);
	if (syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0) < 0)
		return errno == ESRCH ? 0 : seek_stop_note(stop, pid, SEEK_STOP_FAILED, -errno);
	stop->is_one_left = true;
	cleanup_close(&stop->last_fd);
	stop->last_fd = take_fd(&fd);
	return seek_stop_note(stop, pid, SEEK_STOP_LEFT, 0);
}

static int seek_stop_round(struct seek_stop *stop)
{
	_cleanup_(cleanup_closedir) DIR *proc = opendir("/proc");
	pid_t pid;
	int r = 0;

	if (!proc)
		return err_origin(-errno);
	stop->round++;
	stop->is_one_left = false;
	while (r == 0 && (pid = proc_dir_next(proc)) > 0) {
		if (!seek_stop_is_executing(stop, dirfd(proc), pid))
			continue;
		r = seek_stop_is_ours(stop->config, pid)
			    ? seek_stop_note(stop, pid, SEEK_STOP_REFUSED, 0)
			    : seek_stop_kill(stop, dirfd(proc), pid);
	}
	return r;
}

/* Until one has ended, or a little. */
static void seek_stop_wait(const struct seek_stop *stop, uint64_t left_ns)
{
	uint64_t left_ms = left_ns / 1000000 + 1;
	struct pollfd poll_fd = {.fd = stop->last_fd, .events = POLLIN};

	(void)poll(&poll_fd, 1, left_ms < SEEK_STOP_TICK_MS ? (int)left_ms : SEEK_STOP_TICK_MS);
}

static void seek_stop_tell(struct seek_stop *stop)
{
	for (size_t i = 0; i < stop->n; i++) {
		const struct seek_stop_item *item = &stop->items[i];
		bool is_gone = item->end == SEEK_STOP_LEFT && item->round < stop->round;

		stop->config->on_process(stop->config->data, item->pid,
			is_gone ? SEEK_STOP_ENDED : item->end, item->error);
	}
}

int seek_stop(const struct seek_stop_config *config)
{
	_cleanup_(seek_stop_deinit) struct seek_stop stop = {.config = config,
		.mark = {.size = config->size,
			.mtime_ns = config->mtime_ns,
			.ctime_ns = config->ctime_ns},
		.last_fd = -1};
	const uint64_t wait_ns = config->wait_ms * UINT64_C(1000000);
	const uint64_t start_ns = clock_mono_ns() - pace_waited_ns();
	int r;

	for (;;) {
		uint64_t passed_ns;

		pace_keep();
		r = seek_stop_round(&stop);
		if (r < 0)
			return err_trace(r);
		passed_ns = clock_mono_ns() - pace_waited_ns() - start_ns;
		if (!stop.is_one_left || passed_ns >= wait_ns)
			break;
		seek_stop_wait(&stop, wait_ns - passed_ns);
	}
	seek_stop_tell(&stop);
	return 0;
}
