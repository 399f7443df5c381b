/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The token endpoints, as clients of Azure AD know them: client credentials, v1
 * with "resource", v2 with "scope". Any tenant's name will do. Errors are those
 * of OAuth (RFC 6749, 5.2) with Azure's numbers, not Defender's.
 */
#include "api_handlers.h"

#include "api_proof.h"
#include "clock.h"
#include "form.h"
#include "log.h"

#include <openssl/crypto.h>

#include <stdio.h>
#include <stdlib.h>

struct api_token_error {
	unsigned status;
	const char *error;
	int number; /* AADSTS… */
	const char *text;
};

static const struct api_token_error api_token_bad_form = {400, "invalid_request", 9000410,
	"The request body must be a form of text, with no field given twice."};
static const struct api_token_error api_token_no_grant = {400, "invalid_request", 900144,
	"The request body must contain the following parameter: 'grant_type'."};
static const struct api_token_error api_token_other_grant = {400, "unsupported_grant_type", 70003,
	"The app requested an unsupported grant type; 'client_credentials' is expected."};
static const struct api_token_error api_token_no_client = {400, "invalid_request", 900144,
	"The request body must contain the following parameter: 'client_id'."};
static const struct api_token_error api_token_no_secret = {401, "invalid_client", 7000218,
	"The request body must contain the following parameter: 'client_secret'."};
static const struct api_token_error api_token_no_scope = {400, "invalid_scope", 90014,
	"The required field 'scope' is missing; it ends with '/.default'."};
static const struct api_token_error api_token_no_resource = {400, "invalid_request", 900144,
	"The request body must contain the following parameter: 'resource'."};
static const struct api_token_error api_token_wrong_secret = {
	401, "invalid_client", 7000215, "Invalid client or client secret provided."};

static const char *const api_token_headers[][2] = {
	{"Cache-Control", "no-store"}, {"Pragma", "no-cache"}, {NULL, NULL}};

static void api_token_print(struct api_request *request, unsigned status, cJSON *json, int r)
{
	char *text = NULL;
	size_t n = 0;

	if (r == 0)
		r = json_print(json, &text, &n);
	cJSON_Delete(json);
	if (r < 0)
		api_answer_json(request, status, NULL);
	else
		api_answer(request, status, "application/json; charset=utf-8", api_token_headers,
			(struct span){text, n});
	if (text)
		OPENSSL_cleanse(text, n);
	free(text);
}

static void api_token_refuse(struct api_request *request, const struct api_token_error *error)
{
	cJSON *json = cJSON_CreateObject();
	cJSON *numbers = cJSON_CreateArray();
	char text[256];
	char time[CLOCK_ISO_SIZE];
	int r = json_append(numbers, cJSON_CreateNumber(error->number));

	clock_iso(clock_unix_ms(), time);
	(void)snprintf(text, sizeof(text), "AADSTS%d: %s", error->number, error->text);
	r |= json_add_string(json, "error", error->error);
	r |= json_add_string(json, "error_description", text);
	r |= json_add_item(json, "error_codes", numbers);
	r |= json_add_string(json, "timestamp", time);
	r |= json_add_string(json, "trace_id", request->http->id);
	r |= json_add_string(json, "correlation_id", request->http->id);
	api_token_print(request, error->status, json, r);
}

static void api_token_give(struct api_request *request, const struct client *client)
{
	int64_t now_s = clock_unix_ms() / 1000;
	struct token_claims claims = {
		.roles = client->roles, .issued_s = now_s, .expires_s = now_s + TOKEN_LIFE_S};
	cJSON *json = cJSON_CreateObject();
	char base[API_BASE_SIZE];
	char *text = NULL;
	int r;

	(void)snprintf(claims.app_id, sizeof(claims.app_id), "%s", client->id);
	(void)snprintf(claims.app_name, sizeof(claims.app_name), "%s", client->name);
	api_base(request, base);
	r = token_make(request->api->key, base, &claims, &text);
	r |= json_add_string(json, "token_type", "Bearer");
	r |= json_add_int(json, "expires_in", TOKEN_LIFE_S - 1);
	r |= json_add_int(json, "ext_expires_in", 0);
	if (request->route.id == ROUTE_TOKEN) {
		r |= json_add_int(json, "expires_on", claims.expires_s);
		r |= json_add_int(json, "not_before", claims.issued_s);
	}
	r |= json_add_string(json, "access_token", text);
	free(text);
	request->api->counters.tokens++;
	log_info("console", "token for \"%s\" (%s) from %s", client->name, client->id,
		request->http->peer);
	api_token_print(request, 200, json, r);
}

static void api_token_on_proof(struct api_request *request, const struct client *client)
{
	if (client) {
		api_token_give(request, client);
		return;
	}
	api_token_refuse(request, &api_token_wrong_secret);
}

/* What is wrong with a form; NULL when nothing is. */
static const struct api_token_error *api_token_check(const struct form *form, bool is_v2)
{
	if (form->grant_type[0] == '\0')
		return &api_token_no_grant;
	if (strcmp(form->grant_type, "client_credentials") != 0)
		return &api_token_other_grant;
	if (form->client_id[0] == '\0')
		return &api_token_no_client;
	if (form->client_secret[0] == '\0')
		return &api_token_no_secret;
	if (is_v2 && form->scope[0] == '\0')
		return &api_token_no_scope;
	if (!is_v2 && form->resource[0] == '\0')
		return &api_token_no_resource;
	return NULL;
}

static void api_token_answer(struct api_request *request, bool is_v2)
{
	const struct http_request *http = request->http;
	struct form form = {.grant_type = ""};
	const struct api_token_error *error = NULL;

	if (form_parse((struct span){http->body, http->n_body}, &form) < 0 ||
		(form.client_secret[0] == '\0' && http->authorization[0] != '\0' &&
			form_basic(http->authorization, &form) < 0))
		error = &api_token_bad_form;
	if (!error)
		error = api_token_check(&form, is_v2);
	if (error)
		api_token_refuse(request, error);
	else
		api_proof_check(request, form.client_id, form.client_secret, api_token_on_proof);
	OPENSSL_cleanse(&form, sizeof(form));
}

void api_token_v1(struct api_request *request)
{
	api_token_answer(request, false);
}

void api_token_v2(struct api_request *request)
{
	api_token_answer(request, true);
}
