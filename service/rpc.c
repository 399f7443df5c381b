/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One table of methods: name, fields, function. Everything that is not in it is
 * refused by the dispatcher, so a method cannot forget to check its peer or to
 * refuse a field that it does not know.
 */
#include "rpc_private.h"

#include "cleanup.h"
#include "jsonrpc.h"
#include "log.h"
#include "nearest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RPC_FIELDS_MAX = 8 };

struct rpc_entry {
	const char *name;
	rpc_method method;
	const char *fields[RPC_FIELDS_MAX]; /* NULL: the method checks them itself */
};

static const struct rpc_entry rpc_table[] = {
	{"scan.start", rpc_scan_start, {NULL}},
	{"scan.list", rpc_scan_list, {"limit", "offset", "status"}},
	{"scan.show", rpc_scan_show, {"id"}},
	{"scan.cancel", rpc_scan_cancel, {"id", "comment"}},
	{"scan.pause", rpc_scan_pause, {"id"}},
	{"scan.resume", rpc_scan_resume, {"id"}},
	{"scan.report", rpc_scan_report, {"id", "offset", "limit"}},
	{"scan.watch", rpc_scan_watch, {"id"}},
	{"action.list", rpc_list_actions, {"limit", "offset", "status"}},
	{"action.show", rpc_list_action_show, {"id"}},
	{"action.cancel", rpc_list_action_cancel, {"id", "comment"}},
	{"timeline.list", rpc_list_timeline,
		{"afterSequence", "limit", "offset", "order", "scanId", "actionId", "actionType"}},
	{"detection.list", rpc_list_detections, {"scanId", "limit", "offset"}},
	{"alert.list", rpc_list_alerts, {"status", "limit", "offset"}},
	{"alert.update", rpc_alert_update,
		{"id", "status", "assignedTo", "classification", "determination", "comment"}},
	{"quarantine.list", rpc_list_quarantine, {"limit", "offset"}},
	{"quarantine.restore", rpc_list_not_supported, {"id", "path"}},
	{"quarantine.delete", rpc_list_not_supported, {"id"}},
	{"exclusion.list", rpc_settings_exclusions, {""}},
	{"exclusion.add", rpc_settings_exclude, {"kind", "value"}},
	{"exclusion.remove", rpc_settings_include, {"kind", "value"}},
	{"settings.show", rpc_settings_show, {""}},
	{"settings.set", rpc_settings_set, {"name", "value"}},
	{"definitions.show", rpc_settings_definitions, {""}},
	{"definitions.reload", rpc_settings_reload, {""}},
	{"health", rpc_settings_health, {""}},
};

enum { RPC_N_METHODS = sizeof(rpc_table) / sizeof(rpc_table[0]) };

/* Parameters. */

int rpc_refuse(struct rpc_call *call, const char *field, const struct errmsg *msg)
{
	return fault_set(&call->fault, FAULT_INVALID_INPUT, field, "%s", msg->text);
}

int rpc_store_fault(struct rpc_call *call, int r, const struct errmsg *msg)
{
	return fault_from_store(&call->fault, err_fold(r), msg);
}

int rpc_take_text(struct rpc_call *call, const char *field, size_t n_max, const char **textp)
{
	struct errmsg msg = ERRMSG_NULL;
	int r = json_required(json_get_string(call->params, field, n_max, textp, &msg));

	if (r < 0)
		return rpc_refuse(call, field, &msg);
	if ((*textp)[strspn(*textp, " \t\r\n\v\f")] == '\0')
		return fault_set(&call->fault, FAULT_INVALID_INPUT, field,
			"%s: it must not be blank", field);
	return 0;
}

int rpc_take_id(struct rpc_call *call, const char **idp)
{
	return rpc_take_text(call, "id", RPC_ID_MAX, idp);
}

int rpc_take_optional(struct rpc_call *call, const char *field, size_t n_max, const char **textp)
{
	struct errmsg msg = ERRMSG_NULL;

	*textp = NULL;
	if (json_optional(json_get_string(call->params, field, n_max, textp, &msg)) < 0)
		return rpc_refuse(call, field, &msg);
	return 0;
}

int rpc_take_number(
	struct rpc_call *call, const char *field, int64_t min, int64_t max, int64_t *valuep)
{
	struct errmsg msg = ERRMSG_NULL;

	if (json_optional(json_get_int(call->params, field, min, max, valuep, &msg)) < 0)
		return rpc_refuse(call, field, &msg);
	return 0;
}

/* Answers. */

static void rpc_reply(struct rpc_call *call, int r)
{
	char *line = NULL;
	size_t n = 0;

	if (call->is_deferred)
		return;
	if (r < 0 && call->fault.code == FAULT_NONE)
		(void)fault_set(&call->fault, FAULT_INTERNAL, NULL, "%s", err_text(r));
	if (!call->id && call->fault.code != FAULT_PARSE_ERROR &&
		call->fault.code != FAULT_INVALID_REQUEST) {
		cJSON_Delete(call->result); /* a notification gets no answer */
		call->result = NULL;
		return;
	}
	if (call->fault.code != FAULT_NONE) {
		r = jsonrpc_fault(call->id, &call->fault, &line, &n);
	} else {
		r = jsonrpc_result(call->id, call->result, &line, &n);
		call->result = NULL;
	}
	if (r < 0)
		connection_close(call->connection); /* no memory for an answer */
	else
		connection_send(call->connection, line, n);
}

