/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process of ours gives up for good before it touches anything hostile:
 * capabilities, limits, and a life of its own. Which, and in what order, is the
 * process's own business (confine.c, sandbox.c, remediate_walls.c,
 * console_sandbox.c); each has the reasons.
 *
 * Hands. The calling thread's: before any other is started.
 */
#ifndef QS_PRIVILEGES_H
#define QS_PRIVILEGES_H

#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/** A set of one capability (linux/capability.h), to be or-ed. */
#define PRIVILEGES_CAP(cap) (UINT64_C(1) << (cap))

/**
 * Nothing that is executed later gets back more than this: bounding and ambient set.
 * Without CAP_SETPCAP it cannot be done, and no_new_privs has to do.
 */
void privileges_bound(uint64_t kept);

/**
 * Keep these capabilities, permitted and in effect, of those it has; none
 * inheritable.
 *
 * @return  0 or -errno of capget(2), capset(2).
 */
int privileges_keep(uint64_t kept);

/** Lower a limit, soft and hard, to at most @value. 0 or -errno of setrlimit(2). */
int privileges_limit(__rlimit_resource_t resource, rlim_t value);

/**
 * Die with the parent. After the last change of ids, which would undo it.
 *
 * @parent      Its number, as of the start of main. It may have been another's by
 *              then already, when the parent had died before; hence:
 * @channel_fd  A channel that the parent has the other end of; -1: there is none.
 * @return      0; -ESRCH it has gone before; -errno of prctl(2).
 */
int privileges_tie(pid_t parent, int channel_fd);

#endif
