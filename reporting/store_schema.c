/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The schema, as steps. Step n brings a file from user_version n-1 to n; steps
 * are never changed once released, only added. All steps, the machine id and
 * the log's first event are one transaction, so a new store is there whole or
 * not at all.
 *
 * Tables are STRICT (a text in an integer column is an error, not a surprise),
 * and the log's rows cannot be updated or deleted by a mistake of ours:
 * triggers refuse it. Against an attacker they are nothing; that is what the
 * chain is for.
 *
 * Detections and alerts go with their scan; actions are not tied to scans by
 * a foreign key, since either may be written first.
 */
#include "store_sql.h"

#include "digest.h"
#include "log_chain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	STORE_SCHEMA_APPLICATION_ID = 0x5153434e, /* "QSCN", PRAGMA application_id. */
	STORE_SCHEMA_BUSY_MS = 2000,              /* A shell that holds the lock; the loop waits. */
	STORE_SCHEMA_MACHINE_ID_BYTES = 20,
};

static const char *const store_schema_steps[] = {
	/* 1 */
	"CREATE TABLE named_values (name TEXT PRIMARY KEY, value TEXT NOT NULL)"
	" STRICT, WITHOUT ROWID;"

	"CREATE TABLE actions (ordinal INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
	" type TEXT NOT NULL, requestor TEXT NOT NULL, comment TEXT NOT NULL,"
	" request_source TEXT NOT NULL, scope TEXT NOT NULL, status TEXT NOT NULL,"
	" creation_unix_ms INTEGER NOT NULL, last_update_unix_ms INTEGER NOT NULL,"
	" cancellation_requestor TEXT, cancellation_comment TEXT,"
	" cancellation_unix_ms INTEGER NOT NULL, error_hresult INTEGER NOT NULL,"
	" scan_id TEXT NOT NULL) STRICT;"
	"CREATE INDEX actions_status ON actions (status);"
	"CREATE INDEX actions_scan ON actions (scan_id);"

	"CREATE TABLE scans (ordinal INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
	" action_id TEXT NOT NULL, type TEXT NOT NULL, origin TEXT NOT NULL,"
	" status TEXT NOT NULL, comment TEXT NOT NULL, paths TEXT NOT NULL,"
	" report_all INTEGER NOT NULL, ignore_exclusions INTEGER NOT NULL,"
	" creation_unix_ms INTEGER NOT NULL, start_unix_ms INTEGER NOT NULL,"
	" end_unix_ms INTEGER NOT NULL, attempts INTEGER NOT NULL,"
	" load_factor_pct REAL NOT NULL, achieved_load_pct REAL NOT NULL,"
	" duration_ms INTEGER NOT NULL, cpu_ns INTEGER NOT NULL,"
	" n_clean INTEGER NOT NULL, n_infected INTEGER NOT NULL,"
	" n_incomplete INTEGER NOT NULL, n_changed INTEGER NOT NULL,"
	" n_skipped INTEGER NOT NULL, n_blocked INTEGER NOT NULL,"
	" n_crashed INTEGER NOT NULL, n_bytes INTEGER NOT NULL,"
	" n_directories INTEGER NOT NULL, n_excluded INTEGER NOT NULL,"
	" n_detections INTEGER NOT NULL, is_complete INTEGER NOT NULL,"
	" signature_set TEXT NOT NULL, failure TEXT NOT NULL) STRICT;"
	"CREATE INDEX scans_status ON scans (status);"
	"CREATE INDEX scans_action ON scans (action_id);"

	"CREATE TABLE alerts (ordinal INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
	" scan_id TEXT NOT NULL REFERENCES scans (id) ON DELETE CASCADE,"
	" threat_name TEXT NOT NULL, threat_id INTEGER NOT NULL, title TEXT NOT NULL,"
	" severity TEXT NOT NULL, category TEXT NOT NULL, status TEXT NOT NULL,"
	" assigned_to TEXT NOT NULL, classification TEXT NOT NULL,"
	" determination TEXT NOT NULL, comments TEXT NOT NULL,"
	" n_detections INTEGER NOT NULL, creation_unix_ms INTEGER NOT NULL,"
	" last_update_unix_ms INTEGER NOT NULL, resolved_unix_ms INTEGER NOT NULL,"
	" UNIQUE (scan_id, threat_name)) STRICT;"
	"CREATE INDEX alerts_status ON alerts (status);"

	"CREATE TABLE detections (ordinal INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
	" scan_id TEXT NOT NULL REFERENCES scans (id) ON DELETE CASCADE,"
	" alert_id TEXT REFERENCES alerts (id) ON DELETE CASCADE,"
	" time_unix_ms INTEGER NOT NULL, path BLOB NOT NULL, container_path BLOB NOT NULL,"
	" threat_name TEXT NOT NULL, threat_id INTEGER NOT NULL, severity TEXT NOT NULL,"
	" category TEXT NOT NULL, sha256 TEXT NOT NULL, sha1 TEXT NOT NULL,"
	" size INTEGER NOT NULL, uid INTEGER NOT NULL, gid INTEGER NOT NULL,"
	" mode INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,"
	" dev INTEGER NOT NULL, ino INTEGER NOT NULL, remediation_status TEXT NOT NULL) STRICT;"
	/* IPC_PATH_MAX bytes: the name was cut, and another one may begin with the same. */
	"CREATE UNIQUE INDEX detections_name ON detections (scan_id, path, container_path,"
	" threat_name, CASE WHEN length(path) < 32768 THEN 0 ELSE dev END,"
	" CASE WHEN length(path) < 32768 THEN 0 ELSE ino END);"
	"CREATE INDEX detections_alert ON detections (alert_id);"

	"CREATE TABLE events (sequence INTEGER PRIMARY KEY, time_unix_ms INTEGER NOT NULL,"
	" action_type TEXT NOT NULL, scan_id TEXT NOT NULL, action_id TEXT NOT NULL,"
	" fields TEXT NOT NULL, previous_hash BLOB NOT NULL, hash BLOB NOT NULL) STRICT;"
	"CREATE INDEX events_scan ON events (scan_id);"
	"CREATE INDEX events_action ON events (action_id);"
	"CREATE INDEX events_type ON events (action_type);"
	"CREATE TRIGGER events_no_update BEFORE UPDATE ON events"
	" BEGIN SELECT RAISE(ABORT, 'the action log is append-only'); END;"
	"CREATE TRIGGER events_no_delete BEFORE DELETE ON events"
	" BEGIN SELECT RAISE(ABORT, 'the action log is append-only'); END;",

	/* 2: the load of a scan over time, apart from its row, which is written more often. */
	"CREATE TABLE scan_loads (scan_id TEXT PRIMARY KEY REFERENCES scans (id)"
	" ON DELETE CASCADE, document TEXT NOT NULL) STRICT, WITHOUT ROWID;",

	/* 3: through which gateway an action was asked for and cancelled; NULL = none. */
	"ALTER TABLE actions ADD COLUMN gateway_uid INTEGER;"
	"ALTER TABLE actions ADD COLUMN cancellation_gateway_uid INTEGER;",

	/*
	 * 4: what clients that poll order and filter by. An index ends with the
	 * ordinal, so that one for a column also gives the order within equals.
	 */
	"CREATE INDEX actions_creation ON actions (creation_unix_ms);"
	"CREATE INDEX actions_last_update ON actions (last_update_unix_ms);"
	"CREATE INDEX alerts_creation ON alerts (creation_unix_ms);"
	"CREATE INDEX alerts_last_update ON alerts (last_update_unix_ms);"
	"CREATE INDEX detections_scan ON detections (scan_id);"
	"CREATE INDEX detections_time ON detections (time_unix_ms);",

	/* 5: what is done with what was found, and what is in quarantine. */
	"ALTER TABLE detections ADD COLUMN remediation_action TEXT NOT NULL DEFAULT 'NoAction';"
	"ALTER TABLE detections ADD COLUMN remediation_by TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE detections ADD COLUMN is_remediation_manual INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE detections ADD COLUMN quarantine_id TEXT NOT NULL DEFAULT '';"
	"UPDATE detections SET remediation_status = 'Detected'"
	" WHERE remediation_status = 'NoAction';"
	"CREATE INDEX detections_to_do ON detections (ordinal) WHERE " STORE_SQL_TO_DO ";"
	"CREATE INDEX detections_file ON detections (dev, ino);"
	"CREATE INDEX detections_quarantine ON detections (quarantine_id)"
	" WHERE quarantine_id <> '';"
	"CREATE TABLE quarantine (ordinal INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
	" time_unix_ms INTEGER NOT NULL, path BLOB NOT NULL, threat_name TEXT NOT NULL,"
	" detection_id TEXT, sha256 TEXT NOT NULL, size INTEGER NOT NULL, uid INTEGER NOT NULL,"
	" gid INTEGER NOT NULL, n_names INTEGER NOT NULL, reason TEXT NOT NULL) STRICT;"
	"CREATE INDEX quarantine_time ON quarantine (time_unix_ms);",

	/* 6: which processes ran a file when it was found. */
	"ALTER TABLE detections ADD COLUMN n_executing INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE detections ADD COLUMN process_ids TEXT NOT NULL DEFAULT '[]';",

	/* 7: actions about a file. */
	"ALTER TABLE actions ADD COLUMN file_hash TEXT;"
	"CREATE INDEX detections_sha256 ON detections (sha256);"
	"CREATE INDEX detections_sha1 ON detections (sha1);",
};

