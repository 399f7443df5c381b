/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon is trusted more than a client of ours is, but not with our memory:
 * whatever is missing in an answer becomes "", 0 or -EBADMSG, never a NULL that
 * somebody reads.
 */
#include "upstream_message.h"

#include "cleanup.h"

#include <errno.h>
#include <stdlib.h>

struct upstream_reply upstream_message_failure(int transport)
{
	return (struct upstream_reply){
		.transport = transport, .fault_code = "", .fault_message = "", .fault_target = ""};
}

static int upstream_message_add_caller(cJSON *message, const struct upstream_caller *caller)
{
	cJSON *on_behalf_of = cJSON_CreateObject();
	cJSON *roles = cJSON_CreateArray();
	int r = json_add_string(on_behalf_of, "name", caller->name);

	for (size_t i = 0; i < caller->n_roles; i++)
		r |= json_append(roles, json_new_string(caller->roles[i]));
	r |= json_add_item(on_behalf_of, "roles", roles);
	r |= json_add_string(on_behalf_of, "source", caller->source ? caller->source : "PublicApi");
	r |= json_add_item(message, "onBehalfOf", on_behalf_of);
	return r;
}

int upstream_message_request(
	const struct upstream_message_call *call, cJSON *params, char **linep, size_t *n_linep)
{
	_cleanup_(json_cleanup) cJSON *message = cJSON_CreateObject();
	char *text = NULL;
	size_t n = 0;
	int r = json_add_string(message, "jsonrpc", "2.0");

	r |= json_add_int(message, "id", call->id);
	r |= json_add_string(message, "method", call->method);
	if (r == 0 && call->caller)
		r = upstream_message_add_caller(message, call->caller);
	if (params)
		r |= json_add_item(message, "params", params);
	if (r == 0)
		r = json_print(message, &text, &n);
	if (r != 0)
		return err_trace(r);
	if (n > UPSTREAM_REQUEST_MAX || !text) {
		free(text);
		return err_origin(-EMSGSIZE);
	}
	text[n] = '\n'; /* in the place of the NUL: it is sent by length */
	*linep = text;
	*n_linep = n + 1;
	return 0;
}

static void upstream_message_take_fault(const cJSON *error, struct upstream_reply *reply)
{
	const cJSON *data = cJSON_GetObjectItemCaseSensitive(error, "data");
	int64_t number = 0;

	(void)json_get_int(error, "code", INT32_MIN, INT32_MAX, &number, NULL);
	(void)json_get_string(error, "message", SIZE_MAX, &reply->fault_message, NULL);
	(void)json_get_string(data, "code", SIZE_MAX, &reply->fault_code, NULL);
	(void)json_get_string(data, "target", SIZE_MAX, &reply->fault_target, NULL);
	reply->fault_number = (int)number;
	if (number == 0)
		*reply = upstream_message_failure(-EBADMSG);
}

int upstream_message_read(
	const char *line, size_t n, struct upstream_message *message, struct errmsg *msg)
{
	const cJSON *error;
	int r;

	*message = (struct upstream_message){.id = -1, .reply = upstream_message_failure(0)};
	r = json_parse(line, n, &message->root, msg);
	if (r < 0)
		return err_trace(r);
	if (!cJSON_IsObject(message->root)) {
		errmsg_set(msg, "an object is expected");
		return err_origin(-EBADMSG);
	}
	if (json_get_string(message->root, "method", 128, &message->method, NULL) == 0) {
		(void)json_get_object(message->root, "params", &message->params, NULL);
		return 0;
	}
	(void)json_get_int(message->root, "id", 0, INT64_MAX, &message->id, NULL);
	error = cJSON_GetObjectItemCaseSensitive(message->root, "error");
	message->reply.result = cJSON_GetObjectItemCaseSensitive(message->root, "result");
	if (cJSON_IsObject(error)) {
		message->reply.result = NULL;
		upstream_message_take_fault(error, &message->reply);
	} else if (!message->reply.result) {
		message->reply = upstream_message_failure(-EBADMSG);
	}
	return 0;
}

void upstream_message_deinit(struct upstream_message *message)
{
	cJSON_Delete(message->root);
	message->root = NULL;
}
