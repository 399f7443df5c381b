/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine workers that are alive, one a lane, as the zygote told.
 *
 * The zygote has no privilege and the daemon may be root, so a process id from
 * it is not believed: a pidfd is opened, and then the process must be a child
 * of the zygote. Signals go through that pidfd; whatever happens to the number
 * afterwards, nobody else is hit.
 *
 * Hands (pidfd, /proc). Loop thread only.
 */
#ifndef QS_WORKER_TABLE_H
#define QS_WORKER_TABLE_H

#include "ipc.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct worker_table_entry {
	uint32_t generation; /**< 0 = the lane has no worker. */
	pid_t pid;
	int pidfd; /**< -1: it had ended before it was looked at. */
};

struct worker_table {
	/* state */
	struct worker_table_entry lanes[IPC_LANES_MAX];
	size_t n; /**< Lanes with a worker. */
};

/** Make it empty. */
void worker_table_init(struct worker_table *table);

/**
 * A worker was started. One that the lane had before is forgotten.
 *
 * @lane    Below IPC_LANES_MAX.
 * @parent  The zygote's pid.
 * @return  0, also when it has ended already; -EPERM when the process is no
 *          child of the zygote; other -errno, also when it lives and its parent
 *          cannot be found out.
 */
int worker_table_add(
	struct worker_table *table, size_t lane, uint32_t generation, pid_t pid, pid_t parent);

/** A worker has ended. 0; -ESRCH when the lane has no worker of that generation. */
int worker_table_remove(struct worker_table *table, size_t lane, uint32_t generation);

/** SIGKILL. 0 or -ESRCH. */
int worker_table_kill(struct worker_table *table, size_t lane, uint32_t generation);

/** Forget all: the zygote has ended, and its workers with it. */
void worker_table_clear(struct worker_table *table);

#endif
