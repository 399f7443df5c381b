/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Old scans go, the log stays: Defender keeps scan results 90 days and so many
 * items (scanResultsRetentionDays, scanHistoryMaximumItems), but a record of
 * what was done that forgets is none.
 *
 * The ids are collected first and told after the commit. A report file that
 * outlives its scan because of a crash in between is found by whoever lists
 * the reports folder; a scan whose report is gone would be a lie.
 */
#include "store_sql.h"

#include "check.h"
#include "cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STORE_PURGE_FINAL "status IN ('Succeeded','Failed','TimeOut','Cancelled')"

struct store_purge_list {
	char (*ids)[RECORD_ID_SIZE];
	size_t n_ids;
	size_t n_room;
};

static const char store_purge_select[] =
	"SELECT id FROM scans WHERE " STORE_PURGE_FINAL
	" AND ((?1 > 0 AND end_unix_ms < ?1) OR (?2 > 0 AND ordinal NOT IN"
	" (SELECT ordinal FROM scans WHERE " STORE_PURGE_FINAL " ORDER BY ordinal DESC LIMIT ?2)))";

/*
 * Actions that have no scan, unless an item in quarantine is theirs: by the file's
 * hash, or because it names the action, or the action's own event names it (a file
 * that was known by its SHA-1 and had no detection). The subqueries before the last
 * do not depend on the row, so each is made once, however many actions there are.
 */
static const char store_purge_actions[] =
	"DELETE FROM actions WHERE scan_id = '' AND " STORE_PURGE_FINAL
	" AND ((?1 > 0 AND last_update_unix_ms < ?1) OR (?2 > 0 AND ordinal NOT IN"
	" (SELECT ordinal FROM actions WHERE scan_id = '' AND " STORE_PURGE_FINAL
	" ORDER BY ordinal DESC LIMIT ?2)))"
	" AND coalesce(file_hash, '-') NOT IN (SELECT sha256 FROM quarantine)"
	" AND coalesce(file_hash, '-') NOT IN (SELECT detections.sha1 FROM quarantine"
	" JOIN detections ON detections.quarantine_id = quarantine.id"
	" AND detections.quarantine_id <> '')"
	" AND id NOT IN (SELECT detection_id FROM quarantine WHERE detection_id IS NOT NULL)"
	" AND type || ' ' || id NOT IN (SELECT reason FROM quarantine)"
	" AND NOT EXISTS (SELECT 1 FROM events JOIN quarantine ON quarantine.id ="
	" CASE WHEN json_valid(fields) THEN json_extract(fields, '$.quarantineId') END"
	" WHERE action_id = actions.id)";

static int store_purge_add(struct store_purge_list *list, struct store_column *column)
{
	if (list->n_ids == list->n_room) {
		size_t n_room = list->n_room ? 2 * list->n_room : 64;
		void *ids = reallocarray(list->ids, n_room, RECORD_ID_SIZE);

		if (!ids)
			return err_origin(-ENOMEM);
		list->ids = ids;
		list->n_room = n_room;
	}
	store_column_id(column, list->ids[list->n_ids]);
	if (column->is_failed)
		return err_origin(-ENOMEM);
	list->n_ids++;
	return 0;
}

static int store_purge_find(struct store *store, int64_t before_unix_ms, size_t n_scans_max,
	struct store_purge_list *list, struct errmsg *msg)
{
	struct store_bind bind = {0};
	int rc = sqlite3_prepare_v2(store->db, store_purge_select, -1, &bind.stmt, NULL);
	int r = 0;

	if (rc != SQLITE_OK)
		return store_sql_fail(store, rc, msg, "find old scans");
	store_bind_int(&bind, before_unix_ms);
	store_bind_unsigned(&bind, n_scans_max);
	rc = bind.rc;
	while (r == 0 && rc == SQLITE_OK) {
		struct store_column column = {.stmt = bind.stmt};

		rc = sqlite3_step(bind.stmt);
		if (rc != SQLITE_ROW)
			break;
		rc = SQLITE_OK;
		r = store_purge_add(list, &column);
	}
	if (r == 0 && rc != SQLITE_DONE)
		r = store_sql_fail(store, rc, msg, "find old scans");
	(void)sqlite3_finalize(bind.stmt);
	return r;
}

static int store_purge_each(struct store *store, const char *sql,
	const struct store_purge_list *list, struct errmsg *msg)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);
	int r = rc == SQLITE_OK ? 0 : store_sql_fail(store, rc, msg, "delete old scans");

	for (size_t i = 0; r == 0 && i < list->n_ids; i++) {
		struct store_bind bind = {.stmt = stmt};

		store_bind_text(&bind, list->ids[i]);
		r = store_sql_run(store, &bind, msg, "delete old scans");
	}
	(void)sqlite3_finalize(stmt);
	return r;
}

static int store_purge_delete(
	struct store *store, const struct store_purge_list *list, struct errmsg *msg)
{
	int r = store_purge_each(store, "DELETE FROM actions WHERE scan_id = ?1", list, msg);

	if (r == 0)
		r = store_purge_each(store, "DELETE FROM scans WHERE id = ?1", list, msg);
	for (int kind = 0; kind < STORE_KIND_N; kind++)
		if (kind != STORE_KIND_EVENT && kind != STORE_KIND_QUARANTINE)
			(void)store_revision_note(store, (enum store_kind)kind, r);
	return r;
}

static int store_purge_delete_actions(
	struct store *store, int64_t before_unix_ms, size_t n_actions_max, struct errmsg *msg)
{
	struct store_bind bind = {0};
	int rc = sqlite3_prepare_v2(store->db, store_purge_actions, -1, &bind.stmt, NULL);
	int r;

	if (rc != SQLITE_OK)
		return store_sql_fail(store, rc, msg, "delete old actions");
	store_bind_int(&bind, before_unix_ms);
	store_bind_unsigned(&bind, n_actions_max);
	r = store_sql_run(store, &bind, msg, "delete old actions");
	if (r == 0 && sqlite3_changes(store->db) > 0)
		r = store_revision_note(store, STORE_KIND_ACTION, r);
	(void)sqlite3_finalize(bind.stmt);
	return r;
}

int store_purge(struct store *store, int64_t before_unix_ms, size_t n_scans_max,
	void (*on_scan)(void *arg, const char *scan_id), void *arg, struct errmsg *msg)
{
	struct store_purge_list list = {0};
	int r = store_begin(store, msg);

	if (r < 0)
		return r;
	r = store_purge_find(store, before_unix_ms, n_scans_max, &list, msg);
	if (r == 0 && list.n_ids > 0)
		r = store_purge_delete(store, &list, msg);
	if (r == 0)
		r = store_purge_delete_actions(store, before_unix_ms, n_scans_max, msg);
	if (r == 0)
		r = store_commit(store, msg);
	store_rollback(store);
	for (size_t i = 0; r == 0 && on_scan && i < list.n_ids; i++)
		on_scan(arg, list.ids[i]);
	free(list.ids);
	return r;
}
