/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The place: which CPUs all our processes run on, so that the others stay free
 * for everybody else. Spatial first: a foreground job that finds an idle core
 * does not feel a scan, whatever the scan's load is.
 *
 * Pure: a plain description of the machine in, a set of CPUs out. Any thread.
 * Why one set for all and why siblings are packed: placement.c.
 */
#ifndef QS_PLACEMENT_H
#define QS_PLACEMENT_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>

enum {
	PLACEMENT_N_CPUS = CPU_SETSIZE, /**< A machine with more is left as it is. */
};

/** A logical CPU. The ids only say what belongs together. */
struct placement_cpu {
	unsigned os_index; /**< The kernel's number, below PLACEMENT_N_CPUS. */
	unsigned kind;     /**< 0 = the most efficient; more is faster and hungrier. */
	unsigned package;  /**< Socket. */
	unsigned node;     /**< NUMA node. */
	unsigned l3;       /**< Whose third-level cache. */
	unsigned core;     /**< SMT siblings have the same. */
	bool is_allowed;   /**< Within affinity mask and cpuset. */
};

struct placement_machine {
	size_t n_cpus; /**< 0 = nothing is known: nothing is chosen. */
	struct placement_cpu cpus[PLACEMENT_N_CPUS];
};

/**
 * How many CPUs' worth of time a scan takes at most.
 *
 * @factor_pct  0 (no limit) to 100.
 * @n_cpus      N, > 0; may be a fraction.
 * @n_lanes     At least 1; the scanner counts as one more.
 */
double placement_need(unsigned factor_pct, double n_cpus, unsigned n_lanes);

/**
 * Choose as few whole cores as have that many CPUs.
 *
 * @need     CPUs, > 0 (placement_need()).
 * @n_extra  CPUs more than that, 0 at first (courtesy.c).
 * @setp     Receives the CPUs; empty when 0 is returned.
 * @return   Number of CPUs in the set, at most all that are allowed; 0 when
 *           none is known.
 */
size_t placement_choose(
	const struct placement_machine *m, double need, size_t n_extra, cpu_set_t *setp);

/**
 * Whether the set leaves so little air above the need that anything else which
 * runs there, be it the kernel's housekeeping, is missing in the load: less than
 * a tenth of a CPU. Then the last lane, which has only the rest to do, is better
 * off with one CPU more (placement_widen()).
 *
 * @n_set  CPUs in the set.
 */
bool placement_is_tight(double need, size_t n_set);

/**
 * The set and the CPU (core, where it has siblings) that would be taken next.
 *
 * @set, @widep  May be the same.
 * @return       Number of CPUs in *widep; that of @set when there are no more.
 */
size_t placement_widen(const struct placement_machine *m, const cpu_set_t *set, cpu_set_t *widep);

/** CPUs that are allowed. */
size_t placement_n_allowed(const struct placement_machine *m);

#endif
