/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    handler → api_call() → the daemon's result → answer, gone.
 * Failure modes: the call fails → Defender's error for it, gone.
 *                the client goes → the call is cancelled, gone; what it asked
 *                for may still be carried out, and is on record then.
 * On close:      answered with 503.
 */
#include "api.h"

#include "check.h"
#include "cleanup.h"
#include "percent.h"
#include "request_json.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

#define API_REQUEST_JSON "application/json; charset=utf-8"

static void api_request_on_gone(void *arg)
{
	api_request_free(arg);
}

struct api_request *api_request_new(struct console_api *api, struct http_exchange *exchange,
	const struct http_request *http, const struct route_match *route)
{
	struct api_request *request = calloc(1, sizeof(*request));

	if (!request)
		return NULL;
	request->api = api;
	request->exchange = exchange;
	request->http = http;
	request->route = *route;
	request->next = api->first;
	if (api->first)
		api->first->previous = request;
	api->first = request;
	http_exchange_on_gone(exchange, api_request_on_gone, request);
	return request;
}

void api_request_free(struct api_request *request)
{
	if (request->ticket)
		upstream_cancel(request->ticket);
	if (request->state_free)
		request->state_free(request->state);
	if (request->previous)
		request->previous->next = request->next;
	else
		request->api->first = request->next;
	if (request->next)
		request->next->previous = request->previous;
	free(request);
}

void api_answer(struct api_request *request, unsigned status, const char *type,
	const char *const headers[][2], struct span body)
{
	request->api->counters.requests[status / 100 % 6]++;
	(void)http_answer(request->exchange, status, type, headers, body.data, body.n);
	api_request_free(request);
}

void api_answer_json(struct api_request *request, unsigned status, cJSON *json)
{
	_cleanup_(cleanup_free) char *text = NULL;
	size_t n = 0;
	int r = json ? json_print(json, &text, &n) : -ENOMEM;

	cJSON_Delete(json);
	if (r < 0)
		api_answer_error(request, API_ERROR_INTERNAL, "%s", err_text(r));
	else
		api_answer(request, status, API_REQUEST_JSON, NULL, (struct span){text, n});
}

void api_answer_entity(
	struct api_request *request, unsigned status, const char *context, const cJSON *entity)
{
	cJSON *json = cJSON_CreateObject();
	char base[API_BASE_SIZE];
	char text[API_BASE_SIZE + 64];
	int r;

	api_base(request, base);
	(void)snprintf(text, sizeof(text), "%s/$metadata#%s/$entity", base, context);
	r = json_add_string(json, "@odata.context", text);
	for (const cJSON *item = entity ? entity->child : NULL; item && r == 0; item = item->next)
		r = json_add_item(json, item->string, cJSON_Duplicate(item, true));
	if (r < 0) {
		cJSON_Delete(json);
		json = NULL;
	}
	api_answer_json(request, status, json);
}

void api_answer_error(struct api_request *request, enum api_error error, const char *fmt, ...)
{
	static const char *const retry[][2] = {{"Retry-After", "5"}, {NULL, NULL}};
	_cleanup_(cleanup_free) char *text = NULL;
	unsigned status = api_error_status(error);
	char message[1024];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	if (api_error_body(error, message, request->http->id, &text) < 0)
		text = NULL; /* a status without a body is still an answer */
	api_answer(request, status, API_REQUEST_JSON, status == 503 ? retry : NULL, span_str(text));
}

void api_answer_limited(struct api_request *request, const char *const headers[][2])
{
	_cleanup_(cleanup_free) char *text = NULL;

	request->api->counters.limited++;
	if (api_error_body(API_ERROR_TOO_MANY,
		    "The limit of requests is reached; Retry-After says "
		    "when the next one is served",
		    request->http->id, &text) < 0)
		text = NULL;
	api_answer(request, api_error_status(API_ERROR_TOO_MANY), API_REQUEST_JSON, headers,
		span_str(text));
}

void api_answer_fault(struct api_request *request, int r, const struct api_fault *fault)
{
	if (r == -EINVAL && fault->error != API_ERROR_NONE)
		api_answer_error(request, fault->error, "%s", fault->msg.text);
	else
		api_answer_error(request, API_ERROR_INTERNAL, "%s", err_text(r));
}

void api_answer_reply(struct api_request *request, const struct upstream_reply *reply)
{
	enum api_error error = api_error_of(reply->fault_number, reply->transport);

	if (reply->transport == 0 && reply->fault_number != 0)
		api_answer_error(request, error, "%s", reply->fault_message);
	else
		api_answer_error(request, error,
			"The scanning service does not answer: %s; whether what was asked for is "
			"carried out is not known",
			err_text(reply->transport));
}

static void api_request_on_done(void *arg, const struct upstream_reply *reply)
{
	struct api_request *request = arg;
	bool (*on_fault)(struct api_request *, const struct upstream_reply *) = request->on_fault;
	api_done done = request->done;

	request->ticket = NULL;
	request->on_fault = NULL;
	if (reply->result)
		done(request, reply->result);
	else if (!on_fault || !on_fault(request, reply))
		api_answer_reply(request, reply);
}

