/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finished bodies of lists, each with the revision of the daemon that it shows. A
 * body is used only after the daemon said, to this very client, that nothing
 * has changed since: so it holds what the client's roles may see, and is never
 * old.
 *
 * Pure but for memory. One thread at a time.
 */
#ifndef QS_API_CACHE_H
#define QS_API_CACHE_H

#include "span.h"

#include <stdint.h>

enum {
	API_CACHE_ENTRIES = 64,
	API_CACHE_BODY_MAX = 512 * 1024, /**< Bytes; a longer body is not kept. */
};

/** Opaque. */
struct api_cache;

/** NULL without memory. */
struct api_cache *api_cache_new(void);

/** NULL is allowed. */
void api_cache_free(struct api_cache *cache);

/**
 * Find a body.
 *
 * @key        Address and query, as they are in the body too.
 * @revisionp  Set when it is there.
 * @bodyp      Likewise; borrowed until the cache changes.
 */
bool api_cache_find(
	struct api_cache *cache, const char *key, uint64_t *revisionp, struct span *bodyp);

/**
 * Keep a body; the one that was not used for longest goes. Without memory it is not kept.
 *
 * @body  Copied.
 */
void api_cache_put(struct api_cache *cache, const char *key, uint64_t revision, struct span body);

#endif
