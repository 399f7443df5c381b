/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a line to a method and back to an answer. What is not in the table of
 * methods (rpc_table.c), or not allowed to the peer or to whom it asks for, is
 * refused here, so a method cannot forget to check that.
 */
#include "rpc_private.h"

#include "cleanup.h"
#include "jsonrpc.h"
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* Once a connection: what it asks for in vain must not fill the log. */
static void rpc_note_refusal(struct rpc_call *call, const char *method)
{
	if (!call->connection->is_refusal_told)
		log_warn("rpc", "%s (uid %u) was refused: %s", call->connection->peer.name,
			(unsigned)call->connection->peer.uid, method);
	call->connection->is_refusal_told = true;
}

/*
 * Who asks. An operator may say that somebody else does, as a gateway must;
 * then no more is allowed than to that one.
 */
static int rpc_take_requestor(struct rpc_call *call, const struct jsonrpc_request *request)
{
	const struct peer *peer = &call->connection->peer;
	struct errmsg msg = ERRMSG_NULL;

	call->who = (struct requestor){.name = peer->name, .source = "LocalCli"};
	if (!peer->is_operator && !peer->is_gateway)
		return fault_set(&call->fault, FAULT_FORBIDDEN, NULL,
			"%s is no operator of this service", peer->name);
	if (!request->on_behalf_of && peer->is_gateway)
		return fault_set(&call->fault, FAULT_FORBIDDEN, "onBehalfOf",
			"%s must say on whose behalf it asks", peer->name);
	if (!request->on_behalf_of)
		return 0;
	if (on_behalf_parse(request->on_behalf_of, &call->on_behalf, &msg) < 0)
		return fault_set(&call->fault, FAULT_INVALID_REQUEST, "onBehalfOf", "%s", msg.text);
	call->who = (struct requestor){
		.name = call->on_behalf.name,
		.source = call->on_behalf.source,
		.gateway = {.is_set = true, .uid = (uint32_t)peer->uid},
	};
	return 0;
}

static int rpc_check_roles(struct rpc_call *call, const struct rpc_entry *entry)
{
	char names[160];

	if (!call->who.gateway.is_set || on_behalf_may(&call->on_behalf, entry->roles))
		return 0;
	on_behalf_describe(entry->roles, names, sizeof(names));
	return fault_set(&call->fault, FAULT_FORBIDDEN, entry->name,
		names[0] ? "%s needs the role %s" : "%s is not for a gateway", entry->name, names);
}

static int rpc_dispatch(struct rpc_call *call, const struct jsonrpc_request *request)
{
	const struct rpc_entry *entry;
	int r = rpc_take_requestor(call, request);

	if (r < 0) {
		if (call->fault.code == FAULT_FORBIDDEN)
			rpc_note_refusal(call, request->method);
		return r;
	}
	entry = rpc_table_find(request->method);
	if (!entry)
		return rpc_table_refuse(call, request->method);
	r = rpc_check_roles(call, entry);
	if (r < 0) {
		rpc_note_refusal(call, request->method);
		return r;
	}
	r = rpc_table_check_fields(call, entry);
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
	machine_facts_read(&rpc->facts);
	LIST_INIT(&rpc->watches);
	LIST_INIT(&rpc->waiters);
	LIST_INIT(&rpc->errands);
	LIST_INIT(&rpc->followers);
	(void)uv_timer_init(config->loop, &rpc->timer);
	(void)uv_timer_init(config->loop, &rpc->follow_timer);
	rpc->timer.data = rpc;
	rpc->follow_timer.data = rpc;
	rpc->n_handles = 2;
	store_set_listener(config->store, rpc_follow_on_change, rpc);
	*rpcp = rpc;
	return 0;
}

static void rpc_on_timer_closed(uv_handle_t *handle)
{
	struct rpc *rpc = handle->data;
	struct rpc_watch *watch;
	struct rpc_waiter *waiter;

	if (--rpc->n_handles > 0)
		return;
	while ((watch = LIST_FIRST(&rpc->watches))) {
		LIST_REMOVE(watch, link);
		free(watch);
	}
	rpc_quarantine_on_closed(rpc, NULL);
	while ((waiter = LIST_FIRST(&rpc->waiters))) {
		LIST_REMOVE(waiter, link);
		cJSON_Delete(waiter->id);
		free(waiter);
	}
	while (!LIST_EMPTY(&rpc->followers))
		rpc_follow_drop(rpc, LIST_FIRST(&rpc->followers)->connection);
	cJSON_Delete(rpc->no_params);
	free(rpc);
}

void rpc_free(struct rpc *rpc)
{
	if (!rpc)
		return;
	store_set_listener(rpc->config.store, NULL, NULL);
	uv_close((uv_handle_t *)&rpc->timer, rpc_on_timer_closed);
	uv_close((uv_handle_t *)&rpc->follow_timer, rpc_on_timer_closed);
}
