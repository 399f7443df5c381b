/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What JSON rounds is rounded here as well, so that a number that was read can
 * be asked for. What is null for every row ("externalId") is the expression ''.
 */
#include "store_field.h"

#include "check.h"
#include "nearest.h"

#include <string.h>

enum { STORE_FIELD_TABLE_MAX = 40 };

static const struct store_field store_field_actions[] = {
	{"id", STORE_FIELD_TEXT, "id"},
	{"type", STORE_FIELD_TEXT, "type"},
	{"title", STORE_FIELD_OPTIONAL, "''"},
	{"requestor", STORE_FIELD_TEXT, "requestor"},
	{"requestorComment", STORE_FIELD_TEXT, "comment"},
	{"status", STORE_FIELD_TEXT, "status"},
	{"machineId", STORE_FIELD_MACHINE, NULL},
	{"computerDnsName", STORE_FIELD_DNS, NULL},
	{"creationDateTimeUtc", STORE_FIELD_TIME, "creation_unix_ms"},
	{"lastUpdateDateTimeUtc", STORE_FIELD_TIME, "last_update_unix_ms"},
	{"cancellationRequestor", STORE_FIELD_OPTIONAL, "cancellation_requestor"},
	{"cancellationComment", STORE_FIELD_OPTIONAL, "cancellation_comment"},
	{"cancellationDateTimeUtc", STORE_FIELD_TIME, "cancellation_unix_ms"},
	{"errorHResult", STORE_FIELD_INTEGER, "error_hresult"},
	{"scope", STORE_FIELD_TEXT, "scope"},
	{"externalId", STORE_FIELD_OPTIONAL, "''"},
	{"requestSource", STORE_FIELD_TEXT, "request_source"},
	{"troubleshootInfo", STORE_FIELD_OPTIONAL, "''"},
	{"scanId", STORE_FIELD_OPTIONAL, "scan_id"},
};

static const struct store_field store_field_scans[] = {
	{"id", STORE_FIELD_TEXT, "id"},
	{"type", STORE_FIELD_TEXT, "type"},
	{"origin", STORE_FIELD_TEXT, "origin"},
	{"status", STORE_FIELD_TEXT, "status"},
	{"comment", STORE_FIELD_TEXT, "comment"},
	{"creationTime", STORE_FIELD_TIME, "creation_unix_ms"},
	{"startTime", STORE_FIELD_TIME, "start_unix_ms"},
	{"endTime", STORE_FIELD_TIME, "end_unix_ms"},
	{"duration", STORE_FIELD_REAL, "round(duration_ms/1e3,3)"},
	{"cpuTime", STORE_FIELD_REAL, "round(cpu_ns/1e9,3)"},
	{"loadFactor", STORE_FIELD_REAL, "round(load_factor_pct,2)"},
	{"achievedLoad", STORE_FIELD_REAL, "round(achieved_load_pct,2)"},
	{"results.clean", STORE_FIELD_INTEGER, "n_clean"},
	{"results.infected", STORE_FIELD_INTEGER, "n_infected"},
	{"results.incomplete", STORE_FIELD_INTEGER, "n_incomplete"},
	{"results.changed", STORE_FIELD_INTEGER, "n_changed"},
	{"results.skipped", STORE_FIELD_INTEGER, "n_skipped"},
	{"results.blocked", STORE_FIELD_INTEGER, "n_blocked"},
	{"results.crashed", STORE_FIELD_INTEGER, "n_crashed"},
	{"bytes", STORE_FIELD_INTEGER, "n_bytes"},
	{"directories", STORE_FIELD_INTEGER, "n_directories"},
	{"excluded", STORE_FIELD_INTEGER, "n_excluded"},
	{"detections", STORE_FIELD_INTEGER, "n_detections"},
	{"complete", STORE_FIELD_BOOL, "is_complete"},
	{"reportAll", STORE_FIELD_BOOL, "report_all"},
	{"ignoreExclusions", STORE_FIELD_BOOL, "ignore_exclusions"},
	{"attempts", STORE_FIELD_INTEGER, "attempts"},
	{"signatureSet", STORE_FIELD_TEXT, "signature_set"},
	{"failure", STORE_FIELD_TEXT, "failure"},
	{"actionId", STORE_FIELD_OPTIONAL, "action_id"},
};

