/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the last end was clean is a named value, "service.state", that moves
 * in the same transaction as the event about it: "running" found at a start
 * means that nobody wrote "stopped".
 */
#include "action_log.h"

#include "cleanup.h"

#include <string.h>
#include <unistd.h>

static const char action_log_service_state[] = "service.state";
static const char action_log_service_mode[] = "service.mode";

static int action_log_service_was_running(struct store *store, bool *wasp, struct errmsg *msg)
{
	_cleanup_(cleanup_free) char *state = NULL;
	int r = store_value_get(store, action_log_service_state, &state, msg);

	if (r < 0)
		return r;
	*wasp = r == 0 && strcmp(state, "running") == 0;
	return 0;
}

static int action_log_service_write_start(
	struct store *store, const char *version, bool was_killed, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *none = cJSON_CreateObject();
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = 0;

	if (was_killed)
		r = action_log_write(store, "ServiceKilled", NULL, none, 0, msg);
	if (r < 0)
		return r;
	r |= json_add_string(fields, "version", version);
	r |= json_add_uint(fields, "pid", (uint64_t)getpid());
	r |= json_add_uint(fields, "uid", geteuid());
	r = action_log_write(store, "ServiceStarted", NULL, fields, r, msg);
	if (r < 0)
		return r;
	return store_value_set(store, action_log_service_state, "running", msg);
}

int action_log_service_started(
	struct store *store, const char *version, bool *was_killedp, struct errmsg *msg)
{
	bool was_killed = false;
	int r = store_begin(store, msg);

	if (r < 0)
		return r;
	r = action_log_service_was_running(store, &was_killed, msg);
	if (r == 0)
		r = action_log_service_write_start(store, version, was_killed, msg);
	if (r == 0)
		r = store_commit(store, msg);
	store_rollback(store);
	if (r == 0 && was_killedp)
		*was_killedp = was_killed;
	return r;
}

int action_log_service_stopped(struct store *store, const char *reason, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int built = json_add_string(fields, "reason", reason);
	int r = store_begin(store, msg);

	if (r < 0)
		return r;
	r = action_log_write(store, "ServiceStopped", NULL, fields, built, msg);
	if (r == 0)
		r = store_value_set(store, action_log_service_state, "stopped", msg);
	if (r == 0)
		r = store_commit(store, msg);
	store_rollback(store);
	return r;
}

int action_log_service_running_mode(
	struct store *store, const struct action_log_running_mode *change, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int built = json_add_string(fields, "previousMode", change->previous);
	int r;

	built |= json_add_string(fields, "mode", change->mode);
	built |= json_add_string(fields, "reason", change->reason);
	built |= json_add_item(
		fields, "conflictingApplications", cJSON_Duplicate(change->applications, true));
	r = store_begin(store, msg);
	if (r < 0)
		return r;
	r = action_log_write(store, "AntivirusRunningModeChanged", NULL, fields, built, msg);
	if (r == 0)
		r = store_value_set(store, action_log_service_mode, change->mode, msg);
	if (r == 0)
		r = store_commit(store, msg);
	store_rollback(store);
	return r;
}

int action_log_service_was_passive(struct store *store, bool *wasp, struct errmsg *msg)
{
	_cleanup_(cleanup_free) char *mode = NULL;
	int r = store_value_get(store, action_log_service_mode, &mode, msg);

	if (r < 0)
		return r;
	*wasp = r == 0 && strcmp(mode, "Passive") == 0;
	return 0;
}

int action_log_service_definitions_updated(
	struct store *store, const struct action_log_definitions *definitions, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = json_add_string(fields, "fingerprint", definitions->fingerprint);

	r |= json_add_string(fields, "previousFingerprint", definitions->previous_fingerprint);
	r |= json_add_uint(fields, "signatures", definitions->n_signatures);
	r |= json_add_string(fields, "setVersion", definitions->set_version);
	r |= json_add_time(fields, "setTime", definitions->set_time_unix_ms);
	r |= json_add_string(fields, "engineVersion", definitions->engine_version);
	r |= json_add_string(fields, "path", definitions->path);
	return action_log_write(store, "AntivirusDefinitionsUpdated", NULL, fields, r, msg);
}

int action_log_service_definitions_failed(struct store *store, const char *path, const char *reason,
	const char *kept_fingerprint, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = json_add_string(fields, "path", path);

	r |= json_add_string(fields, "reason", reason);
	r |= json_add_string(fields, "keptFingerprint", kept_fingerprint);
	return action_log_write(store, "AntivirusDefinitionsUpdateFailed", NULL, fields, r, msg);
}

static int action_log_service_add_json(cJSON *fields, const char *field, const char *json)
{
	cJSON *value = NULL;
	int r = json ? json_parse(json, strlen(json), &value, NULL) : 0;

	if (!json)
		return json_add_null(fields, field);
	if (r < 0 && r != -ENOMEM)
		return json_add_string(fields, field, json);
	return json_add_item(fields, field, value);
}

