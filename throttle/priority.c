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
 * The idle I/O class is heeded by the bfq scheduler and partly by mq-deadline;
 * elsewhere it does nothing, and no harm. glibc has no wrapper for it.
 */
#include "priority.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <sched.h>
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
	return r;
}
