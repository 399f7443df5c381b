/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rate limit for each of many: clients by their id, peers by their address.
 * At most API_LIMITS_MAX are known; beyond, the one that was silent for longest
 * is forgotten.
 *
 * Pure but for memory. One thread at a time.
 */
#ifndef QS_API_LIMITS_H
#define QS_API_LIMITS_H

#include <stddef.h>
#include <stdint.h>

enum { API_LIMITS_MAX = 1024 };

/** Opaque. */
struct api_limits;

/** As rate_limit_new(); NULL without memory or when a limit is too large. */
struct api_limits *api_limits_new(unsigned per_minute, unsigned per_hour);

/** NULL is allowed. */
void api_limits_free(struct api_limits *limits);

/**
 * Ask for one call of somebody.
 *
 * @return As rate_limit_take(); without memory it is allowed.
 */
unsigned api_limits_take(struct api_limits *limits, const char *who, uint64_t now_ms);

/** Look without counting, as rate_limit_look(). */
unsigned api_limits_look(struct api_limits *limits, const char *who, uint64_t now_ms);

#endif