int action_log_service_setting_changed(struct store *store, const char *name, const char *old_json,
	const char *new_json, const char *requestor, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = json_add_string(fields, "name", name);

	r |= action_log_service_add_json(fields, "oldValue", old_json);
	r |= action_log_service_add_json(fields, "newValue", new_json);
	r |= json_add_string(fields, "requestor", requestor);
	return action_log_write(store, "SettingsChanged", NULL, fields, r, msg);
}

int action_log_service_settings_rejected(struct store *store, const char *file, const char *reason,
	const char *requestor, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = json_add_string(fields, "file", file);

	r |= json_add_string(fields, "reason", reason);
	r |= json_add_string(fields, "requestor", requestor);
	return action_log_write(store, "SettingsRejected", NULL, fields, r, msg);
}

static int action_log_service_exclusion(struct store *store, const char *action_type,
	const char *kind, struct span value, const char *requestor, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = json_add_string(fields, "kind", kind);

	r |= json_add_bytes(fields, "value", value);
	r |= json_add_string(fields, "requestor", requestor);
	return action_log_write(store, action_type, NULL, fields, r, msg);
}

int action_log_service_exclusion_added(struct store *store, const char *kind, struct span value,
	const char *requestor, struct errmsg *msg)
{
	return action_log_service_exclusion(store, "ExclusionAdded", kind, value, requestor, msg);
}

int action_log_service_exclusion_removed(struct store *store, const char *kind, struct span value,
	const char *requestor, struct errmsg *msg)
{
	return action_log_service_exclusion(store, "ExclusionRemoved", kind, value, requestor, msg);
}

static cJSON *action_log_service_allowance(
	const char *kind, const char *value, const char *requestor, const char *comment)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	cJSON *done;
	int r = json_add_string(fields, "kind", kind);

	r |= json_add_bytes(fields, "value", span_str(value));
	r |= json_add_string(fields, "requestor", requestor);
	r |= json_add_string(fields, "requestorComment", comment);
	if (r < 0)
		return NULL;
	done = fields;
	fields = NULL;
	return done;
}

int action_log_service_allowance_added(struct store *store, const char *kind, const char *value,
	const char *requestor, const char *comment, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields =
		action_log_service_allowance(kind, value, requestor, comment);

	return action_log_write(store, "AllowanceAdded", NULL, fields, fields ? 0 : -ENOMEM, msg);
}

int action_log_service_allowance_removed(struct store *store, const char *kind, const char *value,
	const char *requestor, const char *comment, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields =
		action_log_service_allowance(kind, value, requestor, comment);

	return action_log_write(store, "AllowanceRemoved", NULL, fields, fields ? 0 : -ENOMEM, msg);
}

int action_log_service_request_refused(struct store *store, const struct requestor *who,
	const char *method, const char *code, const char *message, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = action_log_add_requestor(fields, who);

	r |= json_add_string(fields, "method", method);
	r |= json_add_string(fields, "code", code);
	r |= json_add_string(fields, "message", message);
	return action_log_write(store, "RequestRefused", NULL, fields, r, msg);
}

int action_log_service_machine_tags_changed(struct store *store, const char *action,
	const char *value, const char *tags_json, const struct requestor *who, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = json_add_string(fields, "action", action);

	r |= json_add_string(fields, "value", value);
	r |= action_log_service_add_json(fields, "machineTags", tags_json);
	r |= action_log_add_requestor(fields, who);
	return action_log_write(store, "MachineTagsChanged", NULL, fields, r, msg);
}

int action_log_service_user_missing(struct store *store, const char *setting, const char *user,
	uint32_t uid, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = json_add_string(fields, "setting", setting);

	r |= json_add_string(fields, "user", user);
	r |= json_add_uint(fields, "usedUid", uid);
	return action_log_write(store, "ServiceUserMissing", NULL, fields, r, msg);
}

int action_log_service_store_recovered(struct store *store, const char *reason,
	int64_t since_unix_ms, uint64_t n_lost, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = json_add_string(fields, "reason", reason);

	r |= json_add_time(fields, "since", since_unix_ms);
	r |= json_add_uint(fields, "lostEvents", n_lost);
	return action_log_write(store, "StoreRecovered", NULL, fields, r, msg);
}

int action_log_service_log_damaged(struct store *store, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();

	return action_log_write(store, "ActionLogDamaged", NULL, fields, 0, msg);
}

int action_log_service_log_diverged(struct store *store, const char *witness, uint64_t sequence,
	const char *reason, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = json_add_string(fields, "witness", witness);

	r |= json_add_uint(fields, "witnessSequence", sequence);
	r |= json_add_string(fields, "reason", reason);
	return action_log_write(store, "ActionLogDiverged", NULL, fields, r, msg);
}

int action_log_service_key_created(struct store *store, const char *key_id, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = json_add_string(fields, "keyId", key_id);

	return action_log_write(store, "CheckpointKeyCreated", NULL, fields, r, msg);
}
