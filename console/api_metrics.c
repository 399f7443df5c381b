/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GET /metrics: for a bearer of a token, or with Basic for a scraper that knows
 * client id and secret. Without the daemon it still says so: quietscan_up 0.
 */
#include "api_handlers.h"

#include "api_events.h"
#include "api_proof.h"
#include "clock.h"
#include "form.h"
#include "metrics_text.h"

#include <openssl/crypto.h>

#include <stdio.h>
#include <stdlib.h>

#define API_METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum { API_METRICS_ROLES = ROLE_MACHINE_READ | ROLE_MACHINE_READ_WRITE };

static void api_metrics_console(struct text_buffer *text, const struct console_api *api)
{
	static const char name[] = "quietscan_console_requests_total";
	int64_t uptime_s = (clock_unix_ms() - api->start_unix_ms) / 1000;

	metrics_text_head(text, name, "counter", "Answers by class of status.");
	for (unsigned i = 2; i < 6; i++) {
		char label[8];

		(void)snprintf(label, sizeof(label), "%uxx", i);
		metrics_text_sample(text, name, "class", label, (double)api->counters.requests[i]);
	}
	metrics_text_head(text, "quietscan_console_limited_total", "counter", "Answers 429.");
	metrics_text_sample(
		text, "quietscan_console_limited_total", NULL, NULL, (double)api->counters.limited);
	metrics_text_head(text, "quietscan_console_tokens_total", "counter", "Tokens given out.");
	metrics_text_sample(
		text, "quietscan_console_tokens_total", NULL, NULL, (double)api->counters.tokens);
	metrics_text_head(text, "quietscan_console_unchanged_total", "counter",
		"Lists that had not changed since they were asked for before.");
	metrics_text_sample(text, "quietscan_console_unchanged_total", NULL, NULL,
		(double)api->counters.unchanged);
	metrics_text_head(
		text, "quietscan_console_streams", "gauge", "Streams of events open now.");
	metrics_text_sample(
		text, "quietscan_console_streams", NULL, NULL, api_events_n_streams(api->events));
	metrics_text_head(
		text, "quietscan_console_uptime_seconds", "gauge", "Since the console started.");
	metrics_text_sample(text, "quietscan_console_uptime_seconds", NULL, NULL, (double)uptime_s);
}

static void api_metrics_answer(struct api_request *request, const cJSON *metrics)
{
	struct text_buffer text = TEXT_BUFFER_NULL;

	metrics_text_head(
		&text, "quietscan_up", "gauge", "1: the scanning service answers the console.");
	metrics_text_sample(&text, "quietscan_up", NULL, NULL, metrics != NULL);
	if (metrics)
		metrics_text_daemon(&text, metrics);
	api_metrics_console(&text, request->api);
	if (text.is_failed)
		api_answer_json(request, 200, NULL);
	else
		api_answer(request, 200, API_METRICS_TYPE, NULL, text_buffer_span(&text));
	text_buffer_deinit(&text);
}

static bool api_metrics_on_fault(struct api_request *request, const struct upstream_reply *reply)
{
	if (reply->transport == 0)
		return false;
	api_metrics_answer(request, NULL);
	return true;
}

static void api_metrics_ask(struct api_request *request)
{
	if (!upstream_is_connected(request->api->config.upstream)) {
		api_metrics_answer(request, NULL);
		return;
	}
	request->on_fault = api_metrics_on_fault;
	api_call(request, "metrics.show", cJSON_CreateObject(), api_metrics_answer);
}

static void api_metrics_refuse(struct api_request *request)
{
	static const char *const headers[][2] = {
		{"WWW-Authenticate", "Basic realm=\"quietscan\""}, {NULL, NULL}};
	char *text = NULL;

	if (api_error_body(API_ERROR_UNAUTHORIZED, "Client id or secret is wrong",
		    request->http->id, &text) < 0)
		text = NULL;
	api_answer(request, 401, "application/json; charset=utf-8", headers, span_str(text));
	free(text);
}

static void api_metrics_on_proof(struct api_request *request, const struct client *client)
{
	if (!client) {
		api_metrics_refuse(request);
		return;
	}
	request->principal.roles = client->roles;
	(void)snprintf(
		request->principal.app_id, sizeof(request->principal.app_id), "%s", client->id);
	(void)snprintf(request->principal.app_name, sizeof(request->principal.app_name), "%s",
		client->name);
	if (!api_is_within_limit(request))
		return;
	if (client->roles & API_METRICS_ROLES)
		api_metrics_ask(request);
	else
		api_answer_error(request, API_ERROR_FORBIDDEN,
			"The application has none of the required roles: Machine.Read.All or "
			"Machine.ReadWrite.All");
}

void api_metrics_show(struct api_request *request)
{
	struct form form = {.grant_type = ""};

	if (form_bearer(request->http->authorization)) {
		if (api_authorize(request, API_METRICS_ROLES))
			api_metrics_ask(request);
	} else if (form_basic(request->http->authorization, &form) == 0) {
		api_proof_check(request, form.client_id, form.client_secret, api_metrics_on_proof);
	} else {
		api_metrics_refuse(request);
	}
	OPENSSL_cleanse(&form, sizeof(form));
}
