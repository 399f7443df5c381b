/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * alert_shape, api_cache, api_limits, form, machine_shape, metrics_text, percent,
 * text_buffer.
 */
#include "jsontext.h"

#include "alert_shape.h"
#include "api_cache.h"
#include "api_limits.h"
#include "form.h"
#include "machine_shape.h"
#include "metrics_text.h"
#include "percent.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const char *text_of(const cJSON *object, const char *field)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, field));
}

static void alerts_have_all_fields(void **state)
{
	cJSON *row = jsontext_parse("{\"id\":\"a\",\"severity\":\"High\",\"status\":\"New\","
				    "\"detectionSource\":\"QuietscanAv\",\"title\":\"t\","
				    "\"alertCreationTime\":\"c\",\"lastUpdateTime\":\"u\","
				    "\"comments\":[{\"comment\":\"x\"}],\"scanId\":\"s\","
				    "\"detections\":2}");
	cJSON *evidence = jsontext_parse("[{\"path\":\"/usr/bin/x\",\"sha1\":\"1\",\"time\":\"c\"},"
					 "{\"path\":\"/x\"},{\"path\":\"x\"},{}]");
	cJSON *alert = alert_shape(row, evidence);
	cJSON *known = alert_shape_known();
	const cJSON *files = cJSON_GetObjectItemCaseSensitive(alert, "evidence");

	(void)state;
	assert_string_equal(alert->child->string, "id");
	assert_string_equal(text_of(alert, "detectionSource"), "WindowsDefenderAv");
	assert_string_equal(text_of(alert, "description"), "t");
	assert_string_equal(text_of(alert, "firstEventTime"), "c");
	assert_string_equal(text_of(alert, "lastEventTime"), "u");
	assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(alert, "classification")));
	assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(alert, "incidentId")));
	assert_int_equal(
		cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(alert, "comments")), 1);
	assert_int_equal(cJSON_GetArraySize(files), 4);
	assert_string_equal(text_of(files->child, "filePath"), "/usr/bin");
	assert_string_equal(text_of(files->child, "fileName"), "x");
	assert_string_equal(text_of(files->child, "entityType"), "File");
	assert_string_equal(text_of(files->child->next, "filePath"), "/");
	assert_null(text_of(files->child->next->next, "filePath"));
	assert_string_equal(text_of(known, "detectionSource"), "WindowsDefenderAv");
	assert_null(cJSON_GetObjectItemCaseSensitive(known, "severity"));
	cJSON_Delete(alert);
	alert = alert_shape(row, NULL);
	assert_int_equal(
		cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(alert, "evidence")), 0);
	cJSON_Delete(alert);
	cJSON_Delete(known);
	cJSON_Delete(row);
	cJSON_Delete(evidence);
}

/* The least recently used one goes; a long body is not kept. */
static void cache(void **state)
{
	struct api_cache *bodies = api_cache_new();
	char *large = calloc(1, API_CACHE_BODY_MAX + 1);
	struct span body;
	uint64_t revision;
	char key[32];

	(void)state;
	assert_false(api_cache_find(bodies, "a", &revision, &body));
	for (int i = 0; i < API_CACHE_ENTRIES; i++) {
		(void)snprintf(key, sizeof(key), "%d", i);
		api_cache_put(bodies, key, (uint64_t)i, span_str(key));
	}
	assert_true(api_cache_find(bodies, "0", &revision, &body));
	api_cache_put(bodies, "more", 7, span_str("body"));
	assert_true(api_cache_find(bodies, "0", &revision, &body));
	assert_false(api_cache_find(bodies, "1", &revision, &body));
	assert_true(api_cache_find(bodies, "more", &revision, &body));
	assert_int_equal(revision, 7);
	assert_true(span_equal(body, span_str("body")));
	api_cache_put(bodies, "more", 8, span_str("other"));
	assert_true(api_cache_find(bodies, "more", &revision, &body));
	assert_int_equal(revision, 8);
	assert_true(span_equal(body, span_str("other")));
	api_cache_put(bodies, "large", 1, (struct span){large, API_CACHE_BODY_MAX + 1});
	assert_false(api_cache_find(bodies, "large", &revision, &body));
	free(large);
	api_cache_free(bodies);
	api_cache_free(NULL);
}

