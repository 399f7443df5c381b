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
#include "placement.h"

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
 * Describe the machine for placement.h.
 *
 * @synthetic  NULL: this machine. Else a description of another one, for tests
 *             (hwloc, "Synthetic topologies"); all its CPUs are allowed.
 * @efficient  With @synthetic: list of the CPUs that are efficiency cores, "0-3";
 *             NULL: there are no kinds.
 * @machine    Set when 0 is returned; without CPUs if it has more than
 *             PLACEMENT_N_CPUS.
 * @msg        Why not, for people; may be NULL.
 * @return     0; -EINVAL for a description that hwloc does not take; other -errno.
 */
int topology_describe(const char *synthetic, const char *efficient,
	struct placement_machine *machine, struct errmsg *msg);

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
