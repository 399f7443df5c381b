/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hostile tree, or another antivirus that denies everything, gives millions
 * of names: counted all, kept few. Without memory a path is missing, never a
 * count.
 */
#include "blocked_files.h"

#include "action_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct blocked_files_group {
	bool is_known;
	pid_t pid;
	char product[NEIGHBOURS_TEXT_MAX];
	char process_path[NEIGHBOURS_TEXT_MAX];
	struct span mount; /* owned */
	uint64_t n_files;
	struct span paths[BLOCKED_FILES_PATHS_MAX]; /* owned */
	size_t n_paths;
};

struct blocked_files {
	struct blocked_files_group groups[BLOCKED_FILES_GROUPS_MAX];
	size_t n_groups;
};

static struct span blocked_files_copy(struct span bytes)
{
	void *copy = malloc(bytes.n ? bytes.n : 1);

	if (!copy)
		return (struct span)SPAN_NULL;
	if (bytes.n > 0)
		memcpy(copy, bytes.data, bytes.n);
	return (struct span){.data = copy, .n = bytes.n};
}

static void blocked_files_drop(struct span *bytes)
{
	free((void *)(uintptr_t)bytes->data);
	*bytes = (struct span)SPAN_NULL;
}

struct blocked_files *blocked_files_new(void)
{
	return calloc(1, sizeof(struct blocked_files));
}

void blocked_files_clear(struct blocked_files *files)
{
	for (size_t i = 0; i < files->n_groups; i++) {
		struct blocked_files_group *group = &files->groups[i];

		blocked_files_drop(&group->mount);
		for (size_t j = 0; j < group->n_paths; j++)
			blocked_files_drop(&group->paths[j]);
	}
	files->n_groups = 0;
}

void blocked_files_free(struct blocked_files *files)
{
	if (!files)
		return;
	blocked_files_clear(files);
	free(files);
}

static bool blocked_files_is_of(const struct blocked_files_group *group,
	const struct neighbour *neighbour, struct span mount)
{
	if (group->is_known != (neighbour != NULL) || !span_equal(group->mount, mount))
		return false;
	/* A product that was restarted meanwhile is the same one. */
	return !neighbour || strcmp(group->product, neighbour->name) == 0;
}

static struct blocked_files_group *blocked_files_find(
	struct blocked_files *files, const struct neighbour *neighbour, struct span mount)
{
	struct blocked_files_group *group;

	for (size_t i = 0; i < files->n_groups; i++)
		if (blocked_files_is_of(&files->groups[i], neighbour, mount))
			return &files->groups[i];
	if (files->n_groups == BLOCKED_FILES_GROUPS_MAX)
		return &files->groups[BLOCKED_FILES_GROUPS_MAX - 1];
	if (files->n_groups == BLOCKED_FILES_GROUPS_MAX - 1) {
		/* The rest, of whomever: it must not be laid at one's door. */
		neighbour = NULL;
		mount = (struct span)SPAN_NULL;
	}
	group = &files->groups[files->n_groups++];
	*group = (struct blocked_files_group){.mount = blocked_files_copy(mount)};
	if (!neighbour)
		return group;
	group->is_known = true;
	group->pid = neighbour->pid;
	(void)snprintf(group->product, sizeof(group->product), "%s", neighbour->name);
	(void)snprintf(group->process_path, sizeof(group->process_path), "%s", neighbour->path);
	return group;
}

void blocked_files_add(
	struct blocked_files *files, const struct neighbours *neighbours, struct span path)
{
	struct span mount = SPAN_NULL;
	const struct neighbour *neighbour =
		neighbours ? neighbours_blocking(neighbours, path, &mount) : NULL;
	struct blocked_files_group *group = blocked_files_find(files, neighbour, mount);
	struct span copy;

	group->n_files++;
	if (group->n_paths == BLOCKED_FILES_PATHS_MAX)
		return;
	copy = blocked_files_copy(path);
	if (copy.data)
		group->paths[group->n_paths++] = copy;
}

static int blocked_files_write(const struct blocked_files_group *group, struct store *store,
	const struct scan_record *scan, struct errmsg *msg)
{
	const struct action_log_blocked blocked = {
		.product = group->is_known ? group->product : NULL,
		.pid = group->pid,
		.process_path = group->process_path,
		.mount = group->mount,
		.n_files = group->n_files,
		.paths = group->paths,
		.n_paths = group->n_paths,
	};

	return action_log_scan_blocked(store, scan, &blocked, msg);
}

int blocked_files_tell(struct blocked_files *files, struct store *store,
	const struct scan_record *scan, struct errmsg *msg)
{
	int r;

	if (files->n_groups == 0)
		return 0;
	r = store_begin(store, msg);
	if (r < 0)
		return err_trace(r);
	for (size_t i = 0; r == 0 && i < files->n_groups; i++)
		r = blocked_files_write(&files->groups[i], store, scan, msg);
	if (r == 0)
		r = store_commit(store, msg);
	store_rollback(store);
	if (r == 0)
		blocked_files_clear(files);
	return r;
}
