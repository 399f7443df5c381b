/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slow is a matter of comparison: a network file system takes milliseconds on
 * its best day. So the measure is what the mount took while all was well; of a
 * disk here, what was slow from the beginning is not taken for well. A rise is clear when
 * it is fourfold and can be felt; calm is twofold or cannot be felt; in between
 * all stays as it is, so that the level does not flutter around one bound.
 *
 * At level n the time between two begins is the duration of an open times 1.5,
 * 2, 3 or 5: of the time of who allows them we take two thirds, a half, a third,
 * a fifth. Each is bounded, and no open waits longer than a second: a listener
 * that is slow must not be a way to stop a scan.
 */
#include "open_pace.h"

#define OPEN_PACE_MS 1e6

/** A calm open takes no longer than that, or it is none; but for those that are far. */
#define OPEN_PACE_CALM_MAX_NS (5 * OPEN_PACE_MS)

/** Risen above, calm below; times calm_ns, and never less than. */
#define OPEN_PACE_RISEN 4.0
#define OPEN_PACE_RISEN_NS (4 * OPEN_PACE_MS)
#define OPEN_PACE_FALLEN 2.0
#define OPEN_PACE_FALLEN_NS (2 * OPEN_PACE_MS)

#define OPEN_PACE_RECENT 4.0 /* an average over about so many opens */
#define OPEN_PACE_CALM 64.0

static const double open_pace_gaps[OPEN_PACE_LEVEL_MAX + 1] = {0, 1.5, 2, 3, 5};

static double open_pace_larger(double a, double b)
{
	return a > b ? a : b;
}

static double open_pace_smaller(double a, double b)
{
	return a < b ? a : b;
}

static void open_pace_judge(struct open_pace *pace)
{
	double risen_ns = open_pace_larger(OPEN_PACE_RISEN * pace->calm_ns, OPEN_PACE_RISEN_NS);
	double fallen_ns = open_pace_larger(OPEN_PACE_FALLEN * pace->calm_ns, OPEN_PACE_FALLEN_NS);

	if (pace->recent_ns > risen_ns && pace->level < OPEN_PACE_LEVEL_MAX)
		pace->level++;
	if (pace->recent_ns < fallen_ns && pace->level > 0)
		pace->level--;
}

/* What is usual. A rise has to be seen before it is taken for usual: it counts for little more. */
static void open_pace_learn(struct open_pace *pace, double took_ns)
{
	double usual_ns = open_pace_smaller(took_ns, OPEN_PACE_FALLEN * pace->calm_ns);

	if (pace->calm_ns == 0)
		pace->calm_ns = took_ns;
	else if (pace->level == 0)
		pace->calm_ns += (usual_ns - pace->calm_ns) / OPEN_PACE_CALM;
	if (!pace->is_far)
		pace->calm_ns = open_pace_smaller(pace->calm_ns, OPEN_PACE_CALM_MAX_NS);
	pace->calm_ns = open_pace_larger(pace->calm_ns, 1);
}

void open_pace_note(struct open_pace *pace, uint64_t took_ns)
{
	double took = (double)took_ns;

	if (pace->calm_ns == 0)
		pace->recent_ns = took;
	pace->recent_ns += (took - pace->recent_ns) / OPEN_PACE_RECENT;
	open_pace_learn(pace, took);
	if (++pace->n_window < OPEN_PACE_WINDOW)
		return;
	pace->n_window = 0;
	open_pace_judge(pace);
}

uint64_t open_pace_take(struct open_pace *pace, uint64_t now_ns)
{
	const uint64_t latest_ns = now_ns + OPEN_PACE_WAIT_MS * UINT64_C(1000000);
	double gap_ns = open_pace_smaller(
		open_pace_gaps[pace->level] * pace->recent_ns, OPEN_PACE_GAP_MS * OPEN_PACE_MS);
	uint64_t at_ns = pace->next_at_ns > now_ns ? pace->next_at_ns : now_ns;

	if (pace->level == 0)
		at_ns = now_ns;
	else if (at_ns > latest_ns)
		at_ns = latest_ns;
	pace->next_at_ns = at_ns + (uint64_t)gap_ns;
	return at_ns;
}
