/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why SCHED_BATCH with nice 19 and not SCHED_IDLE. Both step back at once when
 * somebody wakes up, and a request loop beside two busy workers felt them
 * alike (docs/governor.md has the figures). But SCHED_IDLE has a weight of 3
 * against 1024: any program that keeps the CPUs busy brings the scan to a
 * stand, and a scan that load can stop is no defence. Nice 19 has 15, five
 * times as much. A process with next to no share also keeps the locks that it
 * holds in the kernel (a directory's, a superblock's) for long, and then others
 * wait for it.
 *
 * Nice only weighs within a group. Where the kernel makes one of each session
 * (sched_autogroup_enabled, the default of most distributions), a process in a
 * session of its own is the equal of everybody else's session however nice it
 * is: beside one busy loop, on the same CPU, nice 19 got 50 %; with the group's
 * own nice value, /proc/PID/autogroup, 11 %, and in one session 2 %. In a cgroup
 * with the cpu controller neither counts, but the cgroup's weight (CPUWeight= of
 * the unit).
 *
 * The idle I/O class is heeded by the bfq scheduler and partly by mq-deadline;
 * elsewhere it does nothing, and no harm. glibc has no wrapper for it.
 */
#include "priority.h"

#include "cleanup.h"
#include "thread_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ioprio.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PRIORITY_NICE = 19 };

/* Remember the first failure. */
static int priority_note(int r, int result, const char *what, struct errmsg *msg)
{
	int code = result == 0 ? 0 : -errno;

	if (code == 0 || r < 0)
		return r;
	errmsg_set(msg, "%s: %s", what, err_text(code));
	return err_origin(code);
}

/*
 * The session's nice value, only if it is the process's own session. Kernels
 * without autogroups have no such file. Returns as system calls do.
 */
static int priority_session(pid_t pid, int nice)
{
	_cleanup_(cleanup_close) int fd = -1;
	char path[64];
	char text[16];
	pid_t self = pid == 0 ? getpid() : pid;

	if (getsid(pid) != self)
		return 0;
	(void)snprintf(path, sizeof(path), "/proc/%d/autogroup", (int)self);
	(void)snprintf(text, sizeof(text), "%d", nice);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	/* A kernel that is compiled with them but has them off takes it too. */
	return write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -1;
}

int priority_lower(pid_t pid, struct errmsg *msg)
{
	const struct sched_param param = {.sched_priority = 0};
	int r = 0;

	r = priority_note(r, sched_setscheduler(pid, SCHED_BATCH, &param), "SCHED_BATCH", msg);
	r = priority_note(r, setpriority(PRIO_PROCESS, (id_t)pid, PRIORITY_NICE), "nice 19", msg);
	r = priority_note(r,
		(int)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, pid,
			IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0)),
		"idle I/O class", msg);
	r = priority_note(r, priority_session(pid, PRIORITY_NICE), "nice 19 of the session", msg);
	return r;
}

static int priority_visit(pid_t tid, void *arg)
{
	const int *nicep = arg;

	return setpriority(PRIO_PROCESS, (id_t)tid, *nicep) == 0 || errno == ESRCH ? 0 : -errno;
}

int priority_set(pid_t pid, int nice, struct errmsg *msg)
{
	int r = thread_walk(pid, priority_visit, &nice);

	if (r == -ENOENT || r == -ESRCH)
		return 0;
	if (r == 0)
		r = priority_note(0, priority_session(pid, nice), "nice value of the session", msg);
	else
		errmsg_set(msg, "nice %d: %s", nice, err_text(r));
	return err_origin(r);
}
