/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Merging neighbours keeps every sum: the mean over the points is the mean of
 * the scan, however coarse they are. A scan of a day has points of 8.5 minutes.
 */
#include "load_history.h"

#include "check.h"

#include <string.h>

void load_history_init(struct load_history *h)
{
	memset(h, 0, sizeof(*h));
	h->step_ns = LOAD_HISTORY_STEP_NS;
}

static void load_point_add(struct load_point *point, const struct load_point *more)
{
	point->active_ns += more->active_ns;
	point->cpu_ns += more->cpu_ns;
	point->asked_ns += more->asked_ns;
}

/* The series is full: two and two become one. */
static void load_history_fold(struct load_history *h)
{
	for (size_t i = 0; i < LOAD_HISTORY_POINTS_MAX / 2; i++) {
		struct load_point sum = h->points[2 * i];

		load_point_add(&sum, &h->points[2 * i + 1]);
		h->points[i] = sum;
	}
	h->n_points = LOAD_HISTORY_POINTS_MAX / 2;
	h->step_ns *= 2;
}

void load_history_add(struct load_history *h, const struct load_point *more)
{
	bool is_full = h->n_points == 0 || h->points[h->n_points - 1].active_ns >= h->step_ns;

	if (is_full && h->n_points == LOAD_HISTORY_POINTS_MAX) {
		load_history_fold(h);
		is_full = h->points[h->n_points - 1].active_ns >= h->step_ns;
	}
	if (is_full)
		h->points[h->n_points++] = (struct load_point){.active_ns = 0};
	load_point_add(&h->points[h->n_points - 1], more);
}

void load_history_append(struct load_history *h, const struct load_history *later)
{
	for (size_t i = 0; i < later->n_points; i++)
		load_history_add(h, &later->points[i]);
	for (size_t i = 0; i < LOAD_HISTORY_BINS; i++)
		h->bins[i] += later->bins[i];
	h->n_windows += later->n_windows;
	if (later->window_max_pct > h->window_max_pct)
		h->window_max_pct = later->window_max_pct;
	h->budget_wait_ns += later->budget_wait_ns;
	h->disk_wait_ns += later->disk_wait_ns;
	h->slow_open_ns += later->slow_open_ns;
	h->read_held_ns += later->read_held_ns;
	h->backed_off_ns += later->backed_off_ns;
	h->governor_ns += later->governor_ns;
}

void load_history_window(struct load_history *h, double pct)
{
	double halves = 2.0 * pct;
	size_t bin = LOAD_HISTORY_BINS - 1;

	PRE(pct >= 0);
	if (halves < (double)bin) {
		bin = (size_t)halves;
		bin += (double)bin < halves; /* up, without libm */
	}
	h->bins[bin]++;
	h->n_windows++;
	if (pct > h->window_max_pct)
		h->window_max_pct = pct;
}

double load_history_percentile_pct(const struct load_history *h, double share)
{
	uint64_t n = 0;

	PRE(share > 0 && share <= 1);
	if (h->n_windows == 0)
		return 0.0;
	for (size_t bin = 0; bin < LOAD_HISTORY_BINS; bin++) {
		n += h->bins[bin];
		if ((double)n >= share * (double)h->n_windows)
			return (double)bin / 2.0;
	}
	return (LOAD_HISTORY_BINS - 1) / 2.0; /* UNTESTED: the bins sum up to n_windows */
}
