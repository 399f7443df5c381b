/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine, of which there is one: a list of it is filtered here. And what
 * can be asked of it.
 */
#include "api_handlers.h"
#include "api_envelope.h"
#include "odata.h"

#include "cleanup.h"
#include "clock.h"
#include "filter.h"
#include "machine_shape.h"
#include "request_json.h"

#include <strings.h>

#define API_MACHINES_CONTEXT "Machines"

enum {
	API_MACHINES_DAYS = 30,          /* findbyip looks back so far, */
	API_MACHINES_WINDOW_MS = 900000, /* and 15 minutes around its time */
};

static const struct odata_field api_machines_fields[] = {
	{"id", NULL, ODATA_TEXT},
	{"computerDnsName", NULL, ODATA_TEXT},
	{"firstSeen", NULL, ODATA_TIME},
	{"lastSeen", NULL, ODATA_TIME},
	{"osPlatform", NULL, ODATA_TEXT},
	{"osArchitecture", NULL, ODATA_TEXT},
	{"osProcessor", NULL, ODATA_TEXT},
	{"osBuild", NULL, ODATA_NUMBER},
	{"version", NULL, ODATA_TEXT},
	{"lastIpAddress", NULL, ODATA_TEXT},
	{"lastExternalIpAddress", NULL, ODATA_TEXT},
	{"healthStatus", NULL, ODATA_TEXT},
	{"onboardingStatus", NULL, ODATA_TEXT},
	{"rbacGroupId", NULL, ODATA_NUMBER},
	{"rbacGroupName", NULL, ODATA_TEXT},
	{"riskScore", NULL, ODATA_TEXT},
	{"exposureLevel", NULL, ODATA_TEXT},
	{"deviceValue", NULL, ODATA_TEXT},
	{"isAadJoined", NULL, ODATA_BOOL},
	{"aadDeviceId", NULL, ODATA_TEXT},
	{"machineTags", NULL, ODATA_TEXTS},
};
static const struct odata_resource api_machines_resource = {
	api_machines_fields, sizeof(api_machines_fields) / sizeof(api_machines_fields[0]), false};

/* The envelope with the machine, or without. */
static void api_machines_answer(struct api_request *request, const cJSON *machine, int64_t count)
{
	struct text_buffer body = TEXT_BUFFER_NULL;

	api_envelope_begin(&body, request, API_MACHINES_CONTEXT, count);
	if (machine)
		text_buffer_json(&body, machine);
	api_envelope_end(&body, request, NULL);
	if (body.is_failed)
		api_answer_json(request, 200, NULL);
	else
		api_answer(request, 200, "application/json; charset=utf-8", NULL,
			text_buffer_span(&body));
	text_buffer_deinit(&body);
}

static void api_machines_on_list(struct api_request *request, const cJSON *result)
{
	struct odata_query query = ODATA_QUERY_NULL;
	struct api_fault fault = {.error = API_ERROR_ODATA};
	int r = odata_query_parse(&api_machines_resource, request->http->query, &query, &fault.msg);
	_cleanup_(json_cleanup) cJSON *machine = machine_shape(result, &request->api->addresses);
	bool is_match = r == 0 && machine && filter_match(query.filter, machine);

	odata_query_deinit(&query);
	if (r == 0 && !machine)
		r = -ENOMEM;
	if (r < 0)
		api_answer_fault(request, r, &fault);
	else if (request->route.id == ROUTE_MACHINES_COUNT)
		api_answer(request, 200, "text/plain", NULL, span_str(is_match ? "1" : "0"));
	else
		api_machines_answer(request,
			is_match && query.skip == 0 && query.top != 0 ? machine : NULL,
			query.is_count ? is_match : -1);
}

void api_machines_list(struct api_request *request)
{
	struct odata_query query = ODATA_QUERY_NULL;
	struct api_fault fault = {.error = API_ERROR_ODATA};
	int r = odata_query_parse(&api_machines_resource, request->http->query, &query, &fault.msg);

	/* Before the daemon is asked, and again for its answer: it is cheap. */
	odata_query_deinit(&query);
	if (r < 0)
		api_answer_fault(request, r, &fault);
	else
		api_call(request, "machine.show", cJSON_CreateObject(), api_machines_on_list);
}

void api_machines_count(struct api_request *request)
{
	api_machines_list(request);
}

/* Whether an address is one of the machine's, in any spelling of letters. */
static bool api_machines_has_ip(const cJSON *machine, const char *ip)
{
	static const char *const names[] = {"lastIpAddress", "lastExternalIpAddress"};
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(machine, "ipAddresses");
	const char *text;

	for (size_t i = 0; i < 2; i++)
		if (json_get_string(machine, names[i], 256, &text, NULL) == 0 &&
			strcasecmp(text, ip) == 0)
			return true;
	for (const cJSON *item = list ? list->child : NULL; item; item = item->next)
		if (json_get_string(item, "ipAddress", 256, &text, NULL) == 0 &&
			strcasecmp(text, ip) == 0)
			return true;
	return false;
}

