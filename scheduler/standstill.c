/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories count as well as names: a walk over empty ones is a walk. Bytes
 * do not, they are counted when a file is judged.
 */
#include "standstill.h"

static uint64_t standstill_done(const struct ipc_scan_progress *progress)
{
	uint64_t n = progress->n_found + progress->n_directories;

	for (size_t i = 0; i < FILE_RESULT_N; i++)
		n += progress->results[i];
	return n;
}

bool standstill_step(struct standstill *standstill, uint64_t now_ms,
	const struct ipc_scan_progress *progress, const struct ipc_scan_wait *wait,
	uint64_t limit_ms)
{
	uint64_t n_done = standstill_done(progress);
	uint64_t step_ms = now_ms - standstill->at_ms;
	bool is_at_work = progress->n_lanes_busy > wait->n_lanes;

	if (standstill->at_ms == 0 || n_done != standstill->n_done || is_at_work)
		standstill->still_ms = 0;
	else
		standstill->still_ms +=
			step_ms < STANDSTILL_STEP_MAX_MS ? step_ms : STANDSTILL_STEP_MAX_MS;
	standstill->n_done = n_done;
	standstill->at_ms = now_ms;
	return standstill->still_ms >= limit_ms && wait->waited_ns / 1000000 >= limit_ms;
}
