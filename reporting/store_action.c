/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Actions. One function binds a whole record; insert and update differ in the
 * statement only, so a column cannot be forgotten in one of them.
 */
#include "store_sql.h"

#include <errno.h>

const struct store_listing store_action_listing = {
	.select = "SELECT id,type,requestor,comment,request_source,scope,status,creation_unix_ms,"
		  "last_update_unix_ms,cancellation_requestor,cancellation_comment,"
		  "cancellation_unix_ms,error_hresult,scan_id,gateway_uid,cancellation_gateway_uid,"
		  "file_hash",
	.from = " FROM actions",
	.order = "ordinal",
	.filters = STORE_BY_ID | STORE_BY_SCAN_ID | STORE_BY_STATUS | STORE_BY_OPEN,
};

struct store_action_call {
	store_action_row row;
	void *arg;
};

static void store_action_bind(struct store_bind *bind, const struct action_record *action)
{
	store_bind_text(bind, action->id);
	store_bind_text(bind, action->type);
	store_bind_text(bind, action->requestor);
	store_bind_text(bind, action->comment);
	store_bind_text(bind, action->request_source);
	store_bind_text(bind, action->scope);
	store_bind_text(bind, run_status_name(action->status));
	store_bind_int(bind, action->creation_unix_ms);
	store_bind_int(bind, action->last_update_unix_ms);
	store_bind_text_or_null(bind, action->cancellation_requestor);
	store_bind_text_or_null(bind, action->cancellation_comment);
	store_bind_int(bind, action->cancellation_unix_ms);
	store_bind_int(bind, action->error_hresult);
	store_bind_text(bind, action->scan_id);
	store_bind_gateway(bind, &action->gateway);
	store_bind_gateway(bind, &action->cancellation_gateway);
	store_bind_text_or_null(bind, action->file_hash);
}

static int store_action_read_row(const void *call, struct store_column *column)
{
	const struct store_action_call *action_call = call;
	struct action_record action = {0};
	int r;

	store_column_id(column, action.id);
	action.type = store_column_text(column);
	action.requestor = store_column_text(column);
	action.comment = store_column_text(column);
	action.request_source = store_column_text(column);
	action.scope = store_column_text(column);
	r = run_status_parse(store_column_text(column), &action.status);
	action.creation_unix_ms = store_column_int(column);
	action.last_update_unix_ms = store_column_int(column);
	action.cancellation_requestor = store_column_text_or_null(column);
	action.cancellation_comment = store_column_text_or_null(column);
	action.cancellation_unix_ms = store_column_int(column);
	action.error_hresult = (int32_t)store_column_int(column);
	store_column_id(column, action.scan_id);
	action.gateway = store_column_gateway(column);
	action.cancellation_gateway = store_column_gateway(column);
	action.file_hash = store_column_text_or_null(column);
	if (column->is_failed)
		return err_origin(-ENOMEM);
	if (r < 0)
		return err_origin(-EILSEQ);
	return action_call->row(action_call->arg, &action);
}

int store_action_insert(struct store *store, const struct action_record *action, struct errmsg *msg)
{
	struct store_bind bind = {0};
	int r = store_sql_take(store, STORE_SQL_ACTION_INSERT, &bind.stmt, msg);

	if (r < 0)
		return r;
	store_action_bind(&bind, action);
	return store_revision_note(
		store, STORE_KIND_ACTION, store_sql_run(store, &bind, msg, "insert an action"));
}

int store_action_update(struct store *store, const struct action_record *action, struct errmsg *msg)
{
	struct store_bind bind = {0};
	int r = store_sql_take(store, STORE_SQL_ACTION_UPDATE, &bind.stmt, msg);

	if (r < 0)
		return r;
	store_action_bind(&bind, action);
	return store_revision_note(store, STORE_KIND_ACTION,
		store_sql_run_update(store, &bind, msg, "update an action"));
}

int store_action_list(struct store *store, const struct store_query *query, store_action_row row,
	void *arg, struct errmsg *msg)
{
	const struct store_action_call call = {.row = row, .arg = arg};

	return store_query_run(
		store, &store_action_listing, query, store_action_read_row, &call, msg);
}
