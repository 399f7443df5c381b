/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pidworld.h"

#include "proc_dir.h"
#include "unit.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>

/* How a child ended. */
static int pidworld_wait(pid_t pid)
{
	int status = 0;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* Two processes and no more: the first one and this one, which /proc calls by its number. */
static int pidworld_is_own(void)
{
	DIR *proc = opendir("/proc");
	char self[16] = "";
	unsigned n = 0;

	if (!proc)
		return 0;
	while (proc_dir_next(proc) > 0)
		n++;
	(void)closedir(proc);
	return n == 2 && getpid() == 2 && getppid() == 1 &&
	       readlink("/proc/self", self, sizeof(self) - 1) == 1 && self[0] == '2';
}

/* The first process of the world. */
static int pidworld_first(int (*run)(void))
{
	pid_t pid;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return UNIT_SKIPPED;
	pid = unit_fork();
	if (pid == 0)
		exit(pidworld_is_own() ? run() : UNIT_SKIPPED);
	return pidworld_wait(pid);
}

/* Who asks for the namespace cannot start processes any more when it is over. */
static int pidworld_outside(int (*run)(void))
{
	pid_t pid;

	if (unshare(CLONE_NEWNS | CLONE_NEWPID) < 0) {
		(void)fprintf(stderr, "no PID namespace can be made here\n");
		return UNIT_SKIPPED;
	}
	pid = unit_fork();
	if (pid == 0)
		_exit(pidworld_first(run));
	return pidworld_wait(pid);
}

int pidworld_run(int (*run)(void))
{
	pid_t pid = unit_fork();

	if (pid == 0)
		_exit(pidworld_outside(run));
	return pidworld_wait(pid);
}
