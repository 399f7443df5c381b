/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Field order is that of Defender's own answers, for people who compare. JSON
 * texts inside of records (paths, comments, an event's fields) were written by
 * us, but have been on a disk since: what does not parse is shown as nothing
 * rather than trusted.
 */
#include "record_json.h"

#include "cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Hand over a tree that was built without a failure. */
static int record_json_done(cJSON **builtp, int r, cJSON **itemp)
{
	if (r < 0)
		return r;
	*itemp = *builtp;
	*builtp = NULL;
	return 0;
}

static int record_json_add_id(cJSON *object, const char *field, const char *id)
{
	return json_add_string(object, field, id && id[0] != '\0' ? id : NULL);
}

/* Defender's relatedFileInfo. */
static int record_json_add_file(cJSON *item, const char *hash)
{
	cJSON *file;
	int r;

	if (!hash)
		return json_add_null(item, "relatedFileInfo");
	file = cJSON_CreateObject();
	r = json_add_string(file, "fileIdentifier", hash);
	r |= json_add_string(
		file, "fileIdentifierType", strlen(hash) == RECORD_SHA1_LENGTH ? "Sha1" : "Sha256");
	return r | json_add_item(item, "relatedFileInfo", file);
}

int record_json_action(const struct action_record *action,
	const struct record_json_machine *machine, cJSON **itemp)
{
	_cleanup_(json_cleanup) cJSON *item = cJSON_CreateObject();
	int r = json_add_string(item, "id", action->id);

	r |= json_add_string(item, "type", action->type);
	r |= json_add_null(item, "title");
	r |= json_add_string(item, "requestor", action->requestor);
	r |= json_add_string(item, "requestorComment", action->comment);
	r |= json_add_string(item, "status", run_status_name(action->status));
	r |= json_add_string(item, "machineId", machine->id);
	r |= json_add_string(item, "computerDnsName", machine->dns_name);
	r |= json_add_time(item, "creationDateTimeUtc", action->creation_unix_ms);
	r |= json_add_time(item, "lastUpdateDateTimeUtc", action->last_update_unix_ms);
	r |= json_add_string(item, "cancellationRequestor", action->cancellation_requestor);
	r |= json_add_string(item, "cancellationComment", action->cancellation_comment);
	r |= json_add_time(item, "cancellationDateTimeUtc", action->cancellation_unix_ms);
	r |= json_add_int(item, "errorHResult", action->error_hresult);
	r |= record_json_add_id(item, "scope", action->scope);
	r |= json_add_null(item, "externalId");
	r |= json_add_string(item, "requestSource", action->request_source);
	r |= record_json_add_file(item, action->file_hash);
	r |= json_add_item(item, "commands", cJSON_CreateArray());
	r |= json_add_null(item, "troubleshootInfo");
	r |= record_json_add_id(item, "scanId", action->scan_id);
	return record_json_done(&item, r, itemp);
}

static int record_json_add_results(cJSON *item, const struct scan_record *scan)
{
	cJSON *results = cJSON_CreateObject();
	int r = 0;

	for (int i = 0; i < FILE_RESULT_N; i++)
		r |= json_add_uint(
			results, file_result_name((enum file_result)i), scan->results[i]);
	return r | json_add_item(item, "results", results);
}

static int record_json_scan_make(const struct scan_record *scan, bool has_paths, cJSON **itemp)
{
	_cleanup_(json_cleanup) cJSON *item = cJSON_CreateObject();
	int r = json_add_string(item, "id", scan->id);

	r |= json_add_string(item, "type", scan_type_name(scan->type));
	r |= json_add_string(item, "origin", scan_origin_name(scan->origin));
	r |= json_add_string(item, "status", run_status_name(scan->status));
	r |= json_add_string(item, "comment", scan->comment);
	r |= json_add_time(item, "creationTime", scan->creation_unix_ms);
	r |= json_add_time(item, "startTime", scan->start_unix_ms);
	r |= json_add_time(item, "endTime", scan->end_unix_ms);
	r |= json_add_double(item, "duration", (double)scan->duration_ms / 1000, 3);
	r |= json_add_double(item, "cpuTime", (double)scan->cpu_ns / 1e9, 3);
	r |= json_add_double(item, "loadFactor", scan->load_factor_pct, 2);
	r |= json_add_double(item, "achievedLoad", scan->achieved_load_pct, 2);
	r |= record_json_add_results(item, scan);
	r |= json_add_uint(item, "bytes", scan->n_bytes);
	r |= json_add_uint(item, "directories", scan->n_directories);
	r |= json_add_uint(item, "excluded", scan->n_excluded);
	r |= json_add_uint(item, "detections", scan->n_detections);
	r |= json_add_bool(item, "complete", scan->is_complete);
	if (has_paths)
		r |= json_add_array_text(item, "paths", scan->paths_json);
	r |= json_add_bool(item, "reportAll", scan->report_all);
	r |= json_add_bool(item, "ignoreExclusions", scan->ignore_exclusions);
	r |= json_add_uint(item, "attempts", scan->attempts);
	r |= json_add_string(item, "signatureSet", scan->signature_set);
	r |= json_add_string(item, "failure", scan->failure);
	r |= record_json_add_id(item, "actionId", scan->action_id);
	return record_json_done(&item, r, itemp);
}

int record_json_scan(const struct scan_record *scan, cJSON **itemp)
{
	return record_json_scan_make(scan, true, itemp);
}

int record_json_scan_brief(const struct scan_record *scan, cJSON **itemp)
{
	return record_json_scan_make(scan, false, itemp);
}

static int record_json_add_owner(cJSON *item, uint32_t uid, uint32_t gid)
{
	cJSON *owner = cJSON_CreateObject();
	int r = json_add_uint(owner, "uid", uid);

	r |= json_add_uint(owner, "gid", gid);
	return r | json_add_item(item, "owner", owner);
}

int record_json_detection(const struct detection_record *detection, cJSON **itemp)
{
	_cleanup_(json_cleanup) cJSON *item = cJSON_CreateObject();
	char mode[16];
	int r = json_add_string(item, "id", detection->id);

	(void)snprintf(mode, sizeof(mode), "%04o", detection->mode & 07777);
	r |= json_add_string(item, "scanId", detection->scan_id);
	r |= record_json_add_id(item, "alertId", detection->alert_id);
	r |= json_add_time(item, "time", detection->time_unix_ms);
	r |= json_add_bytes(item, "path", detection->path);
	r |= json_add_bytes(item, "containerPath", detection->container_path);
	r |= json_add_string(item, "threatName", detection->threat_name);
	r |= json_add_uint(item, "threatId", detection->threat_id);
	r |= json_add_string(item, "severity", detection->severity);
	r |= json_add_string(item, "category", detection->category);
	r |= record_json_add_id(item, "sha256", detection->sha256);
	r |= record_json_add_id(item, "sha1", detection->sha1);
	r |= json_add_uint(item, "size", detection->size);
	r |= record_json_add_owner(item, detection->uid, detection->gid);
	r |= json_add_string(item, "mode", mode);
	r |= json_add_time(item, "modificationTime", detection->mtime_ns / 1000000);
	r |= json_add_string(item, "remediationStatus", detection->remediation_status);
	r |= json_add_string(item, "remediationAction", detection->remediation_action);
	r |= json_add_string(item, "remediationBy", detection->remediation_by);
	r |= record_json_add_id(item, "quarantineId", detection->quarantine_id);
	r |= json_add_bool(item, "wasExecutingWhileDetected", detection->n_executing > 0);
	r |= json_add_uint(item, "processCount", detection->n_executing);
	r |= json_add_array_text(item, "processIds", detection->process_ids_json);
	return record_json_done(&item, r, itemp);
}

int record_json_quarantine(const struct quarantine_record *quarantined, cJSON **itemp)
{
	_cleanup_(json_cleanup) cJSON *item = cJSON_CreateObject();
	int r = json_add_string(item, "id", quarantined->id);

	r |= json_add_time(item, "quarantinedTime", quarantined->time_unix_ms);
	r |= json_add_bytes(item, "path", quarantined->path);
	r |= json_add_string(item, "threatName", quarantined->threat_name);
	r |= record_json_add_id(item, "detectionId", quarantined->detection_id);
	r |= json_add_string(item, "sha256", quarantined->sha256);
	r |= json_add_uint(item, "size", quarantined->size);
	r |= record_json_add_owner(item, quarantined->uid, quarantined->gid);
	r |= json_add_uint(item, "names", quarantined->n_names);
	r |= json_add_string(item, "reason", quarantined->reason);
	return record_json_done(&item, r, itemp);
}

int record_json_alert(
	const struct alert_record *alert, const struct record_json_machine *machine, cJSON **itemp)
{
	_cleanup_(json_cleanup) cJSON *item = cJSON_CreateObject();
	int r = json_add_string(item, "id", alert->id);

	r |= record_json_add_id(item, "assignedTo", alert->assigned_to);
	r |= json_add_string(item, "severity", alert->severity);
	r |= json_add_string(item, "status", alert->status);
	r |= record_json_add_id(item, "classification", alert->classification);
	r |= record_json_add_id(item, "determination", alert->determination);
	r |= json_add_string(item, "detectionSource", "QuietscanAv");
	r |= json_add_string(item, "category", alert->category);
	r |= json_add_string(item, "threatName", alert->threat_name);
	r |= json_add_uint(item, "threatId", alert->threat_id);
	r |= json_add_string(item, "title", alert->title);
	r |= json_add_time(item, "alertCreationTime", alert->creation_unix_ms);
	r |= json_add_time(item, "lastUpdateTime", alert->last_update_unix_ms);
	r |= json_add_time(item, "resolvedTime", alert->resolved_unix_ms);
	r |= json_add_string(item, "machineId", machine->id);
	r |= json_add_string(item, "computerDnsName", machine->dns_name);
	r |= json_add_array_text(item, "comments", alert->comments_json);
	r |= json_add_string(item, "scanId", alert->scan_id);
	r |= json_add_uint(item, "detections", alert->n_detections);
	return record_json_done(&item, r, itemp);
}

/* What the type adds, moved over one by one; a common field is never replaced. */
static int record_json_add_fields(cJSON *item, const char *text)
{
	_cleanup_(json_cleanup) cJSON *fields = NULL;
	int r = json_parse(text, strlen(text), &fields, NULL);
	cJSON *field;

	if (r == -ENOMEM)
		return r;
	if (r < 0 || !cJSON_IsObject(fields))
		return json_add_string(item, "invalidFields", text);
	while ((field = fields->child) != NULL) {
		(void)cJSON_DetachItemViaPointer(fields, field);
		if (cJSON_GetObjectItemCaseSensitive(item, field->string)) {
			cJSON_Delete(field);
			continue;
		}
		if (!cJSON_AddItemToObject(item, field->string, field)) {
			cJSON_Delete(field);
			return err_origin(-ENOMEM);
		}
	}
	return 0;
}

int record_json_event(const struct event_record *event, cJSON **itemp)
{
	_cleanup_(json_cleanup) cJSON *item = cJSON_CreateObject();
	int r = json_add_uint(item, "sequence", event->sequence);

	r |= json_add_time(item, "time", event->time_unix_ms);
	r |= json_add_string(item, "actionType", event->action_type);
	r |= record_json_add_id(item, "scanId", event->scan_id);
	r |= record_json_add_id(item, "actionId", event->action_id);
	if (r == 0)
		r = record_json_add_fields(item, event->fields_json);
	return record_json_done(&item, r, itemp);
}
