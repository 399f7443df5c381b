/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clients are few; a list that is looked through is enough. */
#include "api_limits.h"

#include "rate_limit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct api_limits_entry {
	char who[64];
	uint64_t used_ms;
	struct rate_limit *limit;
};

struct api_limits {
	unsigned per_minute;
	unsigned per_hour;
	size_t n;
	struct api_limits_entry entries[API_LIMITS_MAX];
};

struct api_limits *api_limits_new(unsigned per_minute, unsigned per_hour)
{
	struct api_limits *limits = NULL;

	if (per_minute <= RATE_LIMIT_MAX && per_hour <= RATE_LIMIT_MAX)
		limits = calloc(1, sizeof(*limits));
	if (!limits)
		return NULL;
	limits->per_minute = per_minute;
	limits->per_hour = per_hour;
	return limits;
}

void api_limits_free(struct api_limits *limits)
{
	if (!limits)
		return;
	for (size_t i = 0; i < limits->n; i++)
		rate_limit_free(limits->entries[i].limit);
	free(limits);
}

/* The limit of somebody, made at his first call; NULL without memory. */
static struct rate_limit *api_limits_of(struct api_limits *limits, const char *who, uint64_t now_ms)
{
	struct rate_limit *limit = NULL;
	struct api_limits_entry *entry = &limits->entries[0];

	for (size_t i = 0; i < limits->n; i++) {
		if (strcmp(limits->entries[i].who, who) == 0) {
			limits->entries[i].used_ms = now_ms;
			return limits->entries[i].limit;
		}
		if (limits->entries[i].used_ms < entry->used_ms)
			entry = &limits->entries[i];
	}
	if (rate_limit_new(limits->per_minute, limits->per_hour, &limit) < 0)
		return NULL;
	if (limits->n < API_LIMITS_MAX)
		entry = &limits->entries[limits->n++];
	rate_limit_free(entry->limit);
	(void)snprintf(entry->who, sizeof(entry->who), "%s", who);
	entry->used_ms = now_ms;
	entry->limit = limit;
	return limit;
}

unsigned api_limits_take(struct api_limits *limits, const char *who, uint64_t now_ms)
{
	struct rate_limit *limit = api_limits_of(limits, who, now_ms);

	return limit ? rate_limit_take(limit, now_ms) : 0;
}

unsigned api_limits_look(struct api_limits *limits, const char *who, uint64_t now_ms)
{
	struct rate_limit *limit = api_limits_of(limits, who, now_ms);

	return limit ? rate_limit_look(limit, now_ms) : 0;
}
