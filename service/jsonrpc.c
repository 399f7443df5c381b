/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Batches and positional parameters of JSON-RPC are refused: no client of ours
 * needs them, and each would double what has to be tested.
 */
#include "jsonrpc.h"

#include "cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const jsonrpc_fields[] = {"jsonrpc", "id", "method", "params", "onBehalfOf"};

enum { JSONRPC_N_FIELDS = sizeof(jsonrpc_fields) / sizeof(jsonrpc_fields[0]) };

static int jsonrpc_refuse(struct fault *fault, const char *target, const char *why)
{
	return fault_set(fault, FAULT_INVALID_REQUEST, target, "%s", why);
}

static int jsonrpc_take_id(struct jsonrpc_request *request, struct fault *fault)
{
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(request->root, "id");

	if (!id)
		return 0;
	if (!cJSON_IsString(id) && !cJSON_IsNumber(id) && !cJSON_IsNull(id))
		return jsonrpc_refuse(fault, "id", "id: a string or a number is expected");
	request->id = id;
	return 0;
}

static int jsonrpc_take_method(struct jsonrpc_request *request, struct fault *fault)
{
	struct errmsg msg = ERRMSG_NULL;
	const char *version = "";
	int r;

	r = json_required(json_get_string(request->root, "jsonrpc", 8, &version, &msg));
	if (r < 0 || strcmp(version, "2.0") != 0)
		return jsonrpc_refuse(fault, "jsonrpc", "jsonrpc: \"2.0\" is expected");
	r = json_required(json_get_string(request->root, "method", 128, &request->method, &msg));
	if (r < 0)
		return jsonrpc_refuse(fault, "method", "method: a string is expected");
	request->params = cJSON_GetObjectItemCaseSensitive(request->root, "params");
	if (request->params && !cJSON_IsObject(request->params))
		return jsonrpc_refuse(fault, "params", "params: an object is expected");
	return 0;
}

int jsonrpc_parse(const char *line, size_t n, struct jsonrpc_request *request, struct fault *fault)
{
	struct errmsg msg = ERRMSG_NULL;
	int r;

	*request = (struct jsonrpc_request)JSONRPC_REQUEST_NULL;
	r = json_parse(line, n, &request->root, &msg);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return fault_set(fault, FAULT_PARSE_ERROR, NULL, "%s", msg.text);
	if (!cJSON_IsObject(request->root))
		return jsonrpc_refuse(fault, NULL, "one request object a line is expected");
	r = jsonrpc_take_id(request, fault);
	if (r < 0)
		return r;
	if (json_check_fields(request->root, jsonrpc_fields, JSONRPC_N_FIELDS, &msg) < 0)
		return jsonrpc_refuse(fault, NULL, msg.text);
	request->on_behalf_of = cJSON_GetObjectItemCaseSensitive(request->root, "onBehalfOf");
	return jsonrpc_take_method(request, fault);
}

void jsonrpc_request_deinit(struct jsonrpc_request *request)
{
	cJSON_Delete(request->root);
	*request = (struct jsonrpc_request)JSONRPC_REQUEST_NULL;
}

/* @field: "result", "error" or "params"; @value is taken. */
static int jsonrpc_line(const cJSON *id, const char *method, const char *field, cJSON *value,
	char **linep, size_t *n_linep)
{
	_cleanup_(json_cleanup) cJSON *object = cJSON_CreateObject();
	_cleanup_(cleanup_free) char *text = NULL;
	char *line;
	size_t n = 0;
	int r;

	if (!object || !value) {
		cJSON_Delete(value);
		return err_origin(-ENOMEM);
	}
	r = json_add_string(object, "jsonrpc", "2.0");
	if (r == 0 && method)
		r = json_add_string(object, "method", method);
	else if (r == 0)
		r = json_add_item(
			object, "id", id ? cJSON_Duplicate(id, true) : cJSON_CreateNull());
	if (r < 0)
		cJSON_Delete(value);
	else
		r = json_add_item(object, field, value);
	if (r == 0)
		r = json_print(object, &text, &n);
	if (r < 0)
		return err_trace(r);
	line = realloc(text, n + 2);
	if (!line)
		return err_origin(-ENOMEM);
	text = NULL;
	line[n] = '\n';
	line[n + 1] = '\0';
	*linep = line;
	*n_linep = n + 1;
	return 0;
}

int jsonrpc_result(const cJSON *id, cJSON *result, char **linep, size_t *n_linep)
{
	return jsonrpc_line(id, NULL, "result", result, linep, n_linep);
}

int jsonrpc_fault(const cJSON *id, const struct fault *fault, char **linep, size_t *n_linep)
{
	_cleanup_(json_cleanup) cJSON *error = cJSON_CreateObject();
	cJSON *data = cJSON_CreateObject();
	cJSON *taken;
	int r;

	if (!error || !data) {
		cJSON_Delete(data);
		return err_origin(-ENOMEM);
	}
	r = json_add_string(data, "code", fault_word(fault->code));
	r |= fault->target[0] ? json_add_string(data, "target", fault->target)
			      : json_add_null(data, "target");
	r |= json_add_int(error, "code", fault_number(fault->code));
	r |= json_add_string(error, "message", fault->msg.text);
	r |= json_add_item(error, "data", data);
	if (r < 0)
		return err_trace(r);
	taken = error;
	error = NULL;
	return jsonrpc_line(id, NULL, "error", taken, linep, n_linep);
}

int jsonrpc_notification(const char *method, cJSON *params, char **linep, size_t *n_linep)
{
	return jsonrpc_line(NULL, method, "params", params, linep, n_linep);
}
