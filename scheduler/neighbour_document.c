/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A product that only watches (auditd) is not in our way and is left out, as
 * long as nobody has to wait for its word.
 */
#include "neighbour_document.h"

#include "passive_mode.h"

#include <stdio.h>
#include <sys/fanotify.h>

static int neighbour_document_add_events(cJSON *object, uint32_t mask)
{
	static const struct {
		uint32_t mask;
		const char *name;
	} events[] = {
		{FAN_OPEN_PERM, "open"},
		{FAN_ACCESS_PERM, "read"},
		{FAN_OPEN_EXEC_PERM, "execute"},
	};
	cJSON *names = cJSON_CreateArray();
	int r = 0;

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (mask & events[i].mask)
			r |= json_append(names, json_new_string(events[i].name));
	return r | json_add_item(object, "events", names);
}

static int neighbour_document_add_block(cJSON *array, const struct neighbour_block *block)
{
	static const char *const forms[] = {
		[FANOTIFY_MARKS_INODE] = "inode",
		[FANOTIFY_MARKS_MOUNT] = "mount",
		[FANOTIFY_MARKS_FILESYSTEM] = "filesystem",
	};
	cJSON *object = cJSON_CreateObject();
	int r;

	if (block->point) {
		r = json_add_bytes(object, "mount", span_str(block->point));
	} else {
		r = json_add_null(object, "mount");
		r |= json_add_null(object, "mountBytes");
	}
	r |= json_add_string(object, "mark", forms[block->form]);
	r |= neighbour_document_add_events(object, block->mask);
	return r | json_append(array, object);
}

static int neighbour_document_add_seen(cJSON *object, const struct neighbour *neighbour)
{
	cJSON *names = cJSON_CreateArray();
	int r = 0;

	if (neighbour->n_blocking > 0)
		r |= json_append(names, json_new_string("marks"));
	if (neighbour->is_known)
		r |= json_append(names, json_new_string(known_product_by_name(neighbour->by)));
	return r | json_add_item(object, "seenBy", names);
}

static int neighbour_document_add(cJSON *array, const struct neighbour *neighbour)
{
	const char *role = neighbour->is_known ? known_product_role_name(neighbour->role) : NULL;
	cJSON *object = cJSON_CreateObject();
	cJSON *blocks = cJSON_CreateArray();
	int r = json_add_display(object, "name", span_str(neighbour->name));

	r |= json_add_int(object, "pid", neighbour->pid);
	r |= json_add_bytes(object, "path", span_str(neighbour->path));
	r |= json_add_string(object, "role", role);
	r |= neighbour_document_add_seen(object, neighbour);
	r |= json_add_bool(object, "bpf", neighbour->is_known && neighbour->is_bpf);
	for (size_t i = 0; i < neighbour->n_blocks; i++)
		r |= neighbour_document_add_block(blocks, &neighbour->blocks[i]);
	r |= json_add_item(object, "blocks", blocks);
	r |= json_add_bool(object, "moreBlocks", neighbour->is_cut);
	return r | json_append(array, object);
}

cJSON *neighbour_document_make(const struct neighbours *neighbours)
{
	cJSON *array = cJSON_CreateArray();
	int r = array ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && neighbours && i < neighbours->n; i++)
		if (passive_mode_is_conflicting(&neighbours->list[i]))
			r = neighbour_document_add(array, &neighbours->list[i]);
	if (r == 0)
		return array;
	cJSON_Delete(array);
	return NULL;
}
