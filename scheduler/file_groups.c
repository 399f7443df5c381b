/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last group takes names of whomever: it must not be laid at one's door, so
 * it belongs to nobody.
 */
#include "file_groups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct file_groups {
	struct file_group list[FILE_GROUPS_MAX];
	size_t n;
};

struct file_groups *file_groups_new(void)
{
	return calloc(1, sizeof(struct file_groups));
}

void file_groups_clear(struct file_groups *groups)
{
	for (size_t i = 0; i < groups->n; i++) {
		struct file_group *group = &groups->list[i];

		span_drop(&group->mount);
		for (size_t j = 0; j < group->n_paths; j++)
			span_drop(&group->paths[j]);
	}
	groups->n = 0;
}

void file_groups_free(struct file_groups *groups)
{
	if (!groups)
		return;
	file_groups_clear(groups);
	free(groups);
}

static bool file_groups_is_of(
	const struct file_group *group, const struct neighbour *neighbour, struct span mount)
{
	if (group->is_known != (neighbour != NULL) || !span_equal(group->mount, mount))
		return false;
	/* A product that was restarted meanwhile is the same one. */
	return !neighbour || strcmp(group->product, neighbour->name) == 0;
}

static struct file_group *file_groups_find(
	struct file_groups *groups, const struct neighbour *neighbour, struct span mount)
{
	struct file_group *group;

	for (size_t i = 0; i < groups->n; i++)
		if (file_groups_is_of(&groups->list[i], neighbour, mount))
			return &groups->list[i];
	if (groups->n == FILE_GROUPS_MAX)
		return &groups->list[FILE_GROUPS_MAX - 1];
	if (groups->n == FILE_GROUPS_MAX - 1) {
		neighbour = NULL;
		mount = (struct span)SPAN_NULL;
	}
	group = &groups->list[groups->n++];
	*group = (struct file_group){.mount = span_copy(mount)};
	if (!neighbour)
		return group;
	group->is_known = true;
	group->pid = neighbour->pid;
	(void)snprintf(group->product, sizeof(group->product), "%s", neighbour->name);
	(void)snprintf(group->process_path, sizeof(group->process_path), "%s", neighbour->path);
	return group;
}

struct file_group *file_groups_add(struct file_groups *groups, const struct neighbour *neighbour,
	struct span mount, struct span path)
{
	struct file_group *group = file_groups_find(groups, neighbour, mount);
	struct span copy;

	group->n_files++;
	if (group->n_paths == FILE_GROUPS_PATHS_MAX)
		return group;
	copy = span_copy(path);
	if (copy.data)
		group->paths[group->n_paths++] = copy;
	return group;
}

int file_groups_tell(struct file_groups *groups,
	int (*write)(struct store *store, const struct scan_record *scan,
		const struct file_group *group, struct errmsg *msg),
	struct store *store, const struct scan_record *scan, struct errmsg *msg)
{
	int r;

	if (groups->n == 0)
		return 0;
	r = store_begin(store, msg);
	if (r < 0)
		return err_trace(r);
	for (size_t i = 0; r == 0 && i < groups->n; i++)
		r = write(store, scan, &groups->list[i], msg);
	if (r == 0)
		r = store_commit(store, msg);
	store_rollback(store);
	if (r == 0)
		file_groups_clear(groups);
	return r;
}

struct action_log_files file_group_files(const struct file_group *group)
{
	return (struct action_log_files){.product = group->is_known ? group->product : NULL,
		.pid = group->pid,
		.process_path = group->process_path,
		.mount = group->mount,
		.n_files = group->n_files,
		.n_vanished = group->n_vanished,
		.paths = group->paths,
		.n_paths = group->n_paths};
}
