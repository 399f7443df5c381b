/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Idle late, busy soon. A person who comes back must not wait for an average:
 * a key or a lit screen ends it at the next look. Work is noisy (a timer, a mail
 * that arrives), so it is averaged over a minute, with a gap between the load
 * that ends idleness and the one that allows it.
 *
 * Five minutes of quiet: Windows' task scheduler, whose idea of idle Defender
 * uses, looks at the last 15 minutes and wants 90 % of them quiet; four minutes
 * without input are enough for it on a machine that is left alone.
 */
#include "idle.h"

#include <math.h>

/** Quiet for so long is idle. */
#define IDLE_QUIET_NS UINT64_C(300000000000)

/** Somebody who typed within this uses the machine. */
#define IDLE_INPUT_S 300

/** Others' load: below low is quiet; above high is use; in between all stays as it is. */
#define IDLE_CPU_LOW 0.10
#define IDLE_CPU_HIGH 0.20
#define IDLE_DISK_LOW 0.20
#define IDLE_DISK_HIGH 0.40

#define IDLE_AVERAGE_S 60.0

/** Looks further apart than this (suspended) say nothing of the time between. */
#define IDLE_GAP_S 60.0

static double idle_average(double average, double value, double elapsed_s)
{
	return average + (value - average) * elapsed_s / (elapsed_s + IDLE_AVERAGE_S);
}

static bool idle_is_input(const struct idle_input *in)
{
	return in->since_input_s < IDLE_INPUT_S || in->is_screen_lit;
}

static bool idle_is_work(const struct idle *idle)
{
	double cpu_max = idle->is_idle ? IDLE_CPU_HIGH : IDLE_CPU_LOW;
	double disk_max = idle->is_idle ? IDLE_DISK_HIGH : IDLE_DISK_LOW;

	return idle->cpu_share > cpu_max || idle->disk_share > disk_max;
}

bool idle_step(struct idle *idle, const struct idle_input *in)
{
	double elapsed_s = idle->has_looked ? (double)(in->now_ns - idle->last_at_ns) / 1e9 : 0;
	bool before = idle->is_idle;

	if (elapsed_s > IDLE_GAP_S) {
		idle->quiet_ns = 0;
		idle->is_idle = false;
		elapsed_s = 0;
	}
	/* The first look is believed whole: the machine was as it is. */
	idle->cpu_share = idle->has_looked ? idle_average(idle->cpu_share, in->cpu_share, elapsed_s)
					   : in->cpu_share;
	if (in->has_disk)
		idle->disk_share = idle_average(idle->disk_share, in->disk_share, elapsed_s);
	else
		idle->disk_share = fmin(idle->disk_share, IDLE_DISK_LOW);
	idle->has_looked = true;
	idle->last_at_ns = in->now_ns;
	idle->quiet_ns += (uint64_t)(elapsed_s * 1e9);
	if (idle_is_input(in) || idle_is_work(idle))
		idle->quiet_ns = 0;
	if (idle->quiet_ns == 0)
		idle->is_idle = false;
	else if (idle->quiet_ns >= IDLE_QUIET_NS)
		idle->is_idle = true;
	return idle->is_idle != before;
}
