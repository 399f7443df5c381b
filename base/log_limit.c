/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * No bucket: what is told of is one thing that goes on, and one line tells of it
 * as well as a burst does.
 */
#include "log_limit.h"

bool log_limit_take(struct log_limit *limit, uint64_t now_ms, uint64_t *n_droppedp)
{
	if (limit->is_begun && now_ms < limit->at_ms + LOG_LIMIT_MS) {
		limit->n_dropped++;
		return false;
	}
	*n_droppedp = limit->n_dropped;
	*limit = (struct log_limit){.is_begun = true, .at_ms = now_ms};
	return true;
}
