/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way of a request: route → who is it (token, client) → how often (rate
 * limit) → may it (role) → its handler. What is open asks for no token.
 */
#include "console_api.h"

#include "api_handlers.h"
#include "api.h"
#include "api_cache.h"
#include "api_events.h"
#include "api_limits.h"
#include "api_proof.h"
#include "check.h"
#include "cleanup.h"
#include "clock.h"
#include "form.h"
#include "log.h"
#include "state_file.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

#define CONSOLE_API_KEY_FILE "token.key"

static const api_step console_api_handlers[ROUTE_N] = {
	[ROUTE_MACHINES] = api_machines_list,
	[ROUTE_MACHINES_COUNT] = api_machines_count,
	[ROUTE_FIND_BY_IP] = api_machines_find,
	[ROUTE_MACHINE] = api_machines_get,
	[ROUTE_MACHINE_TAGS] = api_machines_tag,
	[ROUTE_MACHINE_SCAN] = api_machines_scan,
	[ROUTE_MACHINE_FILE] = api_machines_file,
	[ROUTE_MACHINE_ALERTS] = api_alerts_of_machine,
	[ROUTE_MACHINE_ALERTS_COUNT] = api_alerts_count_of_machine,
	[ROUTE_UNSUPPORTED] = api_machines_unsupported,
	[ROUTE_ACTIONS] = api_actions_list,
	[ROUTE_ACTIONS_COUNT] = api_actions_count,
	[ROUTE_ACTION] = api_actions_get,
	[ROUTE_ACTION_CANCEL] = api_actions_cancel,
	[ROUTE_ACTION_RESULT] = api_actions_result,
	[ROUTE_ALERTS] = api_alerts_list,
	[ROUTE_ALERTS_COUNT] = api_alerts_count,
	[ROUTE_ALERT] = api_alerts_get,
	[ROUTE_ALERT_UPDATE] = api_alerts_update,
	[ROUTE_SCANS] = api_scans_list,
	[ROUTE_SCANS_COUNT] = api_scans_count,
	[ROUTE_SCAN] = api_scans_get,
	[ROUTE_SCAN_PAUSE] = api_scans_pause,
	[ROUTE_SCAN_RESUME] = api_scans_resume,
	[ROUTE_DETECTIONS] = api_detections_list,
	[ROUTE_DETECTIONS_COUNT] = api_detections_count,
	[ROUTE_QUARANTINE] = api_quarantine_list,
	[ROUTE_QUARANTINE_COUNT] = api_quarantine_count,
	[ROUTE_QUARANTINE_ITEM] = api_quarantine_get,
	[ROUTE_QUARANTINE_RESTORE] = api_quarantine_restore,
	[ROUTE_QUARANTINE_DELETE] = api_quarantine_delete,
	[ROUTE_TIMELINE] = api_timeline_list,
	[ROUTE_EVENTS] = api_events_follow,
	[ROUTE_HEALTH] = api_status_health,
	[ROUTE_TOKEN] = api_token_v1,
	[ROUTE_TOKEN_V2] = api_token_v2,
	[ROUTE_OPENAPI] = api_status_openapi,
	[ROUTE_METRICS] = api_metrics_show,
	[ROUTE_ALIVE] = api_status_alive,
};

/* The key of tokens: made once, so that tokens outlive a restart. */
static int console_api_load_key(struct console_api *api, struct errmsg *msg)
{
	_cleanup_(cleanup_free) char *bytes = NULL;
	size_t n = 0;
	int r = state_file_read(
		api->dir_fd, CONSOLE_API_KEY_FILE, TOKEN_KEY_BYTES, &bytes, &n, NULL);

	if (r == 0 && n == TOKEN_KEY_BYTES) {
		memcpy(api->key, bytes, n);
		OPENSSL_cleanse(bytes, n);
		return 0;
	}
	if (r == 0)
		r = -EBADMSG;
	if (r == -ENOENT) {
		r = secret_random(api->key, sizeof(api->key));
		if (r == 0)
			r = state_file_write(
				api->dir_fd, CONSOLE_API_KEY_FILE, api->key, sizeof(api->key));
	}
	if (r < 0)
		errmsg_set(msg, CONSOLE_API_KEY_FILE ": %s", err_text(r));
	return r;
}

static void console_api_free(struct console_api *api)
{
	client_store_free(api->clients);
	api_limits_free(api->limits);
	api_proof_free(api->proofs);
	api_cache_free(api->cache);
	if (api->dir_fd >= 0)
		(void)close(api->dir_fd);
	OPENSSL_cleanse(api->key, sizeof(api->key));
	free(api);
}

static int console_api_fill(struct console_api *api, struct errmsg *msg)
{
	int r = state_file_open_dir(api->config.state_dir, false, &api->dir_fd, msg);

	if (r == 0)
		r = console_api_load_key(api, msg);
	if (r == 0)
		r = client_store_open(api->dir_fd, &api->clients, msg);
	if (r < 0)
		return r;
	api->limits = api_limits_new(api->config.rate_per_minute, api->config.rate_per_hour);
	api->proofs = api_proof_new();
	api->cache = api_cache_new();
	if (!api->limits || !api->proofs || !api->cache) {
		errmsg_set(msg, "%s, or a rate limit is too large", err_text(-ENOMEM));
		return err_origin(-ENOMEM);
	}
	r = api_events_open(api, &api->events);
	if (r < 0)
		errmsg_set(msg, "timers: %s", err_text(r));
	return r;
}

