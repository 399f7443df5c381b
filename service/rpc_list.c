/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists. One row more than wanted is asked for, which says whether there is a
 * next page.
 */
#include "rpc_private.h"

#include "cleanup.h"
#include "err.h"

#include <errno.h>
#include <string.h>

int rpc_page_begin(struct rpc_call *call, struct rpc_page *page, struct store_query *query)
{
	int64_t limit = RPC_LIST_DEFAULT;
	int64_t offset = 0;
	int r = rpc_take_number(call, "limit", 1, RPC_LIST_MAX, &limit);

	if (r == 0)
		r = rpc_take_number(call, "offset", 0, INT32_MAX, &offset);
	if (r == 0)
		r = rpc_take_optional(call, "status", RPC_ID_MAX, &query->status);
	if (r < 0)
		return r;
	*page = (struct rpc_page){
		.rpc = call->rpc, .limit = (size_t)limit, .offset = (size_t)offset};
	query->limit = page->limit + 1;
	query->offset = page->offset;
	page->rows = cJSON_CreateArray();
	return page->rows ? 0 : err_origin(-ENOMEM);
}

/* Bytes of a row's texts; a row is flat but for an array or two. */
static size_t rpc_page_weigh(const cJSON *item)
{
	size_t n = item->valuestring ? strlen(item->valuestring) : 0;
	const cJSON *child;

	cJSON_ArrayForEach(child, item) n += rpc_page_weigh(child);
	return n;
}

int rpc_page_add(struct rpc_page *page, cJSON *row)
{
	size_t n_rows = (size_t)cJSON_GetArraySize(page->rows);
	size_t n_bytes = page->n_bytes + rpc_page_weigh(row);

	if (!page->is_more && n_rows < page->limit &&
		(n_rows == 0 || n_bytes <= RPC_LIST_BYTES_MAX)) {
		page->n_bytes = n_bytes;
		return json_append(page->rows, row);
	}
	page->is_more = true;
	cJSON_Delete(row);
	return RPC_PAGE_E_FULL;
}

int rpc_page_end(struct rpc_call *call, struct rpc_page *page, int r, const struct errmsg *msg)
{
	_cleanup_(json_cleanup) cJSON *object = cJSON_CreateObject();
	size_t n_rows = (size_t)cJSON_GetArraySize(page->rows);

	if (r < 0 || !object) {
		cJSON_Delete(page->rows);
		return rpc_store_fault(call, r < 0 ? r : -ENOMEM, msg);
	}
	r = json_add_item(object, "value", page->rows);
	if (r == 0)
		r = page->is_more ? json_add_uint(object, "nextOffset", page->offset + n_rows)
				  : json_add_null(object, "nextOffset");
	if (r < 0)
		return err_trace(r);
	call->result = object;
	object = NULL;
	return 0;
}

/* Actions. */

static int rpc_list_on_action(void *arg, const struct action_record *action)
{
	struct rpc_page *page = arg;
	cJSON *row = NULL;
	int r = record_json_action(action, &page->rpc->machine, &row);

	return r < 0 ? r : rpc_page_add(page, row);
}

int rpc_list_actions(struct rpc_call *call)
{
	struct store_query query = {.id = NULL};
	struct rpc_page page;
	struct errmsg msg = ERRMSG_NULL;
	int r = rpc_page_begin(call, &page, &query);

	if (r < 0)
		return r;
	r = store_action_list(call->rpc->config.store, &query, rpc_list_on_action, &page, &msg);
	return rpc_page_end(call, &page, r, &msg);
}

static int rpc_list_on_one_action(void *arg, const struct action_record *action)
{
	struct rpc_call *call = arg;

	return record_json_action(action, &call->rpc->machine, &call->result);
}

static int rpc_list_fetch_action(struct rpc_call *call, const char *id)
{
	const struct store_query query = {.id = id, .limit = 1};
	struct errmsg msg = ERRMSG_NULL;
	int r = store_action_list(
		call->rpc->config.store, &query, rpc_list_on_one_action, call, &msg);

	if (r < 0)
		return rpc_store_fault(call, r, &msg);
	if (!call->result)
		return fault_set(&call->fault, FAULT_NOT_FOUND, id, "no action has this id");
	return 0;
}

int rpc_list_action_show(struct rpc_call *call)
{
	const char *id = NULL;
	int r = rpc_take_id(call, &id);

	return r < 0 ? r : rpc_list_fetch_action(call, id);
}