/* Each has his own; who was silent for longest is forgotten. */
static void limits(void **state)
{
	struct api_limits *all = api_limits_new(1, 0);
	char who[32];

	(void)state;
	assert_int_equal(api_limits_take(all, "a", 1), 0);
	assert_int_equal(api_limits_take(all, "a", 1), 60);
	assert_int_equal(api_limits_look(all, "b", 1), 0);
	assert_int_equal(api_limits_look(all, "b", 1), 0);
	assert_int_equal(api_limits_take(all, "b", 2), 0);
	for (int i = 0; i < API_LIMITS_MAX - 1; i++) {
		(void)snprintf(who, sizeof(who), "%d", i);
		assert_int_equal(api_limits_take(all, who, 3), 0);
	}
	assert_int_equal(api_limits_take(all, "b", 4), 60);
	assert_int_equal(api_limits_take(all, "a", 4), 0);
	api_limits_free(all);
	assert_null(api_limits_new(2000000000, 0));
}

static void forms(void **state)
{
	struct form form = {.grant_type = ""};

	(void)state;
	assert_int_equal(form_parse(span_str("grant_type=client_credentials&client_id=a%2Bb&x=1&"
					     "client_secret=c+d&scope=https%3A%2F%2Fx%2F.default"),
				 &form),
		0);
	assert_string_equal(form.grant_type, "client_credentials");
	assert_string_equal(form.client_id, "a+b");
	assert_string_equal(form.client_secret, "c d");
	assert_string_equal(form.scope, "https://x/.default");
	assert_int_equal(form_parse(span_str("client_id=other"), &form), -EINVAL);
	memset(&form, 0, sizeof(form));
	assert_int_equal(form_parse(span_str("client_id=%zz"), &form), -EINVAL);
	memset(&form, 0, sizeof(form));
	assert_int_equal(form_basic("Basic YTpi", &form), 0); /* a:b */
	assert_string_equal(form.client_id, "a");
	assert_string_equal(form.client_secret, "b");
	assert_int_equal(form_basic("Basic YWI=", &form), -EINVAL); /* ab */
	assert_int_equal(form_basic("Basic !", &form), -EINVAL);
	assert_int_equal(form_basic("Bearer x", &form), -EINVAL);
	assert_string_equal(form_bearer("bearer  x.y.z"), "x.y.z");
	assert_null(form_bearer("Basic x"));
	assert_null(form_bearer(""));
}

static void metrics(void **state)
{
	cJSON *json = jsontext_parse("{\"files\":{\"clean\":5,\"infected\":\"1000000000000000\"},"
				     "\"loadFactor\":50,\"signatures\":null,\"storeFailing\":true,"
				     "\"cpuSeconds\":1.5,\"current\":{\"load\":25,\"lanes\":2},"
				     "\"scans\":{\"qu\\\"ick\":{\"Succeeded\":3}}}");
	struct text_buffer text = TEXT_BUFFER_NULL;

	(void)state;
	metrics_text_daemon(&text, json);
	assert_non_null(strstr(text.text, "# TYPE quietscan_files_total counter\n"
					  "quietscan_files_total{result=\"clean\"} 5\n"
					  "quietscan_files_total{result=\"infected\"} 1"));
	assert_non_null(strstr(text.text, "\nquietscan_load_factor_ratio 0.5\n"));
	assert_non_null(strstr(text.text, "\nquietscan_scan_load_ratio 0.25\n"));
	assert_non_null(strstr(text.text, "\nquietscan_scan_lanes 2\n"));
	assert_null(strstr(text.text, "quietscan_scan_mean_load_ratio"));
	assert_null(strstr(text.text, "quietscan_signatures"));
	assert_non_null(strstr(text.text, "\nquietscan_store_failing 1\n"));
	assert_non_null(strstr(text.text, "\nquietscan_scan_cpu_seconds_total 1.5\n"));
	assert_non_null(strstr(
		text.text, "\nquietscan_scans_total{type=\"qu\\\"ick\",status=\"Succeeded\"} 3\n"));
	text_buffer_deinit(&text);
	cJSON_Delete(json);
}