int console_api_open(
	const struct console_api_config *config, struct console_api **apip, struct errmsg *msg)
{
	struct console_api *api = calloc(1, sizeof(*api));
	int r;

	if (!api) {
		errmsg_set(msg, "%s", err_text(-ENOMEM));
		return err_origin(-ENOMEM);
	}
	api->config = *config;
	api->dir_fd = -1;
	api->start_unix_ms = clock_unix_ms();
	(void)machine_shape_read(&api->addresses);
	api->guard = (struct guard){config->hosts, config->n_hosts, config->has_tls};
	r = console_api_fill(api, msg);
	if (r < 0) {
		console_api_free(api);
		return r;
	}
	*apip = api;
	return 0;
}

static struct guard_request console_api_guard(const struct http_request *http)
{
	return (struct guard_request){http->host, http->origin, http->sec_fetch_site};
}

unsigned console_api_gate(void *arg, const struct http_request *request)
{
	const struct console_api *api = arg;
	struct guard_request guarded = console_api_guard(request);

	return guard_check(&api->guard, &guarded);
}

static void console_api_unauthorized(struct api_request *request, const char *why)
{
	static const char *const headers[][2] = {{"WWW-Authenticate", "Bearer"}, {NULL, NULL}};
	_cleanup_(cleanup_free) char *text = NULL;

	if (api_error_body(API_ERROR_UNAUTHORIZED, why, request->http->id, &text) < 0)
		text = NULL;
	api_answer(request, 401, "application/json; charset=utf-8", headers, span_str(text));
}

/* Whose token is it? NULL when it is nobody's: then the request is answered. */
static const struct client *console_api_principal(struct api_request *request)
{
	struct console_api *api = request->api;
	const char *token = form_bearer(request->http->authorization);
	const struct client *client;
	struct errmsg msg = ERRMSG_NULL;
	int r;

	if (!token) {
		console_api_unauthorized(request, "A bearer token is required");
		return NULL;
	}
	r = token_check(
		api->key, token, strlen(token), clock_unix_ms() / 1000, &request->principal);
	if (r != 0) {
		console_api_unauthorized(request,
			r == TOKEN_E_EXPIRED ? "The token has expired" : "The token is not valid");
		return NULL;
	}
	if (client_store_refresh(api->clients, NULL, &msg) < 0)
		log_warn("console", "%s", msg.text);
	client = client_store_find(api->clients, request->principal.app_id);
	if (!client || client->revoked_unix_ms != 0) {
		console_api_unauthorized(request, "The client was revoked");
		return NULL;
	}
	return client;
}

bool api_is_within_limit(struct api_request *request)
{
	char text[16];
	const char *const headers[][2] = {{"Retry-After", text}, {NULL, NULL}};
	unsigned wait_s = api_limits_take(
		request->api->limits, request->principal.app_id, clock_mono_ns() / 1000000);

	if (wait_s == 0)
		return true;
	(void)snprintf(text, sizeof(text), "%u", wait_s);
	api_answer_limited(request, headers);
	return false;
}

bool api_authorize(struct api_request *request, unsigned roles)
{
	char names[512] = "";
	size_t n = 0;

	if (!console_api_principal(request) || !api_is_within_limit(request))
		return false;
	if (request->principal.roles & roles)
		return true;
	for (unsigned i = 0; i < ROLES_N && n < sizeof(names); i++)
		if (roles & 1u << i)
			n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", n ? " or " : "",
				roles_name(i));
	api_answer_error(request, API_ERROR_FORBIDDEN,
		"The application has none of the required roles: %s", names);
	return false;
}

static void console_api_no_route(struct api_request *request, int r)
{
	const char *const allow[][2] = {{"Allow", request->route.allowed}, {NULL, NULL}};
	_cleanup_(cleanup_free) char *text = NULL;

	if (r == ROUTE_E_BAD) {
		api_answer_error(request, API_ERROR_BAD_REQUEST, "The path is not text");
	} else if (r == ROUTE_E_NOT_FOUND) {
		api_answer_error(request, API_ERROR_NOT_FOUND, "There is no such path");
	} else {
		if (api_error_body(API_ERROR_METHOD, "This path is asked with another method",
			    request->http->id, &text) < 0)
			text = NULL;
		api_answer(request, api_error_status(API_ERROR_METHOD),
			"application/json; charset=utf-8", allow, span_str(text));
	}
}

void console_api_on_request(
	void *arg, struct http_exchange *exchange, const struct http_request *request)
{
	struct console_api *api = arg;
	struct guard_request guarded = console_api_guard(request);
	struct route_match route;
	struct api_request *made;
	int r = route_find(request->method, request->path, &route);

	made = api_request_new(api, exchange, request, &route);
	if (!made) {
		(void)http_answer(exchange, 500, NULL, NULL, NULL, 0);
		return;
	}
	made->is_page = guard_is_page(&guarded);
	if (r != 0)
		console_api_no_route(made, r);
	else if (route.is_open || api_authorize(made, route.roles))
		console_api_handlers[route.id](made);
}

void api_release(struct console_api *api)
{
	PRE(api->n_holds > 0);
	if (--api->n_holds == 0 && api->is_closing)
		console_api_free(api);
}

void console_api_close(struct console_api *api)
{
	if (!api)
		return;
	api->is_closing = true;
	while (api->first)
		api_answer_error(api->first, API_ERROR_UNAVAILABLE, "The console is ending");
	api_events_close(api->events); /* holds the API until its timers are closed */
}
