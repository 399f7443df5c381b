/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A lane is a single-threaded worker and takes at most one CPU, less the
 * moments between two files and those in which it waits for a disk. A whole
 * number of lanes that just makes up the factor would therefore fall short of
 * it by as much. One lane more is there to fill the gaps; the deal serves lanes
 * in order, so that it gets exactly what the others leave and hardly wakes up
 * otherwise. It costs two megabytes.
 *
 * Where the last lane needs no more than three quarters of its CPU, it fills
 * the gaps itself. More lanes than CPUs never help a limit.
 */
#include "lane_plan.h"

#include "check.h"
#include "grant.h"

/** What a lane can be relied on to use of one CPU, files being small. */
#define LANE_PLAN_DUTY 0.75

unsigned lane_plan(unsigned factor_pct, double n_cpus, unsigned maximum)
{
	double share = factor_pct == 0 ? 1.0 : factor_pct / 100.0;
	double need = share * n_cpus;
	unsigned n = 1;

	PRE(factor_pct <= 100 && n_cpus > 0 && maximum <= GRANT_N_LANES);
	if (maximum != 0)
		return maximum;
	/* n - 1 lanes run freely; is what is left for the last one within its duty? */
	while (n < GRANT_N_LANES && need - (n - 1) > LANE_PLAN_DUTY && n < n_cpus)
		n++;
	return n;
}
