/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Without a known neighbour there is an event as well: somebody has denied it.
 */
#include "blocked_files.h"

#include "action_log.h"

void blocked_files_add(
	struct file_groups *files, const struct neighbours *neighbours, struct span path)
{
	struct span mount = SPAN_NULL;
	const struct neighbour *neighbour =
		neighbours ? neighbours_blocking(neighbours, path, &mount) : NULL;

	(void)file_groups_add(files, neighbour, mount, path);
}

static int blocked_files_write(struct store *store, const struct scan_record *scan,
	const struct file_group *group, struct errmsg *msg)
{
	const struct action_log_files files = file_group_files(group);

	return action_log_scan_blocked(store, scan, &files, msg);
}

int blocked_files_tell(struct file_groups *files, struct store *store,
	const struct scan_record *scan, struct errmsg *msg)
{
	return file_groups_tell(files, blocked_files_write, store, scan, msg);
}
