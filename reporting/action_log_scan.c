/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Three groups of fields recur, each written in one place: what scan it is,
 * its totals, and a file with a reason.
 */
#include "action_log.h"

#include "cleanup.h"

#include <stdio.h>
#include <string.h>

static int action_log_scan_add_what(cJSON *fields, const struct scan_record *scan)
{
	int r = json_add_string(fields, "scanType", scan_type_name(scan->type));

	r |= json_add_string(fields, "origin", scan_origin_name(scan->origin));
	r |= json_add_double(fields, "loadFactor", scan->load_factor_pct, 2);
	return r;
}

static int action_log_scan_add_totals(cJSON *fields, const struct scan_record *scan)
{
	cJSON *results = cJSON_CreateObject();
	int r = 0;

	for (int i = 0; i < FILE_RESULT_N; i++)
		r |= json_add_uint(
			results, file_result_name((enum file_result)i), scan->results[i]);
	r |= json_add_item(fields, "results", results);
	r |= json_add_uint(fields, "bytes", scan->n_bytes);
	r |= json_add_uint(fields, "directories", scan->n_directories);
	r |= json_add_uint(fields, "excluded", scan->n_excluded);
	r |= json_add_uint(fields, "detections", scan->n_detections);
	r |= json_add_bool(fields, "complete", scan->is_complete);
	r |= json_add_uint(fields, "durationMs", scan->duration_ms);
	r |= json_add_uint(fields, "cpuMs", scan->cpu_ns / 1000000);
	r |= json_add_double(fields, "achievedLoad", scan->achieved_load_pct, 2);
	r |= json_add_uint(fields, "attempts", scan->attempts);
	r |= json_add_string(fields, "signatureSet", scan->signature_set);
	return r;
}

int action_log_scan_submitted(struct store *store, const struct action_record *action,
	const struct scan_record *scan, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = action_log_scan_add_what(fields, scan);

	r |= json_add_string(fields, "scope", action->scope);
	r |= json_add_string(fields, "requestor", action->requestor);
	r |= json_add_string(fields, "requestorComment", action->comment);
	r |= json_add_string(fields, "requestSource", action->request_source);
	r |= action_log_add_gateway(fields, &action->gateway);
	r |= json_add_array_text(fields, "paths", scan->paths_json);
	r |= json_add_bool(fields, "reportAll", scan->report_all);
	r |= json_add_bool(fields, "ignoreExclusions", scan->ignore_exclusions);
	return action_log_write(store, "AntivirusScanSubmitted", scan, fields, r, msg);
}

int action_log_scan_started(struct store *store, const struct scan_record *scan, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = action_log_scan_add_what(fields, scan);

	r |= json_add_uint(fields, "attempt", scan->attempts);
	r |= json_add_string(fields, "signatureSet", scan->signature_set);
	return action_log_write(store, "AntivirusScanStarted", scan, fields, r, msg);
}

static int action_log_scan_asked(struct store *store, const char *action_type,
	const struct scan_record *scan, const struct requestor *who, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = json_add_string(fields, "scanType", scan_type_name(scan->type));

	r |= action_log_add_requestor(fields, who);
	return action_log_write(store, action_type, scan, fields, r, msg);
}

int action_log_scan_paused(struct store *store, const struct scan_record *scan,
	const struct requestor *who, struct errmsg *msg)
{
	return action_log_scan_asked(store, "AntivirusScanPaused", scan, who, msg);
}

int action_log_scan_resumed(struct store *store, const struct scan_record *scan,
	const struct requestor *who, struct errmsg *msg)
{
	return action_log_scan_asked(store, "AntivirusScanResumed", scan, who, msg);
}

int action_log_scan_interrupted(
	struct store *store, const struct scan_record *scan, const char *reason, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = json_add_string(fields, "scanType", scan_type_name(scan->type));

	r |= json_add_uint(fields, "attempt", scan->attempts);
	r |= json_add_string(fields, "reason", reason);
	return action_log_write(store, "AntivirusScanInterrupted", scan, fields, r, msg);
}

int action_log_scan_completed(
	struct store *store, const struct scan_record *scan, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = action_log_scan_add_what(fields, scan);

	r |= action_log_scan_add_totals(fields, scan);
	return action_log_write(store, "AntivirusScanCompleted", scan, fields, r, msg);
}

int action_log_scan_cancelled(struct store *store, const struct scan_record *scan,
	const struct action_record *action, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = action_log_scan_add_what(fields, scan);

	r |= json_add_string(fields, "cancellationRequestor", action->cancellation_requestor);
	r |= action_log_add_gateway(fields, &action->cancellation_gateway);
	r |= json_add_string(fields, "cancellationComment", action->cancellation_comment);
	r |= action_log_scan_add_totals(fields, scan);
	return action_log_write(store, "AntivirusScanCancelled", scan, fields, r, msg);
}

int action_log_scan_failed(struct store *store, const struct scan_record *scan,
	int32_t error_hresult, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = action_log_scan_add_what(fields, scan);

	r |= json_add_string(fields, "failure", scan->failure);
	r |= json_add_int(fields, "errorHResult", error_hresult);
	r |= action_log_scan_add_totals(fields, scan);
	return action_log_write(store, "AntivirusScanFailed", scan, fields, r, msg);
}

int action_log_scan_timed_out(
	struct store *store, const struct scan_record *scan, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = action_log_scan_add_what(fields, scan);

	r |= json_add_string(fields, "failure", scan->failure);
	r |= action_log_scan_add_totals(fields, scan);
	return action_log_write(store, "AntivirusScanTimedOut", scan, fields, r, msg);
}

