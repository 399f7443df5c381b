/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every call on SQLite that can fail ends in store_sql_fail(): one place that
 * knows what its codes mean to the rest of the program. The one that matters
 * is "disk full". SQLite says SQLITE_FULL when a write gives ENOSPC, but
 * SQLITE_IOERR_something when the shared-memory file cannot grow or a flush
 * gives it, and then only sqlite3_system_errno() has the reason.
 */
#include "store_sql.h"

#include "check.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char *const store_sql_text[STORE_SQL_N] = {
	[STORE_SQL_BEGIN] = "BEGIN IMMEDIATE",
	[STORE_SQL_COMMIT] = "COMMIT",
	[STORE_SQL_ROLLBACK] = "ROLLBACK",
	[STORE_SQL_ACTION_INSERT] =
		"INSERT INTO actions (id,type,requestor,comment,request_source,scope,status,"
		"creation_unix_ms,last_update_unix_ms,cancellation_requestor,cancellation_comment,"
		"cancellation_unix_ms,error_hresult,scan_id,gateway_uid,cancellation_gateway_uid,"
		"file_hash) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
	[STORE_SQL_ACTION_UPDATE] =
		"UPDATE actions SET (type,requestor,comment,request_source,scope,status,"
		"creation_unix_ms,last_update_unix_ms,cancellation_requestor,cancellation_comment,"
		"cancellation_unix_ms,error_hresult,scan_id,gateway_uid,cancellation_gateway_uid,"
		"file_hash) = (?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17)"
		" WHERE id = ?1",
	[STORE_SQL_SCAN_INSERT] =
		"INSERT INTO scans (id,action_id,type,origin,status,comment,paths,report_all,"
		"ignore_exclusions,creation_unix_ms,start_unix_ms,end_unix_ms,attempts,"
		"load_factor_pct,achieved_load_pct,duration_ms,cpu_ns,n_clean,n_infected,"
		"n_incomplete,n_changed,n_skipped,n_blocked,n_crashed,n_bytes,n_directories,"
		"n_excluded,n_detections,is_complete,signature_set,failure) VALUES"
		" (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
	[STORE_SQL_SCAN_UPDATE] =
		"UPDATE scans SET (action_id,type,origin,status,comment,paths,report_all,"
		"ignore_exclusions,creation_unix_ms,start_unix_ms,end_unix_ms,attempts,"
		"load_factor_pct,achieved_load_pct,duration_ms,cpu_ns,n_clean,n_infected,"
		"n_incomplete,n_changed,n_skipped,n_blocked,n_crashed,n_bytes,n_directories,"
		"n_excluded,n_detections,is_complete,signature_set,failure) ="
		" (?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,"
		"?23,?24,?25,?26,?27,?28,?29,?30,?31) WHERE id = ?1",
	[STORE_SQL_LOAD_SET] = "INSERT INTO scan_loads (scan_id,document) VALUES (?1,?2)"
			       " ON CONFLICT (scan_id) DO UPDATE SET document = excluded.document",
	[STORE_SQL_LOAD_GET] = "SELECT document FROM scan_loads WHERE scan_id = ?1",
	[STORE_SQL_DETECTION_INSERT] =
		"INSERT INTO detections (id,scan_id,alert_id,time_unix_ms,path,container_path,"
		"threat_name,threat_id,severity,category,sha256,sha1,size,uid,gid,mode,mtime_ns,"
		"dev,ino,remediation_status,remediation_action,remediation_by,"
		"is_remediation_manual,quarantine_id,n_executing,process_ids)"
		" VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
	[STORE_SQL_DETECTION_REMEDIATE] =
		"UPDATE detections SET (remediation_status,remediation_action,remediation_by,"
		"is_remediation_manual,quarantine_id) = (?2,?3,?4,?5,?6) WHERE id = ?1",
	[STORE_SQL_DETECTION_RESTORE] =
		"UPDATE detections SET remediation_status = ?2 WHERE quarantine_id = ?1"
		" AND quarantine_id <> ''",
	[STORE_SQL_DETECTION_LEAVE] =
		"UPDATE detections SET (remediation_action,remediation_by) = ('NoAction',?1)"
		" WHERE " STORE_SQL_TO_DO " AND is_remediation_manual = 0",
	[STORE_SQL_QUARANTINE_INSERT] =
		"INSERT INTO quarantine (id,time_unix_ms,path,threat_name,detection_id,sha256,"
		"size,uid,gid,n_names,reason) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
	[STORE_SQL_QUARANTINE_DELETE] = "DELETE FROM quarantine WHERE id = ?1",
	[STORE_SQL_ALERT_FIND] =
		"SELECT id, n_detections FROM alerts WHERE scan_id = ?1 AND threat_name = ?2",
	[STORE_SQL_ALERT_INSERT] =
		"INSERT INTO alerts (id,scan_id,threat_name,threat_id,title,severity,category,"
		"status,assigned_to,classification,determination,comments,n_detections,"
		"creation_unix_ms,last_update_unix_ms,resolved_unix_ms) VALUES"
		" (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
	[STORE_SQL_ALERT_COUNT] = "UPDATE alerts SET n_detections = n_detections + 1,"
				  " last_update_unix_ms = ?2 WHERE id = ?1",
	[STORE_SQL_ALERT_UPDATE] =
		"UPDATE alerts SET (scan_id,threat_name,threat_id,title,severity,category,"
		"status,assigned_to,classification,determination,comments,n_detections,"
		"creation_unix_ms,last_update_unix_ms,resolved_unix_ms) ="
		" (?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16) WHERE id = ?1",
	[STORE_SQL_EVENT_INSERT] =
		"INSERT INTO events (sequence,time_unix_ms,action_type,scan_id,action_id,fields,"
		"previous_hash,hash) VALUES (?,?,?,?,?,?,?,?)",
	[STORE_SQL_VALUE_SET] = "INSERT INTO named_values (name,value) VALUES (?1,?2)"
				" ON CONFLICT (name) DO UPDATE SET value = excluded.value",
	[STORE_SQL_VALUE_GET] = "SELECT value FROM named_values WHERE name = ?1",
};

