/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of actions, events, detections and alerts, and what is done to an action. */
#include "rpc_private.h"

#include "cleanup.h"
#include "err.h"

#include <errno.h>
#include <string.h>

/* Actions. */

static int rpc_list_on_action(void *arg, const struct action_record *action)
{
	struct rpc_page *page = arg;
	cJSON *row = NULL;
	int r = record_json_action(action, &page->rpc->machine, &row);

	return r < 0 ? r : rpc_page_add(page, row);
}

static int rpc_list_page_of_actions(
	struct rpc_page *page, const struct store_query *query, struct errmsg *msg)
{
	return store_action_list(page->rpc->config.store, query, rpc_list_on_action, page, msg);
}

int rpc_list_actions(struct rpc_call *call)
{
	struct store_query query = {.id = NULL};

	return rpc_page_answer(call, STORE_KIND_ACTION, &query, rpc_list_page_of_actions);
}

static int rpc_list_on_one_action(void *arg, const struct action_record *action)
{
	struct rpc_call *call = arg;

	return record_json_action(action, &call->rpc->machine, &call->result);
}

int rpc_list_fetch_action(struct rpc_call *call, const char *id)
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
	int64_t before = 0;
	int r = rpc_take_optional(call, "order", RPC_ID_MAX, &order);

	if (r == 0)
		r = rpc_take_number(call, "afterSequence", 0, INT64_MAX, &after);
	if (r == 0)
		r = rpc_take_number(call, "beforeSequence", 1, INT64_MAX, &before);
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
	query->before_sequence = (uint64_t)before;
	return 0;
}

static int rpc_list_page_of_events(
	struct rpc_page *page, const struct store_query *query, struct errmsg *msg)
{
	return store_event_list(page->rpc->config.store, query, rpc_list_on_event, page, msg);
}

int rpc_list_timeline(struct rpc_call *call)
{
	struct store_query query = {.id = NULL};
	int r = rpc_list_timeline_query(call, &query);

	return r < 0 ? r : rpc_page_answer(call, STORE_KIND_EVENT, &query, rpc_list_page_of_events);
}

/* Detections, alerts. */

static int rpc_list_on_detection(void *arg, const struct detection_record *detection)
{
	struct rpc_page *page = arg;
	cJSON *row = NULL;
	int r = record_json_detection(detection, &row);

	return r < 0 ? r : rpc_page_add(page, row);
}

static int rpc_list_page_of_detections(
	struct rpc_page *page, const struct store_query *query, struct errmsg *msg)
{
	return store_detection_list(
		page->rpc->config.store, query, rpc_list_on_detection, page, msg);
}

int rpc_list_detections(struct rpc_call *call)
{
	struct store_query query = {.id = NULL};
	int r = rpc_take_optional(call, "scanId", RPC_ID_MAX, &query.scan_id);

	if (r == 0)
		r = rpc_take_optional(call, "alertId", RPC_ID_MAX, &query.alert_id);
	return r < 0 ? r
		     : rpc_page_answer(
			       call, STORE_KIND_DETECTION, &query, rpc_list_page_of_detections);
}

static int rpc_list_on_alert(void *arg, const struct alert_record *alert)
{
	struct rpc_page *page = arg;
	cJSON *row = NULL;
	int r = record_json_alert(alert, &page->rpc->machine, &row);

	return r < 0 ? r : rpc_page_add(page, row);
}

static int rpc_list_page_of_alerts(
	struct rpc_page *page, const struct store_query *query, struct errmsg *msg)
{
	return store_alert_list(page->rpc->config.store, query, rpc_list_on_alert, page, msg);
}

int rpc_list_alerts(struct rpc_call *call)
{
	struct store_query query = {.id = NULL};

	return rpc_page_answer(call, STORE_KIND_ALERT, &query, rpc_list_page_of_alerts);
}
