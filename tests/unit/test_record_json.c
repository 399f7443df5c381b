/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shapes of records in JSON: whole texts, since clients read them.
 */
#include "record_json.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

static const struct record_json_machine test_machine = {
	.id = "0123456789012345678901234567890123456789", .dns_name = "host.example"};

static void expect(cJSON *item, const char *want)
{
	char *text = NULL;

	assert_int_equal(json_print(item, &text, NULL), 0);
	assert_string_equal(text, want);
	free(text);
	cJSON_Delete(item);
}

/* Pending: everything that has not happened is null. */
static void action(void **state)
{
	struct action_record record = {
		.id = "a",
		.type = "RunAntiVirusScan",
		.requestor = "root",
		.comment = "why",
		.request_source = "LocalCli",
		.scope = "Quick",
		.creation_unix_ms = 1764000000123,
		.last_update_unix_ms = 1764000000123,
		.scan_id = "s",
	};
	cJSON *item = NULL;

	(void)state;
	assert_int_equal(record_json_action(&record, &test_machine, &item), 0);
	expect(item,
		"{\"id\":\"a\",\"type\":\"RunAntiVirusScan\",\"title\":null,\"requestor\":\"root\","
		"\"requestorComment\":\"why\",\"status\":\"Pending\",\"machineId\":"
		"\"0123456789012345678901234567890123456789\",\"computerDnsName\":\"host.example\","
		"\"creationDateTimeUtc\":\"2025-11-24T16:00:00.1230000Z\","
		"\"lastUpdateDateTimeUtc\":\"2025-11-24T16:00:00.1230000Z\","
		"\"cancellationRequestor\":null,\"cancellationComment\":null,"
		"\"cancellationDateTimeUtc\":null,\"errorHResult\":0,\"scope\":\"Quick\","
		"\"externalId\":null,\"requestSource\":\"LocalCli\",\"relatedFileInfo\":null,"
		"\"commands\":[],\"troubleshootInfo\":null,\"scanId\":\"s\"}");
	record.status = RUN_STATUS_CANCELLED;
	record.cancellation_requestor = "alice";
	record.cancellation_comment = "enough";
	record.cancellation_unix_ms = 1;
	record.error_hresult = (int32_t)0x80004004;
	assert_int_equal(record_json_action(&record, &test_machine, &item), 0);
	assert_string_equal(
		cJSON_GetObjectItemCaseSensitive(item, "status")->valuestring, "Cancelled");
	assert_true(cJSON_GetObjectItemCaseSensitive(item, "errorHResult")->valuedouble ==
		    -2147467260.0);
	cJSON_Delete(item);
}

/* A finished scan. */
static void scan(void **state)
{
	struct scan_record record = {
		.id = "s",
		.action_id = "a",
		.type = SCAN_TYPE_CUSTOM,
		.origin = SCAN_ORIGIN_MANUAL,
		.status = RUN_STATUS_SUCCEEDED,
		.comment = "why",
		.paths_json = "[{\"path\":\"/x\",\"pathBytes\":\"L3g=\"}]",
		.creation_unix_ms = 1764000000000,
		.start_unix_ms = 1764000000123,
		.attempts = 2,
		.load_factor_pct = 50,
		.achieved_load_pct = 49.617,
		.duration_ms = 61250,
		.cpu_ns = UINT64_C(30785000000),
		.results = {1, 2, 3, 4, 5, 6, 7},
		.n_bytes = 8,
		.n_directories = 9,
		.n_excluded = 10,
		.n_detections = 11,
		.is_complete = true,
		.signature_set = "f",
		.failure = "",
	};
	cJSON *item = NULL;

	(void)state;
	assert_int_equal(record_json_scan(&record, &item), 0);
	expect(item,
		"{\"id\":\"s\",\"type\":\"custom\",\"origin\":\"manual\",\"status\":\"Succeeded\","
		"\"comment\":\"why\",\"creationTime\":\"2025-11-24T16:00:00.0000000Z\","
		"\"startTime\":\"2025-11-24T16:00:00.1230000Z\",\"endTime\":null,"
		"\"duration\":61.25,\"cpuTime\":30.785,\"loadFactor\":50,\"achievedLoad\":49.62,"
		"\"results\":{\"clean\":1,\"infected\":2,\"incomplete\":3,\"changed\":4,"
		"\"skipped\":5,\"blocked\":6,\"crashed\":7},\"bytes\":8,\"directories\":9,"
		"\"excluded\":10,\"detections\":11,\"complete\":true,"
		"\"paths\":[{\"path\":\"/x\",\"pathBytes\":\"L3g=\"}],\"reportAll\":false,"
		"\"ignoreExclusions\":false,\"attempts\":2,\"signatureSet\":\"f\","
		"\"failure\":\"\",\"actionId\":\"a\"}");
	assert_int_equal(record_json_scan_brief(&record, &item), 0);
	assert_null(cJSON_GetObjectItemCaseSensitive(item, "paths"));
	assert_string_equal(cJSON_GetObjectItemCaseSensitive(item, "actionId")->valuestring, "a");
	cJSON_Delete(item);
	record.paths_json = "{\"no\":\"array\"}";
	record.action_id[0] = '\0';
	assert_int_equal(record_json_scan(&record, &item), 0);
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(item, "paths")), 0);
	assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(item, "actionId")));
	cJSON_Delete(item);
}