static int store_sql_io_code(sqlite3 *db, int rc)
{
	int e = db ? sqlite3_system_errno(db) : 0;

	if (e == ENOSPC || e == EDQUOT)
		return -ENOSPC;
	if (rc == SQLITE_IOERR_NOMEM)
		return -ENOMEM;
	return -EIO;
}

/* The meaning of a code to the rest of the program; see the header. */
static int store_sql_code(sqlite3 *db, int rc)
{
	switch (rc & 0xff) {
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return store_sql_io_code(db, rc);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_FORMAT:
		return -EILSEQ;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_INTERRUPT:
		return -ETIMEDOUT;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	case SQLITE_TOOBIG:
		return -EFBIG;
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
		return -EINVAL;
	default:
		return -EIO;
	}
}

int store_sql_fail(struct store *store, int rc, struct errmsg *msg, const char *what)
{
	int r = store_sql_code(store->db, rc);

	errmsg_set(msg, "%s: %s", what, store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(rc));
	if (store->is_in_txn && store->doomed == 0)
		store->doomed = r;
	return err_origin(r);
}

int store_sql_exec(struct store *store, const char *sql, struct errmsg *msg)
{
	int rc = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : store_sql_fail(store, rc, msg, sql);
}

int store_sql_int(struct store *store, const char *sql, int64_t *valuep, struct errmsg *msg)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK) {
		rc = sqlite3_step(stmt);
		if (rc == SQLITE_ROW)
			*valuep = sqlite3_column_int64(stmt, 0);
	}
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		rc = SQLITE_OK;
	else
		(void)store_sql_fail(store, rc, msg, sql);
	(void)sqlite3_finalize(stmt);
	return rc == SQLITE_OK ? 0 : store_sql_code(store->db, rc);
}

int store_sql_take(
	struct store *store, enum store_sql_id id, sqlite3_stmt **stmtp, struct errmsg *msg)
{
	int rc;

	if (store->is_reader && id != STORE_SQL_VALUE_GET) {
		errmsg_set(msg, "the store was opened for reading");
		return err_origin(-EROFS);
	}
	if (store->doomed != 0 && id != STORE_SQL_ROLLBACK) {
		errmsg_set(msg, "an earlier step of the transaction failed: %s",
			err_text(store->doomed));
		return err_trace(store->doomed);
	}
	if (!store->cached[id]) {
		rc = sqlite3_prepare_v3(store->db, store_sql_text[id], -1,
			SQLITE_PREPARE_PERSISTENT, &store->cached[id], NULL);
		if (rc != SQLITE_OK)
			return store_sql_fail(store, rc, msg, "prepare a statement");
	}
	*stmtp = store->cached[id];
	return 0;
}

void store_sql_give_back(sqlite3_stmt *stmt)
{
	(void)sqlite3_reset(stmt);
	(void)sqlite3_clear_bindings(stmt);
}

int store_sql_run(
	struct store *store, struct store_bind *bind, struct errmsg *msg, const char *what)
{
	int rc = bind->rc == SQLITE_OK ? sqlite3_step(bind->stmt) : bind->rc;
	int r = 0;

	if (rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY) {
		errmsg_set(msg, "%s: it is there already", what);
		r = STORE_E_DUPLICATE;
	} else if (rc != SQLITE_DONE) {
		r = store_sql_fail(store, rc, msg, what);
	}
	store_sql_give_back(bind->stmt);
	return r;
}

int store_sql_run_text(struct store *store, struct store_bind *bind, char **textp,
	struct errmsg *msg, const char *what)
{
	int rc = bind->rc == SQLITE_OK ? sqlite3_step(bind->stmt) : bind->rc;
	int r = 0;

