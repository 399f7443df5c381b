/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One that decides on that very mount is named before one that is only there;
 * who decides what may run (fapolicyd) removes nothing and is not named.
 */
#include "changed_files.h"

#include "action_log.h"
#include "passive_mode.h"

static const struct neighbour *changed_files_other(
	const struct neighbours *neighbours, struct span path, struct span *mountp)
{
	const struct neighbour *other = neighbours_blocking(neighbours, path, mountp);

	if (other && !(other->is_known && other->role == KNOWN_PRODUCT_CONTROL))
		return other;
	return passive_mode_other(neighbours);
}

void changed_files_add(struct file_groups *files, const struct neighbours *neighbours,
	struct span path, bool is_vanished)
{
	struct span mount = SPAN_NULL;
	const struct neighbour *other =
		neighbours ? changed_files_other(neighbours, path, &mount) : NULL;

	if (other)
		file_groups_add(files, other, mount, path)->n_vanished += is_vanished;
}

static int changed_files_write(struct store *store, const struct scan_record *scan,
	const struct file_group *group, struct errmsg *msg)
{
	const struct action_log_files files = file_group_files(group);

	return action_log_scan_changed(store, scan, &files, msg);
}

int changed_files_tell(struct file_groups *files, struct store *store,
	const struct scan_record *scan, struct errmsg *msg)
{
	return file_groups_tell(files, changed_files_write, store, scan, msg);
}