static const struct rpc_entry *rpc_find(const char *name)
{
	for (size_t i = 0; i < RPC_N_METHODS; i++)
		if (strcmp(rpc_table[i].name, name) == 0)
			return &rpc_table[i];
	return NULL;
}

static int rpc_refuse_method(struct rpc_call *call, const char *name)
{
	const char *names[RPC_N_METHODS];
	const char *near;

	for (size_t i = 0; i < RPC_N_METHODS; i++)
		names[i] = rpc_table[i].name;
	near = nearest_find(name, names, RPC_N_METHODS);
	return fault_set(&call->fault, FAULT_METHOD_NOT_FOUND, name,
		near ? "no such method; did you mean %s?" : "no such method", near);
}

static int rpc_check_fields(struct rpc_call *call, const struct rpc_entry *entry)
{
	struct errmsg msg = ERRMSG_NULL;
	size_t n = 0;

	if (!entry->fields[0])
		return 0;
	while (n < RPC_FIELDS_MAX && entry->fields[n] && entry->fields[n][0])
		n++;
	if (json_check_fields(call->params, entry->fields, n, &msg) < 0)
		return rpc_refuse(call, "params", &msg);
	return 0;
}

static int rpc_dispatch(struct rpc_call *call, const struct jsonrpc_request *request)
{
	const struct rpc_entry *entry;
	int r;

	if (!call->connection->peer.is_operator) {
		log_warn("rpc", "%s (uid %u) was refused: %s", call->connection->peer.name,
			(unsigned)call->connection->peer.uid, request->method);
		return fault_set(&call->fault, FAULT_FORBIDDEN, NULL,
			"%s is no operator of this service", call->connection->peer.name);
	}
	entry = rpc_find(request->method);
	if (!entry)
		return rpc_refuse_method(call, request->method);
	r = rpc_check_fields(call, entry);
	return r < 0 ? r : entry->method(call);
}

static void rpc_tell_ended(struct rpc_call *call)
{
	if (call->is_ended_scan && call->result) {
		cJSON *scan = cJSON_Duplicate(call->result, true);

		rpc_reply(call, 0);
		rpc_watch_send_ended(call->connection, scan);
	} else {
		rpc_reply(call, 0);
	}
}

void rpc_on_line(struct rpc *rpc, struct connection *connection, const char *line, size_t n)
{
	struct jsonrpc_request request = JSONRPC_REQUEST_NULL;
	struct rpc_call call = {.rpc = rpc, .connection = connection, .fault = FAULT_NULL};
	int r;

	if (n > CONNECTION_LINE_MAX) {
		rpc_on_oversize(rpc, connection);
		return;
	}
	if (n > 0 && line[n - 1] == '\r')
		n--;
	if (n == 0)
		return; /* an empty line is nothing */
	r = jsonrpc_parse(line, n, &request, &call.fault);
	call.id = request.id;
	call.params = request.params ? request.params : rpc->no_params;
	if (r == 0)
		r = rpc_dispatch(&call, &request);
	if (r < 0) {
		cJSON_Delete(call.result);
		call.result = NULL;
		rpc_reply(&call, r);
	} else {
		rpc_tell_ended(&call);
	}
	jsonrpc_request_deinit(&request);
	rpc->config.on_written(rpc->config.arg);
}

void rpc_on_oversize(struct rpc *rpc, struct connection *connection)
{
	struct rpc_call call = {.rpc = rpc, .connection = connection, .fault = FAULT_NULL};

	(void)fault_set(&call.fault, FAULT_PARSE_ERROR, NULL,
		"a request has at most %d bytes; the connection is closed", CONNECTION_LINE_MAX);
	rpc_reply(&call, -EINVAL);
	connection_finish(connection);
}

int rpc_new(const struct rpc_config *config, struct rpc **rpcp)
{
	struct rpc *rpc = calloc(1, sizeof(*rpc));

	if (!rpc)
		return err_origin(-ENOMEM);
	rpc->config = *config;
	rpc->no_params = cJSON_CreateObject();
	if (!rpc->no_params) {
		free(rpc);
		return err_origin(-ENOMEM);
	}
	if (gethostname(rpc->host, sizeof(rpc->host) - 1) < 0)
		rpc->host[0] = '\0';
	rpc->machine.id = store_machine_id(config->store);
	rpc->machine.dns_name = rpc->host;
	LIST_INIT(&rpc->watches);
	LIST_INIT(&rpc->waiters);
	(void)uv_timer_init(config->loop, &rpc->timer);
	rpc->timer.data = rpc;
	*rpcp = rpc;
	return 0;
}

static void rpc_on_timer_closed(uv_handle_t *handle)
{
	struct rpc *rpc = handle->data;
	struct rpc_watch *watch;
	struct rpc_waiter *waiter;

	while ((watch = LIST_FIRST(&rpc->watches))) {
		LIST_REMOVE(watch, link);
		free(watch);
	}
	while ((waiter = LIST_FIRST(&rpc->waiters))) {
		LIST_REMOVE(waiter, link);
		cJSON_Delete(waiter->id);
		free(waiter);
	}
	cJSON_Delete(rpc->no_params);
	free(rpc);
}

void rpc_free(struct rpc *rpc)
{
	if (rpc)
		uv_close((uv_handle_t *)&rpc->timer, rpc_on_timer_closed);
}
