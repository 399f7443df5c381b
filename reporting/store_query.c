/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listings and counts. The WHERE clause is put together from fixed pieces, one for each
 * member of the query that is set, so that SQLite sees only conditions it can
 * use an index for; "?n IS NULL OR …" would make it read whole tables. No text
 * of a caller ever becomes SQL: values are bound.
 *
 * A filter that the table does not have is refused. Ignoring it would list
 * rows the caller meant to leave out.
 *
 * The daemon has one thread: a query that somebody thought out to be slow is
 * ended by its CPU time, not by the clock, so that a busy machine fails none.
 */
#include "store_sql.h"

#include "check.h"
#include "clock.h"
#include "store_filter.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	STORE_QUERY_SQL_SIZE = 2048 + STORE_FILTER_SQL_SIZE,
	STORE_QUERY_TEXTS_MAX = 8,
	STORE_QUERY_LOOK_STEPS = 200, /* of SQLite's machine, until the CPU time is looked at */
};

/* A statement under construction. */
struct store_query_sql {
	char text[STORE_QUERY_SQL_SIZE];
	size_t n_text;
	unsigned used;                            /* enum store_by that were set. */
	unsigned n_pieces;                        /* Conditions so far. */
	const char *texts[STORE_QUERY_TEXTS_MAX]; /* Values, in order. */
	size_t n_texts;
};

static void store_query_append(struct store_query_sql *sql, const char *text)
{
	size_t n = strlen(text);

	INVARIANT(sql->n_text + n < sizeof(sql->text));
	memcpy(sql->text + sql->n_text, text, n + 1);
	sql->n_text += n;
}

static void store_query_where(
	struct store_query_sql *sql, enum store_by filter, const char *condition)
{
	store_query_append(sql, sql->n_pieces++ == 0 ? " WHERE " : " AND ");
	store_query_append(sql, condition);
	sql->used |= (unsigned)filter;
}

static void store_query_where_text(
	struct store_query_sql *sql, enum store_by filter, const char *condition, const char *value)
{
	if (!value)
		return;
	store_query_where(sql, filter, condition);
	INVARIANT(sql->n_texts < STORE_QUERY_TEXTS_MAX);
	sql->texts[sql->n_texts++] = value;
}

static void store_query_build_where(struct store_query_sql *sql, const struct store_query *query)
{
	if (query->filter) {
		/* First: its parameters are ?1 and so on; a bare ? counts on from there. */
		store_query_append(sql, sql->n_pieces++ == 0 ? " WHERE " : " AND ");
		store_query_append(sql, query->filter->sql);
	}
	store_query_where_text(sql, STORE_BY_ID, "id = ?", query->id);
	store_query_where_text(sql, STORE_BY_SCAN_ID, "scan_id = ?", query->scan_id);
	store_query_where_text(sql, STORE_BY_ACTION_ID, "action_id = ?", query->action_id);
	store_query_where_text(sql, STORE_BY_ALERT_ID, "alert_id = ?", query->alert_id);
	store_query_where_text(sql, STORE_BY_STATUS, "status = ?", query->status);
	store_query_where_text(sql, STORE_BY_ACTION_TYPE, "action_type = ?", query->action_type);
	store_query_where_text(sql, STORE_BY_HASH, "sha256 = ?", query->sha256);
	store_query_where_text(sql, STORE_BY_HASH, "sha1 = ?", query->sha1);
	if (query->is_open_only)
		store_query_where(
			sql, STORE_BY_OPEN, "status IN ('Pending','InProgress','Paused')");
	if (query->is_to_do_only)
		store_query_where(sql, STORE_BY_TO_DO, STORE_SQL_TO_DO);
	if (query->file)
		store_query_where(sql, STORE_BY_FILE, "dev = ? AND ino = ?");
	if (query->before_unix_ms != 0)
		store_query_where(sql, STORE_BY_TIME, "time_unix_ms < ?");
	if (query->after_sequence > 0)
		store_query_where(sql, STORE_BY_AFTER_SEQUENCE, "sequence > ?");
	if (query->before_sequence > 0)
		store_query_where(sql, STORE_BY_BEFORE_SEQUENCE, "sequence < ?");
}

static void store_query_build(struct store_query_sql *sql, const struct store_listing *listing,
	const struct store_query *query)
{
	const char *direction = query->is_ascending ? " ASC" : " DESC";

	store_query_append(sql, listing->select);
	store_query_append(sql, listing->from);
	store_query_build_where(sql, query);
	store_query_append(sql, " ORDER BY ");
	if (query->order && query->order->column) {
		store_query_append(sql, query->order->column);
		store_query_append(sql, direction);
		store_query_append(sql, ", ");
	}
	store_query_append(sql, listing->order);
	store_query_append(sql, direction);
	store_query_append(sql, " LIMIT ? OFFSET ?");
}

static void store_query_bind_filter(struct store_bind *bind, const struct store_filter *filter)
{
	for (size_t i = 0; filter && i < filter->n_values; i++) {
		const struct store_literal *value = &filter->values[i];

		if (value->type == STORE_LITERAL_TEXT)
			store_bind_text(bind, value->text);
		else if (value->type == STORE_LITERAL_BYTES)
			store_bind_blob(bind, span_str(value->text));
		else if (value->type == STORE_LITERAL_REAL)
			store_bind_double(bind, value->real);
		else
			store_bind_int(bind, value->integer);
	}
}

