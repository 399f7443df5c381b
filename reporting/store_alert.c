/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Alerts: one for each threat of a scan on this machine, counting its
 * detections. Who raises one does not know whether it is the first.
 */
#include "store_sql.h"

#include <errno.h>
#include <stdio.h>

const struct store_listing store_alert_listing = {
	.select = "SELECT id,scan_id,threat_name,threat_id,title,severity,category,status,"
		  "assigned_to,classification,determination,comments,n_detections,"
		  "creation_unix_ms,last_update_unix_ms,resolved_unix_ms",
	.from = " FROM alerts",
	.order = "ordinal",
	.filters = STORE_BY_ID | STORE_BY_SCAN_ID | STORE_BY_STATUS,
};

struct store_alert_call {
	store_alert_row row;
	void *arg;
};

static const char *store_alert_or(const char *text, const char *otherwise)
{
	return text && text[0] != '\0' ? text : otherwise;
}

static void store_alert_bind(struct store_bind *bind, const struct alert_record *alert)
{
	store_bind_text(bind, alert->id);
	store_bind_text(bind, alert->scan_id);
	store_bind_text(bind, alert->threat_name);
	store_bind_unsigned(bind, alert->threat_id);
	store_bind_text(bind, alert->title);
	store_bind_text(bind, alert->severity);
	store_bind_text(bind, alert->category);
	store_bind_text(bind, store_alert_or(alert->status, "New"));
	store_bind_text(bind, alert->assigned_to);
	store_bind_text(bind, alert->classification);
	store_bind_text(bind, alert->determination);
	store_bind_text(bind, store_alert_or(alert->comments_json, "[]"));
	store_bind_unsigned(bind, alert->n_detections);
	store_bind_int(bind, alert->creation_unix_ms);
	store_bind_int(bind, alert->last_update_unix_ms);
	store_bind_int(bind, alert->resolved_unix_ms);
}

static int store_alert_read_row(const void *call, struct store_column *column)
{
	const struct store_alert_call *alert_call = call;
	struct alert_record alert = {0};

	store_column_id(column, alert.id);
	store_column_id(column, alert.scan_id);
	alert.threat_name = store_column_text(column);
	alert.threat_id = store_column_unsigned(column);
	alert.title = store_column_text(column);
	alert.severity = store_column_text(column);
	alert.category = store_column_text(column);
	alert.status = store_column_text(column);
	alert.assigned_to = store_column_text(column);
	alert.classification = store_column_text(column);
	alert.determination = store_column_text(column);
	alert.comments_json = store_column_text(column);
	alert.n_detections = store_column_unsigned(column);
	alert.creation_unix_ms = store_column_int(column);
	alert.last_update_unix_ms = store_column_int(column);
	alert.resolved_unix_ms = store_column_int(column);
	if (column->is_failed)
		return err_origin(-ENOMEM);
	return alert_call->row(alert_call->arg, &alert);
}

/* STORE_E_NOT_FOUND, or 0 with id and count so far. */
static int store_alert_find(struct store *store, struct alert_record *alert, struct errmsg *msg)
{
	struct store_bind bind = {0};
	struct store_column column;
	int r = store_sql_take(store, STORE_SQL_ALERT_FIND, &bind.stmt, msg);
	int rc;

	if (r < 0)
		return r;
	store_bind_text(&bind, alert->scan_id);
	store_bind_text(&bind, alert->threat_name);
	rc = bind.rc == SQLITE_OK ? sqlite3_step(bind.stmt) : bind.rc;
	if (rc == SQLITE_ROW) {
		column = (struct store_column){.stmt = bind.stmt};
		store_column_id(&column, alert->id);
		alert->n_detections = store_column_unsigned(&column);
		if (column.is_failed)
			r = store_sql_fail(store, SQLITE_NOMEM, msg, "find an alert");
	} else if (rc == SQLITE_DONE) {
		r = STORE_E_NOT_FOUND;
	} else {
		r = store_sql_fail(store, rc, msg, "find an alert");
	}
	store_sql_give_back(bind.stmt);
	return r;
}

static int store_alert_insert(struct store *store, struct alert_record *alert, struct errmsg *msg)
{
	struct store_bind bind = {0};
	int r = store_sql_take(store, STORE_SQL_ALERT_INSERT, &bind.stmt, msg);

	if (r < 0)
		return r;
	if (alert->id[0] == '\0')
		store_new_id(alert->id);
	alert->n_detections = 1;
	store_alert_bind(&bind, alert);
	return err_fold(store_revision_note(
		store, STORE_KIND_ALERT, store_sql_run(store, &bind, msg, "insert an alert")));
}

static int store_alert_count(struct store *store, struct alert_record *alert, struct errmsg *msg)
{
	struct store_bind bind = {0};
	int r = store_sql_take(store, STORE_SQL_ALERT_COUNT, &bind.stmt, msg);

	if (r < 0)
		return r;
	store_bind_text(&bind, alert->id);
	store_bind_int(&bind, alert->last_update_unix_ms);
	r = store_revision_note(store, STORE_KIND_ALERT,
		store_sql_run_update(store, &bind, msg, "count a detection"));
	if (r == 0)
		alert->n_detections++;
	return err_fold(r);
}

int store_alert_raise(
	struct store *store, struct alert_record *alert, bool *is_newp, struct errmsg *msg)
{
	int r = store_alert_find(store, alert, msg);

	if (r < 0)
		return r;
	if (r == 0) {
		*is_newp = false;
		return store_alert_count(store, alert, msg);
	}
	*is_newp = true;
	return store_alert_insert(store, alert, msg);
}

int store_alert_update(struct store *store, const struct alert_record *alert, struct errmsg *msg)
{
	struct store_bind bind = {0};
	int r = store_sql_take(store, STORE_SQL_ALERT_UPDATE, &bind.stmt, msg);

	if (r < 0)
		return r;
	store_alert_bind(&bind, alert);
	return store_revision_note(store, STORE_KIND_ALERT,
		store_sql_run_update(store, &bind, msg, "update an alert"));
}

int store_alert_list(struct store *store, const struct store_query *query, store_alert_row row,
	void *arg, struct errmsg *msg)
{
	const struct store_alert_call call = {.row = row, .arg = arg};

	return store_query_run(
		store, &store_alert_listing, query, store_alert_read_row, &call, msg);
}
