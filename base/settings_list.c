/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * It grows one by one: exclusions are few, and changed by people.
 */
#include "settings_list.h"

#include "check.h"
#include "err.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void settings_list_deinit(struct settings_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct settings_list)SETTINGS_LIST_NULL;
}

int settings_list_push(struct settings_list *list, const char *item)
{
	char **items = realloc(list->items, (list->n + 1) * sizeof(*items));

	if (!items)
		return err_origin(-ENOMEM);
	list->items = items;
	items[list->n] = strdup(item);
	if (!items[list->n])
		return err_origin(-ENOMEM);
	list->n++;
	return 0;
}

size_t settings_list_find(const struct settings_list *list, const char *item)
{
	size_t at = 0;

	while (at < list->n && strcmp(list->items[at], item) != 0)
		at++;
	return at;
}

void settings_list_remove(struct settings_list *list, size_t at)
{
	PRE(at < list->n);
	free(list->items[at]);
	list->n--;
	memmove(&list->items[at], &list->items[at + 1], (list->n - at) * sizeof(list->items[0]));
}

int settings_list_copy(const struct settings_list *from, struct settings_list *to)
{
	for (size_t i = 0; i < from->n; i++) {
		int r = settings_list_push(to, from->items[i]);

		if (r < 0)
			return r;
	}
	return 0;
}
