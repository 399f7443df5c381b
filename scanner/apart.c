/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pass is one superblock and not one mount: what hangs hangs whichever mount
 * it is reached by, and cover.h, which keeps a tree from being walked twice,
 * works within a pass as without.
 */
#include "apart.h"

void apart_mark(struct mounttable *table, const struct pathrule *rules)
{
	for (size_t i = 0; i < rules->hung.n; i++) {
		const struct mounttable_mount *hung = mounttable_at(table, rules->hung.spans[i]);

		for (size_t j = 0; hung && j < table->n_mounts; j++)
			if (table->mounts[j].dev == hung->dev)
				table->mounts[j].is_hung = true;
	}
}

enum apart_risk apart_risk_of(const struct mounttable_mount *mount)
{
	if (mount->class == MOUNTRULE_FUSE || mount->class == MOUNTRULE_NETWORK)
		return APART_TOUCH;
	return mount->is_hung ? APART_OPEN : APART_NONE;
}

struct mounttable_mount *apart_head(
	const struct mounttable *table, const struct mounttable_mount *mount)
{
	for (size_t i = 0; i < table->n_by_point; i++) {
		struct mounttable_mount *other = &table->mounts[table->by_point[i]];

		if (other->dev == mount->dev && apart_risk_of(other) != APART_NONE)
			return other;
	}
	return NULL; /* a hidden mount: nobody comes to it */
}

struct mounttable_mount *apart_owner(const struct mounttable *table, struct mounttable_mount *mount)
{
	const struct mounttable_mount *above = mount;

	if (apart_risk_of(mount) != APART_NONE)
		return apart_head(table, mount);
	/* A chain as long as mounts lie on one another; the bound is for a table that lies. */
	for (size_t i = 0; i < table->n_mounts; i++) {
		const struct mounttable_mount *parent =
			mounttable_by_id(table, (uint64_t)above->parent);

		if (!parent || parent == above)
			return NULL;
		if (apart_risk_of(parent) == APART_TOUCH)
			return apart_head(table, parent);
		above = parent;
	}
	return NULL;
}
