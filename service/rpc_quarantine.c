/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The quarantine. A file system may take its time or not answer at all, so what is
 * asked for is answered when it is over only if the caller wants to wait; else
 * when it is accepted, and its end is in the timeline. A gateway's connection is
 * many people's: it may not wait.
 */
#include "rpc_private.h"

#include "err.h"
#include "jsonrpc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* List. */

static int rpc_quarantine_on_item(void *arg, const struct quarantine_record *item)
{
	struct rpc_page *page = arg;
	cJSON *row = NULL;
	int r = record_json_quarantine(item, &row);

	return r < 0 ? r : rpc_page_add(page, row);
}

static int rpc_quarantine_page(
	struct rpc_page *page, const struct store_query *query, struct errmsg *msg)
{
	return store_quarantine_list(
		page->rpc->config.store, query, rpc_quarantine_on_item, page, msg);
}

int rpc_quarantine_list(struct rpc_call *call)
{
	struct store_query query = {.id = NULL};

	return rpc_page_answer(call, STORE_KIND_QUARANTINE, &query, rpc_quarantine_page);
}

/* Restore and delete. */

static int rpc_quarantine_result(
	const char *id, const char *outcome, const char *reason, cJSON **resultp)
{
	cJSON *result = cJSON_CreateObject();
	int r = json_add_string(result, "id", id);

	r |= json_add_string(result, "outcome", outcome);
	r |= json_add_string(result, "reason", reason);
	if (r < 0) {
		cJSON_Delete(result);
		return err_origin(-ENOMEM);
	}
	*resultp = result;
	return 0;
}

static void rpc_quarantine_drop(struct rpc_errand *errand)
{
	LIST_REMOVE(errand, link);
	cJSON_Delete(errand->id);
	free(errand->item);
	free(errand);
}

static int rpc_quarantine_line(const struct rpc_errand *errand,
	const struct remediator_answer *answer, char **linep, size_t *n_linep)
{
	struct fault fault = FAULT_NULL;
	cJSON *result = NULL;
	int r;

	if (answer->is_unknown)
		(void)fault_set(&fault, FAULT_NOT_FOUND, errand->item,
			"the quarantine does not have this item any more");
	else if (answer->is_failed)
		(void)fault_set(&fault, FAULT_INVALID_STATE, errand->item, "%s%s%s",
			answer->outcome, answer->text[0] ? ": " : "", answer->text);
	if (fault.code != FAULT_NONE)
		return jsonrpc_fault(errand->id, &fault, linep, n_linep);
	r = rpc_quarantine_result(errand->item, answer->outcome, answer->text, &result);
	return r < 0 ? r : jsonrpc_result(errand->id, result, linep, n_linep);
}

static void rpc_quarantine_on_told(void *arg, const struct remediator_answer *answer)
{
	struct rpc_errand *errand = arg;
	struct connection *connection = errand->connection;
	struct rpc *rpc = errand->rpc;
	char *line = NULL;
	size_t n = 0;

	if (errand->id && !connection->is_closing) {
		if (rpc_quarantine_line(errand, answer, &line, &n) < 0)
			connection_close(connection);
		else
			connection_send(connection, line, n);
	}
	rpc_quarantine_drop(errand);
	connection_set_busy(connection, false);
	rpc->config.on_written(rpc->config.arg);
}

static int rpc_quarantine_wait(struct rpc_call *call, struct remediator_request *request)
{
	struct rpc_errand *errand = calloc(1, sizeof(*errand));
	int r;

	if (!errand)
		return err_origin(-ENOMEM);
	errand->rpc = call->rpc;
	errand->connection = call->connection;
	errand->item = strdup(request->id);
	errand->id = call->id ? cJSON_Duplicate(call->id, true) : NULL;
	LIST_INSERT_HEAD(&call->rpc->errands, errand, link);
	request->told = rpc_quarantine_on_told;
	request->arg = errand;
	r = errand->item ? scheduler_ask_item(call->rpc->config.scheduler, request, &call->fault)
			 : err_origin(-ENOMEM);
	if (r < 0) {
		rpc_quarantine_drop(errand);
		return r;
	}
	call->is_deferred = true;
	connection_set_busy(call->connection, true);
	return 0;
}

