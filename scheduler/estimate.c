/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scan's cost is partly by file (opening, matching has a fixed price) and
 * partly by byte, so for a full scan both shares count half. When there turns
 * out to be more than the hint said, the hint was wrong and nothing is said.
 */
#include "estimate.h"

enum {
	ESTIMATE_MIN_MS = 2000, /* before it, start-up effects rule */
	ESTIMATE_MIN_JUDGED = 20,
};

static const double estimate_most = 0.999;

static double estimate_by_walk(const struct estimate_input *in)
{
	return in->n_found ? (double)in->n_judged / (double)in->n_found : -1.0;
}

static double estimate_by_hint(const struct estimate_input *in)
{
	double files, bytes;

	if (in->type != SCAN_TYPE_FULL || in->n_files_hint == 0 || in->n_bytes_hint == 0)
		return -1.0;
	if (in->n_found > in->n_files_hint || in->n_bytes > in->n_bytes_hint)
		return -1.0;
	files = (double)in->n_judged / (double)in->n_files_hint;
	bytes = (double)in->n_bytes / (double)in->n_bytes_hint;
	return (files + bytes) / 2.0;
}

struct estimate estimate_make(const struct estimate_input *in)
{
	struct estimate out = {.has_percent = false};
	double share = in->is_walk_done ? estimate_by_walk(in) : estimate_by_hint(in);

	if (share < 0.0)
		return out;
	if (share > estimate_most)
		share = estimate_most;
	out.has_percent = true;
	out.percent = share * 100.0;
	if (in->elapsed_ms < ESTIMATE_MIN_MS || in->n_judged < ESTIMATE_MIN_JUDGED || share <= 0.0)
		return out;
	out.has_eta = true;
	out.eta_s = (uint64_t)((double)in->elapsed_ms * (1.0 - share) / share / 1000.0) + 1;
	return out;
}
