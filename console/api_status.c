/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the service and the console are, and what the API is. */
#include "api_handlers.h"

#include "api_events.h"
#include "clock.h"
#include "openapi.h"

static void api_status_on_health(struct api_request *request, const cJSON *result)
{
	const struct console_api *api = request->api;
	cJSON *json = cJSON_Duplicate(result, true);
	cJSON *console = cJSON_CreateObject();
	int r = json_add_string(console, "version", QUIETSCAN_VERSION);

	r |= json_add_time(console, "startTime", api->start_unix_ms);
	r |= json_add_int(console, "uptimeSeconds", (clock_unix_ms() - api->start_unix_ms) / 1000);
	r |= json_add_uint(console, "streams", api_events_n_streams(api->events));
	r |= json_add_int(console, "rateLimitPerMinute", api->config.rate_per_minute);
	r |= json_add_int(console, "rateLimitPerHour", api->config.rate_per_hour);
	r |= json_add_string(console, "client", request->principal.app_name);
	r |= json_add_item(console, "roles", roles_json(request->principal.roles));
	r |= json_add_item(json, "console", console);
	if (r < 0) {
		cJSON_Delete(json);
		json = NULL;
	}
	api_answer_json(request, 200, json);
}

void api_status_health(struct api_request *request)
{
	api_call(request, "health", cJSON_CreateObject(), api_status_on_health);
}

void api_status_alive(struct api_request *request)
{
	if (upstream_is_connected(request->api->config.upstream))
		api_answer(request, 200, "text/plain", NULL, span_str("ok"));
	else
		api_answer(request, 503, "text/plain", NULL,
			span_str("the scanning service is not reachable"));
}

void api_status_openapi(struct api_request *request)
{
	api_answer(request, 200, "application/json; charset=utf-8", NULL,
		(struct span){openapi_json, openapi_json_size});
}
