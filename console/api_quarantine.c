/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files in quarantine, which Defender's API does not have. To put one back or to
 * delete it takes as long as a file system takes; who asks is answered when the
 * daemon has accepted it, and the end is an event.
 */
#include "api_list.h"

#include "api_handlers.h"

#define API_QUARANTINE_CONTEXT "Quarantine"

static const struct odata_field api_quarantine_fields[] = {
	{"id", NULL, ODATA_TEXT},
	{"quarantinedTime", NULL, ODATA_TIME},
	{"path", NULL, ODATA_TEXT},
	{"threatName", NULL, ODATA_TEXT},
	{"detectionId", NULL, ODATA_TEXT},
	{"sha256", NULL, ODATA_TEXT},
	{"size", NULL, ODATA_NUMBER},
};
static const struct api_list_kind api_quarantine_kind = {
	.method = "quarantine.list",
	.context = API_QUARANTINE_CONTEXT,
	.resource = {api_quarantine_fields,
		sizeof(api_quarantine_fields) / sizeof(api_quarantine_fields[0]), false},
};

void api_quarantine_list(struct api_request *request)
{
	api_list_answer(request, &api_quarantine_kind);
}

void api_quarantine_count(struct api_request *request)
{
	api_list_count(request, &api_quarantine_kind);
}

static void api_quarantine_on_page(struct api_request *request, const cJSON *result)
{
	const cJSON *rows = cJSON_GetObjectItemCaseSensitive(result, "value");

	if (rows && rows->child)
		api_answer_entity(request, 200, API_QUARANTINE_CONTEXT, rows->child);
	else
		api_answer_error(
			request, API_ERROR_RESOURCE_NOT_FOUND, "Nothing in quarantine has this id");
}

/* The daemon has a list alone: the one row of it that has the id. */
void api_quarantine_get(struct api_request *request)
{
	cJSON *params = cJSON_CreateObject();
	cJSON *filter = cJSON_CreateArray();
	int r = json_append(filter, json_new_string("eq"));

	r |= json_append(filter, json_new_string("id"));
	r |= json_append(filter, json_new_string(request->route.parameter));
	r |= json_add_item(params, "filter", filter);
	r |= json_add_int(params, "limit", 1);
	if (r < 0) {
		cJSON_Delete(params);
		params = NULL;
	}
	api_call(request, "quarantine.list", params, api_quarantine_on_page);
}

static void api_quarantine_on_accepted(struct api_request *request, const cJSON *result)
{
	cJSON *answer = cJSON_CreateObject();
	const char *outcome = "";
	int r = json_add_string(answer, "id", request->route.parameter);

	(void)json_get_string(result, "outcome", 64, &outcome, NULL);
	r |= json_add_string(answer, "outcome", outcome);
	if (r < 0) {
		cJSON_Delete(answer);
		answer = NULL;
	}
	api_answer_json(request, 202, answer);
}

void api_quarantine_restore(struct api_request *request)
{
	api_call_with_comment(request, "quarantine.restore", api_quarantine_on_accepted);
}

void api_quarantine_delete(struct api_request *request)
{
	api_call_with_comment(request, "quarantine.delete", api_quarantine_on_accepted);
}
