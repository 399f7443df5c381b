/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scans and detections: what Defender's API does not have. */
#include "alert_id.h"
#include "alert_shape.h"
#include "api_handlers.h"
#include "api_list.h"

static const struct odata_field api_scans_fields[] = {
	{"id", NULL, ODATA_TEXT},
	{"type", NULL, ODATA_TEXT},
	{"origin", NULL, ODATA_TEXT},
	{"status", NULL, ODATA_TEXT},
	{"comment", NULL, ODATA_TEXT},
	{"creationTime", NULL, ODATA_TIME},
	{"startTime", NULL, ODATA_TIME},
	{"endTime", NULL, ODATA_TIME},
	{"duration", NULL, ODATA_NUMBER},
	{"loadFactor", NULL, ODATA_NUMBER},
	{"achievedLoad", NULL, ODATA_NUMBER},
	{"bytes", NULL, ODATA_NUMBER},
	{"detections", NULL, ODATA_NUMBER},
	{"complete", NULL, ODATA_BOOL},
	{"actionId", NULL, ODATA_TEXT},
};
static const struct api_list_kind api_scans_kind = {
	.method = "scan.list",
	.context = "Scans",
	.resource = {api_scans_fields, sizeof(api_scans_fields) / sizeof(api_scans_fields[0]),
		false},
};

static const struct odata_field api_scans_detection_fields[] = {
	{"id", NULL, ODATA_ID},
	{"scanId", NULL, ODATA_TEXT},
	{"alertId", NULL, ODATA_ID},
	{"time", NULL, ODATA_TIME},
	{"path", NULL, ODATA_TEXT},
	{"threatName", NULL, ODATA_TEXT},
	{"severity", NULL, ODATA_TEXT},
	{"category", NULL, ODATA_TEXT},
	{"sha256", NULL, ODATA_TEXT},
	{"sha1", NULL, ODATA_TEXT},
	{"size", NULL, ODATA_NUMBER},
	{"remediationStatus", NULL, ODATA_TEXT},
	{"remediationAction", NULL, ODATA_TEXT},
	{"remediationBy", NULL, ODATA_TEXT},
	{"quarantineId", NULL, ODATA_TEXT},
	{"wasExecutingWhileDetected", NULL, ODATA_BOOL},
	{"processCount", NULL, ODATA_NUMBER},
};
static const struct api_list_kind api_scans_detection_kind = {
	.method = "detection.list",
	.context = "Detections",
	.resource = {api_scans_detection_fields,
		sizeof(api_scans_detection_fields) / sizeof(api_scans_detection_fields[0]), false},
	.shape = alert_shape_detection,
	.translate = alert_id_translate,
};

void api_scans_list(struct api_request *request)
{
	api_list_answer(request, &api_scans_kind);
}

void api_scans_count(struct api_request *request)
{
	api_list_count(request, &api_scans_kind);
}

void api_detections_list(struct api_request *request)
{
	api_list_answer(request, &api_scans_detection_kind);
}

void api_detections_count(struct api_request *request)
{
	api_list_count(request, &api_scans_detection_kind);
}

static void api_scans_on_scan(struct api_request *request, const cJSON *result)
{
	api_answer_entity(request, 200, "Scans", result);
}

/* The action is there: its scan. */
static void api_scans_on_action(struct api_request *request, const cJSON *result)
{
	const char *id = "";
	cJSON *params = cJSON_CreateObject();

	(void)json_get_string(result, "scanId", 64, &id, NULL);
	if (json_add_string(params, "id", id) < 0) {
		cJSON_Delete(params);
		params = NULL;
	}
	api_call(request, "scan.show", params, api_scans_on_scan);
}

/* No scan has this id; an action may. */
static bool api_scans_on_fault(struct api_request *request, const struct upstream_reply *reply)
{
	if (api_error_of(reply->fault_number, reply->transport) != API_ERROR_RESOURCE_NOT_FOUND)
		return false;
	api_call(request, "action.show", api_id_params(request), api_scans_on_action);
	return true;
}

void api_scans_get(struct api_request *request)
{
	request->on_fault = api_scans_on_fault;
	api_call(request, "scan.show", api_id_params(request), api_scans_on_scan);
}

void api_scans_pause(struct api_request *request)
{
	api_call(request, "scan.pause", api_id_params(request), api_scans_on_scan);
}

void api_scans_resume(struct api_request *request)
{
	api_call(request, "scan.resume", api_id_params(request), api_scans_on_scan);
}
