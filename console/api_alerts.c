/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Alerts: the list, one, its change, and those of the machine (which are all). */
#include "api_list.h"

#include "api_handlers.h"
#include "alert_id.h"
#include "alert_shape.h"
#include "request_json.h"

#define API_ALERTS_CONTEXT "Alerts"

static const struct odata_field api_alerts_fields[] = {
	{"id", NULL, ODATA_ID},
	{"incidentId", NULL, ODATA_NUMBER},
	{"investigationId", NULL, ODATA_NUMBER},
	{"assignedTo", NULL, ODATA_TEXT},
	{"severity", NULL, ODATA_TEXT},
	{"status", NULL, ODATA_TEXT},
	{"classification", NULL, ODATA_TEXT},
	{"determination", NULL, ODATA_TEXT},
	{"investigationState", NULL, ODATA_TEXT},
	{"detectionSource", NULL, ODATA_TEXT},
	{"detectorId", NULL, ODATA_TEXT},
	{"category", NULL, ODATA_TEXT},
	{"threatFamilyName", NULL, ODATA_TEXT},
	{"threatName", NULL, ODATA_TEXT},
	{"title", NULL, ODATA_TEXT},
	{"alertCreationTime", NULL, ODATA_TIME},
	{"firstEventTime", "alertCreationTime", ODATA_TIME},
	{"lastEventTime", "lastUpdateTime", ODATA_TIME},
	{"lastUpdateTime", NULL, ODATA_TIME},
	{"resolvedTime", NULL, ODATA_TIME},
	{"machineId", NULL, ODATA_TEXT},
	{"computerDnsName", NULL, ODATA_TEXT},
	{"rbacGroupName", NULL, ODATA_TEXT},
	{"aadTenantId", NULL, ODATA_TEXT},
	{"scanId", NULL, ODATA_TEXT},
};

static cJSON *api_alerts_known(const struct console_api *api)
{
	cJSON *known = alert_shape_known();
	int r = json_add_string(known, "machineId", api->machine_id);

	r |= json_add_string(known, "computerDnsName", api->machine_name);
	if (r == 0)
		return known;
	cJSON_Delete(known);
	return NULL;
}

static const struct api_list_kind api_alerts_kind = {
	.method = "alert.list",
	.context = API_ALERTS_CONTEXT,
	.resource = {api_alerts_fields, sizeof(api_alerts_fields) / sizeof(api_alerts_fields[0]),
		true},
	.known = api_alerts_known,
	.shape = alert_shape,
	.translate = alert_id_translate,
};

void api_alerts_list(struct api_request *request)
{
	api_list_answer(request, &api_alerts_kind);
}

void api_alerts_count(struct api_request *request)
{
	api_list_count(request, &api_alerts_kind);
}

void api_alerts_of_machine(struct api_request *request)
{
	api_with_this_machine(request, api_alerts_list);
}

void api_alerts_count_of_machine(struct api_request *request)
{
	api_with_this_machine(request, api_alerts_count);
}

static void api_alerts_free(void *arg)
{
	cJSON_Delete(arg);
}

static void api_alerts_answer(struct api_request *request, const cJSON *evidence)
{
	cJSON *shaped = alert_shape(request->state, evidence);

	if (shaped)
		api_answer_entity(request, 200, API_ALERTS_CONTEXT, shaped);
	else
		api_answer_json(request, 200, NULL);
	cJSON_Delete(shaped);
}

static void api_alerts_on_detections(struct api_request *request, const cJSON *result)
{
	api_alerts_answer(request, cJSON_GetObjectItemCaseSensitive(result, "value"));
}

/* One alert has its evidence always. */
static void api_alerts_on_alert(struct api_request *request, const cJSON *result)
{
	cJSON *params = cJSON_CreateObject();
	const char *id = "";
	int r;

	request->state = cJSON_Duplicate(result, true);
	request->state_free = api_alerts_free;
	(void)json_get_string(result, "id", 64, &id, NULL);
	r = request->state ? 0 : -ENOMEM;
	r |= json_add_string(params, "alertId", id);
	r |= json_add_int(params, "limit", API_LIST_EVIDENCE_MAX);
	if (r < 0) {
		cJSON_Delete(params);
		params = NULL;
	}
	api_call(request, "detection.list", params, api_alerts_on_detections);
}

/* The change is made: an error would say that it was not. */
static bool api_alerts_without_evidence(
	struct api_request *request, const struct upstream_reply *reply)
{
	(void)reply;
	if (request->state)
		api_alerts_answer(request, NULL);
	return request->state != NULL;
}

static void api_alerts_on_updated(struct api_request *request, const cJSON *result)
{
	request->on_fault = api_alerts_without_evidence;
	api_alerts_on_alert(request, result);
}

/* {"id"} as the daemon has it; what is no id of an alert is asked for as it is. */
static cJSON *api_alerts_id_params(const struct api_request *request)
{
	cJSON *params = cJSON_CreateObject();
	char guid[ALERT_ID_GUID_SIZE];
	const char *id =
		alert_id_read(request->route.parameter, guid) ? guid : request->route.parameter;

	if (json_add_string(params, "id", id) == 0)
		return params;
	cJSON_Delete(params);
	return NULL;
}

void api_alerts_get(struct api_request *request)
{
	api_call(request, "alert.show", api_alerts_id_params(request), api_alerts_on_alert);
}

void api_alerts_update(struct api_request *request)
{
	struct api_fault fault = API_FAULT_NULL;
	struct span body = {request->http->body, request->http->n_body};
	char guid[ALERT_ID_GUID_SIZE];
	cJSON *params = NULL;
	int r = request_json_alert(body, &params, &fault);

	if (r == 0)
		r = json_add_string(params, "id",
			alert_id_read(request->route.parameter, guid) ? guid
								      : request->route.parameter);
	if (r < 0) {
		cJSON_Delete(params);
		api_answer_fault(request, r, &fault);
		return;
	}
	api_call(request, "alert.update", params, api_alerts_on_updated);
}
