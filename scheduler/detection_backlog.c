/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The alert comes first when it is new (a detection refers to it) and second
 * when it exists (a detection that is known already must not be counted
 * again). Which alerts exist is read from the store once a flush, so a rolled
 * back transaction leaves no wrong memory.
 */
#include "detection_backlog.h"

#include "action_log.h"
#include "cleanup.h"
#include "display.h"
#include "remediation_outcome.h"
#include "threat.h"
#include "threat_action.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DETECTION_BACKLOG_ITEM_MAX = 256 /* bytes of a setting's item that are told */ };

struct detection_backlog_item {
	STAILQ_ENTRY(detection_backlog_item) link;
	struct detection_record record; /* strings point into this item */
	char threat_name[IPC_NAME_MAX * DISPLAY_EXPANSION + 1];
	char sha256[65];
	char sha1[41];
	char by[64 + DETECTION_BACKLOG_ITEM_MAX];     /* what decided */
	char process_ids[IPC_EXECUTING_MAX * 11 + 3]; /* "[1,2]"; checked by phase.c */
};

struct detection_backlog_alert {
	STAILQ_ENTRY(detection_backlog_alert) link;
	char id[RECORD_ID_SIZE];
	char *threat_name;
};

struct detection_backlog {
	STAILQ_HEAD(, detection_backlog_item) items;
	size_t n;
	STAILQ_HEAD(, detection_backlog_alert) alerts; /* of the scan, during a flush */
};

struct detection_backlog *detection_backlog_new(void)
{
	struct detection_backlog *backlog = calloc(1, sizeof(*backlog));

	if (!backlog)
		return NULL;
	STAILQ_INIT(&backlog->items);
	STAILQ_INIT(&backlog->alerts);
	return backlog;
}

static void detection_backlog_item_free(struct detection_backlog_item *item)
{
	span_drop(&item->record.path);
	span_drop(&item->record.container_path);
	free(item);
}

static void detection_backlog_clear(struct detection_backlog *backlog)
{
	struct detection_backlog_item *item;

	while ((item = STAILQ_FIRST(&backlog->items))) {
		STAILQ_REMOVE_HEAD(&backlog->items, link);
		detection_backlog_item_free(item);
	}
	backlog->n = 0;
}

static void detection_backlog_forget_alerts(struct detection_backlog *backlog)
{
	struct detection_backlog_alert *alert;

	while ((alert = STAILQ_FIRST(&backlog->alerts))) {
		STAILQ_REMOVE_HEAD(&backlog->alerts, link);
		free(alert->threat_name);
		free(alert);
	}
}

void detection_backlog_free(struct detection_backlog *backlog)
{
	if (!backlog)
		return;
	detection_backlog_clear(backlog);
	detection_backlog_forget_alerts(backlog);
	free(backlog);
}

