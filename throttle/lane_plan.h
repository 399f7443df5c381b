/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many lanes a scan runs: as few as the load factor needs, so that whole
 * CPUs stay free for others. Pure. Any thread. Why: docs/governor.md.
 */
#ifndef QS_LANE_PLAN_H
#define QS_LANE_PLAN_H

/**
 * Lanes for a load factor.
 *
 * @factor_pct  0 (no limit) to 100.
 * @n_cpus      CPUs the service may use, > 0; may be a fraction.
 * @maximum     MaximumOnDemandScanThreads: 0 chooses here, else 1 to
 *              GRANT_N_LANES, taken as it is.
 * @return      1 to GRANT_N_LANES.
 */
unsigned lane_plan(unsigned factor_pct, double n_cpus, unsigned maximum);

#endif