/* All values of the WHERE clause. */
static void store_query_bind(
	struct store_bind *bind, const struct store_query_sql *sql, const struct store_query *query)
{
	store_query_bind_filter(bind, query->filter);
	for (size_t i = 0; i < sql->n_texts; i++)
		store_bind_text(bind, sql->texts[i]);
	if (sql->used & STORE_BY_FILE) {
		/* All 64 bits, as they were written. */
		store_bind_int(bind, (int64_t)query->file->dev);
		store_bind_int(bind, (int64_t)query->file->ino);
	}
	if (sql->used & STORE_BY_TIME)
		store_bind_int(bind, query->before_unix_ms);
	if (sql->used & STORE_BY_AFTER_SEQUENCE)
		store_bind_unsigned(bind, query->after_sequence);
	if (sql->used & STORE_BY_BEFORE_SEQUENCE)
		store_bind_unsigned(bind, query->before_sequence);
}

/* Not 0: end the statement. */
static int store_query_on_progress(void *arg)
{
	const uint64_t *end_ns = arg;

	return clock_thread_cpu_ns() > *end_ns;
}

static int store_query_step(struct store *store, sqlite3_stmt *stmt, store_listing_row row,
	const void *call, struct errmsg *msg)
{
	int rc;

	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct store_column column = {.stmt = stmt};
		int r = row(call, &column);

		if (r != 0)
			return r;
	}
	return rc == SQLITE_DONE ? 0 : store_sql_fail(store, rc, msg, "list");
}

/* Step within the bound, if there is one. */
static int store_query_step_bounded(struct store *store, const struct store_query *query,
	sqlite3_stmt *stmt, store_listing_row row, const void *call, struct errmsg *msg)
{
	uint64_t end_ns = clock_thread_cpu_ns() + STORE_LIST_CPU_MS * UINT64_C(1000000);
	int r;

	if (query->is_bounded)
		sqlite3_progress_handler(
			store->db, STORE_QUERY_LOOK_STEPS, store_query_on_progress, &end_ns);
	r = store_query_step(store, stmt, row, call, msg);
	if (query->is_bounded)
		sqlite3_progress_handler(store->db, 0, NULL, NULL);
	return r;
}

/* Prepare; -EINVAL when the table does not have what the query asks for. */
static int store_query_prepare(struct store *store, const struct store_listing *listing,
	const struct store_query_sql *sql, sqlite3_stmt **stmtp, struct errmsg *msg)
{
	int rc;

	if (sql->used & ~listing->filters) {
		errmsg_set(msg, "this list cannot be filtered like that");
		return err_origin(-EINVAL);
	}
	rc = sqlite3_prepare_v2(store->db, sql->text, (int)sql->n_text, stmtp, NULL);
	return rc == SQLITE_OK ? 0 : store_sql_fail(store, rc, msg, "list");
}

int store_query_run(struct store *store, const struct store_listing *listing,
	const struct store_query *query, store_listing_row row, const void *call,
	struct errmsg *msg)
{
	static const struct store_query any = {0};
	struct store_query_sql sql = {.n_text = 0};
	struct store_bind bind = {0};
	int r;

	if (!query)
		query = &any;
	store_query_build(&sql, listing, query);
	r = store_query_prepare(store, listing, &sql, &bind.stmt, msg);
	if (r < 0)
		return r;
	store_query_bind(&bind, &sql, query);
	store_bind_int(&bind, query->limit > 0 ? (int64_t)query->limit : -1);
	store_bind_unsigned(&bind, query->offset);
	r = bind.rc == SQLITE_OK ? 0 : store_sql_fail(store, bind.rc, msg, "list");
	if (r == 0)
		r = store_query_step_bounded(store, query, bind.stmt, row, call, msg);
	(void)sqlite3_finalize(bind.stmt);
	return r;
}

static int store_query_on_count(const void *call, struct store_column *column)
{
	uint64_t *const *np = call;

	**np = store_column_unsigned(column);
	return 0;
}

int store_count(struct store *store, enum store_kind kind, const struct store_query *query,
	uint64_t *np, struct errmsg *msg)
{
	static const struct store_listing *const listings[STORE_KIND_N] = {
		[STORE_KIND_ACTION] = &store_action_listing,
		[STORE_KIND_SCAN] = &store_scan_listing,
		[STORE_KIND_DETECTION] = &store_detection_listing,
		[STORE_KIND_ALERT] = &store_alert_listing,
		[STORE_KIND_EVENT] = &store_event_listing,
		[STORE_KIND_QUARANTINE] = &store_quarantine_listing,
	};
	struct store_query_sql sql = {.n_text = 0};
	struct store_bind bind = {0};
	int r;

	PRE((unsigned)kind < STORE_KIND_N);
	store_query_append(&sql, "SELECT count(*)");
	store_query_append(&sql, listings[kind]->from);
	store_query_build_where(&sql, query);
	r = store_query_prepare(store, listings[kind], &sql, &bind.stmt, msg);
	if (r < 0)
		return r;
	store_query_bind(&bind, &sql, query);
	r = bind.rc == SQLITE_OK ? 0 : store_sql_fail(store, bind.rc, msg, "count");
	if (r == 0)
		r = store_query_step_bounded(
			store, query, bind.stmt, store_query_on_count, &np, msg);
	(void)sqlite3_finalize(bind.stmt);
	return r;
}
