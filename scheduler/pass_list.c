/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A short list, looked through from the front; the reasons are in the header. */
#include "pass_list.h"

#include "err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void pass_list_deinit(struct pass_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free((void *)(uintptr_t)list->items[i].point.data);
	free(list->items);
	*list = (struct pass_list)PASS_LIST_NULL;
}

static int pass_list_grow(struct pass_list *list)
{
	size_t n_room = list->n_room ? 2 * list->n_room : 8;
	struct pass_list_item *items;

	if (list->n < list->n_room)
		return 0;
	if (list->n >= PASS_LIST_MAX)
		return err_origin(-E2BIG);
	items = realloc(list->items, n_room * sizeof(*items));
	if (!items)
		return err_origin(-ENOMEM);
	list->items = items;
	list->n_room = n_room;
	return 0;
}

/* The item of a point, made if there is none. */
static int pass_list_item(
	struct pass_list *list, struct span point, struct span type, size_t *indexp)
{
	struct pass_list_item item = {.is_wanted = false};
	int r;

	for (*indexp = 0; *indexp < list->n; ++*indexp)
		if (span_equal(list->items[*indexp].point, point))
			return 0;
	r = pass_list_grow(list);
	if (r < 0)
		return r;
	item.point = span_copy(point);
	if (!item.point.data)
		return err_origin(-ENOMEM);
	if (type.n > 0)
		(void)snprintf(
			item.type, sizeof(item.type), "%.*s", (int)type.n, (const char *)type.data);
	list->items[list->n++] = item;
	return 0;
}

int pass_list_hear(struct pass_list *list, const struct ipc_scan_mount *mount)
{
	size_t i;
	int r = pass_list_item(list, mount->point, mount->type, &i);

	if (r < 0)
		return err_trace(r);
	list->items[i].is_wanted = true;
	list->items[i].is_whole = list->items[i].is_whole || mount->is_whole;
	if (mount->has_begun) {
		list->items[i].has_begun = true;
		list->current = i;
		list->is_main_over = true;
	}
	return 0;
}

const struct pass_list_item *pass_list_current(const struct pass_list *list)
{
	return list->current < list->n ? &list->items[list->current] : NULL;
}

int pass_list_add_hung(struct pass_list *list, struct span point, struct span type)
{
	size_t i;
	int r = pass_list_item(list, point, type, &i);

	if (r < 0)
		return err_trace(r);
	if (list->items[i].is_hung || list->items[i].is_wanted)
		return -EEXIST;
	list->items[i].is_hung = true;
	list->items[i].is_wanted = true;
	list->items[i].has_begun = true;
	return 0;
}

void pass_list_reset(struct pass_list *list)
{
	pass_list_deinit(list);
}

void pass_list_leave_current(struct pass_list *list)
{
	list->current = SIZE_MAX;
	list->is_main_over = true;
}

bool pass_list_has_more(const struct pass_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].is_wanted && !list->items[i].has_begun)
			return true;
	return false;
}
