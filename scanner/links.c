/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A chained hash table with a first-in-first-out list through its nodes. The
 * number of buckets is fixed: at the most nodes a chain is 16 long, which is
 * nothing beside a file's scan. Inode numbers are chosen by the file system,
 * not by the owner of a file, so an attacker cannot pile up one chain at will.
 */
#include "links.h"

#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

enum { LINKS_BUCKETS = 1 << 16 };

struct links_node {
	struct links_node *chain;
	struct links_node *newer; /* list of the resolved, oldest first */
	struct links_node *older;
	struct links_key key;
	uint64_t n_names_left; /* names that may still come */
	struct outcome outcome;
	bool is_resolved;
	size_t n_left;
	struct links_name *left;
};

struct links {
	pthread_mutex_t lock;
	pthread_cond_t resolved;
	size_t n_max;
	size_t n;
	struct links_node *oldest;
	struct links_node *newest;
	struct links_node *buckets[LINKS_BUCKETS];
};

struct links *links_new(size_t n_max)
{
	struct links *links = calloc(1, sizeof(*links));

	PRE(n_max >= 1);
	if (!links)
		return NULL;
	links->n_max = n_max;
	(void)pthread_mutex_init(&links->lock, NULL);
	(void)pthread_cond_init(&links->resolved, NULL);
	return links;
}

static struct links_node **links_find(struct links *links, const struct links_key *key)
{
	uint64_t mix = ((uint64_t)key->ino ^ ((uint64_t)key->dev << 32)) * 0x9e3779b97f4a7c15u;
	struct links_node **nodep = &links->buckets[mix >> 48];

	while (*nodep && ((*nodep)->key.ino != key->ino || (*nodep)->key.dev != key->dev ||
				 (*nodep)->key.ctime_ns != key->ctime_ns))
		nodep = &(*nodep)->chain;
	return nodep;
}

/* Of a resolved node that is in the list. */
static void links_forget(struct links *links, struct links_node *node)
{
	struct links_node **nodep = links_find(links, &node->key);

	INVARIANT(*nodep == node);
	*nodep = node->chain;
	*(node->older ? &node->older->newer : &links->oldest) = node->newer;
	*(node->newer ? &node->newer->older : &links->newest) = node->older;
	outcome_deinit(&node->outcome);
	links_free_names(node->left);
	free(node);
	links->n--;
}

static void links_append(struct links *links, struct links_node *node)
{
	node->older = links->newest;
	node->newer = NULL;
	*(links->newest ? &links->newest->newer : &links->oldest) = node;
	links->newest = node;
}

void links_free(struct links *links)
{
	if (!links)
		return;
	while (links->oldest)
		links_forget(links, links->oldest);
	INVARIANT(links->n == 0);
	(void)pthread_cond_destroy(&links->resolved);
	(void)pthread_mutex_destroy(&links->lock);
	free(links);
}

static int links_leave(struct links_node *node, struct span path)
{
	struct links_name *name = malloc(sizeof(*name) + path.n);

	if (!name)
		return -ENOMEM;
	name->n_path = path.n;
	if (path.n > 0)
		memcpy(name->path, path.data, path.n);
	name->next = node->left;
	node->left = name;
	node->n_left++;
	return LINKS_E_LEFT;
}

static int links_add(
	struct links *links, struct links_node **nodep, const struct links_key *key, uint64_t n)
{
	struct links_node *node = calloc(1, sizeof(*node));

	if (!node)
		return -ENOMEM;
	node->key = *key;
	node->n_names_left = n - 1;
	*nodep = node;
	links->n++;
	return 0;
}

/* The caller holds the lock. */
static int links_claim_locked(struct links *links, const struct links_key *key, uint64_t n_links,
	struct span path, struct outcome *outcomep)
{
	struct links_node *node;

	for (;;) {
		struct links_node **nodep = links_find(links, key);

		node = *nodep;
		if (!node)
			return links_add(links, nodep, key, n_links);
		if (node->is_resolved || node->n_left < LINKS_LEFT_MAX)
			break;
		(void)pthread_cond_wait(&links->resolved, &links->lock);
	}
	if (node->n_names_left > 0)
		node->n_names_left--;
	if (!node->is_resolved)
		return links_leave(node, path);
	*outcomep = outcome_copy(&node->outcome);
	if (node->n_names_left == 0)
		links_forget(links, node);
	return LINKS_E_KNOWN;
}

int links_claim(struct links *links, const struct links_key *key, uint64_t n_links,
	struct span path, struct outcome *outcomep)
{
	int r;

	PRE(n_links > 1);
	(void)pthread_mutex_lock(&links->lock);
	r = links_claim_locked(links, key, n_links, path, outcomep);
	(void)pthread_mutex_unlock(&links->lock);
	return r;
}

struct links_name *links_resolve(
	struct links *links, const struct links_key *key, const struct outcome *outcome)
{
	struct links_node *node;
	struct links_name *names;

	(void)pthread_mutex_lock(&links->lock);
	node = *links_find(links, key);
	INVARIANT(node && !node->is_resolved);
	node->is_resolved = true;
	node->outcome = outcome_copy(outcome);
	names = node->left;
	node->left = NULL;
	links_append(links, node);
	if (node->n_names_left == 0)
		links_forget(links, node);
	while (links->n > links->n_max && links->oldest)
		links_forget(links, links->oldest);
	(void)pthread_cond_broadcast(&links->resolved);
	(void)pthread_mutex_unlock(&links->lock);
	return names;
}

void links_free_names(struct links_name *names)
{
	while (names) {
		struct links_name *next = names->next;

		free(names);
		names = next;
	}
}

size_t links_count(struct links *links)
{
	size_t n;

	(void)pthread_mutex_lock(&links->lock);
	n = links->n;
	(void)pthread_mutex_unlock(&links->lock);
	return n;
}
