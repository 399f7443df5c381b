/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As a detection's event, these carry what somebody who investigates asks for:
 * the rows may be gone by then.
 */
#include "action_log.h"

#include "cleanup.h"

#include <string.h>

static int action_log_remediation_add_end(cJSON *fields, const struct action_log_remediation *end)
{
	int r = json_add_string(fields, "outcome", end->outcome);

	r |= json_add_uint(fields, "names", end->n_names);
	r |= json_add_uint(fields, "namesLeft", end->n_left);
	r |= json_add_bytes(fields, "location", end->where);
	r |= json_add_string(fields, "reason", end->text);
	return r | json_add_uint(fields, "errorNumber", (uint64_t)end->error);
}

static int action_log_remediation_add_detection(
	cJSON *fields, const struct detection_record *detection)
{
	int r = json_add_string(fields, "detectionId", detection->id);

	r |= json_add_string(fields, "alertId", detection->alert_id);
	r |= json_add_bytes(fields, "path", detection->path);
	r |= json_add_string(fields, "threatName", detection->threat_name);
	r |= json_add_uint(fields, "threatId", detection->threat_id);
	r |= json_add_string(fields, "sha256", detection->sha256);
	return r | json_add_string(fields, "remediationAction", detection->remediation_action);
}

static int action_log_remediation_on_scan(void *arg, const struct scan_record *scan)
{
	struct scan_record *ids = arg;

	memcpy(ids->action_id, scan->action_id, RECORD_ID_SIZE);
	return 0;
}

/* The events of a detection are those of its scan: both ids, and nothing else. */
static int action_log_remediation_scan(struct store *store,
	const struct detection_record *detection, struct scan_record *ids, struct errmsg *msg)
{
	const struct store_query query = {.id = detection->scan_id, .limit = 1};

	*ids = (struct scan_record){0};
	memcpy(ids->id, detection->scan_id, RECORD_ID_SIZE);
	return store_scan_list(store, &query, action_log_remediation_on_scan, ids, msg);
}

int action_log_remediation_done(struct store *store, const struct detection_record *detection,
	const struct action_log_remediation *end, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	struct scan_record scan;
	int r = action_log_remediation_scan(store, detection, &scan, msg);

	if (r < 0)
		return r;
	r = action_log_remediation_add_detection(fields, detection);
	r |= json_add_string(fields, "remediationBy", detection->remediation_by);
	r |= json_add_string(fields, "remediationStatus", detection->remediation_status);
	r |= json_add_string(fields, "quarantineId", detection->quarantine_id);
	r |= json_add_bool(fields, "wasExecutingWhileDetected", end->is_executing);
	r |= action_log_remediation_add_end(fields, end);
	return action_log_write(store,
		end->is_failed ? "AntivirusMalwareActionFailed" : "AntivirusMalwareActionTaken",
		&scan, fields, r, msg);
}

int action_log_remediation_requested(struct store *store, const struct detection_record *detection,
	const struct requestor *who, const char *comment, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	struct scan_record scan;
	int r = action_log_remediation_scan(store, detection, &scan, msg);

	if (r < 0)
		return r;
	r = action_log_remediation_add_detection(fields, detection);
	r |= action_log_add_requestor(fields, who);
	r |= json_add_string(fields, "comment", comment);
	return action_log_write(store, "RemediationRequested", &scan, fields, r, msg);
}

static const char *action_log_remediation_item_type(bool is_restored, bool is_failed)
{
	if (is_restored)
		return is_failed ? "QuarantineItemRestoreFailed" : "QuarantineItemRestored";
	return is_failed ? "QuarantineItemDeleteFailed" : "QuarantineItemDeleted";
}

int action_log_remediation_item(struct store *store, const struct action_log_item *what,
	const struct quarantine_record *item, const struct action_log_remediation *end,
	struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = json_add_string(fields, "quarantineId", item->id);

	r |= json_add_bytes(fields, "path", item->path);
	r |= json_add_string(fields, "threatName", item->threat_name);
	r |= json_add_string(fields, "detectionId", item->detection_id);
	r |= json_add_string(fields, "sha256", item->sha256);
	r |= action_log_remediation_add_end(fields, end);
	r |= action_log_add_requestor(fields, what->who);
	r |= json_add_string(fields, "comment", what->comment);
	return action_log_write(store,
		action_log_remediation_item_type(what->is_restored, end->is_failed), NULL, fields,
		r, msg);
}

int action_log_remediation_recovered(
	struct store *store, struct span path, bool is_over, const char *text, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = json_add_bytes(fields, "path", path);

	r |= json_add_bool(fields, "over", is_over);
	r |= json_add_string(fields, "location", text);
	return action_log_write(store, "RemediationRecovered", NULL, fields, r, msg);
}

int action_log_remediation_lost(struct store *store, const char *id, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = json_add_string(fields, "quarantineId", id);

	return action_log_write(store, "QuarantineItemLost", NULL, fields, r, msg);
}

/* Its events are found by the action. */
static struct scan_record action_log_remediation_of_action(const struct action_record *action)
{
	struct scan_record ids = {0};

	memcpy(ids.action_id, action->id, RECORD_ID_SIZE);
	return ids;
}

int action_log_remediation_file_submitted(
	struct store *store, const struct action_record *action, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	const struct scan_record ids = action_log_remediation_of_action(action);
	const struct requestor who = {.name = action->requestor, .gateway = action->gateway};
	int r = json_add_string(fields, "fileHash", action->file_hash);

	r |= action_log_add_requestor(fields, &who);
	r |= json_add_string(fields, "requestSource", action->request_source);
	r |= json_add_string(fields, "comment", action->comment);
	return action_log_write(store, "StopAndQuarantineFileSubmitted", &ids, fields, r, msg);
}

int action_log_remediation_file_completed(struct store *store, const struct action_record *action,
	const struct action_log_file_action *end, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	const struct scan_record ids = action_log_remediation_of_action(action);
	int r = json_add_string(fields, "fileHash", action->file_hash);

	r |= json_add_string(fields, "status", run_status_name(action->status));
	r |= json_add_uint(fields, "detections", end->n_detections);
	r |= json_add_uint(fields, "executables", end->n_executables);
	r |= json_add_uint(fields, "quarantined", end->n_quarantined);
	r |= json_add_uint(fields, "failed", end->n_failed);
	r |= json_add_uint(fields, "processesEnded", end->n_processes_ended);
	r |= json_add_uint(fields, "processesLeft", end->n_processes_left);
	r |= json_add_string(fields, "reason", end->text);
	return action_log_write(store, "StopAndQuarantineFileCompleted", &ids, fields, r, msg);
}

int action_log_remediation_file(struct store *store, const struct action_record *action,
	struct span path, const char *quarantine_id, const struct action_log_remediation *end,
	struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	const struct scan_record ids = action_log_remediation_of_action(action);
	int r = json_add_bytes(fields, "path", path);

	r |= json_add_string(fields, "fileHash", action->file_hash);
	r |= json_add_string(fields, "quarantineId", quarantine_id);
	r |= json_add_bool(fields, "wasExecutingWhileDetected", end->is_executing);
	r |= action_log_remediation_add_end(fields, end);
	return action_log_write(store, end->is_failed ? "FileQuarantineFailed" : "FileQuarantined",
		&ids, fields, r, msg);
}
