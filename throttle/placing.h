/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts a process where placement.h says.
 *
 * Hands (sched_setaffinity). Any thread.
 */
#ifndef QS_PLACING_H
#define QS_PLACING_H

#include "err.h"

#include <sched.h>
#include <sys/types.h>

/**
 * All threads of a process run on these CPUs from now on, and what they fork.
 * Right after a spawn it is one system call.
 *
 * @set    Not empty.
 * @msg    Which CPUs and why not, for people; may be NULL.
 * @return 0, also when the process has ended; -EPERM; -EINVAL when none of the
 *         CPUs is online and allowed.
 */
int placing_bind(pid_t pid, const cpu_set_t *set, struct errmsg *msg);

#endif
