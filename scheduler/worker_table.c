/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Order matters: first the pidfd, then the look at the parent, then a look if
 * the pidfd still is alive. If it is, the number could not have been given to
 * somebody else in between.
 */
#include "worker_table.h"

#include "check.h"
#include "cleanup.h"
#include "err.h"
#include "left_behind.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

void worker_table_init(struct worker_table *table)
{
	memset(table, 0, sizeof(*table));
	for (size_t i = 0; i < IPC_LANES_MAX; i++)
		table->lanes[i].pidfd = -1;
}

static int worker_table_signal(int pidfd, int signo)
{
	return syscall(SYS_pidfd_send_signal, pidfd, signo, NULL, 0) < 0 ? -errno : 0;
}

/* The parent of a process: field 4 of /proc/PID/stat, after the name in parentheses. */
static int worker_table_parent(pid_t pid, pid_t *parentp)
{
	char path[64];
	char text[512];
	_cleanup_(cleanup_fclose) FILE *file = NULL;
	size_t n;
	char *end;
	int parent;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n] = '\0';
	end = strrchr(text, ')');
	if (!end || sscanf(end + 1, " %*c %d", &parent) != 1) /* NOLINT(cert-err34-c): kernel's */
		return -ESRCH;
	*parentp = parent;
	return 0;
}

static void worker_table_forget(struct worker_table *table, struct worker_table_entry *entry)
{
	if (entry->generation == 0)
		return;
	if (entry->pidfd >= 0)
		(void)close(entry->pidfd);
	*entry = (struct worker_table_entry){.pidfd = -1};
	table->n--;
}

/* 0 also when it is gone: there is nothing to kill, and its number may be somebody else's by now. */
static int worker_table_check(int pidfd, pid_t pid, pid_t parent)
{
	pid_t actual = 0;
	int r = worker_table_parent(pid, &actual);

	if (worker_table_signal(pidfd, 0) == -ESRCH)
		return 0;
	if (r < 0)
		return r;
	return actual == parent ? 0 : -EPERM;
}

int worker_table_add(
	struct worker_table *table, size_t lane, uint32_t generation, pid_t pid, pid_t parent)
{
	struct worker_table_entry *entry = &table->lanes[lane];
	_cleanup_(cleanup_close) int pidfd = -1;
	int r = 0;

	PRE(lane < IPC_LANES_MAX && generation > 0);
	worker_table_forget(table, entry);
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0 && errno != ESRCH)
		return err_origin(-errno);
	if (pidfd >= 0)
		r = worker_table_check(pidfd, pid, parent);
	if (r < 0)
		return err_origin(r);
	entry->generation = generation;
	entry->pid = pid;
	entry->pidfd = take_fd(&pidfd);
	table->n++;
	return 0;
}

int worker_table_remove(struct worker_table *table, size_t lane, uint32_t generation)
{
	struct worker_table_entry *entry = &table->lanes[lane];

	PRE(lane < IPC_LANES_MAX);
	if (entry->generation == 0 || entry->generation != generation)
		return -ESRCH;
	worker_table_forget(table, entry);
	return 0;
}

int worker_table_kill(struct worker_table *table, size_t lane, uint32_t generation)
{
	struct worker_table_entry *entry = &table->lanes[lane];

	PRE(lane < IPC_LANES_MAX);
	if (entry->generation == 0 || entry->generation != generation || entry->pidfd < 0)
		return -ESRCH;
	return worker_table_signal(entry->pidfd, SIGKILL);
}

void worker_table_clear(struct worker_table *table)
{
	for (size_t i = 0; i < IPC_LANES_MAX; i++) {
		struct worker_table_entry *entry = &table->lanes[i];

		/* Its zygote's death has killed it, too, unless it hangs. */
		if (entry->generation && entry->pidfd >= 0) {
			(void)worker_table_signal(entry->pidfd, SIGKILL);
			left_behind_add(take_fd(&entry->pidfd));
		}
		worker_table_forget(table, entry);
	}
}
