/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel keeps an affinity mask for each thread, and a new thread has that
 * of the one that makes it. So threads are visited one by one. A process that
 * has ended meanwhile is where it should be.
 */
#include "placing.h"

#include "thread_walk.h"

#include <errno.h>

static int placing_visit(pid_t tid, void *arg)
{
	const cpu_set_t *set = arg;

	if (sched_setaffinity(tid, sizeof(*set), set) == 0 || errno == ESRCH)
		return 0;
	return -errno;
}

int placing_bind(pid_t pid, const cpu_set_t *set, struct errmsg *msg)
{
	cpu_set_t copy = *set;
	int r = thread_walk(pid, placing_visit, &copy);

	if (r == 0 || r == -ENOENT || r == -ESRCH)
		return 0;
	errmsg_set(msg, "use %d CPUs of the machine: %s", CPU_COUNT(set), err_text(r));
	return err_origin(r);
}
