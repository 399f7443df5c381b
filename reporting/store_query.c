/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listings. The WHERE clause is put together from fixed pieces, one for each
 * member of the query that is set, so that SQLite sees only conditions it can
 * use an index for; "?n IS NULL OR …" would make it read whole tables. No text
 * of a caller ever becomes SQL: values are bound.
 *
 * A filter that the table does not have is refused. Ignoring it would list
 * rows the caller meant to leave out.
 */
#include "store_sql.h"

#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	STORE_QUERY_SQL_SIZE = 2048,
	STORE_QUERY_TEXTS_MAX = 6,
};

/* A statement under construction. */
struct store_query_sql {
	char text[STORE_QUERY_SQL_SIZE];
	size_t n_text;
	unsigned used;                            /* enum store_filter that were set. */
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
	struct store_query_sql *sql, enum store_filter filter, const char *condition)
{
	store_query_append(sql, sql->n_pieces++ == 0 ? " WHERE " : " AND ");
	store_query_append(sql, condition);
	sql->used |= (unsigned)filter;
}

static void store_query_where_text(struct store_query_sql *sql, enum store_filter filter,
	const char *condition, const char *value)
{
	if (!value)
		return;
	store_query_where(sql, filter, condition);
	INVARIANT(sql->n_texts < STORE_QUERY_TEXTS_MAX);
	sql->texts[sql->n_texts++] = value;
}

static void store_query_build(struct store_query_sql *sql, const struct store_listing *listing,
	const struct store_query *query)
{
	store_query_append(sql, listing->select);
	store_query_where_text(sql, STORE_FILTER_ID, "id = ?", query->id);
	store_query_where_text(sql, STORE_FILTER_SCAN_ID, "scan_id = ?", query->scan_id);
	store_query_where_text(sql, STORE_FILTER_ACTION_ID, "action_id = ?", query->action_id);
	store_query_where_text(sql, STORE_FILTER_ALERT_ID, "alert_id = ?", query->alert_id);
	store_query_where_text(sql, STORE_FILTER_STATUS, "status = ?", query->status);
	store_query_where_text(
		sql, STORE_FILTER_ACTION_TYPE, "action_type = ?", query->action_type);
	if (query->is_open_only)
		store_query_where(
			sql, STORE_FILTER_OPEN, "status IN ('Pending','InProgress','Paused')");
	if (query->after_sequence > 0)
		store_query_where(sql, STORE_FILTER_AFTER_SEQUENCE, "sequence > ?");
	store_query_append(sql, " ORDER BY ");
	store_query_append(sql, listing->order);
	store_query_append(sql, query->is_ascending ? " ASC" : " DESC");
	store_query_append(sql, " LIMIT ? OFFSET ?");
}

static int store_query_bind(struct store *store, const struct store_query_sql *sql,
	const struct store_query *query, sqlite3_stmt *stmt, struct errmsg *msg)
{
	struct store_bind bind = {.stmt = stmt};

	for (size_t i = 0; i < sql->n_texts; i++)
		store_bind_text(&bind, sql->texts[i]);
	if (sql->used & STORE_FILTER_AFTER_SEQUENCE)
		store_bind_unsigned(&bind, query->after_sequence);
	store_bind_int(&bind, query->limit > 0 ? (int64_t)query->limit : -1);
	store_bind_unsigned(&bind, query->offset);
	return bind.rc == SQLITE_OK ? 0 : store_sql_fail(store, bind.rc, msg, "list");
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

int store_query_run(struct store *store, const struct store_listing *listing,
	const struct store_query *query, store_listing_row row, const void *call,
	struct errmsg *msg)
{
	static const struct store_query any = {0};
	struct store_query_sql sql = {.n_text = 0};
	sqlite3_stmt *stmt = NULL;
	int rc;
	int r;

	if (!query)
		query = &any;
	store_query_build(&sql, listing, query);
	if (sql.used & ~listing->filters) {
		errmsg_set(msg, "this list cannot be filtered like that");
		return err_origin(-EINVAL);
	}
	rc = sqlite3_prepare_v2(store->db, sql.text, (int)sql.n_text, &stmt, NULL);
	if (rc != SQLITE_OK)
		return store_sql_fail(store, rc, msg, "list");
	r = store_query_bind(store, &sql, query, stmt, msg);
	if (r == 0)
		r = store_query_step(store, stmt, row, call, msg);
	(void)sqlite3_finalize(stmt);
	return r;
}
