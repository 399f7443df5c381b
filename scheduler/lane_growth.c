/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many lanes wait for a disk is what is left of the busy ones when those
 * that compute, wait for a grant or wait for a CPU are taken off. What a process
 * waits for is not looked at: a network or FUSE mount is waited for in another
 * state than a disk.
 */
#include "lane_growth.h"

/** This part of the aim may be missing: gaps between files. */
#define LANE_GROWTH_SLACK 0.1

static unsigned lane_growth_room(unsigned n_planned)
{
	unsigned most = n_planned * LANE_GROWTH_TIMES;

	if (most > LANE_GROWTH_MAX)
		most = LANE_GROWTH_MAX;
	return most > n_planned ? most - n_planned : 0;
}

unsigned lane_growth_n_of(const struct lane_growth *g, unsigned n_planned)
{
	unsigned room = lane_growth_room(n_planned);

	return n_planned + (g->ratchet.n < room ? g->ratchet.n : room);
}

static uint64_t lane_growth_known_ns(const struct governor_reading *reading)
{
	return reading->lanes_cpu_ns + reading->lanes_waited_ns + reading->lanes_queued_ns;
}

static bool lane_growth_judge(
	struct lane_growth *g, const struct lane_growth_input *in, double elapsed_ns)
{
	const struct governor_reading *r = in->reading;
	double known = (double)(lane_growth_known_ns(r) - g->known_ns) / elapsed_ns;
	double n_waiting = (double)in->n_busy - known;
	struct ratchet_input ratchet = {
		.now_ns = in->now_ns,
		.promised = r->aim_pct * r->share_pct / 1e4 * r->n_cpus,
		.got = (double)(r->cpu_ns - g->cpu_ns) / elapsed_ns,
		.waiting = n_waiting > 0 ? n_waiting : 0,
		.n_max = lane_growth_room(in->n_planned),
	};

	ratchet.slack = LANE_GROWTH_SLACK * ratchet.promised;
	if (in->n_pending <= in->n_busy)
		ratchet.waiting = 0; /* nobody would have a file for another lane */
	return ratchet_step(&g->ratchet, &ratchet);
}

bool lane_growth_step(struct lane_growth *g, const struct lane_growth_input *in)
{
	const struct governor_reading *r = in->reading;
	/* Another account, or a pause: there is nothing to compare with. */
	bool is_judged = g->has_looked && !r->is_paused && r->active_ns > g->active_ns &&
			 r->cpu_ns >= g->cpu_ns && lane_growth_known_ns(r) >= g->known_ns;
	bool is_changed =
		is_judged && lane_growth_judge(g, in, (double)(r->active_ns - g->active_ns));

	g->has_looked = true;
	g->active_ns = r->active_ns;
	g->cpu_ns = r->cpu_ns;
	g->known_ns = lane_growth_known_ns(r);
	return is_changed;
}
