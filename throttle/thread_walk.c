/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One pass. A thread that is made meanwhile inherits from the one that makes
 * it, which either was visited before (then it has everything) or will be; only
 * a thread made by one not yet visited, and listed before it, escapes. That is
 * mended by the next change.
 */
#include "thread_walk.h"

#include "cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static void thread_walk_close(DIR **dirp)
{
	if (*dirp)
		(void)closedir(*dirp);
}

int thread_walk(pid_t pid, int (*visit)(pid_t tid, void *arg), void *arg)
{
	_cleanup_(thread_walk_close) DIR *dir = NULL;
	const struct dirent *entry;
	char path[64];
	int first = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while ((entry = readdir(dir)) != NULL) {
		long tid = strtol(entry->d_name, NULL, 10);
		int r = tid > 0 ? visit((pid_t)tid, arg) : 0;

		if (first == 0 && r < 0)
			first = r;
	}
	return first;
}
