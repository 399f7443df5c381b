/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Driven by the table: an entry knows the offset of its member, so there is no
 * code for a single setting here. A text is read into a fresh copy which
 * replaces the old one only when all of it was good: the running settings
 * survive a bad file.
 */
#include "settings.h"

#include "cleanup.h"
#include "display.h"
#include "json_scan.h"
#include "settings_list.h"
#include "settings_schema.h"

#include <inttypes.h>
#include <stdio.h>

enum { SETTINGS_SHOWN_MAX = 80 };

static void *settings_member(struct settings *settings, const struct settings_entry *entry)
{
	return (char *)settings + entry->offset;
}

static const void *settings_member_const(
	const struct settings *settings, const struct settings_entry *entry)
{
	return (const char *)settings + entry->offset;
}

static size_t settings_index(const struct settings_entry *entry)
{
	size_t n;

	return (size_t)(entry - settings_schema(&n));
}

/* The default into a member; what was there is freed. */
static int settings_reset(struct settings *settings, const struct settings_entry *entry)
{
	void *member = settings_member(settings, entry);
	char *text;

	settings->given &= ~(UINT64_C(1) << settings_index(entry));
	switch (entry->type) {
	case SETTINGS_TYPE_INT:
	case SETTINGS_TYPE_CHOICE:
		*(int64_t *)member = entry->default_number;
		return 0;
	case SETTINGS_TYPE_BOOL:
		*(bool *)member = entry->default_number != 0;
		return 0;
	case SETTINGS_TYPE_STRING:
		text = strdup(entry->default_text);
		if (!text)
			return err_origin(-ENOMEM);
		free(*(char **)member);
		*(char **)member = text;
		return 0;
	case SETTINGS_TYPE_LIST:
		settings_list_deinit(member);
		return 0;
	}
	return err_fold(SETTINGS_E_UNKNOWN);
}

int settings_init(struct settings *settings)
{
	size_t n;
	const struct settings_entry *entries = settings_schema(&n);

	memset(settings, 0, sizeof(*settings));
	for (size_t i = 0; i < n; i++) {
		int r = settings_reset(settings, &entries[i]);

		if (r < 0) {
			settings_deinit(settings);
			return r;
		}
	}
	return 0;
}

void settings_deinit(struct settings *settings)
{
	size_t n;
	const struct settings_entry *entries = settings_schema(&n);

	for (size_t i = 0; i < n; i++) {
		if (entries[i].type == SETTINGS_TYPE_STRING)
			free(*(char **)settings_member(settings, &entries[i]));
		else if (entries[i].type == SETTINGS_TYPE_LIST)
			settings_list_deinit(settings_member(settings, &entries[i]));
	}
	memset(settings, 0, sizeof(*settings));
}

static int settings_copy_member(
	const struct settings *from, struct settings *to, const struct settings_entry *entry)
{
	const void *source = settings_member_const(from, entry);
	void *target = settings_member(to, entry);

	if (entry->type == SETTINGS_TYPE_STRING) {
		*(char **)target = strdup(*(char *const *)source);
		return *(char **)target ? 0 : err_origin(-ENOMEM);
	}
	if (entry->type == SETTINGS_TYPE_LIST)
		return settings_list_copy(source, target);
	if (entry->type == SETTINGS_TYPE_BOOL)
		*(bool *)target = *(const bool *)source;
	else
		*(int64_t *)target = *(const int64_t *)source;
	return 0;
}

int settings_copy(const struct settings *settings, struct settings *copy)
{
	size_t n;
	const struct settings_entry *entries = settings_schema(&n);

	memset(copy, 0, sizeof(*copy));
	copy->given = settings->given;
	for (size_t i = 0; i < n; i++) {
		int r = settings_copy_member(settings, copy, &entries[i]);

		if (r < 0) {
			settings_deinit(copy);
			return r;
		}
	}
	return 0;
}

/* "VALUE given, RANGE allowed"; @why, when not NULL, comes before the range. */
static int settings_refuse(
	const struct settings_entry *entry, const cJSON *value, const char *why, struct errmsg *msg)
{
	_cleanup_(cleanup_free) char *printed = NULL;
	char shown[SETTINGS_SHOWN_MAX];
	char range[160];

	if (json_print(value, &printed, NULL) < 0)
		return err_origin(-ENOMEM);
	(void)display_write(DISPLAY_TEXT, span_str(printed), shown, sizeof(shown));
	settings_schema_range(entry, range, sizeof(range));
	errmsg_set(msg, "%s: %s given%s%s; allowed: %s", entry->name, shown, why ? ": " : "",
		why ? why : "", range);
	return -EINVAL;
}

