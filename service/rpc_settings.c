/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The methods about settings, exclusions, what is allowed, signatures and health. */
#include "rpc_private.h"

#include "cleanup.h"
#include "err.h"

#include <errno.h>
#include <string.h>

int rpc_settings_show(struct rpc_call *call)
{
	_cleanup_(json_cleanup) cJSON *object = cJSON_CreateObject();
	cJSON *list = NULL;
	int r = object ? settings_describe(
				 scheduler_settings(call->rpc->config.scheduler), NULL, &list)
		       : -ENOMEM;

	if (r == 0)
		r = json_add_item(object, "value", list);
	if (r == 0)
		r = json_add_string(object, "file", call->rpc->config.keeper->file);
	if (r < 0)
		return err_origin(-ENOMEM);
	call->result = object;
	object = NULL;
	return 0;
}

int rpc_settings_set(struct rpc_call *call)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(call->params, "value");
	const char *name = NULL;
	int r = rpc_take_text(call, "name", 128, &name);

	if (r < 0)
		return r;
	if (!value)
		return fault_set(&call->fault, FAULT_INVALID_INPUT, "value",
			"value: it is missing (null sets the default)");
	r = settings_keeper_set(
		call->rpc->config.keeper, name, value, call->connection->peer.name, &call->fault);
	if (r < 0)
		return r;
	return settings_describe(
		scheduler_settings(call->rpc->config.scheduler), name, &call->result);
}

static int rpc_settings_add_list(cJSON *rows, const char *kind, const struct settings_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		cJSON *row = cJSON_CreateObject();
		int r = row ? json_add_string(row, "kind", kind) : -ENOMEM;

		if (r == 0)
			r = json_add_string(row, "value", list->items[i]);
		if (r < 0) {
			cJSON_Delete(row);
			return err_origin(-ENOMEM);
		}
		r = json_append(rows, row);
		if (r < 0)
			return r;
	}
	return 0;
}

/* A list setting with what its items are called. */
struct rpc_settings_kind {
	const char *kind;
	const struct settings_list *list;
};

static int rpc_settings_answer(
	struct rpc_call *call, const struct rpc_settings_kind kinds[], size_t n_kinds)
{
	_cleanup_(json_cleanup) cJSON *object = cJSON_CreateObject();
	_cleanup_(json_cleanup) cJSON *rows = cJSON_CreateArray();
	int r = object && rows ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < n_kinds; i++)
		r = rpc_settings_add_list(rows, kinds[i].kind, kinds[i].list);
	if (r < 0)
		return err_origin(-ENOMEM);
	r = json_add_item(object, "value", rows);
	rows = NULL;
	if (r == 0)
		r = json_add_null(object, "nextOffset");
	if (r < 0)
		return r;
	call->result = object;
	object = NULL;
	return 0;
}

int rpc_settings_exclusions(struct rpc_call *call)
{
	const struct settings *settings = scheduler_settings(call->rpc->config.scheduler);
	const struct rpc_settings_kind kinds[] = {
		{"path", &settings->exclusion_path}, {"extension", &settings->exclusion_extension}};

	return rpc_settings_answer(call, kinds, sizeof(kinds) / sizeof(kinds[0]));
}

static int rpc_settings_edit(struct rpc_call *call, enum settings_edit edit)
{
	const char *kind = NULL;
	const char *value = NULL;
	int r = rpc_take_text(call, "kind", RPC_ID_MAX, &kind);

	if (r < 0)
		return r;
	if (strcmp(kind, "path") != 0 && strcmp(kind, "extension") != 0)
		return fault_set(&call->fault, FAULT_INVALID_INPUT, "kind",
			"kind: path or extension is expected");
	r = rpc_take_text(call, "value", 4096, &value);
	if (r == 0)
		r = settings_keeper_exclude(call->rpc->config.keeper, kind, edit, value,
			call->connection->peer.name, &call->fault);
	return r < 0 ? r : rpc_settings_exclusions(call);
}

