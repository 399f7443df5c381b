/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * File and log cannot be written in one transaction, so the order is: events
 * into an open transaction, then the file, then the commit; if that fails, the
 * old file is written back. A crash in between leaves a file that is read at
 * the next start, without its event; the reverse, an event about a change that
 * never was, cannot happen.
 */
#include "settings_keeper.h"

#include "action_log.h"
#include "cleanup.h"
#include "log.h"
#include "settings_file.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

int settings_keeper_load(struct settings_keeper *keeper, struct errmsg *msg)
{
	int r = settings_init(&keeper->settings);

	if (r < 0)
		return err_trace(r);
	r = settings_file_read(keeper->file, &keeper->settings, msg);
	if (r != SETTINGS_FILE_E_ABSENT)
		return r;
	if (!keeper->is_file_required)
		return 0;
	errmsg_set(msg, "%s: no such file", keeper->file);
	return err_origin(-ENOENT);
}

void settings_keeper_deinit(struct settings_keeper *keeper)
{
	settings_deinit(&keeper->settings);
}

static int settings_keeper_note_one(struct store *store, const cJSON *before, const cJSON *after,
	const char *who, struct errmsg *msg)
{
	const cJSON *old_value = cJSON_GetObjectItemCaseSensitive(before, "value");
	const cJSON *new_value = cJSON_GetObjectItemCaseSensitive(after, "value");
	_cleanup_(cleanup_free) char *old_json = NULL;
	_cleanup_(cleanup_free) char *new_json = NULL;
	const char *name = "";
	int r = json_required(json_get_string(after, "name", 128, &name, msg));

	if (r == 0)
		r = json_print(old_value, &old_json, NULL);
	if (r == 0)
		r = json_print(new_value, &new_json, NULL);
	if (r < 0 || !old_json || !new_json)
		return r;
	if (strcmp(old_json, new_json) == 0)
		return 0;
	log_info("settings", "%s is now %s", name, new_json);
	return action_log_service_setting_changed(store, name, old_json, new_json, who, msg);
}

/* An event for each setting that differs. */
static int settings_keeper_note(const struct settings_keeper *keeper, const struct settings *next,
	const char *who, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *before = NULL;
	_cleanup_(json_cleanup) cJSON *after = NULL;
	int r = settings_describe(&keeper->settings, NULL, &before);

	if (r == 0)
		r = settings_describe(next, NULL, &after);
	for (int i = 0; r == 0 && i < cJSON_GetArraySize(after); i++)
		r = settings_keeper_note_one(keeper->store, cJSON_GetArrayItem(before, i),
			cJSON_GetArrayItem(after, i), who, msg);
	return r;
}

/* Takes what is in @next. */
static void settings_keeper_adopt(struct settings_keeper *keeper, struct settings *next)
{
	settings_deinit(&keeper->settings);
	keeper->settings = *next;
	*next = (struct settings)SETTINGS_NULL;
	keeper->error = (struct errmsg)ERRMSG_NULL;
	if (keeper->on_changed)
		keeper->on_changed(keeper->arg);
}

void settings_keeper_reload(struct settings_keeper *keeper)
{
	_cleanup_(settings_cleanup) struct settings next = SETTINGS_NULL;
	struct errmsg msg = ERRMSG_NULL;
	struct errmsg ignored = ERRMSG_NULL;
	int r = settings_init(&next);

	if (r == 0)
		r = settings_file_read(keeper->file, &next, &msg);
	if (r == SETTINGS_FILE_E_ABSENT && !keeper->is_file_required)
		r = 0;
	if (r != 0) {
		if (r == SETTINGS_FILE_E_ABSENT)
			errmsg_set(&msg, "%s: no such file", keeper->file);
		log_warn("settings", "the running settings stay: %s",
			msg.text[0] ? msg.text : err_text(r));
		keeper->error = msg;
		(void)action_log_service_settings_rejected(
			keeper->store, keeper->file, msg.text, NULL, &ignored);
		return;
	}
	if (settings_keeper_note(keeper, &next, NULL, &msg) < 0)
		log_warn("settings", "record the change: %s", msg.text);
	settings_keeper_adopt(keeper, &next);
}

