/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings to JSON: the second half of settings.h. What a file holds are the
 * settings that were given, not the defaults: a later version may have better
 * defaults, and nobody asked to pin the old ones.
 */
#include "settings.h"

#include "cleanup.h"
#include "settings_schema.h"

static cJSON *settings_json_choice(const struct settings_entry *entry, int64_t value)
{
	for (const struct settings_choice *c = entry->choices; c->name; c++)
		if (c->value == value)
			return cJSON_CreateString(c->name);
	return cJSON_CreateNull();
}

static cJSON *settings_json_list(const struct settings_list *list)
{
	_cleanup_(json_cleanup) cJSON *array = cJSON_CreateArray();
	cJSON *done;

	if (!array)
		return NULL;
	for (size_t i = 0; i < list->n; i++)
		if (json_append(array, json_new_string(list->items[i])) < 0)
			return NULL;
	done = array;
	array = NULL;
	return done;
}

/* All numbers of the table are below 2^53. */
static cJSON *settings_json_value(
	const struct settings *settings, const struct settings_entry *entry)
{
	const void *member = (const char *)settings + entry->offset;

	switch (entry->type) {
	case SETTINGS_TYPE_INT:
		return cJSON_CreateNumber((double)*(const int64_t *)member);
	case SETTINGS_TYPE_CHOICE:
		return settings_json_choice(entry, *(const int64_t *)member);
	case SETTINGS_TYPE_BOOL:
		return cJSON_CreateBool(*(const bool *)member);
	case SETTINGS_TYPE_STRING:
		return json_new_string(*(char *const *)member);
	case SETTINGS_TYPE_LIST:
		return settings_json_list(member);
	}
	return NULL;
}

static cJSON *settings_json_default(const struct settings_entry *entry)
{
	switch (entry->type) {
	case SETTINGS_TYPE_INT:
		return cJSON_CreateNumber((double)entry->default_number);
	case SETTINGS_TYPE_CHOICE:
		return settings_json_choice(entry, entry->default_number);
	case SETTINGS_TYPE_BOOL:
		return cJSON_CreateBool(entry->default_number != 0);
	case SETTINGS_TYPE_STRING:
		return json_new_string(entry->default_text);
	case SETTINGS_TYPE_LIST:
		return cJSON_CreateArray();
	}
	return NULL;
}

int settings_to_json(const struct settings *settings, cJSON **objectp)
{
	_cleanup_(json_cleanup) cJSON *object = cJSON_CreateObject();
	size_t n;
	const struct settings_entry *entries = settings_schema(&n);

	if (!object)
		return err_origin(-ENOMEM);
	for (size_t i = 0; i < n; i++) {
		int r = 0;

		if (settings->given & UINT64_C(1) << i)
			r = json_add_item(object, entries[i].name,
				settings_json_value(settings, &entries[i]));
		if (r < 0)
			return r;
	}
	*objectp = object;
	object = NULL;
	return 0;
}

static int settings_json_describe(
	const struct settings *settings, const struct settings_entry *entry, cJSON **itemp)
{
	_cleanup_(json_cleanup) cJSON *item = cJSON_CreateObject();
	char range[160];
	int r = 0;

	if (!item)
		return err_origin(-ENOMEM);
	settings_schema_range(entry, range, sizeof(range));
	r |= json_add_string(item, "name", entry->name);
	r |= json_add_item(item, "value", settings_json_value(settings, entry));
	r |= json_add_item(item, "default", settings_json_default(entry));
	r |= json_add_string(item, "type", settings_schema_type(entry->type));
	r |= json_add_string(item, "range", range);
	r |= json_add_string(item, "description", entry->description);
	if (r < 0)
		return r;
	*itemp = item;
	item = NULL;
	return 0;
}

int settings_describe(const struct settings *settings, const char *name, cJSON **itemp)
{
	_cleanup_(json_cleanup) cJSON *array = NULL;
	size_t n;
	const struct settings_entry *entries = settings_schema(&n);

	if (name) {
		const struct settings_entry *entry = settings_schema_find(name);

		return entry ? settings_json_describe(settings, entry, itemp) : SETTINGS_E_UNKNOWN;
	}
	array = cJSON_CreateArray();
	if (!array)
		return err_origin(-ENOMEM);
	for (size_t i = 0; i < n; i++) {
		cJSON *item = NULL;
		int r = settings_json_describe(settings, &entries[i], &item);

		if (r == 0)
			r = json_append(array, item);
		if (r < 0)
			return r;
	}
	*itemp = array;
	array = NULL;
	return 0;
}
