/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/PID shows the first thread. When that has ended and others go on, it is
 * a zombie that executes nothing, and so a process would be out of sight that
 * ends its own first thread. Hence the look at the others where there is none.
 */
#include "proc_dir.h"

#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

pid_t proc_dir_next(DIR *proc)
{
	const struct dirent *entry;

	/* NOLINTNEXTLINE(concurrency-mt-unsafe): a stream of one thread */
	while ((entry = readdir(proc)) != NULL) {
		char *end;
		long pid = strtol(entry->d_name, &end, 10);

		if (*end == '\0' && pid > 0 && pid <= INT_MAX)
			return (pid_t)pid;
	}
	return 0;
}

/* The link is read, not followed: no file system is asked. */
static int proc_dir_look(int proc_fd, const char *name)
{
	char first[1];

	/* A path that is too long for an answer is one. */
	if (readlinkat(proc_fd, name, first, sizeof(first)) >= 0 || errno == ENAMETOOLONG)
		return 0;
	return errno == ESRCH ? -ENOENT : -errno;
}

static int proc_dir_exe_of_thread(int proc_fd, pid_t pid, char name[PROC_DIR_NAME_SIZE])
{
	int fd;
	pid_t thread;
	int r = -ENOENT;

	(void)snprintf(name, PROC_DIR_NAME_SIZE, "%d/task", (int)pid);
	fd = openat(proc_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(cleanup_closedir) DIR *tasks = fd < 0 ? NULL : fdopendir(fd);
	if (!tasks) {
		r = errno == ESRCH ? -ENOENT : -errno;
		if (fd >= 0)
			(void)close(fd);
		return r;
	}
	while (r == -ENOENT && (thread = proc_dir_next(tasks)) > 0) {
		if (thread == pid)
			continue;
		(void)snprintf(name, PROC_DIR_NAME_SIZE, "%d/task/%d/exe", (int)pid, (int)thread);
		r = proc_dir_look(proc_fd, name);
	}
	return r;
}

int proc_dir_exe(int proc_fd, pid_t pid, char name[PROC_DIR_NAME_SIZE])
{
	int r;

	(void)snprintf(name, PROC_DIR_NAME_SIZE, "%d/exe", (int)pid);
	r = proc_dir_look(proc_fd, name);
	return r == -ENOENT ? proc_dir_exe_of_thread(proc_fd, pid, name) : r;
}
