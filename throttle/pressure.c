/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU: what others ask for is known, so the answer can be computed instead of
 * groped for. `running` processes of others want as many CPUs; the machine has
 * n_online; what is left is ours. While there is an idle CPU for everybody
 * nothing is held back, however busy the machine is; at two busy programs on
 * two CPUs the minimum is left. One look in between is a coin that has been
 * tossed once, so it is the average of some seconds that counts; and where the
 * kernel says that hardly anybody had to wait, it does not count at all.
 *
 * Disk and memory: what would be left for us is not known, only that others
 * wait. There the share goes down step by step while it is too much, up while
 * it is little, and stays in between.
 *
 * Bounded change: down within some seconds, up more slowly, so that two who do
 * likewise do not dance. The dead band keeps the share still while the machine
 * is about as it was.
 */
#include "pressure.h"

#include "check.h"

#include <math.h>
#include <string.h>

/** Averages are over about this long. */
#define PRESSURE_AVERAGE_S 3.0

/** Below this nobody really waits for a CPU: timer ticks and wake-ups. */
#define PRESSURE_WAITING 0.05

/** Others wait for a disk or for memory: too much above, little below. */
#define PRESSURE_STALL_HIGH 0.10
#define PRESSURE_STALL_LOW 0.04

/** Who waits for a disk in less of its looks than this does not use it. */
#define PRESSURE_OWN_IO 0.05

/** The share changes by no more in a second. */
#define PRESSURE_DOWN_PER_S 0.30
#define PRESSURE_UP_PER_S 0.10

/** A wish that is nearer than this to what is changes nothing. */
#define PRESSURE_DEAD_BAND 0.05

/** A look after a pause says no more than one after this. */
#define PRESSURE_ELAPSED_MAX_S 2.0

/** Never less than this of a CPU. */
#define PRESSURE_CPU_MINIMUM 0.01

void pressure_init(struct pressure *p)
{
	memset(p, 0, sizeof(*p));
	p->share = 1.0;
}

double pressure_minimum(unsigned minimum_pct, double budget)
{
	PRE(minimum_pct >= 1 && minimum_pct <= 100 && budget > 0);
	return fmin(1.0, fmax(minimum_pct / 100.0, PRESSURE_CPU_MINIMUM / budget));
}

/* The share that others' demand for CPUs leaves. */
static double pressure_cpu_wish(const struct pressure *p, const struct pressure_input *in)
{
	if (in->has_waiting && p->waiting < PRESSURE_WAITING)
		return 1.0;
	return (in->n_online - p->running) / in->budget;
}

/* The share that what others wait for asks for: less, more, or as it is. */
static double pressure_stall_wish(double share, double stall)
{
	if (stall > PRESSURE_STALL_HIGH)
		return 0;
	return stall < PRESSURE_STALL_LOW ? 1.0 : share;
}

/* A scan out of the page cache is not what others wait for. */
static double pressure_disk_wish(const struct pressure *p)
{
	return p->own_io < PRESSURE_OWN_IO ? 1.0 : pressure_stall_wish(p->share, p->io);
}

static void pressure_average(struct pressure *p, const struct pressure_input *in, double elapsed_s)
{
	double weight = p->has_looked ? elapsed_s / (elapsed_s + PRESSURE_AVERAGE_S) : 0;

	/* The first look begins at nothing: it takes some seconds to believe in trouble. */
	p->running += weight * (in->running - p->running);
	p->waiting += weight * (in->waiting - p->waiting);
	p->io += weight * (in->io - p->io);
	p->own_io += weight * (fmin(1.0, in->own_io) - p->own_io);
	p->memory += weight * (in->memory - p->memory);
}

void pressure_step(struct pressure *p, const struct pressure_input *in)
{
	double elapsed_s = p->has_looked ? (double)(in->now_ns - p->last_at_ns) / 1e9 : 0;
	double wish;

	elapsed_s = fmin(elapsed_s, PRESSURE_ELAPSED_MAX_S);
	PRE(in->budget > 0 && in->n_online > 0 && in->minimum_share > 0 && in->minimum_share <= 1);
	pressure_average(p, in, elapsed_s);
	p->has_looked = true;
	p->last_at_ns = in->now_ns;
	wish = fmin(pressure_cpu_wish(p, in), pressure_disk_wish(p));
	wish = fmin(wish, pressure_stall_wish(p->share, p->memory));
	wish = fmin(fmax(wish, in->minimum_share), 1.0);
	/* The ends are reached, dead band or not. */
	if (fabs(wish - p->share) < PRESSURE_DEAD_BAND && wish < 1.0 && wish > in->minimum_share)
		wish = p->share;
	p->share = fmax(p->share - PRESSURE_DOWN_PER_S * elapsed_s,
		fmin(p->share + PRESSURE_UP_PER_S * elapsed_s, wish));
	p->share = fmin(fmax(p->share, in->minimum_share), 1.0);
}
