/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scans. As in store_action.c, one function binds a whole record for insert
 * and update. The seven file results are columns of their own, in the order of
 * enum file_result.
 */
#include "store_sql.h"

#include <errno.h>

const struct store_listing store_scan_listing = {
	.select = "SELECT id,action_id,type,origin,status,comment,paths,report_all,"
		  "ignore_exclusions,creation_unix_ms,start_unix_ms,end_unix_ms,attempts,"
		  "load_factor_pct,achieved_load_pct,duration_ms,cpu_ns,n_clean,n_infected,"
		  "n_incomplete,n_changed,n_skipped,n_blocked,n_crashed,n_bytes,n_directories,"
		  "n_excluded,n_detections,is_complete,signature_set,failure",
	.from = " FROM scans",
	.order = "ordinal",
	.filters = STORE_BY_ID | STORE_BY_ACTION_ID | STORE_BY_STATUS | STORE_BY_OPEN,
};

_Static_assert(FILE_RESULT_N == 7, "the table has seven result columns");

struct store_scan_call {
	store_scan_row row;
	void *arg;
};

static void store_scan_bind(struct store_bind *bind, const struct scan_record *scan)
{
	store_bind_text(bind, scan->id);
	store_bind_text(bind, scan->action_id);
	store_bind_text(bind, scan_type_name(scan->type));
	store_bind_text(bind, scan_origin_name(scan->origin));
	store_bind_text(bind, run_status_name(scan->status));
	store_bind_text(bind, scan->comment);
	store_bind_text(bind, scan->paths_json ? scan->paths_json : "[]");
	store_bind_int(bind, scan->report_all);
	store_bind_int(bind, scan->ignore_exclusions);
	store_bind_int(bind, scan->creation_unix_ms);
	store_bind_int(bind, scan->start_unix_ms);
	store_bind_int(bind, scan->end_unix_ms);
	store_bind_int(bind, scan->attempts);
	store_bind_double(bind, scan->load_factor_pct);
	store_bind_double(bind, scan->achieved_load_pct);
	store_bind_unsigned(bind, scan->duration_ms);
	store_bind_unsigned(bind, scan->cpu_ns);
	for (size_t i = 0; i < FILE_RESULT_N; i++)
		store_bind_unsigned(bind, scan->results[i]);
	store_bind_unsigned(bind, scan->n_bytes);
	store_bind_unsigned(bind, scan->n_directories);
	store_bind_unsigned(bind, scan->n_excluded);
	store_bind_unsigned(bind, scan->n_detections);
	store_bind_int(bind, scan->is_complete);
	store_bind_text(bind, scan->signature_set);
	store_bind_text(bind, scan->failure);
}

static int store_scan_read_head(struct store_column *column, struct scan_record *scan)
{
	int r;

	store_column_id(column, scan->id);
	store_column_id(column, scan->action_id);
	r = scan_type_parse(store_column_text(column), &scan->type);
	if (r == 0)
		r = scan_origin_parse(store_column_text(column), &scan->origin);
	if (r == 0)
		r = run_status_parse(store_column_text(column), &scan->status);
	return r;
}

static int store_scan_read_row(const void *call, struct store_column *column)
{
	const struct store_scan_call *scan_call = call;
	struct scan_record scan = {0};
	int r = store_scan_read_head(column, &scan);

	if (column->is_failed)
		return err_origin(-ENOMEM);
	if (r < 0)
		return err_origin(-EILSEQ);
	scan.comment = store_column_text(column);
	scan.paths_json = store_column_text(column);
	scan.report_all = store_column_int(column) != 0;
	scan.ignore_exclusions = store_column_int(column) != 0;
	scan.creation_unix_ms = store_column_int(column);
	scan.start_unix_ms = store_column_int(column);
	scan.end_unix_ms = store_column_int(column);
	scan.attempts = (uint32_t)store_column_unsigned(column);
	scan.load_factor_pct = store_column_double(column);
	scan.achieved_load_pct = store_column_double(column);
	scan.duration_ms = store_column_unsigned(column);
	scan.cpu_ns = store_column_unsigned(column);
	for (size_t i = 0; i < FILE_RESULT_N; i++)
		scan.results[i] = store_column_unsigned(column);
	scan.n_bytes = store_column_unsigned(column);
	scan.n_directories = store_column_unsigned(column);
	scan.n_excluded = store_column_unsigned(column);
	scan.n_detections = store_column_unsigned(column);
	scan.is_complete = store_column_int(column) != 0;
	scan.signature_set = store_column_text(column);
	scan.failure = store_column_text(column);
	if (column->is_failed)
		return err_origin(-ENOMEM);
	return scan_call->row(scan_call->arg, &scan);
}

int store_scan_insert(struct store *store, const struct scan_record *scan, struct errmsg *msg)
{
	struct store_bind bind = {0};
	int r = store_sql_take(store, STORE_SQL_SCAN_INSERT, &bind.stmt, msg);

	if (r < 0)
		return r;
	store_scan_bind(&bind, scan);
	return store_revision_note(
		store, STORE_KIND_SCAN, store_sql_run(store, &bind, msg, "insert a scan"));
}

int store_scan_update(struct store *store, const struct scan_record *scan, struct errmsg *msg)
{
	struct store_bind bind = {0};
	int r = store_sql_take(store, STORE_SQL_SCAN_UPDATE, &bind.stmt, msg);

	if (r < 0)
		return r;
	store_scan_bind(&bind, scan);
	return store_revision_note(
		store, STORE_KIND_SCAN, store_sql_run_update(store, &bind, msg, "update a scan"));
}

int store_scan_list(struct store *store, const struct store_query *query, store_scan_row row,
	void *arg, struct errmsg *msg)
{
	const struct store_scan_call call = {.row = row, .arg = arg};

	return store_query_run(store, &store_scan_listing, query, store_scan_read_row, &call, msg);
}

int store_load_set(
	struct store *store, const char *scan_id, const char *document, struct errmsg *msg)
{
	struct store_bind bind = {0};
	int r = store_sql_take(store, STORE_SQL_LOAD_SET, &bind.stmt, msg);

	if (r < 0)
		return r;
	store_bind_text(&bind, scan_id);
	store_bind_text(&bind, document);
	return err_fold(store_sql_run(store, &bind, msg, "set the load of a scan"));
}

int store_load_get(struct store *store, const char *scan_id, char **documentp, struct errmsg *msg)
{
	struct store_bind bind = {0};
	int r = store_sql_take(store, STORE_SQL_LOAD_GET, &bind.stmt, msg);

	if (r < 0)
		return r;
	store_bind_text(&bind, scan_id);
	return store_sql_run_text(store, &bind, documentp, msg, "get the load of a scan");
}