/* A path and one more text. */
struct action_log_scan_notice {
	const char *action_type;
	struct span path;
	const char *field;
	const char *text;
};

static int action_log_scan_notify(struct store *store, const struct scan_record *scan,
	const struct action_log_scan_notice *notice, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = json_add_bytes(fields, "path", notice->path);

	r |= json_add_string(fields, notice->field, notice->text);
	return action_log_write(store, notice->action_type, scan, fields, r, msg);
}

int action_log_scan_mount_skipped(struct store *store, const struct scan_record *scan,
	struct span path, const char *fs_type, struct errmsg *msg)
{
	const struct action_log_scan_notice notice = {"MountSkipped", path, "fsType", fs_type};

	return action_log_scan_notify(store, scan, &notice, msg);
}

int action_log_scan_mount_not_responding(struct store *store, const struct scan_record *scan,
	const struct action_log_mount_wait *wait, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = json_add_bytes(fields, "path", wait->point);

	r |= json_add_string(fields, "fsType", wait->fs_type);
	r |= json_add_uint(fields, "waitedMs", wait->waited_ms);
	r |= json_add_bytes(fields, "waitedFor", wait->path);
	r |= json_add_uint(fields, "unscanned", wait->n_unscanned);
	return action_log_write(store, "MountNotResponding", scan, fields, r, msg);
}

int action_log_scan_directory_unlistable(struct store *store, const struct scan_record *scan,
	struct span path, const char *reason, struct errmsg *msg)
{
	const struct action_log_scan_notice notice = {
		"DirectoryUnlistable", path, "reason", reason};

	return action_log_scan_notify(store, scan, &notice, msg);
}

int action_log_scan_target_missing(struct store *store, const struct scan_record *scan,
	struct span path, const char *reason, struct errmsg *msg)
{
	const struct action_log_scan_notice notice = {"ScanTargetMissing", path, "reason", reason};

	return action_log_scan_notify(store, scan, &notice, msg);
}

static int action_log_scan_add_path(cJSON *paths, struct span path)
{
	cJSON *object = cJSON_CreateObject();
	int r = json_add_bytes(object, "path", path);

	return r | json_append(paths, object);
}

/* A name in both forms; both null when it is not known. */
static int action_log_scan_add_name(cJSON *fields, const char *field, struct span name)
{
	char label[32];
	int r;

	if (name.n > 0)
		return json_add_bytes(fields, field, name);
	(void)snprintf(label, sizeof(label), "%sBytes", field);
	r = json_add_null(fields, field);
	return r | json_add_null(fields, label);
}

/* Who, and where. */
static int action_log_scan_add_other(cJSON *fields, const struct action_log_files *files)
{
	int r = json_add_string(fields, "product", files->product);

	r |= files->product ? json_add_int(fields, "pid", files->pid)
			    : json_add_null(fields, "pid");
	r |= action_log_scan_add_name(fields, "processPath", span_str(files->process_path));
	return r | action_log_scan_add_name(fields, "mount", files->mount);
}

static int action_log_scan_add_files(cJSON *fields, const struct action_log_files *files)
{
	cJSON *paths = cJSON_CreateArray();
	int r = 0;

	for (size_t i = 0; i < files->n_paths; i++)
		r |= action_log_scan_add_path(paths, files->paths[i]);
	return r | json_add_item(fields, "paths", paths);
}

int action_log_scan_blocked(struct store *store, const struct scan_record *scan,
	const struct action_log_files *files, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = action_log_scan_add_other(fields, files);

	r |= json_add_uint(fields, "blockedFiles", files->n_files);
	r |= action_log_scan_add_files(fields, files);
	return action_log_write(store, "FilesBlockedByOther", scan, fields, r, msg);
}

int action_log_scan_changed(struct store *store, const struct scan_record *scan,
	const struct action_log_files *files, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = action_log_scan_add_other(fields, files);

	r |= json_add_uint(fields, "changedFiles", files->n_files);
	r |= json_add_uint(fields, "vanishedFiles", files->n_vanished);
	r |= action_log_scan_add_files(fields, files);
	return action_log_write(store, "FilesChangedBesideOther", scan, fields, r, msg);
}

int action_log_scan_file_engine_crash(struct store *store, const struct scan_record *scan,
	struct span path, const char *reason, struct errmsg *msg)
{
	const struct action_log_scan_notice notice = {"FileEngineCrash", path, "reason", reason};

	return action_log_scan_notify(store, scan, &notice, msg);
}

int action_log_scan_file_cpu_limit(struct store *store, const struct scan_record *scan,
	struct span path, const char *reason, struct errmsg *msg)
{
	const struct action_log_scan_notice notice = {"FileCpuLimit", path, "reason", reason};

	return action_log_scan_notify(store, scan, &notice, msg);
}

int action_log_scan_worker_overrun(struct store *store, const struct scan_record *scan,
	uint16_t lane, uint64_t pid, const char *reason, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = json_add_uint(fields, "lane", lane);

	r |= json_add_uint(fields, "pid", pid);
	r |= json_add_string(fields, "reason", reason);
	return action_log_write(store, "WorkerOverrun", scan, fields, r, msg);
}

int action_log_scan_protocol_violation(struct store *store, const struct scan_record *scan,
	const char *process, const char *reason, struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *fields = cJSON_CreateObject();
	int r = json_add_string(fields, "process", process);

	r |= json_add_string(fields, "reason", reason);
	return action_log_write(store, "ProtocolViolation", scan, fields, r, msg);
}