	if (rc == SQLITE_ROW) {
		struct store_column column = {.stmt = bind->stmt};
		char *copy = strdup(store_column_text(&column));

		if (!copy || column.is_failed) {
			free(copy);
			r = store_sql_fail(store, SQLITE_NOMEM, msg, what);
		} else {
			*textp = copy;
		}
	} else if (rc == SQLITE_DONE) {
		r = STORE_E_NOT_FOUND;
	} else {
		r = store_sql_fail(store, rc, msg, what);
	}
	store_sql_give_back(bind->stmt);
	return r;
}

int store_sql_run_update(
	struct store *store, struct store_bind *bind, struct errmsg *msg, const char *what)
{
	int r = store_sql_run(store, bind, msg, what);

	if (r == 0 && sqlite3_changes(store->db) == 0) {
		errmsg_set(msg, "%s: there is none with this id", what);
		return STORE_E_NOT_FOUND;
	}
	return r;
}

static void store_bind_note(struct store_bind *bind, int rc)
{
	if (bind->rc == SQLITE_OK)
		bind->rc = rc;
}

void store_bind_text(struct store_bind *bind, const char *text)
{
	store_bind_note(bind,
		sqlite3_bind_text(bind->stmt, ++bind->index, text ? text : "", -1, SQLITE_STATIC));
}

void store_bind_text_or_null(struct store_bind *bind, const char *text)
{
	bool is_null = !text || text[0] == '\0';

	store_bind_note(bind, sqlite3_bind_text(bind->stmt, ++bind->index, is_null ? NULL : text,
				      -1, SQLITE_STATIC));
}

void store_bind_blob(struct store_bind *bind, struct span bytes)
{
	/* A NULL pointer would bind SQL's NULL; the column says NOT NULL. */
	const void *data = bytes.n > 0 ? bytes.data : "";

	store_bind_note(
		bind, sqlite3_bind_blob64(bind->stmt, ++bind->index, data, bytes.n, SQLITE_STATIC));
}

void store_bind_int(struct store_bind *bind, int64_t value)
{
	store_bind_note(bind, sqlite3_bind_int64(bind->stmt, ++bind->index, value));
}

void store_bind_unsigned(struct store_bind *bind, uint64_t value)
{
	store_bind_int(bind, value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

void store_bind_gateway(struct store_bind *bind, const struct record_gateway *gateway)
{
	if (gateway->is_set)
		store_bind_int(bind, gateway->uid);
	else
		store_bind_note(bind, sqlite3_bind_null(bind->stmt, ++bind->index));
}

void store_bind_double(struct store_bind *bind, double value)
{
	store_bind_note(bind, sqlite3_bind_double(bind->stmt, ++bind->index, value));
}

const char *store_column_text_or_null(struct store_column *column)
{
	int index = column->index++;
	const char *text = (const char *)sqlite3_column_text(column->stmt, index);

	if (!text && sqlite3_column_type(column->stmt, index) != SQLITE_NULL)
		column->is_failed = true;
	return text;
}

const char *store_column_text(struct store_column *column)
{
	const char *text = store_column_text_or_null(column);

	return text ? text : "";
}

void store_column_id(struct store_column *column, char id[RECORD_ID_SIZE])
{
	const char *text = store_column_text(column);
	size_t n = strnlen(text, RECORD_ID_SIZE - 1);

	memcpy(id, text, n);
	id[n] = '\0';
}

struct span store_column_blob(struct store_column *column)
{
	int index = column->index++;
	const void *data = sqlite3_column_blob(column->stmt, index);
	int n = sqlite3_column_bytes(column->stmt, index);

	if (!data && n > 0)
		column->is_failed = true;
	return (struct span){.data = data, .n = data ? (size_t)n : 0};
}

void store_column_hash(struct store_column *column, uint8_t hash[RECORD_HASH_SIZE])
{
	struct span bytes = store_column_blob(column);

	if (bytes.n == RECORD_HASH_SIZE)
		memcpy(hash, bytes.data, RECORD_HASH_SIZE);
	else
		memset(hash, 0, RECORD_HASH_SIZE);
}

int64_t store_column_int(struct store_column *column)
{
	return sqlite3_column_int64(column->stmt, column->index++);
}

uint64_t store_column_unsigned(struct store_column *column)
{
	int64_t value = store_column_int(column);

	return value < 0 ? 0 : (uint64_t)value;
}

struct record_gateway store_column_gateway(struct store_column *column)
{
	bool is_set = sqlite3_column_type(column->stmt, column->index) != SQLITE_NULL;
	uint64_t uid = store_column_unsigned(column);

	return (struct record_gateway){.is_set = is_set, .uid = (uint32_t)uid};
}

double store_column_double(struct store_column *column)
{
	return sqlite3_column_double(column->stmt, column->index++);
}
