/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bucket would be smaller, but allows up to twice the documented number in a
 * window that begins right; a ring of 1500 times is 12 KB a client.
 */
#include "rate_limit.h"

#include "err.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

struct rate_limit {
	unsigned per_minute;
	unsigned per_hour;
	/* state */
	size_t size;      /* of the ring */
	size_t n;         /* times in it */
	size_t at;        /* where the next goes */
	uint64_t times[]; /* milliseconds */
};

int rate_limit_new(unsigned per_minute, unsigned per_hour, struct rate_limit **limitp)
{
	size_t size = per_minute > per_hour ? per_minute : per_hour;
	struct rate_limit *limit;

	if (size > RATE_LIMIT_MAX)
		return err_origin(-EINVAL);
	limit = calloc(1, sizeof(*limit) + size * sizeof(limit->times[0]));
	if (!limit)
		return err_origin(-ENOMEM);
	limit->per_minute = per_minute;
	limit->per_hour = per_hour;
	limit->size = size;
	*limitp = limit;
	return 0;
}

/* Milliseconds until a window with @max calls has room. */
static uint64_t rate_limit_wait(
	const struct rate_limit *limit, size_t max, uint64_t window_ms, uint64_t now_ms)
{
	uint64_t time_ms;

	if (max == 0 || limit->n < max)
		return 0;
	time_ms = limit->times[(limit->at + limit->size - max) % limit->size];
	return time_ms + window_ms > now_ms ? time_ms + window_ms - now_ms : 0;
}

unsigned rate_limit_look(const struct rate_limit *limit, uint64_t now_ms)
{
	uint64_t minute_ms = rate_limit_wait(limit, limit->per_minute, 60000, now_ms);
	uint64_t hour_ms = rate_limit_wait(limit, limit->per_hour, 3600000, now_ms);
	uint64_t wait_ms = minute_ms > hour_ms ? minute_ms : hour_ms;

	return (unsigned)((wait_ms + 999) / 1000);
}

unsigned rate_limit_take(struct rate_limit *limit, uint64_t now_ms)
{
	unsigned wait_s = rate_limit_look(limit, now_ms);

	if (wait_s > 0)
		return wait_s;
	if (limit->size > 0) {
		limit->times[limit->at] = now_ms;
		limit->at = (limit->at + 1) % limit->size;
		if (limit->n < limit->size)
			limit->n++;
	}
	return 0;
}

void rate_limit_free(struct rate_limit *limit)
{
	free(limit);
}
