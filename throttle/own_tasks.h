/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the threads of a process of ours are doing: so that our own part can be
 * taken off what the machine suffers from, and so that "wants a CPU" and "waits
 * for the disk" are two things.
 *
 * Hands (/proc). Any thread.
 */
#ifndef QS_OWN_TASKS_H
#define QS_OWN_TASKS_H

#include <stdint.h>
#include <sys/types.h>

/** Sums over threads. */
struct own_tasks {
	unsigned n_running; /**< Run or wait for a CPU, now. */
	unsigned n_blocked; /**< Wait for a disk, now. */
	uint64_t ran_ns;    /**< Have had a CPU since their birth (schedstat). */
	uint64_t queued_ns; /**< Have waited for one; a wait that lasts is not in it (schedstat). */
};

/**
 * Add one process.
 *
 * @tasks  Added to; as far as it could be read.
 * @return 0; -errno when it has ended.
 */
int own_tasks_add(struct own_tasks *tasks, pid_t pid);

#endif
