/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists are short (tens of patterns), so they are tried one after another;
 * glob_match_path() looks at a whole path and knows that a directory's pattern
 * covers what is below, which makes a single name's answer independent of how
 * the walk came to it.
 */
#include "pathrule.h"

#include "glob.h"

#include <errno.h>
#include <stdlib.h>

static void pathrule_list_clear(struct pathrule_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free((void *)list->spans[i].data);
	free(list->spans);
	*list = (struct pathrule_list){.n = 0};
}

static int pathrule_list_add(struct pathrule_list *list, struct span bytes)
{
	char *copy;

	if (list->n == list->n_room) {
		size_t n_room = list->n_room ? 2 * list->n_room : 16;
		struct span *spans = realloc(list->spans, n_room * sizeof(*spans));

		if (!spans)
			return -ENOMEM;
		list->spans = spans;
		list->n_room = n_room;
	}
	copy = malloc(bytes.n);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, bytes.data, bytes.n);
	list->spans[list->n++] = (struct span){.data = copy, .n = bytes.n};
	return 0;
}

void pathrule_deinit(struct pathrule *rule)
{
	pathrule_list_clear(&rule->paths);
	pathrule_list_clear(&rule->extensions);
	pathrule_list_clear(&rule->own);
	pathrule_list_clear(&rule->targets);
	pathrule_list_clear(&rule->hung);
	pathrule_list_clear(&rule->passes);
	pathrule_list_clear(&rule->wholes);
	pathrule_list_clear(&rule->passed);
}

int pathrule_add(struct pathrule *rule, const struct ipc_scan_path *message)
{
	struct span path = message->path;

	if (path.n == 0)
		return -EINVAL;
	if (message->kind == IPC_PATH_EXCLUDE_EXTENSION)
		return pathrule_list_add(&rule->extensions, path);
	if (((const char *)path.data)[0] != '/' || memchr(path.data, '\0', path.n))
		return -EINVAL;
	switch (message->kind) {
	case IPC_PATH_TARGET:
		return pathrule_list_add(&rule->targets, path);
	case IPC_PATH_EXCLUDE:
		return pathrule_list_add(&rule->paths, path);
	case IPC_PATH_OWN:
		while (path.n > 1 && ((const char *)path.data)[path.n - 1] == '/')
			path.n--;
		return pathrule_list_add(&rule->own, path);
	case IPC_PATH_HUNG:
		return pathrule_list_add(&rule->hung, path);
	case IPC_PATH_PASS:
		return pathrule_list_add(&rule->passes, path);
	case IPC_PATH_PASS_WHOLE:
		return pathrule_list_add(&rule->wholes, path);
	case IPC_PATH_PASSED:
		return pathrule_list_add(&rule->passed, path);
	default:
		return -EINVAL;
	}
}

void pathrule_ignore_exclusions(struct pathrule *rule)
{
	pathrule_list_clear(&rule->paths);
	pathrule_list_clear(&rule->extensions);
}

static bool pathrule_is_below(struct span path, struct span directory)
{
	if (path.n < directory.n || memcmp(path.data, directory.data, directory.n) != 0)
		return false;
	return path.n == directory.n || directory.n == 1 ||
	       ((const char *)path.data)[directory.n] == '/';
}

enum reason pathrule_of_directory(const struct pathrule *rule, struct span path)
{
	for (size_t i = 0; i < rule->paths.n; i++)
		if (glob_match_path(rule->paths.spans[i], path))
			return REASON_EXCLUDED;
	for (size_t i = 0; i < rule->own.n; i++)
		if (pathrule_is_below(path, rule->own.spans[i]))
			return REASON_OWN;
	return REASON_NONE;
}

enum reason pathrule_of_file(const struct pathrule *rule, struct span path)
{
	for (size_t i = 0; i < rule->extensions.n; i++)
		if (glob_match_extension(rule->extensions.spans[i], path))
			return REASON_EXCLUDED;
	return pathrule_of_directory(rule, path);
}
