/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walls of quietscan-remediate: it changes files of all users, by name and
 * owner, finds and ends processes by what they execute, and has no call for anything
 * else.
 *
 *   credentials   of root's capabilities only CHOWN (give a file back to its
 *                 owner), DAC_OVERRIDE (folders and files of others), FOWNER (modes,
 *                 times, ACLs, sticky folders), FSETID (set-group-id for any group),
 *                 SETFCAP (a program's own capabilities), SYS_PTRACE (what others
 *                 execute), KILL (their end)
 *   no_new_privs, not dumpable, ends with its parent, no core, few descriptors
 *   seccomp       an allow-list; every other call ends the process: no socket, no
 *                 exec, no new process, no ptrace, no signal but SIGKILL by a pidfd
 *
 * Hands. Main thread, the only one; vault and journal are opened before.
 */
#ifndef QS_REMEDIATE_WALLS_H
#define QS_REMEDIATE_WALLS_H

#include "err.h"

#include <sys/types.h>

/**
 * Confine this process for good.
 *
 * @parent      getppid() at the start of main.
 * @control_fd  The daemon's channel.
 * @msg         What failed.
 * @return      0; -errno: it must not go on. -ESRCH: the parent is gone.
 */
int remediate_walls_build(pid_t parent, int control_fd, struct errmsg *msg);

#endif
