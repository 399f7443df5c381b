/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A detection's event carries all of the row: the row goes with its scan one
 * day, the event stays.
 */
#include "action_log.h"

#include "cleanup.h"

#include <string.h>

int action_log_threat_detected(struct store *store, const struct scan_record *scan,
	const struct detection_record *detection, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = json_add_string(fields, "detectionId", detection->id);

	r |= json_add_string(fields, "alertId", detection->alert_id);
	r |= json_add_bytes(fields, "path", detection->path);
	r |= json_add_display(fields, "containerPath", detection->container_path);
	r |= json_add_string(fields, "threatName", detection->threat_name);
	r |= json_add_uint(fields, "threatId", detection->threat_id);
	r |= json_add_string(fields, "severity", detection->severity);
	r |= json_add_string(fields, "category", detection->category);
	r |= json_add_string(fields, "sha256", detection->sha256);
	r |= json_add_string(fields, "sha1", detection->sha1);
	r |= json_add_uint(fields, "size", detection->size);
	r |= json_add_uint(fields, "uid", detection->uid);
	r |= json_add_uint(fields, "gid", detection->gid);
	r |= json_add_uint(fields, "mode", detection->mode);
	r |= json_add_time(fields, "modificationTime", detection->mtime_ns / 1000000);
	r |= json_add_string(fields, "remediationStatus", detection->remediation_status);
	r |= json_add_string(fields, "remediationAction", detection->remediation_action);
	r |= json_add_string(fields, "remediationBy", detection->remediation_by);
	r |= json_add_bool(fields, "wasExecutingWhileDetected", detection->n_executing > 0);
	r |= json_add_uint(fields, "processCount", detection->n_executing);
	r |= json_add_array_text(fields, "processIds", detection->process_ids_json);
	return action_log_write(store, "AntivirusDetection", scan, fields, r, msg);
}

static int action_log_threat_add_alert(cJSON *fields, const struct alert_record *alert)
{
	int r = json_add_string(fields, "alertId", alert->id);

	r |= json_add_string(fields, "title", alert->title);
	r |= json_add_string(fields, "threatName", alert->threat_name);
	r |= json_add_uint(fields, "threatId", alert->threat_id);
	r |= json_add_string(fields, "severity", alert->severity);
	r |= json_add_string(fields, "category", alert->category);
	r |= json_add_string(fields, "status", alert->status ? alert->status : "New");
	return r;
}

int action_log_threat_alert_created(struct store *store, const struct scan_record *scan,
	const struct alert_record *alert, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = action_log_threat_add_alert(fields, alert);

	return action_log_write(store, "AlertCreated", scan, fields, r, msg);
}

int action_log_threat_alert_updated(struct store *store, const struct scan_record *scan,
	const struct alert_record *alert, const struct requestor *who, const char *comment,
	struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	struct scan_record of_alert = {0};
	int r = action_log_threat_add_alert(fields, alert);

	if (!scan) {
		memcpy(of_alert.id, alert->scan_id, RECORD_ID_SIZE);
		scan = &of_alert;
	}
	r |= json_add_string(fields, "assignedTo", alert->assigned_to);
	r |= json_add_string(fields, "classification", alert->classification);
	r |= json_add_string(fields, "determination", alert->determination);
	r |= action_log_add_requestor(fields, who);
	r |= json_add_string(fields, "comment", comment);
	return action_log_write(store, "AlertUpdated", scan, fields, r, msg);
}
