/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machine actions: what was asked of the machine, as the daemon has it on record. */
#include "api_list.h"

#include "api_handlers.h"

#define API_ACTIONS_CONTEXT "MachineActions"

static const struct odata_field api_actions_fields[] = {
	{"id", NULL, ODATA_TEXT},
	{"type", NULL, ODATA_TEXT},
	{"title", NULL, ODATA_TEXT},
	{"requestor", NULL, ODATA_TEXT},
	{"requestorComment", NULL, ODATA_TEXT},
	{"status", NULL, ODATA_TEXT},
	{"machineId", NULL, ODATA_TEXT},
	{"computerDnsName", NULL, ODATA_TEXT},
	{"creationDateTimeUtc", NULL, ODATA_TIME},
	{"lastUpdateDateTimeUtc", NULL, ODATA_TIME},
	{"lastUpdateTimeUtc", "lastUpdateDateTimeUtc", ODATA_TIME}, /* its name in 2018 */
	{"cancellationRequestor", NULL, ODATA_TEXT},
	{"cancellationComment", NULL, ODATA_TEXT},
	{"cancellationDateTimeUtc", NULL, ODATA_TIME},
	{"errorHResult", NULL, ODATA_NUMBER},
	{"scope", NULL, ODATA_TEXT},
	{"externalId", NULL, ODATA_TEXT},
	{"requestSource", NULL, ODATA_TEXT},
	{"scanId", NULL, ODATA_TEXT},
};

static cJSON *api_actions_known(const struct console_api *api)
{
	cJSON *known = cJSON_CreateObject();
	int r = json_add_string(known, "machineId", api->machine_id);

	r |= json_add_string(known, "computerDnsName", api->machine_name);
	r |= json_add_null(known, "title");
	r |= json_add_null(known, "externalId");
	if (r == 0)
		return known;
	cJSON_Delete(known);
	return NULL;
}

static const struct api_list_kind api_actions_kind = {
	.method = "action.list",
	.context = API_ACTIONS_CONTEXT,
	.resource = {api_actions_fields, sizeof(api_actions_fields) / sizeof(api_actions_fields[0]),
		false},
	.known = api_actions_known,
};

void api_actions_list(struct api_request *request)
{
	api_list_answer(request, &api_actions_kind);
}

void api_actions_count(struct api_request *request)
{
	api_list_count(request, &api_actions_kind);
}

static void api_actions_on_action(struct api_request *request, const cJSON *result)
{
	api_answer_entity(request, 200, API_ACTIONS_CONTEXT, result);
}

void api_actions_get(struct api_request *request)
{
	api_call(request, "action.show", api_id_params(request), api_actions_on_action);
}

void api_actions_cancel(struct api_request *request)
{
	api_call_with_comment(request, "action.cancel", api_actions_on_action);
}

static void api_actions_no_result(struct api_request *request, const cJSON *result)
{
	(void)result;
	api_answer_error(request, API_ERROR_OS_NOT_SUPPORTED,
		"Actions of this device have no package or result to download");
}

/* 404 for an action that is not there; no action has what is asked for. */
void api_actions_result(struct api_request *request)
{
	const unsigned reads = ROLE_MACHINE_READ | ROLE_MACHINE_READ_WRITE;

	if (request->principal.roles & reads)
		api_call(request, "action.show", api_id_params(request), api_actions_no_result);
	else
		api_actions_no_result(request, NULL);
}