/* What the daemon cannot know is filled in; what it knows stays. */
static void machines_have_addresses(void **state)
{
	static const struct machine_addresses some = {
		.list = {{"10.0.0.1", "0A0B0C0D0E0F"}, {"fe80::1", ""}}, .n = 2};
	static const struct machine_addresses none = {.n = 0};
	struct machine_addresses real = {.n = 0};
	cJSON *row = jsontext_parse(
		"{\"id\":\"a\",\"lastIpAddress\":null,\"ipAddresses\":[],\"aadDeviceId\":null}");
	cJSON *machine = machine_shape(row, &some);
	char *text = cJSON_PrintUnformatted(machine);

	(void)state;
	assert_string_equal(text,
		"{\"id\":\"a\",\"lastIpAddress\":\"10.0.0.1\",\"ipAddresses\":[{\"ipAddress\":"
		"\"10.0.0.1\",\"macAddress\":\"0A0B0C0D0E0F\",\"type\":\"Ethernet\","
		"\"operationalStatus\":\"Up\"},{\"ipAddress\":\"fe80::1\",\"macAddress\":null,"
		"\"type\":\"Ethernet\",\"operationalStatus\":\"Up\"}],\"aadDeviceId\":null}");
	free(text);
	cJSON_Delete(machine);
	machine = machine_shape(row, &none);
	assert_true(cJSON_Compare(machine, row, true));
	cJSON_Delete(machine);
	cJSON_Delete(row);
	assert_int_equal(machine_shape_read(&real), 0);
	for (size_t i = 0; i < real.n; i++)
		assert_true(
			strlen(real.list[i].ip) > 2 && strcmp(real.list[i].ip, "127.0.0.1") != 0);
}

static void percent(void **state)
{
	char buf[8];
	struct span rest = span_str("&a=b=c&&d&");
	struct percent_pair pair;

	(void)state;
	assert_int_equal(percent_decode(span_str("a%20+%c3%A9"), PERCENT_FORM, buf, 8), 0);
	assert_string_equal(buf, "a  \xc3\xa9");
	assert_int_equal(percent_decode(span_str("+"), PERCENT_PLAIN, buf, 8), 0);
	assert_string_equal(buf, "+");
	assert_int_equal(percent_decode(span_str("1234567"), PERCENT_FORM, buf, 8), 0);
	assert_int_equal(percent_decode(span_str("12345678"), PERCENT_FORM, buf, 8), -EMSGSIZE);
	assert_int_equal(percent_decode(span_str("%"), PERCENT_FORM, buf, 8), -EINVAL);
	assert_int_equal(percent_decode(span_str("%4"), PERCENT_FORM, buf, 8), -EINVAL);
	assert_int_equal(percent_decode(span_str("%00"), PERCENT_FORM, buf, 8), -EINVAL);
	assert_int_equal(percent_decode(span_str("%0a"), PERCENT_FORM, buf, 8), -EINVAL);
	assert_int_equal(percent_decode(span_str("%c3"), PERCENT_FORM, buf, 8), -EINVAL);
	assert_true(percent_next(&rest, &pair));
	assert_true(
		span_equal(pair.name, span_str("a")) && span_equal(pair.value, span_str("b=c")));
	assert_true(percent_next(&rest, &pair));
	assert_true(span_equal(pair.name, span_str("d")) && pair.value.n == 0);
	assert_false(percent_next(&rest, &pair));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alerts_have_all_fields),
		cmocka_unit_test(cache),
		cmocka_unit_test(limits),
		cmocka_unit_test(forms),
		cmocka_unit_test(machines_have_addresses),
		cmocka_unit_test(metrics),
		cmocka_unit_test(percent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