/* The open transaction has the events. Takes what is in @next when 0 is returned. */
static int settings_keeper_commit(
	struct settings_keeper *keeper, struct settings *next, struct fault *fault)
{
	struct errmsg msg = ERRMSG_NULL;
	struct errmsg ignored = ERRMSG_NULL;
	int r = settings_file_write(keeper->file, next, &msg);

	if (r < 0) {
		store_rollback(keeper->store);
		(void)fault_set(fault, r == -EFBIG ? FAULT_INVALID_STATE : FAULT_STORE_UNAVAILABLE,
			NULL, "nothing was changed, the settings file cannot be written: %s",
			msg.text[0] ? msg.text : err_text(r));
		return err_trace(r);
	}
	r = store_commit(keeper->store, &msg);
	if (r < 0) {
		store_rollback(keeper->store);
		(void)settings_file_write(keeper->file, &keeper->settings, &ignored);
		return fault_from_store(fault, r, &msg);
	}
	settings_keeper_adopt(keeper, next);
	return 0;
}

/* @r How it went to write the events into the transaction that was begun. */
static int settings_keeper_end(struct settings_keeper *keeper, struct settings *next, int r,
	const struct errmsg *msg, struct fault *fault)
{
	if (r == 0)
		return settings_keeper_commit(keeper, next, fault);
	store_rollback(keeper->store);
	return fault_from_store(fault, r, msg);
}

static int settings_keeper_refuse(
	struct fault *fault, int r, const char *target, const struct errmsg *msg)
{
	if (r == -ENOMEM)
		return fault_from_store(fault, r, msg);
	return fault_set(fault, FAULT_INVALID_INPUT, target, "%s", msg->text);
}

int settings_keeper_set(struct settings_keeper *keeper, const char *name, const cJSON *value,
	const char *who, struct fault *fault)
{
	_cleanup_(settings_cleanup) struct settings next = SETTINGS_NULL;
	struct errmsg msg = ERRMSG_NULL;
	struct errmsg ignored = ERRMSG_NULL;
	int r = settings_copy(&keeper->settings, &next);

	if (r == 0)
		r = settings_set(&next, name, value, &msg);
	if (r != 0) {
		if (r == -EINVAL)
			(void)action_log_service_settings_rejected(
				keeper->store, NULL, msg.text, who, &ignored);
		return settings_keeper_refuse(
			fault, r, r == SETTINGS_E_UNKNOWN ? "name" : "value", &msg);
	}
	r = store_begin(keeper->store, &msg);
	if (r == 0)
		r = settings_keeper_note(keeper, &next, who, &msg);
	return settings_keeper_end(keeper, &next, r, &msg, fault);
}

static int settings_keeper_note_exclusion(struct store *store, const char *kind,
	enum settings_edit edit, const char *item, const char *who, struct errmsg *msg)
{
	return edit == SETTINGS_EDIT_ADD
		       ? action_log_service_exclusion_added(store, kind, span_str(item), who, msg)
		       : action_log_service_exclusion_removed(
				 store, kind, span_str(item), who, msg);
}

int settings_keeper_exclude(struct settings_keeper *keeper, const char *kind,
	enum settings_edit edit, const char *item, const char *who, struct fault *fault)
{
	_cleanup_(settings_cleanup) struct settings next = SETTINGS_NULL;
	const char *name = strcmp(kind, "path") == 0 ? "ExclusionPath" : "ExclusionExtension";
	struct errmsg msg = ERRMSG_NULL;
	int r = settings_copy(&keeper->settings, &next);

