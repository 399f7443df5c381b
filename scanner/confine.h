/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scanner's own walls: it reads everything, changes nothing.
 *
 *   credentials   own uid and gid, no groups; of root's capabilities only
 *                 DAC_READ_SEARCH, SYS_PTRACE and CHECKPOINT_RESTORE (files of
 *                 processes), LEASE, FOWNER (O_NOATIME)
 *   no_new_privs, not dumpable, ends with its parent, no core, few descriptors
 *   seccomp       an allow-list; every other call ends the process. Opening for
 *                 writing is answered EACCES, openat2 ENOSYS.
 *
 * Hands. Main thread, before any other thread; what needs name services, new
 * sockets or writable files comes before.
 */
#ifndef QS_CONFINE_H
#define QS_CONFINE_H

#include "err.h"

#include <stdbool.h>
#include <sys/types.h>

struct confine_config {
	bool has_ids; /**< Take on uid and gid. */
	uid_t uid;
	gid_t gid;
	pid_t parent;   /**< getppid() at the start of main. */
	int control_fd; /**< The daemon's channel; -1: there is none. */
};

/**
 * Confine this process for good.
 *
 * @msg    What failed.
 * @return 0; -errno: it must not go on. -ESRCH: the parent is gone.
 */
int confine_self(const struct confine_config *config, struct errmsg *msg);

#endif
