/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lowest priority for a process of ours (EnableLowCpuPriority): whoever
 * else wants the CPU or the disk gets it first. Beside the load factor, not
 * instead of it.
 *
 * Hands (sched_setscheduler, setpriority, ioprio_set). Any thread.
 */
#ifndef QS_PRIORITY_H
#define QS_PRIORITY_H

#include "err.h"

#include <sys/types.h>

/**
 * Lower a process: SCHED_BATCH, nice 19, idle I/O class. Inherited by what it
 * forks and executes. Linux keeps all three for each thread, so it must be done
 * before the process has threads: at the start of its own main, or right after
 * it was spawned.
 *
 * A process that leads its session takes the session with it (autogroup, see
 * priority.c); one that does not leaves its session alone, for others are in it.
 *
 * Everything is tried, also after a failure.
 *
 * @pid    A process id; 0 is the caller.
 * @msg    Which part failed, for people; may be NULL.
 * @return 0; -errno of the first part that failed. Scanning goes on without.
 */
int priority_lower(pid_t pid, struct errmsg *msg);

/**
 * Give all threads of a process another nice value, and its session too where
 * that counts (as for priority_lower()).
 *
 * @pid    A process id.
 * @nice   -20 to 19; going down needs CAP_SYS_NICE.
 * @msg    Which part failed, for people; may be NULL.
 * @return 0, also when it has ended; -errno of the first part that failed.
 */
int priority_set(pid_t pid, int nice, struct errmsg *msg);

#endif
