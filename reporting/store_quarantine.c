/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is in quarantine. Content and all that is needed to put a file back are in
 * the vault, which quietscan-remediate alone reads; these rows are for showing and
 * finding them, and scheduler/remediator brings them in line with the vault.
 */
#include "store_sql.h"

#include <errno.h>

const struct store_listing store_quarantine_listing = {
	.select = "SELECT id,time_unix_ms,path,threat_name,detection_id,sha256,size,uid,gid,"
		  "n_names,reason",
	.from = " FROM quarantine",
	.order = "ordinal",
	.filters = STORE_BY_ID | STORE_BY_TIME,
};

struct store_quarantine_call {
	store_quarantine_row row;
	void *arg;
};

static int store_quarantine_read_row(const void *call, struct store_column *column)
{
	const struct store_quarantine_call *quarantine_call = call;
	struct quarantine_record item = {0};

	item.id = store_column_text(column);
	item.time_unix_ms = store_column_int(column);
	item.path = store_column_blob(column);
	item.threat_name = store_column_text(column);
	item.detection_id = store_column_text(column);
	item.sha256 = store_column_text(column);
	item.size = store_column_unsigned(column);
	item.uid = (uint32_t)store_column_unsigned(column);
	item.gid = (uint32_t)store_column_unsigned(column);
	item.n_names = store_column_unsigned(column);
	item.reason = store_column_text(column);
	if (column->is_failed)
		return err_origin(-ENOMEM);
	return quarantine_call->row(quarantine_call->arg, &item);
}

int store_quarantine_insert(
	struct store *store, const struct quarantine_record *item, struct errmsg *msg)
{
	struct store_bind bind = {0};
	int r = store_sql_take(store, STORE_SQL_QUARANTINE_INSERT, &bind.stmt, msg);

	if (r < 0)
		return r;
	store_bind_text(&bind, item->id);
	store_bind_int(&bind, item->time_unix_ms);
	store_bind_blob(&bind, item->path);
	store_bind_text(&bind, item->threat_name);
	store_bind_text_or_null(&bind, item->detection_id);
	store_bind_text(&bind, item->sha256);
	store_bind_unsigned(&bind, item->size);
	store_bind_int(&bind, item->uid);
	store_bind_int(&bind, item->gid);
	store_bind_unsigned(&bind, item->n_names);
	store_bind_text(&bind, item->reason);
	return store_revision_note(store, STORE_KIND_QUARANTINE,
		store_sql_run(store, &bind, msg, "insert an item of the quarantine"));
}

int store_quarantine_delete(struct store *store, const char *id, struct errmsg *msg)
{
	struct store_bind bind = {0};
	int r = store_sql_take(store, STORE_SQL_QUARANTINE_DELETE, &bind.stmt, msg);

	if (r < 0)
		return r;
	store_bind_text(&bind, id);
	return store_revision_note(store, STORE_KIND_QUARANTINE,
		store_sql_run_update(store, &bind, msg, "delete an item of the quarantine"));
}

int store_quarantine_list(struct store *store, const struct store_query *query,
	store_quarantine_row row, void *arg, struct errmsg *msg)
{
	const struct store_quarantine_call call = {.row = row, .arg = arg};

	return store_query_run(
		store, &store_quarantine_listing, query, store_quarantine_read_row, &call, msg);
}