static const struct store_field store_field_detections[] = {
	{"id", STORE_FIELD_TEXT, "id"},
	{"scanId", STORE_FIELD_TEXT, "scan_id"},
	{"alertId", STORE_FIELD_OPTIONAL, "alert_id"},
	{"time", STORE_FIELD_TIME, "time_unix_ms"},
	{"path", STORE_FIELD_BYTES, "path"},
	{"containerPath", STORE_FIELD_BYTES, "container_path"},
	{"threatName", STORE_FIELD_TEXT, "threat_name"},
	{"threatId", STORE_FIELD_INTEGER, "threat_id"},
	{"severity", STORE_FIELD_TEXT, "severity"},
	{"category", STORE_FIELD_TEXT, "category"},
	{"sha256", STORE_FIELD_OPTIONAL, "sha256"},
	{"sha1", STORE_FIELD_OPTIONAL, "sha1"},
	{"size", STORE_FIELD_INTEGER, "size"},
	{"owner.uid", STORE_FIELD_INTEGER, "uid"},
	{"owner.gid", STORE_FIELD_INTEGER, "gid"},
	{"modificationTime", STORE_FIELD_TIME, "(mtime_ns/1000000)"},
	{"remediationStatus", STORE_FIELD_TEXT, "remediation_status"},
	{"remediationAction", STORE_FIELD_TEXT, "remediation_action"},
	{"remediationBy", STORE_FIELD_TEXT, "remediation_by"},
	{"quarantineId", STORE_FIELD_OPTIONAL, "quarantine_id"},
	{"wasExecutingWhileDetected", STORE_FIELD_BOOL, "(n_executing > 0)"},
	{"processCount", STORE_FIELD_INTEGER, "n_executing"},
};

static const struct store_field store_field_quarantine[] = {
	{"id", STORE_FIELD_TEXT, "id"},
	{"quarantinedTime", STORE_FIELD_TIME, "time_unix_ms"},
	{"path", STORE_FIELD_BYTES, "path"},
	{"threatName", STORE_FIELD_TEXT, "threat_name"},
	{"detectionId", STORE_FIELD_OPTIONAL, "detection_id"},
	{"sha256", STORE_FIELD_TEXT, "sha256"},
	{"size", STORE_FIELD_INTEGER, "size"},
	{"owner.uid", STORE_FIELD_INTEGER, "uid"},
	{"owner.gid", STORE_FIELD_INTEGER, "gid"},
};

static const struct store_field store_field_alerts[] = {
	{"id", STORE_FIELD_TEXT, "id"},
	{"assignedTo", STORE_FIELD_OPTIONAL, "assigned_to"},
	{"severity", STORE_FIELD_TEXT, "severity"},
	{"status", STORE_FIELD_TEXT, "status"},
	{"classification", STORE_FIELD_OPTIONAL, "classification"},
	{"determination", STORE_FIELD_OPTIONAL, "determination"},
	{"detectionSource", STORE_FIELD_TEXT, "'QuietscanAv'"},
	{"category", STORE_FIELD_TEXT, "category"},
	{"threatName", STORE_FIELD_TEXT, "threat_name"},
	{"threatId", STORE_FIELD_INTEGER, "threat_id"},
	{"title", STORE_FIELD_TEXT, "title"},
	{"alertCreationTime", STORE_FIELD_TIME, "creation_unix_ms"},
	{"lastUpdateTime", STORE_FIELD_TIME, "last_update_unix_ms"},
	{"resolvedTime", STORE_FIELD_TIME, "resolved_unix_ms"},
	{"machineId", STORE_FIELD_MACHINE, NULL},
	{"computerDnsName", STORE_FIELD_DNS, NULL},
	{"scanId", STORE_FIELD_TEXT, "scan_id"},
	{"detections", STORE_FIELD_INTEGER, "n_detections"},
};

static const struct store_field store_field_events[] = {
	{"sequence", STORE_FIELD_INTEGER, "sequence"},
	{"time", STORE_FIELD_TIME, "time_unix_ms"},
	{"actionType", STORE_FIELD_TEXT, "action_type"},
	{"scanId", STORE_FIELD_OPTIONAL, "scan_id"},
	{"actionId", STORE_FIELD_OPTIONAL, "action_id"},
};

#define TABLE(table)                                                                               \
	{                                                                                          \
		(table), sizeof(table) / sizeof((table)[0])                                        \
	}

static const struct {
	const struct store_field *fields;
	size_t n;
} store_field_tables[STORE_KIND_N] = {
	[STORE_KIND_ACTION] = TABLE(store_field_actions),
	[STORE_KIND_SCAN] = TABLE(store_field_scans),
	[STORE_KIND_DETECTION] = TABLE(store_field_detections),
	[STORE_KIND_ALERT] = TABLE(store_field_alerts),
	[STORE_KIND_EVENT] = TABLE(store_field_events),
	[STORE_KIND_QUARANTINE] = TABLE(store_field_quarantine),
};

const struct store_field *store_field_table(enum store_kind kind, size_t *np)
{
	PRE((unsigned)kind < STORE_KIND_N);
	*np = store_field_tables[kind].n;
	return store_field_tables[kind].fields;
}

const struct store_field *store_field_find(enum store_kind kind, const char *name)
{
	size_t n;
	const struct store_field *fields = store_field_table(kind, &n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(fields[i].name, name) == 0)
			return &fields[i];
	return NULL;
}

const char *store_field_nearest(enum store_kind kind, const char *name)
{
	const char *names[STORE_FIELD_TABLE_MAX];
	size_t n;
	const struct store_field *fields = store_field_table(kind, &n);

	INVARIANT(n <= STORE_FIELD_TABLE_MAX);
	for (size_t i = 0; i < n; i++)
		names[i] = fields[i].name;
	return nearest_find(name, names, n);
}
