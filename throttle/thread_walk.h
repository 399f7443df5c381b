/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every thread of a process. Linux keeps affinity, nice and scheduling figures
 * for each thread; a call with a process id means its first thread only.
 *
 * Hands (/proc). Any thread.
 */
#ifndef QS_THREAD_WALK_H
#define QS_THREAD_WALK_H

#include <sys/types.h>

/**
 * Call @visit with each thread of a process. Threads that come and go meanwhile
 * may be missed or may be gone.
 *
 * @visit  0 or a negative code; the walk goes on.
 * @return 0; the first negative code of @visit; -errno when the process cannot
 *         be looked at (-ENOENT when it has ended).
 */
int thread_walk(pid_t pid, int (*visit)(pid_t tid, void *arg), void *arg);

#endif
