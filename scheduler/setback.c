/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pure; the reasons are in the header. */
#include "setback.h"

bool setback_count(struct setback *setback, bool is_killed, uint64_t progress)
{
	if (progress > setback->furthest) {
		setback->furthest = progress;
		setback->n_crashed = 0;
	}
	if (is_killed)
		return ++setback->n_killed < SETBACK_KILLED_MAX;
	return ++setback->n_crashed < SETBACK_CRASHED_MAX;
}