static int rpc_quarantine_ask(struct rpc_call *call, bool is_restore)
{
	struct remediator_request request = {.is_restore = is_restore, .who = &call->who};
	struct errmsg msg = ERRMSG_NULL;
	bool is_waiting = false;
	int r = rpc_take_id(call, &request.id);

	if (r == 0)
		r = rpc_take_text(call, "comment", REQUEST_COMMENT_MAX, &request.comment);
	if (r == 0 && json_optional(json_get_bool(call->params, "wait", &is_waiting, &msg)) < 0)
		r = rpc_refuse(call, "wait", &msg);
	if (r < 0)
		return r;
	if (is_waiting && call->who.gateway.is_set)
		return fault_set(&call->fault, FAULT_INVALID_INPUT, "wait",
			"wait: not on behalf of somebody; the end is in the timeline");
	if (is_waiting)
		return rpc_quarantine_wait(call, &request);
	r = scheduler_ask_item(call->rpc->config.scheduler, &request, &call->fault);
	return r < 0 ? r : rpc_quarantine_result(request.id, "Accepted", "", &call->result);
}

/* What was found. */

static int rpc_quarantine_take_action(struct rpc_call *call, enum settings_threat_action *actionp)
{
	const char *word = NULL;
	int r = rpc_take_text(call, "action", RPC_ID_MAX, &word);

	if (r < 0)
		return r;
	if (strcmp(word, "Quarantine") == 0)
		*actionp = SETTINGS_THREAT_QUARANTINE;
	else if (strcmp(word, "Remove") == 0)
		*actionp = SETTINGS_THREAT_REMOVE;
	else
		return fault_set(&call->fault, FAULT_INVALID_INPUT, "action",
			"action: Quarantine or Remove is expected");
	return 0;
}

static int rpc_quarantine_on_detection(void *arg, const struct detection_record *detection)
{
	struct rpc_call *call = arg;

	return record_json_detection(detection, &call->result);
}

int rpc_quarantine_remediate(struct rpc_call *call)
{
	struct remediator_manual manual = {.who = &call->who};
	struct store_query query = {.limit = 1};
	struct errmsg msg = ERRMSG_NULL;
	int r = rpc_take_id(call, &manual.detection_id);

	if (r == 0)
		r = rpc_quarantine_take_action(call, &manual.action);
	if (r == 0)
		r = rpc_take_text(call, "comment", REQUEST_COMMENT_MAX, &manual.comment);
	if (r == 0)
		r = scheduler_ask_manual(call->rpc->config.scheduler, &manual, &call->fault);
	if (r < 0)
		return r;
	query.id = manual.detection_id;
	r = store_detection_list(
		call->rpc->config.store, &query, rpc_quarantine_on_detection, call, &msg);
	return r < 0 ? rpc_store_fault(call, r, &msg) : 0;
}

/* A file by its hash. */

static int rpc_quarantine_take_hash(struct rpc_call *call, const char **hashp)
{
	const char *sha1 = NULL;
	const char *sha256 = NULL;
	int r = rpc_take_optional(call, "sha1", RPC_ID_MAX, &sha1);

	if (r == 0)
		r = rpc_take_optional(call, "sha256", RPC_ID_MAX, &sha256);
	if (r < 0)
		return r;
	if (!sha1 == !sha256)
		return fault_set(&call->fault, FAULT_INVALID_INPUT, "sha1",
			"either sha1 or sha256 is expected");
	*hashp = sha1 ? sha1 : sha256;
	if (strlen(*hashp) != (size_t)(sha1 ? RECORD_SHA1_LENGTH : RECORD_SHA256_LENGTH))
		return fault_set(&call->fault, FAULT_INVALID_INPUT, sha1 ? "sha1" : "sha256",
			"%d hex digits are expected",
			sha1 ? RECORD_SHA1_LENGTH : RECORD_SHA256_LENGTH);
	return 0;
}

int rpc_quarantine_file(struct rpc_call *call)
{
	struct remediator_file_request request = {.who = &call->who};
	char id[RECORD_ID_SIZE];
	int r = rpc_quarantine_take_hash(call, &request.hash);

	if (r == 0)
		r = rpc_take_text(call, "comment", REQUEST_COMMENT_MAX, &request.comment);
	if (r == 0)
		r = scheduler_ask_file(call->rpc->config.scheduler, &request, id, &call->fault);
	return r < 0 ? r : rpc_list_fetch_action(call, id);
}

int rpc_quarantine_restore(struct rpc_call *call)
{
	return rpc_quarantine_ask(call, true);
}

int rpc_quarantine_delete(struct rpc_call *call)
{
	return rpc_quarantine_ask(call, false);
}

void rpc_quarantine_on_closed(struct rpc *rpc, const struct connection *connection)
{
	struct rpc_errand *errand, *next;

	for (errand = LIST_FIRST(&rpc->errands); errand; errand = next) {
		next = LIST_NEXT(errand, link);
		if (connection && errand->connection != connection)
			continue;
		if (rpc->config.scheduler)
			scheduler_forget_item(rpc->config.scheduler, errand);
		rpc_quarantine_drop(errand);
	}
}