static int settings_set_number(struct settings *settings, const struct settings_entry *entry,
	const cJSON *value, struct errmsg *msg)
{
	int64_t number = 0;
	bool is_fit;

	if (json_int_of(value, entry->name, INT64_MIN, INT64_MAX, &number, NULL) < 0)
		return settings_refuse(entry, value, NULL, msg);
	is_fit = (number >= entry->min && number <= entry->max) ||
		 (entry->is_zero_allowed && number == 0);
	if (!is_fit)
		return settings_refuse(entry, value, NULL, msg);
	*(int64_t *)settings_member(settings, entry) = number;
	return 0;
}

static int settings_set_bool(struct settings *settings, const struct settings_entry *entry,
	const cJSON *value, struct errmsg *msg)
{
	const char *text = cJSON_IsString(value) ? value->valuestring : "";
	bool is_true = cJSON_IsTrue(value) || strcmp(text, "true") == 0;

	if (!is_true && !cJSON_IsFalse(value) && strcmp(text, "false") != 0)
		return settings_refuse(entry, value, NULL, msg);
	*(bool *)settings_member(settings, entry) = is_true;
	return 0;
}

static int settings_set_choice(struct settings *settings, const struct settings_entry *entry,
	const cJSON *value, struct errmsg *msg)
{
	const char *text = cJSON_IsString(value) ? value->valuestring : "";

	for (const struct settings_choice *c = entry->choices; c->name; c++) {
		if (strcmp(c->name, text) != 0)
			continue;
		*(int64_t *)settings_member(settings, entry) = c->value;
		return 0;
	}
	return settings_refuse(entry, value, NULL, msg);
}

/* A string, or one item of a list, against its rule. */
static int settings_check_string(
	const struct settings_entry *entry, const cJSON *value, struct errmsg *msg)
{
	struct errmsg why = ERRMSG_NULL;
	struct span text;

	if (!cJSON_IsString(value))
		return settings_refuse(entry, value, NULL, msg);
	text = span_str(value->valuestring);
	if (text.n > SETTINGS_TEXT_MAX)
		return settings_refuse(entry, value, "too long", msg);
	if (entry->check && entry->check(text, &why) < 0)
		return settings_refuse(entry, value, why.text, msg);
	return 0;
}

static int settings_set_string(struct settings *settings, const struct settings_entry *entry,
	const cJSON *value, struct errmsg *msg)
{
	char **member = settings_member(settings, entry);
	int r = settings_check_string(entry, value, msg);
	char *text;

	if (r < 0)
		return r;
	text = strdup(value->valuestring);
	if (!text)
		return err_origin(-ENOMEM);
	free(*member);
	*member = text;
	return 0;
}

static int settings_set_list(struct settings *settings, const struct settings_entry *entry,
	const cJSON *value, struct errmsg *msg)
{
	_cleanup_(settings_list_deinit) struct settings_list list = SETTINGS_LIST_NULL;
	struct settings_list *member = settings_member(settings, entry);
	const cJSON *item;

	if (!cJSON_IsArray(value) || cJSON_GetArraySize(value) > SETTINGS_LIST_MAX)
		return settings_refuse(entry, value, NULL, msg);
	cJSON_ArrayForEach(item, value)
	{
		int r = settings_check_string(entry, item, msg);

		if (r == 0)
			r = settings_list_push(&list, item->valuestring);
		if (r < 0)
			return r;
	}
	settings_list_deinit(member);
	*member = list;
	list = (struct settings_list)SETTINGS_LIST_NULL;
	return 0;
}

int settings_set(
	struct settings *settings, const char *name, const cJSON *value, struct errmsg *msg)
{
	static int (*const setters[])(struct settings *, const struct settings_entry *,
		const cJSON *, struct errmsg *) = {
		[SETTINGS_TYPE_INT] = settings_set_number,
		[SETTINGS_TYPE_BOOL] = settings_set_bool,
		[SETTINGS_TYPE_STRING] = settings_set_string,
		[SETTINGS_TYPE_CHOICE] = settings_set_choice,
		[SETTINGS_TYPE_LIST] = settings_set_list,
	};
	const struct settings_entry *entry = settings_schema_find(name);
	int r;

