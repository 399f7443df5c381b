/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Detections. A scan that is begun again after a crash finds the same files
 * again; the unique key (scan, path, container, threat) makes that a
 * condition, so that one infected name is one detection however often its scan
 * was taken up. Of names that were cut the file (dev, ino) is part of the key
 * as well, since two may be alike then. Of other names it is not: device
 * numbers change with a restart, and a file may have been written anew.
 */
#include "store_sql.h"

#include <errno.h>

const struct store_listing store_detection_listing = {
	.select = "SELECT id,scan_id,alert_id,time_unix_ms,path,container_path,threat_name,"
		  "threat_id,severity,category,sha256,sha1,size,uid,gid,mode,mtime_ns,"
		  "dev,ino,remediation_status,remediation_action,remediation_by,"
		  "is_remediation_manual,quarantine_id,n_executing,process_ids",
	.from = " FROM detections",
	.order = "ordinal",
	.filters = STORE_BY_ID | STORE_BY_SCAN_ID | STORE_BY_ALERT_ID | STORE_BY_TO_DO |
		   STORE_BY_FILE | STORE_BY_HASH,
};

struct store_detection_call {
	store_detection_row row;
	void *arg;
};

static int store_detection_read_row(const void *call, struct store_column *column)
{
	const struct store_detection_call *detection_call = call;
	struct detection_record detection = {0};

	store_column_id(column, detection.id);
	store_column_id(column, detection.scan_id);
	store_column_id(column, detection.alert_id);
	detection.time_unix_ms = store_column_int(column);
	detection.path = store_column_blob(column);
	detection.container_path = store_column_blob(column);
	detection.threat_name = store_column_text(column);
	detection.threat_id = store_column_unsigned(column);
	detection.severity = store_column_text(column);
	detection.category = store_column_text(column);
	detection.sha256 = store_column_text(column);
	detection.sha1 = store_column_text(column);
	detection.size = store_column_unsigned(column);
	detection.uid = (uint32_t)store_column_unsigned(column);
	detection.gid = (uint32_t)store_column_unsigned(column);
	detection.mode = (uint32_t)store_column_unsigned(column);
	detection.mtime_ns = store_column_int(column);
	detection.dev = (uint64_t)store_column_int(column);
	detection.ino = (uint64_t)store_column_int(column);
	detection.remediation_status = store_column_text(column);
	detection.remediation_action = store_column_text(column);
	detection.remediation_by = store_column_text(column);
	detection.is_remediation_manual = store_column_int(column) != 0;
	detection.quarantine_id = store_column_text(column);
	detection.n_executing = store_column_unsigned(column);
	detection.process_ids_json = store_column_text(column);
	if (column->is_failed)
		return err_origin(-ENOMEM);
	return detection_call->row(detection_call->arg, &detection);
}

static void store_detection_bind_remediation(
	struct store_bind *bind, const struct detection_record *detection)
{
	store_bind_text(bind, detection->remediation_status);
	store_bind_text(bind, detection->remediation_action);
	store_bind_text(bind, detection->remediation_by);
	store_bind_int(bind, detection->is_remediation_manual);
	store_bind_text(bind, detection->quarantine_id);
}

int store_detection_insert(
	struct store *store, const struct detection_record *detection, struct errmsg *msg)
{
	struct store_bind bind = {0};
	int r = store_sql_take(store, STORE_SQL_DETECTION_INSERT, &bind.stmt, msg);

	if (r < 0)
		return r;
	store_bind_text(&bind, detection->id);
	store_bind_text(&bind, detection->scan_id);
	store_bind_text_or_null(&bind, detection->alert_id);
	store_bind_int(&bind, detection->time_unix_ms);
	store_bind_blob(&bind, detection->path);
	store_bind_blob(&bind, detection->container_path);
	store_bind_text(&bind, detection->threat_name);
	store_bind_unsigned(&bind, detection->threat_id);
	store_bind_text(&bind, detection->severity);
	store_bind_text(&bind, detection->category);
	store_bind_text(&bind, detection->sha256);
	store_bind_text(&bind, detection->sha1);
	store_bind_unsigned(&bind, detection->size);
	store_bind_int(&bind, detection->uid);
	store_bind_int(&bind, detection->gid);
	store_bind_int(&bind, detection->mode);
	store_bind_int(&bind, detection->mtime_ns);
	/* All 64 bits, as they are: FUSE file systems make such numbers. */
	store_bind_int(&bind, (int64_t)detection->dev);
	store_bind_int(&bind, (int64_t)detection->ino);
	store_detection_bind_remediation(&bind, detection);
	store_bind_unsigned(&bind, detection->n_executing);
	store_bind_text(&bind, detection->process_ids_json ? detection->process_ids_json : "[]");
	return store_revision_note(store, STORE_KIND_DETECTION,
		store_sql_run(store, &bind, msg, "insert a detection"));
}

int store_detection_remediate(
	struct store *store, const struct detection_record *detection, struct errmsg *msg)
{
	struct store_bind bind = {0};
	int r = store_sql_take(store, STORE_SQL_DETECTION_REMEDIATE, &bind.stmt, msg);

	if (r < 0)
		return r;
	store_bind_text(&bind, detection->id);
	store_detection_bind_remediation(&bind, detection);
	return store_revision_note(store, STORE_KIND_DETECTION,
		store_sql_run_update(store, &bind, msg, "update a detection"));
}

int store_detection_leave(struct store *store, const char *by, struct errmsg *msg)
{
	struct store_bind bind = {0};
	int r = store_sql_take(store, STORE_SQL_DETECTION_LEAVE, &bind.stmt, msg);

	if (r < 0)
		return r;
	store_bind_text(&bind, by);
	return store_revision_note(
		store, STORE_KIND_DETECTION, store_sql_run(store, &bind, msg, "update detections"));
}

int store_detection_restore(
	struct store *store, const char *quarantine_id, const char *status, struct errmsg *msg)
{
	struct store_bind bind = {0};
	int r = store_sql_take(store, STORE_SQL_DETECTION_RESTORE, &bind.stmt, msg);

	if (r < 0)
		return r;
	store_bind_text(&bind, quarantine_id);
	store_bind_text(&bind, status);
	return store_revision_note(
		store, STORE_KIND_DETECTION, store_sql_run(store, &bind, msg, "update detections"));
}

int store_detection_list(struct store *store, const struct store_query *query,
	store_detection_row row, void *arg, struct errmsg *msg)
{
	const struct store_detection_call call = {.row = row, .arg = arg};

	return store_query_run(
		store, &store_detection_listing, query, store_detection_read_row, &call, msg);
}
