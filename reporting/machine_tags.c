/* SPDX-License-Identifier: GPL-2.0-or-later */
/* There are few, so the whole array is read, changed and written. */
#include "machine_tags.h"

#include "action_log.h"
#include "cleanup.h"

#include <errno.h>
#include <string.h>

static const char machine_tags_name[] = "machine.tags";

static bool machine_tags_are_sound(const cJSON *tags)
{
	const cJSON *tag;

	if (!cJSON_IsArray(tags))
		return false;
	cJSON_ArrayForEach(tag, tags)
	{
		if (!cJSON_IsString(tag))
			return false;
	}
	return true;
}

int machine_tags_read(struct store *store, cJSON **tagsp, struct errmsg *msg)
{
	_cleanup_(cleanup_free) char *text = NULL;
	_cleanup_(json_cleanup) cJSON *tags = NULL;
	int r = store_value_get(store, machine_tags_name, &text, msg);

	if (r < 0)
		return err_trace(r);
	if (r == 0 && json_parse(text, strlen(text), &tags, NULL) == -ENOMEM)
		return err_origin(-ENOMEM);
	if (!machine_tags_are_sound(tags)) {
		cJSON_Delete(tags);
		tags = cJSON_CreateArray();
	}
	if (!tags)
		return err_origin(-ENOMEM);
	*tagsp = tags;
	tags = NULL;
	return 0;
}

static int machine_tags_find(const cJSON *tags, const char *value)
{
	const cJSON *tag;
	int i = 0;

	cJSON_ArrayForEach(tag, tags)
	{
		if (strcmp(tag->valuestring, value) == 0)
			return i;
		i++;
	}
	return -1;
}

static int machine_tags_write(struct store *store, const struct machine_tags_change *change,
	const cJSON *tags, struct errmsg *msg)
{
	_cleanup_(cleanup_free) char *text = NULL;
	int r = json_print(tags, &text, NULL);

	if (r < 0)
		return err_trace(r);
	r = store_begin(store, msg);
	if (r == 0)
		r = store_value_set(store, machine_tags_name, text, msg);
	if (r == 0)
		r = action_log_service_machine_tags_changed(store,
			change->is_removal ? "Remove" : "Add", change->value, text, change->who,
			msg);
	if (r == 0)
		r = store_commit(store, msg);
	store_rollback(store);
	return err_fold(r);
}

int machine_tags_change(
	struct store *store, const struct machine_tags_change *change, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *tags = NULL;
	int r = machine_tags_read(store, &tags, msg);
	int at;

	if (r < 0)
		return err_trace(r);
	at = machine_tags_find(tags, change->value);
	if ((at >= 0) != change->is_removal)
		return 0;
	if (change->is_removal) {
		cJSON_DeleteItemFromArray(tags, at);
	} else {
		if (cJSON_GetArraySize(tags) >= MACHINE_TAGS_MAX) {
			errmsg_set(msg, "the machine has %d tags already", MACHINE_TAGS_MAX);
			return MACHINE_TAGS_E_FULL;
		}
		r = json_append(tags, json_new_string(change->value));
		if (r < 0)
			return err_trace(r);
	}
	return machine_tags_write(store, change, tags, msg);
}