int rpc_list_action_cancel(struct rpc_call *call)
{
	const char *id = NULL;
	const char *comment = NULL;
	int r = rpc_take_id(call, &id);

	if (r == 0)
		r = rpc_take_text(call, "comment", REQUEST_COMMENT_MAX, &comment);
	if (r == 0)
		r = rpc_list_fetch_action(call, id);
	if (r < 0)
		return r;
	cJSON_Delete(call->result);
	call->result = NULL;
	r = scheduler_cancel(call->rpc->config.scheduler, id, &call->who, comment, &call->fault);
	if (r < 0 && call->fault.code == FAULT_NOT_FOUND)
		return fault_set(&call->fault, FAULT_INVALID_STATE, id, "the action is final");
	return r < 0 ? r : rpc_list_fetch_action(call, id);
}

/* Timeline. */

static int rpc_list_on_event(void *arg, const struct event_record *event)
{
	struct rpc_page *page = arg;
	cJSON *row = NULL;
	int r = record_json_event(event, &row);

	return r < 0 ? r : rpc_page_add(page, row);
}

static int rpc_list_timeline_query(struct rpc_call *call, struct store_query *query)
{
	const char *order = NULL;
	int64_t after = 0;
	int r = rpc_take_optional(call, "order", RPC_ID_MAX, &order);

	if (r == 0)
		r = rpc_take_number(call, "afterSequence", 0, INT64_MAX, &after);
	if (r == 0)
		r = rpc_take_optional(call, "scanId", RPC_ID_MAX, &query->scan_id);
	if (r == 0)
		r = rpc_take_optional(call, "actionId", RPC_ID_MAX, &query->action_id);
	if (r == 0)
		r = rpc_take_optional(call, "actionType", RPC_ID_MAX, &query->action_type);
	if (r < 0)
		return r;
	if (order && strcmp(order, "asc") != 0 && strcmp(order, "desc") != 0)
		return fault_set(&call->fault, FAULT_INVALID_INPUT, "order",
			"order: asc or desc is expected");
	query->is_ascending = order && strcmp(order, "asc") == 0;
	query->after_sequence = (uint64_t)after;
	return 0;
}

int rpc_list_timeline(struct rpc_call *call)
{
	struct store_query query = {.id = NULL};
	struct rpc_page page;
	struct errmsg msg = ERRMSG_NULL;
	int r = rpc_list_timeline_query(call, &query);

	if (r == 0)
		r = rpc_page_begin(call, &page, &query);
	if (r < 0)
		return r;
	r = store_event_list(call->rpc->config.store, &query, rpc_list_on_event, &page, &msg);
	return rpc_page_end(call, &page, r, &msg);
}

/* Detections, alerts. */

static int rpc_list_on_detection(void *arg, const struct detection_record *detection)
{
	struct rpc_page *page = arg;
	cJSON *row = NULL;
	int r = record_json_detection(detection, &row);

	return r < 0 ? r : rpc_page_add(page, row);
}

int rpc_list_detections(struct rpc_call *call)
{
	struct store_query query = {.id = NULL};
	struct rpc_page page;
	struct errmsg msg = ERRMSG_NULL;
	int r = rpc_take_optional(call, "scanId", RPC_ID_MAX, &query.scan_id);

	if (r == 0)
		r = rpc_page_begin(call, &page, &query);
	if (r < 0)
		return r;
	r = store_detection_list(
		call->rpc->config.store, &query, rpc_list_on_detection, &page, &msg);
	return rpc_page_end(call, &page, r, &msg);
}

static int rpc_list_on_alert(void *arg, const struct alert_record *alert)
{
	struct rpc_page *page = arg;
	cJSON *row = NULL;
	int r = record_json_alert(alert, &page->rpc->machine, &row);

	return r < 0 ? r : rpc_page_add(page, row);
}

int rpc_list_alerts(struct rpc_call *call)
{
	struct store_query query = {.id = NULL};
	struct rpc_page page;
	struct errmsg msg = ERRMSG_NULL;
	int r = rpc_page_begin(call, &page, &query);

	if (r < 0)
		return r;
	r = store_alert_list(call->rpc->config.store, &query, rpc_list_on_alert, &page, &msg);
	return rpc_page_end(call, &page, r, &msg);
}

/* Quarantine: there is none until remediation exists. */

int rpc_list_quarantine(struct rpc_call *call)
{
	struct store_query query = {.id = NULL};
	struct rpc_page page;
	struct errmsg msg = ERRMSG_NULL;
	int r = rpc_page_begin(call, &page, &query);

	return r < 0 ? r : rpc_page_end(call, &page, 0, &msg);
}

int rpc_list_not_supported(struct rpc_call *call)
{
	return fault_set(&call->fault, FAULT_NOT_SUPPORTED, NULL,
		"this version detects and reports, and moves no file");
}