static void api_machines_on_find(struct api_request *request, const cJSON *result)
{
	struct odata_find_by_ip find = {{0}, 0};
	_cleanup_(json_cleanup) cJSON *machine = machine_shape(result, &request->api->addresses);
	bool is_match = odata_find_by_ip_parse(request->route.parameter, &find, NULL) == 0 &&
			api_machines_has_ip(machine, find.ip);

	api_machines_answer(request, is_match ? machine : NULL, -1);
}

void api_machines_find(struct api_request *request)
{
	struct odata_find_by_ip find = {{0}, 0};
	struct errmsg msg = ERRMSG_NULL;
	int64_t now_unix_ms = clock_unix_ms();

	if (odata_find_by_ip_parse(request->route.parameter, &find, &msg) < 0) {
		api_answer_error(request, API_ERROR_BAD_REQUEST, "%s", msg.text);
		return;
	}
	if (strspn(find.ip, "0123456789abcdefABCDEF.:") != strlen(find.ip) ||
		!strpbrk(find.ip, ".:")) {
		api_answer_error(request, API_ERROR_INVALID_IP, "\"%s\" is no IP address", find.ip);
		return;
	}
	if (find.unix_ms > now_unix_ms + API_MACHINES_WINDOW_MS ||
		find.unix_ms < now_unix_ms - INT64_C(86400000) * API_MACHINES_DAYS) {
		api_answer_error(request, API_ERROR_BAD_REQUEST,
			"The timestamp must be within the past %d days", API_MACHINES_DAYS);
		return;
	}
	api_call(request, "machine.show", cJSON_CreateObject(), api_machines_on_find);
}

static void api_machines_on_machine(struct api_request *request, const cJSON *result)
{
	cJSON *machine = machine_shape(result, &request->api->addresses);

	if (machine)
		api_answer_entity(request, 200, API_MACHINES_CONTEXT, machine);
	else
		api_answer_json(request, 200, NULL);
	cJSON_Delete(machine);
}

static void api_machines_show(struct api_request *request)
{
	api_call(request, "machine.show", cJSON_CreateObject(), api_machines_on_machine);
}

void api_machines_get(struct api_request *request)
{
	api_with_this_machine(request, api_machines_show);
}

static void api_machines_do_tag(struct api_request *request)
{
	struct api_fault fault = API_FAULT_NULL;
	struct span body = {request->http->body, request->http->n_body};
	cJSON *params = NULL;
	int r = request_json_tag(body, &params, &fault);

	if (r < 0)
		api_answer_fault(request, r, &fault);
	else
		api_call(request, "machine.tag", params, api_machines_on_machine);
}

void api_machines_tag(struct api_request *request)
{
	api_with_this_machine(request, api_machines_do_tag);
}

/* 201 exactly: clients compare it. */
static void api_machines_on_scan(struct api_request *request, const cJSON *result)
{
	api_answer_entity(
		request, 201, "MachineActions", cJSON_GetObjectItemCaseSensitive(result, "action"));
}

static void api_machines_do_scan(struct api_request *request)
{
	struct api_fault fault = API_FAULT_NULL;
	struct span body = {request->http->body, request->http->n_body};
	cJSON *params = NULL;
	int r = request_json_scan(body, &params, &fault);

	if (r < 0)
		api_answer_fault(request, r, &fault);
	else
		api_call(request, "scan.start", params, api_machines_on_scan);
}

void api_machines_scan(struct api_request *request)
{
	api_with_this_machine(request, api_machines_do_scan);
}

static void api_machines_on_file(struct api_request *request, const cJSON *result)
{
	api_answer_entity(request, 201, "MachineActions", result);
}

static void api_machines_do_file(struct api_request *request)
{
	struct api_fault fault = API_FAULT_NULL;
	struct span body = {request->http->body, request->http->n_body};
	cJSON *params = NULL;
	int r = request_json_file(body, &params, &fault);

	if (r < 0)
		api_answer_fault(request, r, &fault);
	else
		api_call(request, "file.stopAndQuarantine", params, api_machines_on_file);
}

void api_machines_file(struct api_request *request)
{
	api_with_this_machine(request, api_machines_do_file);
}

static void api_machines_do_unsupported(struct api_request *request)
{
	struct api_fault fault = API_FAULT_NULL;
	struct span body = {request->http->body, request->http->n_body};
	int r = request_json_unsupported(body, request->route.unsupported, &fault);

	if (r < 0)
		api_answer_fault(request, r, &fault);
	else
		api_answer_error(request, API_ERROR_OS_NOT_SUPPORTED,
			"This action is not supported on this device");
}

void api_machines_unsupported(struct api_request *request)
{
	api_with_this_machine(request, api_machines_do_unsupported);
}
