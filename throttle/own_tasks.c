/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two files for each thread: stat has its state (field 3, after the name in
 * parentheses), schedstat how long it had a CPU and how long it has waited in a
 * run queue (first and second number, nanoseconds; kernels without
 * CONFIG_SCHED_INFO have none, then both are 0). Each is some microseconds.
 */
#include "own_tasks.h"

#include "cleanup.h"
#include "thread_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { OWN_TASKS_TEXT_SIZE = 512 };

static int own_tasks_read(pid_t tid, const char *name, char text[OWN_TASKS_TEXT_SIZE])
{
	_cleanup_(cleanup_close) int fd = -1;
	char path[64];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)tid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, OWN_TASKS_TEXT_SIZE - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	return 0;
}

static int own_tasks_visit(pid_t tid, void *arg)
{
	struct own_tasks *tasks = arg;
	char text[OWN_TASKS_TEXT_SIZE];
	const char *name_end;
	uint64_t ran_ns;
	uint64_t queued_ns;

	if (own_tasks_read(tid, "stat", text) == 0) {
		name_end = strrchr(text, ')');
		tasks->n_running += name_end && name_end[1] == ' ' && name_end[2] == 'R';
		tasks->n_blocked += name_end && name_end[1] == ' ' && name_end[2] == 'D';
	}
	if (own_tasks_read(tid, "schedstat", text) != 0)
		return 0;
	/* NOLINTNEXTLINE(cert-err34-c): the kernel's numbers */
	if (sscanf(text, "%" SCNu64 " %" SCNu64, &ran_ns, &queued_ns) == 2) {
		tasks->ran_ns += ran_ns;
		tasks->queued_ns += queued_ns;
	}
	return 0;
}

int own_tasks_add(struct own_tasks *tasks, pid_t pid)
{
	return thread_walk(pid, own_tasks_visit, tasks);
}