	if (!entry) {
		const char *near = settings_schema_nearest(name);
		char shown[SETTINGS_SHOWN_MAX];

		(void)display_write(DISPLAY_TEXT, span_str(name), shown, sizeof(shown));
		errmsg_set(msg, "%s: no setting has this name%s%s%s", shown,
			near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
		return SETTINGS_E_UNKNOWN;
	}
	if (cJSON_IsNull(value))
		return settings_reset(settings, entry);
	r = setters[entry->type](settings, entry, value, msg);
	if (r == 0)
		settings->given |= UINT64_C(1) << settings_index(entry);
	return r;
}

int settings_set_text(
	struct settings *settings, const char *name, const char *text, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *value = NULL;
	int r = json_parse(text, strlen(text), &value, NULL);

	if (r == -ENOMEM)
		return r;
	if (r < 0)
		value = json_new_string(text);
	return value ? settings_set(settings, name, value, msg) : err_origin(-ENOMEM);
}

static int settings_parse_members(const char *text, size_t n, const char *file, const cJSON *root,
	struct settings *fresh, struct errmsg *msg)
{
	size_t index = 0;

	for (const cJSON *item = root->child; item; item = item->next, index++) {
		struct json_place place = json_scan_member(text, n, index);
		int r;

		if (cJSON_GetObjectItemCaseSensitive(root, item->string) != item) {
			errmsg_set(msg, "%s: this setting is given twice", item->string);
			r = -EINVAL;
		} else {
			r = settings_set(fresh, item->string, item, msg);
		}
		if (r != 0) {
			errmsg_prefix(msg, "%s:%zu", file, place.line);
			return r < 0 ? r : -EINVAL;
		}
	}
	return 0;
}

int settings_parse(
	const char *text, size_t n, const char *file, struct settings *settings, struct errmsg *msg)
{
	_cleanup_(settings_cleanup) struct settings fresh = SETTINGS_NULL;
	_cleanup_(json_cleanup) cJSON *root = NULL;
	size_t n_blank = 0;
	int r;

	while (n_blank < n && text[n_blank] && strchr(" \t\r\n", text[n_blank]))
		n_blank++;
	r = n_blank == n ? json_parse("{}", 2, &root, msg) : json_parse(text, n, &root, msg);
	if (r < 0) {
		errmsg_prefix(msg, "%s", file);
		return r;
	}
	if (!cJSON_IsObject(root)) {
		errmsg_set(msg, "%s:1: the settings must be one JSON object", file);
		return -EBADMSG;
	}
	r = settings_init(&fresh);
	if (r == 0)
		r = settings_parse_members(text, n, file, root, &fresh, msg);
	if (r < 0)
		return r;
	settings_deinit(settings);
	*settings = fresh;
	memset(&fresh, 0, sizeof(fresh));
	return 0;
}

int settings_edit_list(struct settings *settings, const char *name, enum settings_edit edit,
	const char *item, struct errmsg *msg)
{
	const struct settings_entry *entry = settings_schema_find(name);
	_cleanup_(json_cleanup) cJSON *value = json_new_string(item);
	struct settings_list *list;
	size_t at;
	int r;

	if (!entry || entry->type != SETTINGS_TYPE_LIST)
		return SETTINGS_E_UNKNOWN;
	if (!value)
		return err_origin(-ENOMEM);
	r = settings_check_string(entry, value, msg);
	if (r < 0)
		return r;
	list = settings_member(settings, entry);
	at = settings_list_find(list, item);
	if ((at < list->n) == (edit == SETTINGS_EDIT_ADD))
		return SETTINGS_E_SAME;
	if (edit == SETTINGS_EDIT_ADD) {
		if (list->n >= SETTINGS_LIST_MAX)
			return settings_refuse(entry, value, "the list is full", msg);
		r = settings_list_push(list, item);
	} else {
		settings_list_remove(list, at);
	}
	if (r == 0)
		settings->given |= UINT64_C(1) << settings_index(entry);
	return r;
}
