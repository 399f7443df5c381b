/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 64 entries are looked through faster than a table is kept. */
#include "api_cache.h"

#include "cleanup.h"

#include <stdlib.h>

struct api_cache_entry {
	char *key; /* NULL: free */
	uint64_t hash;
	uint64_t revision;
	uint64_t used; /* of api_cache.clock */
	char *body;
	size_t n_body;
};

struct api_cache {
	struct api_cache_entry entries[API_CACHE_ENTRIES];
	uint64_t clock;
};

/* FNV-1a; a hint only, keys are compared. */
static uint64_t api_cache_hash(const char *key)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *key != '\0'; key++)
		hash = (hash ^ (unsigned char)*key) * UINT64_C(1099511628211);
	return hash;
}

struct api_cache *api_cache_new(void)
{
	return calloc(1, sizeof(struct api_cache));
}

static void api_cache_drop(struct api_cache_entry *entry)
{
	free(entry->key);
	free(entry->body);
	*entry = (struct api_cache_entry){.key = NULL};
}

void api_cache_free(struct api_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; i < API_CACHE_ENTRIES; i++)
		api_cache_drop(&cache->entries[i]);
	free(cache);
}

/* The entry of a key; else the one that goes next. */
static struct api_cache_entry *api_cache_entry(
	struct api_cache *cache, const char *key, bool *is_found)
{
	uint64_t hash = api_cache_hash(key);
	struct api_cache_entry *oldest = &cache->entries[0];

	for (size_t i = 0; i < API_CACHE_ENTRIES; i++) {
		struct api_cache_entry *entry = &cache->entries[i];

		*is_found = entry->key && entry->hash == hash && strcmp(entry->key, key) == 0;
		if (*is_found)
			return entry;
		if (entry->used < oldest->used)
			oldest = entry;
	}
	return oldest;
}

bool api_cache_find(
	struct api_cache *cache, const char *key, uint64_t *revisionp, struct span *bodyp)
{
	bool is_found;
	struct api_cache_entry *entry = api_cache_entry(cache, key, &is_found);

	if (!is_found)
		return false;
	entry->used = ++cache->clock;
	*revisionp = entry->revision;
	*bodyp = (struct span){entry->body, entry->n_body};
	return true;
}

void api_cache_put(struct api_cache *cache, const char *key, uint64_t revision, struct span body)
{
	bool is_found;
	struct api_cache_entry *entry = api_cache_entry(cache, key, &is_found);
	_cleanup_(cleanup_free) char *copy = NULL;
	_cleanup_(cleanup_free) char *name = NULL;

	if (body.n > API_CACHE_BODY_MAX)
		return;
	copy = malloc(body.n + 1);
	name = strdup(key);
	if (!copy || !name)
		return;
	memcpy(copy, body.data, body.n);
	api_cache_drop(entry);
	*entry = (struct api_cache_entry){.key = name,
		.hash = api_cache_hash(key),
		.revision = revision,
		.used = ++cache->clock,
		.body = copy,
		.n_body = body.n};
	name = NULL;
	copy = NULL;
}
