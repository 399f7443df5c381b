/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Chains over FNV-1a, doubled when as many names as buckets are in. The names
 * come from PATH folders and from mappings of processes; who could choose them
 * to collide gains a slow scan of his own files, no more.
 */
#include "nameset.h"

#include <errno.h>
#include <stdlib.h>

enum { NAMESET_BUCKETS_FIRST = 1024 };

struct nameset_name {
	struct nameset_name *chain;
	uint64_t hash;
	size_t n;
	char bytes[];
};

static uint64_t nameset_hash(struct span name)
{
	const uint8_t *bytes = name.data;
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < name.n; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3u;
	return hash ^ (hash >> 32);
}

void nameset_deinit(struct nameset *set)
{
	for (size_t i = 0; i < set->n_buckets; i++) {
		while (set->buckets[i]) {
			struct nameset_name *name = set->buckets[i];

			set->buckets[i] = name->chain;
			free(name);
		}
	}
	free(set->buckets);
	*set = (struct nameset)NAMESET_NULL;
}

static struct nameset_name *nameset_find(const struct nameset *set, struct span name, uint64_t hash)
{
	struct nameset_name *at;

	if (set->n_buckets == 0)
		return NULL;
	for (at = set->buckets[hash & (set->n_buckets - 1)]; at; at = at->chain)
		if (at->hash == hash &&
			span_equal((struct span){.data = at->bytes, .n = at->n}, name))
			return at;
	return NULL;
}

static int nameset_grow(struct nameset *set)
{
	size_t n_buckets = set->n_buckets ? set->n_buckets * 2 : NAMESET_BUCKETS_FIRST;
	struct nameset_name **buckets = calloc(n_buckets, sizeof(struct nameset_name *));

	if (!buckets)
		return -ENOMEM;
	for (size_t i = 0; i < set->n_buckets; i++) {
		while (set->buckets[i]) {
			struct nameset_name *name = set->buckets[i];

			set->buckets[i] = name->chain;
			name->chain = buckets[name->hash & (n_buckets - 1)];
			buckets[name->hash & (n_buckets - 1)] = name;
		}
	}
	free(set->buckets);
	set->buckets = buckets;
	set->n_buckets = n_buckets;
	return 0;
}

int nameset_add(struct nameset *set, struct span name)
{
	uint64_t hash = nameset_hash(name);
	struct nameset_name *added;

	if (nameset_find(set, name, hash))
		return NAMESET_E_THERE;
	if (set->n_bytes + name.n > NAMESET_BYTES_MAX)
		return -ENOSPC;
	if (set->n_names == set->n_buckets && nameset_grow(set) < 0)
		return -ENOMEM;
	added = malloc(sizeof(*added) + name.n);
	if (!added)
		return -ENOMEM;
	added->hash = hash;
	added->n = name.n;
	if (name.n > 0)
		memcpy(added->bytes, name.data, name.n);
	added->chain = set->buckets[hash & (set->n_buckets - 1)];
	set->buckets[hash & (set->n_buckets - 1)] = added;
	set->n_names++;
	set->n_bytes += sizeof(*added) + name.n;
	return 0;
}

bool nameset_has(const struct nameset *set, struct span name)
{
	return set->n_names > 0 && nameset_find(set, name, nameset_hash(name)) != NULL;
}