static void detection_backlog_hex(const uint8_t *bytes, size_t n, char *text)
{
	for (size_t i = 0; i < n; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

/* As a JSON array. */
static void detection_backlog_list_processes(
	const struct ipc_scan_detection *detection, char *text, size_t n_text)
{
	size_t n = 1;

	(void)snprintf(text, n_text, "[]");
	for (size_t i = 0; i < IPC_EXECUTING_MAX && i < detection->n_executing; i++)
		n += (size_t)snprintf(text + n, n_text - n, "%s%" PRIu32 "]", i > 0 ? "," : "",
			     (uint32_t)detection->executing_pids[i]) -
		     1;
}

int detection_backlog_add(struct detection_backlog *backlog,
	const struct ipc_scan_detection *detection, int64_t now_unix_ms)
{
	struct detection_backlog_item *item = calloc(1, sizeof(*item));
	struct detection_record *record;

	if (!item)
		return err_origin(-ENOMEM);
	record = &item->record;
	record->path = span_copy(detection->path);
	record->container_path = span_copy(detection->container);
	if (!record->path.data || !record->container_path.data) {
		detection_backlog_item_free(item);
		return err_origin(-ENOMEM);
	}
	(void)display_write(
		DISPLAY_TEXT, detection->signature, item->threat_name, sizeof(item->threat_name));
	if (detection->has_hashes) {
		detection_backlog_hex(detection->sha256, sizeof(detection->sha256), item->sha256);
		detection_backlog_hex(detection->sha1, sizeof(detection->sha1), item->sha1);
	}
	store_new_id(record->id);
	record->time_unix_ms = now_unix_ms;
	record->threat_name = item->threat_name;
	record->threat_id = threat_id(item->threat_name);
	record->severity = threat_severity(item->threat_name);
	record->category = threat_category(item->threat_name);
	record->sha256 = item->sha256;
	record->sha1 = item->sha1;
	record->size = detection->size;
	record->uid = detection->uid;
	record->gid = detection->gid;
	record->mode = detection->mode;
	record->mtime_ns = detection->mtime_ns;
	record->dev = detection->dev;
	record->ino = detection->ino;
	record->quarantine_id = "";
	detection_backlog_list_processes(detection, item->process_ids, sizeof(item->process_ids));
	record->n_executing = detection->n_executing;
	record->process_ids_json = item->process_ids;
	STAILQ_INSERT_TAIL(&backlog->items, item, link);
	backlog->n++;
	return 0;
}

size_t detection_backlog_size(const struct detection_backlog *backlog)
{
	return backlog->n;
}

static int detection_backlog_remember_alert(
	struct detection_backlog *backlog, const char *id, const char *threat_name)
{
	struct detection_backlog_alert *alert = calloc(1, sizeof(*alert));

	if (!alert)
		return err_origin(-ENOMEM);
	alert->threat_name = strdup(threat_name);
	if (!alert->threat_name) {
		free(alert);
		return err_origin(-ENOMEM);
	}
	memcpy(alert->id, id, RECORD_ID_SIZE);
	STAILQ_INSERT_TAIL(&backlog->alerts, alert, link);
	return 0;
}

static int detection_backlog_on_alert(void *arg, const struct alert_record *alert)
{
	return detection_backlog_remember_alert(arg, alert->id, alert->threat_name);
}

static const struct detection_backlog_alert *detection_backlog_known_alert(
	const struct detection_backlog *backlog, const char *threat_name)
{
	const struct detection_backlog_alert *alert;

	STAILQ_FOREACH(alert, &backlog->alerts, link)
	if (strcmp(alert->threat_name, threat_name) == 0)
		return alert;
	return NULL;
}

static int detection_backlog_raise(struct store *store, const struct job *job,
	struct detection_record *record, bool *is_newp, struct errmsg *msg)
{
	char title[THREAT_TITLE_SIZE];
	struct alert_record alert = {
		.threat_name = record->threat_name,
		.threat_id = record->threat_id,
		.title = title,
		.severity = threat_alert_severity(record->threat_name),
		.category = "Malware",
		.status = "New",
		.assigned_to = "",
		.classification = "",
		.determination = "",
		.comments_json = "[]",
		.creation_unix_ms = record->time_unix_ms,
		.last_update_unix_ms = record->time_unix_ms,
	};
	int r;

	memcpy(alert.scan_id, job->scan.id, RECORD_ID_SIZE);
	threat_alert_title(record->threat_name, title);
	r = store_alert_raise(store, &alert, is_newp, msg);
	memcpy(record->alert_id, alert.id, RECORD_ID_SIZE);
	if (r == 0 && *is_newp)
		r = action_log_threat_alert_created(store, &job->scan, &alert, msg);
	return r;
}

/* @is_newp: whether the detection was not known before. */
static int detection_backlog_write(struct detection_backlog *backlog, struct store *store,
	const struct job *job, struct detection_record *record, bool *is_newp, struct errmsg *msg)
{
	const struct detection_backlog_alert *known =
		detection_backlog_known_alert(backlog, record->threat_name);
	bool is_alert_new = false;
	int r = 0;

	*is_newp = false;
	memcpy(record->scan_id, job->scan.id, RECORD_ID_SIZE);
	if (known) {
		memcpy(record->alert_id, known->id, RECORD_ID_SIZE);
	} else {
		r = detection_backlog_raise(store, job, record, &is_alert_new, msg);
		if (r == 0)
			r = detection_backlog_remember_alert(
				backlog, record->alert_id, record->threat_name);
	}
	if (r == 0)
		r = store_detection_insert(store, record, msg);
	if (r == STORE_E_DUPLICATE)
		return 0;
	if (r == 0 && known)
		r = detection_backlog_raise(store, job, record, &is_alert_new, msg);
	if (r == 0)
		r = action_log_threat_detected(store, &job->scan, record, msg);
	*is_newp = r == 0;
	return err_fold(r);
}

/* What is to be done with it; @item keeps the words. */
static void detection_backlog_decide(
	struct detection_backlog_item *item, const struct detection_policy *policy)
{
	struct detection_record *record = &item->record;
	const struct threat_action_threat threat = {.name = record->threat_name,
		.id = record->threat_id,
		.severity = record->severity,
		.sha256 = record->sha256,
		.path = record->path};
	const struct threat_action decision =
		threat_action_decide(policy->settings, policy->is_passive, &threat);

	(void)snprintf(item->by, sizeof(item->by), "%s%s%.*s", decision.setting,
		decision.item ? ": " : "", DETECTION_BACKLOG_ITEM_MAX,
		decision.item ? decision.item : "");
	record->remediation_action = settings_threat_word(decision.action);
	record->remediation_status = remediation_outcome_first(decision.action);
	record->remediation_by = item->by;
}

static int detection_backlog_write_all(struct detection_backlog *backlog, struct store *store,
	struct job *job, const struct detection_policy *policy, struct errmsg *msg)
{
	const struct store_query query = {.scan_id = job->scan.id};
	struct detection_backlog_item *item;
	int r = store_alert_list(store, &query, detection_backlog_on_alert, backlog, msg);

	STAILQ_FOREACH(item, &backlog->items, link)
	{
		bool is_new = false;

		detection_backlog_decide(item, policy);
		if (r == 0)
			r = detection_backlog_write(
				backlog, store, job, &item->record, &is_new, msg);
		if (is_new)
			job->scan.n_detections++;
	}
	return r == 0 ? store_scan_update(store, &job->scan, msg) : r;
}

int detection_backlog_flush(struct detection_backlog *backlog, struct store *store, struct job *job,
	const struct detection_policy *policy, struct errmsg *msg)
{
	uint64_t n_before = job->scan.n_detections;
	int r;

	if (backlog->n == 0)
		return 0;
	r = store_begin(store, msg);
	if (r == 0)
		r = detection_backlog_write_all(backlog, store, job, policy, msg);
	if (r == 0)
		r = store_commit(store, msg);
	detection_backlog_forget_alerts(backlog);
	if (r != 0) {
		store_rollback(store);
		job->scan.n_detections = n_before;
		return err_fold(r);
	}
	detection_backlog_clear(backlog);
	return 0;
}
