/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Revisions are bumped when a transaction ends and not before: who reads in the
 * middle of one (a row call-back may) gets a number that is over with its end,
 * whether it was committed or rolled back.
 *
 * 49 random bits leave room for 4 * 10^14 changes below the largest number that
 * JSON carries as one.
 */
#include "store_sql.h"

#include "check.h"
#include "digest.h"

#include <string.h>

enum { STORE_REVISION_RANDOM_BITS = 49 };

void store_revision_init(struct store *store)
{
	uint64_t random = 0;

	digest_random((uint8_t *)&random, sizeof(random));
	store->revision = random >> (64 - STORE_REVISION_RANDOM_BITS);
	for (size_t i = 0; i < STORE_KIND_N; i++)
		store->revisions[i] = ++store->revision;
}

void store_revision_settle(struct store *store)
{
	if (store->touched == 0)
		return;
	for (size_t i = 0; i < STORE_KIND_N; i++)
		if (store->touched & (1U << i))
			store->revisions[i] = ++store->revision;
	store->touched = 0;
	if (store->on_change)
		store->on_change(store->on_change_arg);
}

void store_set_listener(struct store *store, void (*on_change)(void *arg), void *arg)
{
	store->on_change = on_change;
	store->on_change_arg = arg;
}

int store_revision_note(struct store *store, enum store_kind kind, int r)
{
	if (r == 0) {
		store->touched |= 1U << kind;
		if (!store->is_in_txn)
			store_revision_settle(store);
	}
	return r;
}

uint64_t store_revision(const struct store *store, enum store_kind kind)
{
	PRE((unsigned)kind < STORE_KIND_N);
	return store->revisions[kind];
}

void store_touch(struct store *store, enum store_kind kind)
{
	PRE((unsigned)kind < STORE_KIND_N);
	store->revisions[kind] = ++store->revision;
}