enum { STORE_SCHEMA_VERSION = sizeof(store_schema_steps) / sizeof(store_schema_steps[0]) };

int store_schema_configure(struct store *store, struct errmsg *msg)
{
	(void)sqlite3_busy_timeout(store->db, STORE_SCHEMA_BUSY_MS);
	(void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	(void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	(void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
	if (store->is_reader)
		return 0;
	/*
	 * FULL flushes the WAL at every commit: an acknowledged action survives
	 * a power cut. The WAL is folded into the database every 1000 pages and
	 * cut to 4 MiB then, so a burst of detections does not leave a giant.
	 */
	return store_sql_exec(store,
		"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		"PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = 4194304;"
		"PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON;",
		msg);
}

static int store_schema_read(
	struct store *store, int64_t *applicationp, int64_t *versionp, struct errmsg *msg)
{
	int r = store_sql_int(store, "PRAGMA application_id", applicationp, msg);

	if (r < 0)
		return r;
	return store_sql_int(store, "PRAGMA user_version", versionp, msg);
}

static int store_schema_judge(int64_t application, int64_t version, struct errmsg *msg)
{
	if (application != STORE_SCHEMA_APPLICATION_ID) {
		errmsg_set(msg, "a database, but of another program");
		return err_origin(-EILSEQ);
	}
	if (version > STORE_SCHEMA_VERSION) {
		errmsg_set(msg, "made by a newer version (schema %lld, this one knows %d)",
			(long long)version, STORE_SCHEMA_VERSION);
		return err_origin(-EPROTONOSUPPORT);
	}
	return 0;
}

static int store_schema_read_machine_id(struct store *store, struct errmsg *msg)
{
	char *id = NULL;
	int r = store_value_get(store, "machine.id", &id, msg);

	if (r < 0)
		return r;
	if (r > 0 || strlen(id) != STORE_MACHINE_ID_SIZE - 1) {
		free(id);
		errmsg_set(msg, "the machine id is missing or damaged");
		return err_origin(-EILSEQ);
	}
	memcpy(store->machine_id, id, STORE_MACHINE_ID_SIZE);
	free(id);
	return 0;
}

int store_schema_check(struct store *store, struct errmsg *msg)
{
	int64_t application = 0;
	int64_t version = 0;
	int r = store_schema_read(store, &application, &version, msg);

	if (r < 0)
		return r;
	r = store_schema_judge(application, version, msg);
	if (r < 0)
		return r;
	return store_schema_read_machine_id(store, msg);
}

static int store_schema_first_records(struct store *store, struct errmsg *msg)
{
	uint8_t random[STORE_SCHEMA_MACHINE_ID_BYTES];
	char fields[128];
	struct event_record first = {.action_type = "LogStarted", .fields_json = fields};
	int r;

	digest_random(random, sizeof(random));
	digest_hex(random, sizeof(random), store->machine_id);
	r = store_value_set(store, "machine.id", store->machine_id, msg);
	if (r < 0)
		return r;
	(void)snprintf(fields, sizeof(fields), "{\"formatVersion\":%d,\"machineId\":\"%s\"}",
		LOG_CHAIN_FORMAT_VERSION, store->machine_id);
	return store_event_append(store, &first, NULL, msg);
}

static int store_schema_steps_from(struct store *store, int64_t version, struct errmsg *msg)
{
	char pragma[96];
	int r = 0;

	for (int64_t i = version; r == 0 && i < STORE_SCHEMA_VERSION; i++)
		r = store_sql_exec(store, store_schema_steps[i], msg);
	if (r == 0 && version == 0)
		r = store_schema_first_records(store, msg);
	(void)snprintf(pragma, sizeof(pragma),
		"PRAGMA application_id = %d; PRAGMA user_version = %d", STORE_SCHEMA_APPLICATION_ID,
		STORE_SCHEMA_VERSION);
	if (r == 0)
		r = store_sql_exec(store, pragma, msg);
	return r;
}

int store_schema_migrate(struct store *store, struct errmsg *msg)
{
	int64_t application = 0;
	int64_t version = 0;
	int64_t n_objects = 0;
	int r = store_schema_read(store, &application, &version, msg);

	if (r == 0)
		r = store_sql_int(store, "SELECT count(*) FROM sqlite_schema", &n_objects, msg);
	if (r < 0)
		return r;
	if (application != 0 || version != 0 || n_objects != 0) {
		r = store_schema_judge(application, version, msg);
		if (r < 0)
			return r;
	}
	if (version < STORE_SCHEMA_VERSION) {
		r = store_begin(store, msg);
		if (r == 0)
			r = store_schema_steps_from(store, version, msg);
		if (r == 0)
			r = store_commit(store, msg);
		if (r < 0) {
			store_rollback(store);
			return r;
		}
	}
	return store_schema_read_machine_id(store, msg);
}
