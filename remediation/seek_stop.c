/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A number of a process is nobody's: it is given to another one when it ends. So
 * first a pidfd, which stays with its process, then one more look at what
 * that number executes, then the signal through the pidfd. Had the number
 * changed hands in between, the pidfd would be of a process that is gone
 * (ESRCH). What is left is a process that executes something else between the
 * look and the signal: it ran the file a moment ago, and is ended.
 *
 * A process may start others of the same file while it is being stopped, so
 * all of /proc is gone through until nobody is found, or the time is over. The
 * pace is kept between two rounds and its wait is not of that time.
 * Nobody is waited for one by one: that would give the rest time to breed.
 */
#include "seek.h"

#include "cleanup.h"
#include "clock.h"
#include "pace.h"
#include "proc_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
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

struct seek_stop {
	const struct seek_stop_config *config;
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

/* A look asks no file system for more than is in memory. */
static bool seek_stop_is_executing(const struct seek_stop *stop, int proc_fd, pid_t pid)
{
	struct statx found;
	char name[PROC_DIR_NAME_SIZE];

	return proc_dir_exe(proc_fd, pid, name) == 0 &&
	       statx(proc_fd, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_INO, &found) == 0 &&
	       found.stx_ino == stop->config->ino &&
	       makedev(found.stx_dev_major, found.stx_dev_minor) == stop->config->dev;
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

	if (fd < 0)
		return errno == ESRCH ? 0 : seek_stop_note(stop, pid, SEEK_STOP_FAILED, -errno);
	if (!seek_stop_is_executing(stop, proc_fd, pid))
		return 0;
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
	_cleanup_(seek_stop_deinit) struct seek_stop stop = {.config = config, .last_fd = -1};
	uint64_t end_ns = clock_mono_ns() + config->wait_ms * UINT64_C(1000000);
	int r;

	for (;;) {
		uint64_t now_ns;

		end_ns += pace_keep();
		r = seek_stop_round(&stop);
		if (r < 0)
			return err_trace(r);
		now_ns = clock_mono_ns();
		if (!stop.is_one_left || now_ns >= end_ns)
			break;
		seek_stop_wait(&stop, end_ns - now_ns);
	}
	seek_stop_tell(&stop);
	return 0;
}
