/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine as the service may use it: N, the number of CPUs that 100 % is.
 * The only module that includes hwloc.h.
 *
 * Hands (hwloc, /proc, the cgroup file system). Any thread; slow (it discovers
 * the machine), so called at start-up and not while scanning.
 */
#ifndef QS_TOPOLOGY_H
#define QS_TOPOLOGY_H

#include "err.h"

#include <stdbool.h>

struct topology {
	unsigned n_online;  /**< Logical CPUs of the machine that are online. */
	unsigned n_allowed; /**< Of them: within affinity mask and cpuset. */
	unsigned n_cores;   /**< Cores that those belong to; 0 where hwloc sees none. */
	bool has_quota;     /**< A cgroup limits the CPU time. */
	double quota_cpus;  /**< To so many CPUs; 0 without. */
	double n_cpus;      /**< N = min(n_allowed, quota). */
};

/**
 * Look at the machine.
 *
 * @t    Set when 0 is returned.
 * @msg  Why not, for people; may be NULL.
 * @return 0 or -errno. A quota that cannot be read counts as none.
 */
int topology_read(struct topology *t, struct errmsg *msg);

/**
 * The lowest quota of the process's cgroup and its ancestors, either version.
 *
 * @prefix  Put before every path that is read, "" in life; tests have a tree
 *          of their own.
 * @cpusp   CPUs, when 0 is returned.
 * @return  0; -ENOENT when there is none or it cannot be found out.
 */
int topology_read_quota(const char *prefix, double *cpusp);

#endif