	if (r == 0)
		r = settings_edit_list(&next, name, edit, item, &msg);
	if (r == SETTINGS_E_SAME && edit == SETTINGS_EDIT_REMOVE)
		return fault_set(fault, FAULT_NOT_FOUND, "value", "no such exclusion");
	if (r == SETTINGS_E_SAME)
		return 0; /* asked for what is so already */
	if (r != 0)
		return settings_keeper_refuse(fault, r, "value", &msg);
	r = store_begin(keeper->store, &msg);
	if (r == 0)
		r = settings_keeper_note_exclusion(keeper->store, kind, edit, item, who, &msg);
	return settings_keeper_end(keeper, &next, r, &msg, fault);
}

static const struct settings_keeper_kind {
	const char *kind;
	const char *setting;
	size_t list; /**< Where it is in struct settings. */
} settings_keeper_kinds[] = {
	{"name", "AllowedThreats", offsetof(struct settings, allowed_threats)},
	{"hash", "AllowedFileHashes", offsetof(struct settings, allowed_file_hashes)},
	{"path", "AllowedPaths", offsetof(struct settings, allowed_paths)},
};

static const struct settings_keeper_kind *settings_keeper_find_kind(const char *kind)
{
	const size_t n = sizeof(settings_keeper_kinds) / sizeof(settings_keeper_kinds[0]);

	for (size_t i = 0; i < n; i++)
		if (strcmp(settings_keeper_kinds[i].kind, kind) == 0)
			return &settings_keeper_kinds[i];
	return NULL;
}

/* A hash as the list has it, if it does in whatever case. Lives as long as @next. */
static const char *settings_keeper_spelling(
	const struct settings *next, const struct settings_keeper_kind *kind, const char *value)
{
	const struct settings_list *list = (const void *)((const char *)next + kind->list);

	if (strcmp(kind->kind, "hash") != 0)
		return value;
	for (size_t i = 0; i < list->n; i++)
		if (strcasecmp(list->items[i], value) == 0)
			return list->items[i];
	return value;
}

/* The new list into @next. */
static int settings_keeper_edit_allowed(struct settings *next,
	const struct settings_keeper_kind *kind, const struct settings_allowance *change,
	struct fault *fault)
{
	_cleanup_(cleanup_free) char *item =
		strdup(settings_keeper_spelling(next, kind, change->value));
	struct errmsg msg = ERRMSG_NULL;
	int r = item ? settings_edit_list(next, kind->setting, change->edit, item, &msg) : -ENOMEM;

	if (r == SETTINGS_E_SAME && change->edit == SETTINGS_EDIT_ADD)
		return fault_set(fault, FAULT_INVALID_STATE, "value", "it is allowed already");
	if (r == SETTINGS_E_SAME)
		return fault_set(fault, FAULT_NOT_FOUND, "value", "no such item is allowed");
	return r == 0 ? 0 : settings_keeper_refuse(fault, r, "value", &msg);
}

int settings_keeper_allow(struct settings_keeper *keeper, const struct settings_allowance *change,
	struct fault *fault)
{
	_cleanup_(settings_cleanup) struct settings next = SETTINGS_NULL;
	const struct settings_keeper_kind *kind = settings_keeper_find_kind(change->kind);
	int (*const note)(struct store *, const char *, const char *, const char *, const char *,
		struct errmsg *) = change->edit == SETTINGS_EDIT_ADD
					   ? action_log_service_allowance_added
					   : action_log_service_allowance_removed;
	struct errmsg msg = ERRMSG_NULL;
	int r;

	if (!kind)
		return fault_set(
			fault, FAULT_INVALID_INPUT, "kind", "kind: name, hash or path is expected");
	r = settings_copy(&keeper->settings, &next);
	if (r < 0)
		return fault_from_store(fault, r, &msg);
	r = settings_keeper_edit_allowed(&next, kind, change, fault);
	if (r < 0)
		return r;
	r = store_begin(keeper->store, &msg);
	if (r == 0)
		r = note(keeper->store, change->kind, change->value, change->who, change->comment,
			&msg);
	return settings_keeper_end(keeper, &next, r, &msg, fault);
}
