/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The n-th allocation fails, for every n: what the console makes of requests and
 * answers says -ENOMEM (or that there is none), leaks nothing, and works the next
 * time.
 */
#include "unit.h"

#include "alert_shape.h"
#include "api_cache.h"
#include "cleanup.h"
#include "client_codec.h"
#include "faultheap.h"
#include "filter.h"
#include "machine_shape.h"
#include "metrics_text.h"
#include "odata.h"
#include "request_json.h"
#include "roles.h"
#include "token.h"

#include <stdlib.h>

enum { TRIES_MAX = 5000 };

/* One attempt; 0 or -ENOMEM, everything it made is freed. */
typedef int (*subject)(void);

static void every_allocation(subject try)
{
	unsigned long n = 0;
	bool has_failed = true;

	for (; has_failed && n < TRIES_MAX; n++) {
		int r;

		faultheap_arm(n);
		r = try();
		has_failed = faultheap_disarm();
		if (has_failed ? r != -ENOMEM && r != 0 : r != 0)
			fail_msg("allocation %lu: %d", n, r);
	}
	assert_true(n > 1 && n < TRIES_MAX);
}

static const struct odata_field fields[] = {{"status", NULL, ODATA_TEXT},
	{"time", NULL, ODATA_TIME}, {"n", NULL, ODATA_NUMBER}, {"tags", NULL, ODATA_TEXTS}};
static const struct odata_resource resource = {fields, 4, true};

static int try_odata(void)
{
	struct odata_query query = ODATA_QUERY_NULL;
	int r = odata_query_parse(&resource,
		"$filter=(status in ('a','b''c') or not startswith(status,'x')) and time ge "
		"2026-11-24T03:55:12.0000001Z and time eq 2026-11-24T03:55:12.0000001Z and n gt 5 "
		"and tags/any(t:t eq 'x')&$orderby=time desc&$top=5",
		&query, NULL);

	odata_query_deinit(&query);
	return r;
}

static int try_fold(void)
{
	cJSON *known = cJSON_CreateObject();
	cJSON *tree = NULL;
	bool is_nothing = false;
	int r = json_add_string(known, "status", "a");

	if (r == 0)
		r = odata_filter_parse(
			&resource, "status eq 'a' and (n eq 1 or status eq 'b')", &tree, NULL);
	if (r == 0)
		filter_fold(&tree, known, &is_nothing);
	cJSON_Delete(tree);
	cJSON_Delete(known);
	return r;
}

static int try_bodies(void)
{
	static int (*const readers[])(struct span, cJSON **, struct api_fault *) = {
		request_json_scan, request_json_comment, request_json_tag, request_json_alert};
	static const char body[] = "{\"Comment\":\"x\",\"ScanType\":\"Full\",\"Value\":\"v\","
				   "\"Action\":\"Add\",\"status\":\"New\"}";
	int r = 0;

	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]) && r == 0; i++) {
		struct api_fault fault = API_FAULT_NULL;
		cJSON *params = NULL;

		r = readers[i](span_str(body), &params, &fault);
		cJSON_Delete(params);
	}
	return r;
}

static int try_token(void)
{
	static const uint8_t key[TOKEN_KEY_BYTES] = {1};
	static const struct token_claims claims = {"id", "name", ROLE_MACHINE_SCAN, 1000, 2000};
	_cleanup_(cleanup_free) char *text = NULL;
	struct token_claims back;
	int r = token_make(key, "iss", &claims, &text);

	if (r == 0)
		r = token_check(key, text, strlen(text), 1000, &back);
	return r == TOKEN_E_INVALID ? -1 : r;
}

static int try_clients(void)
{
	static const struct client client = {.id = "00000000-0000-4000-8000-000000000000",
		.name = "a",
		.roles = ROLE_MACHINE_SCAN};
	_cleanup_(cleanup_free) struct client *clients = NULL;
	_cleanup_(cleanup_free) char *text = NULL;
	size_t n_text = 0;
	size_t n = 0;
	struct client made = client;
	int r;

	made.created_unix_ms = 1;
	r = client_codec_encode(&made, 1, &text, &n_text);
	return r < 0 ? r : client_codec_decode(text, n_text, &clients, &n, NULL);
}

static int try_shapes(void)
{
	static const struct machine_addresses addresses = {.list = {{"1.2.3.4", "AA"}}, .n = 1};
	static const char text[] = "{\"id\":\"a\",\"path\":\"/a/b\",\"comments\":[{}],"
				   "\"lastIpAddress\":null,\"ipAddresses\":[]}";
	_cleanup_(json_cleanup) cJSON *row = NULL;
	_cleanup_(json_cleanup) cJSON *list = NULL;
	_cleanup_(json_cleanup) cJSON *alert = NULL;
	_cleanup_(json_cleanup) cJSON *machine = NULL;
	int r = json_parse(text, sizeof(text) - 1, &row, NULL);

	if (r < 0)
		return r;
	list = cJSON_CreateArray();
	if (!list || json_append(list, cJSON_Duplicate(row, true)) < 0)
		return -ENOMEM;
	alert = alert_shape(row, list);
	machine = machine_shape(row, &addresses);
	return alert && machine ? 0 : -ENOMEM;
}

static int try_texts(void)
{
	_cleanup_(text_buffer_deinit) struct text_buffer text = TEXT_BUFFER_NULL;
	_cleanup_(json_cleanup) cJSON *json = cJSON_CreateObject();
	struct api_cache *cache = api_cache_new();
	int r = json_add_int(json, "bytes", 5);

	for (int i = 0; i < 300; i++)
		metrics_text_daemon(&text, json);
	text_buffer_json_string(&text, "x");
	if (cache)
		api_cache_put(cache, "key", 1, text_buffer_span(&text));
	r = cache && r == 0 && !text.is_failed ? 0 : -ENOMEM;
	api_cache_free(cache);
	return r;
}

static void everything(void **state)
{
	static const subject subjects[] = {
		try_odata, try_fold, try_bodies, try_token, try_clients, try_shapes, try_texts};

	(void)state;
	/* libcrypto does not stand a failure while it initialises itself (3.0: a lock is NULL). */
	assert_int_equal(try_token(), 0);
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
		every_allocation(subjects[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(everything)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