void api_call(struct api_request *request, const char *method, cJSON *params, api_done done)
{
	const char *names[ROLES_N];
	struct upstream_caller caller = {.name = request->principal.app_name,
		.roles = names,
		.n_roles = roles_names(request->principal.roles, names),
		.source = request->is_page ? "Portal" : "PublicApi"};
	bool (*on_fault)(struct api_request *, const struct upstream_reply *) = request->on_fault;
	int r;

	PRE(!request->ticket);
	request->done = done;
	r = params ? upstream_call(request->api->config.upstream, method, params, &caller,
			     api_request_on_done, request, &request->ticket)
		   : -ENOMEM;
	if (r < 0 && on_fault) {
		request->on_fault = NULL;
		if (on_fault(request, &(struct upstream_reply){.transport = r}))
			return;
	}
	if (r == -EMSGSIZE)
		api_answer_error(request, API_ERROR_BAD_REQUEST, "The request is too long");
	else if (r < 0)
		api_answer_error(request, r == -ENOMEM ? API_ERROR_INTERNAL : API_ERROR_UNAVAILABLE,
			"The scanning service cannot be asked: %s; nothing was done", err_text(r));
}

static void api_request_copy(const cJSON *object, const char *field, char name[API_NAME_SIZE])
{
	const char *text = "";

	if (json_get_string(object, field, API_NAME_SIZE - 1, &text, NULL) == 0)
		(void)snprintf(name, API_NAME_SIZE, "%s", text);
}

void api_take_machine(struct console_api *api, const cJSON *machine)
{
	api_request_copy(machine, "id", api->machine_id);
	api_request_copy(machine, "computerDnsName", api->machine_name);
}

static void api_request_on_machine(void *arg, const struct upstream_reply *reply)
{
	struct api_request *request = arg;

	request->ticket = NULL;
	if (!reply->result) {
		api_answer_reply(request, reply);
		return;
	}
	api_take_machine(request->api, reply->result);
	request->step(request);
}

void api_with_machine(struct api_request *request, api_step step)
{
	int r;

	if (request->api->machine_id[0] != '\0') {
		step(request);
		return;
	}
	/* As the console itself: who may scan need not be one who may read. */
	request->step = step;
	r = upstream_call(request->api->config.upstream, "machine.show", NULL, NULL,
		api_request_on_machine, request, &request->ticket);
	if (r < 0)
		api_answer_error(request, API_ERROR_UNAVAILABLE,
			"The scanning service cannot be asked: %s; nothing was done", err_text(r));
}

bool api_is_machine(const struct console_api *api, const char *id)
{
	return strcasecmp(api->machine_id, id) == 0 || strcasecmp(api->machine_name, id) == 0;
}

static void api_request_this_machine(struct api_request *request)
{
	if (api_is_machine(request->api, request->route.parameter))
		request->machine_step(request);
	else
		api_answer_error(request, API_ERROR_RESOURCE_NOT_FOUND, "Machine %s was not found",
			request->route.parameter);
}

void api_with_this_machine(struct api_request *request, api_step step)
{
	request->machine_step = step;
	api_with_machine(request, api_request_this_machine);
}

cJSON *api_id_params(const struct api_request *request)
{
	cJSON *params = cJSON_CreateObject();

	if (json_add_string(params, "id", request->route.parameter) == 0)
		return params;
	cJSON_Delete(params);
	return NULL;
}

void api_call_with_comment(struct api_request *request, const char *method, api_done done)
{
	struct api_fault fault = API_FAULT_NULL;
	struct span body = {request->http->body, request->http->n_body};
	cJSON *params = NULL;
	int r = request_json_comment(body, &params, &fault);

	if (r == 0)
		r = json_add_string(params, "id", request->route.parameter);
	if (r < 0) {
		cJSON_Delete(params);
		api_answer_fault(request, r, &fault);
		return;
	}
	api_call(request, method, params, done);
}

void api_base(const struct api_request *request, char base[API_BASE_SIZE])
{
	(void)snprintf(base, API_BASE_SIZE, "%s://%.255s/api%s",
		request->api->config.has_tls ? "https" : "http", request->http->host,
		request->route.is_versioned ? "/v1.0" : "");
}

int api_query_value(const struct api_request *request, const char *name, char *buf, size_t n_buf)
{
	struct span rest = span_str(request->http->query);
	struct percent_pair pair;
	char decoded[64];

	while (percent_next(&rest, &pair)) {
		if (percent_decode(pair.name, PERCENT_FORM, decoded, sizeof(decoded)) == 0 &&
			strcasecmp(decoded, name) == 0)
			return percent_decode(pair.value, PERCENT_FORM, buf, n_buf) == 0 ? 1
											 : -EINVAL;
	}
	return 0;
}