/* A name of any bytes. */
static void detection(void **state)
{
	const struct detection_record record = {
		.id = "d",
		.scan_id = "s",
		.time_unix_ms = 1764000000123,
		.path = {.data = "/a\xff", .n = 3},
		.threat_name = "T",
		.threat_id = (UINT64_C(1) << 49) - 1,
		.severity = "Severe",
		.category = "Virus",
		.sha256 = "",
		.sha1 = "ab",
		.size = UINT64_C(1) << 60,
		.uid = 1000,
		.gid = 100,
		.mode = 0104755,
		.remediation_status = "Detected",
		.remediation_action = "NoAction",
		.remediation_by = "PassiveMode",
		.n_executing = 17,
		.process_ids_json = "[1,4194304]",
	};
	cJSON *item = NULL;

	(void)state;
	assert_int_equal(record_json_detection(&record, &item), 0);
	expect(item, "{\"id\":\"d\",\"scanId\":\"s\",\"alertId\":null,"
		     "\"time\":\"2025-11-24T16:00:00.1230000Z\",\"path\":\"/a\\\\xff\","
		     "\"pathBytes\":\"L2H/\",\"containerPath\":\"\",\"containerPathBytes\":\"\","
		     "\"threatName\":\"T\",\"threatId\":562949953421311,\"severity\":\"Severe\","
		     "\"category\":\"Virus\",\"sha256\":null,\"sha1\":\"ab\","
		     "\"size\":\"1152921504606846976\",\"owner\":{\"uid\":1000,\"gid\":100},"
		     "\"mode\":\"4755\",\"modificationTime\":null,\"remediationStatus\":"
		     "\"Detected\",\"remediationAction\":"
		     "\"NoAction\",\"remediationBy\":\"PassiveMode\",\"quarantineId\":null,"
		     "\"wasExecutingWhileDetected\":true,\"processCount\":17,"
		     "\"processIds\":[1,4194304]}");
}

/* An alert that somebody works on. */
static void alert(void **state)
{
	const struct alert_record record = {
		.id = "al",
		.scan_id = "s",
		.threat_name = "T",
		.threat_id = 7,
		.title = "'T' malware was detected",
		.severity = "Medium",
		.category = "Malware",
		.status = "InProgress",
		.assigned_to = "bob",
		.classification = "",
		.determination = "",
		.comments_json = "[{\"comment\":\"x\",\"createdBy\":\"bob\",\"createdTime\":null}]",
		.n_detections = 3,
		.creation_unix_ms = 1764000000123,
		.last_update_unix_ms = 1764000000123,
	};
	cJSON *item = NULL;

	(void)state;
	assert_int_equal(record_json_alert(&record, &test_machine, &item), 0);
	expect(item,
		"{\"id\":\"al\",\"assignedTo\":\"bob\",\"severity\":\"Medium\","
		"\"status\":\"InProgress\",\"classification\":null,\"determination\":null,"
		"\"detectionSource\":\"QuietscanAv\",\"category\":\"Malware\",\"threatName\":\"T\","
		"\"threatId\":7,\"title\":\"'T' malware was detected\","
		"\"alertCreationTime\":\"2025-11-24T16:00:00.1230000Z\","
		"\"lastUpdateTime\":\"2025-11-24T16:00:00.1230000Z\",\"resolvedTime\":null,"
		"\"machineId\":\"0123456789012345678901234567890123456789\","
		"\"computerDnsName\":\"host.example\",\"comments\":[{\"comment\":\"x\","
		"\"createdBy\":\"bob\",\"createdTime\":null}],\"scanId\":\"s\",\"detections\":3}");
}

/* Fields join the common ones and never replace one. */
static void event(void **state)
{
	struct event_record record = {
		.sequence = 7,
		.time_unix_ms = 1764000000123,
		.action_type = "X",
		.scan_id = "s",
		.action_id = "",
		.fields_json = "{\"a\":[1,{\"b\":null}],\"sequence\":1,\"c\":\"d\"}",
	};
	cJSON *item = NULL;

	(void)state;
	assert_int_equal(record_json_event(&record, &item), 0);
	expect(item, "{\"sequence\":7,\"time\":\"2025-11-24T16:00:00.1230000Z\","
		     "\"actionType\":\"X\",\"scanId\":\"s\",\"actionId\":null,"
		     "\"a\":[1,{\"b\":null}],\"c\":\"d\"}");
	record.fields_json = "{oops";
	assert_int_equal(record_json_event(&record, &item), 0);
	assert_string_equal(
		cJSON_GetObjectItemCaseSensitive(item, "invalidFields")->valuestring, "{oops");
	cJSON_Delete(item);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(action),
		cmocka_unit_test(scan),
		cmocka_unit_test(detection),
		cmocka_unit_test(alert),
		cmocka_unit_test(event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