int rpc_settings_exclude(struct rpc_call *call)
{
	return rpc_settings_edit(call, SETTINGS_EDIT_ADD);
}

int rpc_settings_include(struct rpc_call *call)
{
	return rpc_settings_edit(call, SETTINGS_EDIT_REMOVE);
}

int rpc_settings_allowed(struct rpc_call *call)
{
	const struct settings *settings = scheduler_settings(call->rpc->config.scheduler);
	const struct rpc_settings_kind kinds[] = {{"name", &settings->allowed_threats},
		{"hash", &settings->allowed_file_hashes}, {"path", &settings->allowed_paths}};

	return rpc_settings_answer(call, kinds, sizeof(kinds) / sizeof(kinds[0]));
}

static int rpc_settings_edit_allowed(struct rpc_call *call, enum settings_edit edit)
{
	struct settings_allowance change = {.edit = edit, .who = call->connection->peer.name};
	int r = rpc_take_text(call, "kind", RPC_ID_MAX, &change.kind);

	if (r == 0)
		r = rpc_take_text(call, "value", 4096, &change.value);
	if (r == 0)
		r = rpc_take_text(call, "comment", REQUEST_COMMENT_MAX, &change.comment);
	if (r == 0)
		r = settings_keeper_allow(call->rpc->config.keeper, &change, &call->fault);
	return r < 0 ? r : rpc_settings_allowed(call);
}

int rpc_settings_allow(struct rpc_call *call)
{
	return rpc_settings_edit_allowed(call, SETTINGS_EDIT_ADD);
}

int rpc_settings_disallow(struct rpc_call *call)
{
	return rpc_settings_edit_allowed(call, SETTINGS_EDIT_REMOVE);
}

int rpc_settings_definitions_json(struct rpc *rpc, cJSON **itemp)
{
	const struct definitions *definitions = scheduler_definitions(rpc->config.scheduler);
	const struct definitions_set *set = definitions_current(definitions);
	const char *error = definitions_error(definitions);
	_cleanup_(json_cleanup) cJSON *object = cJSON_CreateObject();
	int r = object ? 0 : -ENOMEM;

	if (r < 0)
		return err_origin(r);
	r |= json_add_string(object, "state", health_definitions_state(rpc->config.scheduler));
	r |= json_add_string(object, "fingerprint", set ? set->fingerprint : NULL);
	r |= json_add_uint(object, "signatures", set ? set->n_signatures : 0);
	r |= json_add_string(object, "setVersion", set ? set->set_version : NULL);
	r |= json_add_time(object, "setTime", set ? set->set_time_unix_ms : 0);
	r |= json_add_string(object, "engineVersion", set ? set->engine_version : NULL);
	r |= json_add_time(object, "loadedTime", set ? set->loaded_unix_ms : 0);
	r |= json_add_string(object, "path", definitions_source(definitions));
	r |= json_add_string(object, "lastError", error[0] ? error : NULL);
	r |= json_add_bool(object, "updatePending", definitions_candidate(definitions) != NULL);
	if (r < 0)
		return err_origin(-ENOMEM);
	*itemp = object;
	object = NULL;
	return 0;
}

int rpc_settings_definitions(struct rpc_call *call)
{
	return rpc_settings_definitions_json(call->rpc, &call->result);
}

int rpc_settings_reload(struct rpc_call *call)
{
	int r = rpc_watch_defer(call);

	if (r == 0)
		scheduler_reload_definitions(call->rpc->config.scheduler);
	return r;
}

int rpc_settings_health(struct rpc_call *call)
{
	const struct rpc_config *config = &call->rpc->config;
	const struct health_input input = {
		.scheduler = config->scheduler,
		.keeper = config->keeper,
		.store = config->store,
		.paths = config->paths,
		.version = config->version,
		.n_cpus = config->n_cpus,
		.start_unix_ms = config->start_unix_ms,
		.log_error = config->log_error(config->arg),
	};

	return health_make(&input, &call->result);
}
