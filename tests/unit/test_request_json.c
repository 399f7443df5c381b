/* SPDX-License-Identifier: GPL-2.0-or-later */
/* request_json, api_error: bodies as documented, and what is said about others. */
#include "jsontext.h"

#include "api_error.h"
#include "request_json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

typedef int (*reader)(struct span, cJSON **, struct api_fault *);

static int read_isolate(struct span body, cJSON **paramsp, struct api_fault *fault)
{
	*paramsp = cJSON_CreateObject();
	return request_json_unsupported(body, ROUTE_UNSUPPORTED_ISOLATE, fault);
}

static int read_live(struct span body, cJSON **paramsp, struct api_fault *fault)
{
	*paramsp = cJSON_CreateObject();
	return request_json_unsupported(body, ROUTE_UNSUPPORTED_LIVE, fault);
}

static void good(void **state)
{
	static const struct {
		reader read;
		const char *body;
		const char *params;
	} cases[] = {
		{request_json_scan, "{\"Comment\":\"why\",\"ScanType\":\"Quick\"}",
			"{\"type\":\"quick\",\"comment\":\"why\"}"},
		{request_json_scan,
			"\xef\xbb\xbf{\"ScanType\": \"FULL\", \"Comment\": \"a\\nb\", \"More\": "
			"[1]}",
			"{\"type\":\"full\",\"comment\":\"a\\nb\"}"},
		{request_json_comment, "{\"Comment\":\"no\"}", "{\"comment\":\"no\"}"},
		{request_json_tag, "{\"Value\":\"t 1\",\"Action\":\"Add\"}",
			"{\"value\":\"t 1\",\"action\":\"Add\"}"},
		{request_json_tag, "{\"Value\":\"t\",\"Action\":\"remove\"}",
			"{\"value\":\"t\",\"action\":\"Remove\"}"},
		{request_json_alert, "{\"status\":\"Resolved\",\"Comment\":\"x\"}",
			"{\"status\":\"Resolved\",\"comment\":\"x\"}"},
		{request_json_alert, "{\"AssignedTo\":null}", "{\"assignedTo\":\"\"}"},
		{read_isolate, "{\"Comment\":\"x\",\"IsolationType\":\"Full\"}", "{}"},
		{request_json_file,
			"{\"Comment\":\"x\",\"Sha1\":\"87662bc3d60e4200ceaf7aae249d1c343f4b83c9\"}",
			"{\"sha1\":\"87662bc3d60e4200ceaf7aae249d1c343f4b83c9\",\"comment\":"
			"\"x\"}"},
		{request_json_file,
			"{\"Comment\":\"x\",\"Sha256\":\"2546dcffc5ad854d4ddc64fbf056871c"
			"d5a00f2471cb7a5bfd4ac23b6e9eedad\"}",
			"{\"sha256\":\"2546dcffc5ad854d4ddc64fbf056871c"
			"d5a00f2471cb7a5bfd4ac23b6e9eedad\",\"comment\":\"x\"}"},
		{read_live,
			"{\"Commands\":[{\"type\":\"GetFile\",\"params\":[]}],\"Comment\":\"x\"}",
			"{}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct api_fault fault = API_FAULT_NULL;
		cJSON *params = NULL;
		char *text;

		if (cases[i].read(span_str(cases[i].body), &params, &fault) != 0)
			fail_msg("%s: %s", cases[i].body, fault.msg.text);
		text = cJSON_PrintUnformatted(params);
		assert_string_equal(text, cases[i].params);
		free(text);
		cJSON_Delete(params);
	}
}

static void wrong(void **state)
{
	static const struct {
		reader read;
		const char *body;
		enum api_error error;
		const char *message;
	} cases[] = {
		{request_json_scan, "", API_ERROR_INVALID_BODY, "is not JSON"},
		{request_json_scan, "{", API_ERROR_INVALID_BODY, "is not JSON"},
		{request_json_scan, "[]", API_ERROR_INVALID_BODY, "must be an object"},
		{request_json_scan, "{}", API_ERROR_MISSING_PARAMETER, "'Comment' is required"},
		{request_json_scan, "{\"comment\":\"x\",\"ScanType\":\"Quick\"}",
			API_ERROR_MISSING_PARAMETER, "case-sensitive, 'comment' is another"},
		{request_json_scan, "{\"Comment\":\" \\n\",\"ScanType\":\"Quick\"}",
			API_ERROR_MISSING_PARAMETER, "must not be blank"},
		{request_json_scan, "{\"Comment\":1,\"ScanType\":\"Quick\"}",
			API_ERROR_INVALID_BODY, "must be a string"},
		{request_json_scan, "{\"Comment\":\"x\"}", API_ERROR_MISSING_PARAMETER,
			"'ScanType'"},
		{request_json_scan, "{\"Comment\":\"x\",\"ScanType\":\"Custom\"}",
			API_ERROR_INVALID_INPUT, "'Quick' or 'Full'"},
		{request_json_comment, "{\"Comment\":null}", API_ERROR_MISSING_PARAMETER,
			"required"},
		{request_json_tag, "{\"Value\":\"x\"}", API_ERROR_MISSING_PARAMETER, "'Action'"},
		{request_json_tag, "{\"Value\":\"x\",\"Action\":\"Set\"}", API_ERROR_INVALID_INPUT,
			"'Add' or 'Remove'"},
		{request_json_alert, "{}", API_ERROR_MISSING_PARAMETER, "One of status"},
		{request_json_alert, "{\"status\":5}", API_ERROR_INVALID_BODY, "must be a string"},
		{read_isolate, "{\"Comment\":\"x\"}", API_ERROR_MISSING_PARAMETER, "IsolationType"},
		{read_isolate, "{\"Comment\":\"x\",\"IsolationType\":\"Half\"}",
			API_ERROR_INVALID_INPUT, "'Full'"},
		{request_json_file, "{\"Comment\":\"x\",\"Sha1\":\"zz\"}", API_ERROR_INVALID_HASH,
			"40 hex"},
		{read_live, "{\"Comment\":\"x\"}", API_ERROR_MISSING_PARAMETER, "'Commands'"},
		{read_live, "{\"Comment\":\"x\",\"Commands\":[1]}", API_ERROR_INVALID_BODY,
			"object"},
		{read_live, "{\"Comment\":\"x\",\"Commands\":[{\"type\":\"Format\"}]}",
			API_ERROR_INVALID_INPUT, "'type'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct api_fault fault = API_FAULT_NULL;
		cJSON *params = NULL;

		if (cases[i].read(span_str(cases[i].body), &params, &fault) != -EINVAL)
			fail_msg("%s was taken", cases[i].body);
		if (fault.error != cases[i].error || !strstr(fault.msg.text, cases[i].message))
			fail_msg("%s: %s, %s", cases[i].body, api_error_code(fault.error),
				fault.msg.text);
		cJSON_Delete(params);
	}
}

static void lengths(void **state)
{
	char body[5000];
	struct api_fault fault = API_FAULT_NULL;
	cJSON *params = NULL;

	(void)state;
	(void)snprintf(body, sizeof(body), "{\"Comment\":\"%4000s\"}", "x");
	assert_int_equal(request_json_comment(span_str(body), &params, &fault), 0);
	cJSON_Delete(params);
	params = NULL;
	(void)snprintf(body, sizeof(body), "{\"Comment\":\"%4001s\"}", "x");
	assert_int_equal(request_json_comment(span_str(body), &params, &fault), -EINVAL);
	assert_int_equal(fault.error, API_ERROR_INVALID_INPUT);
	assert_null(params);
}

/* A client looks for this text, without a blank after the colon. */
static void envelope(void **state)
{
	char *text = NULL;

	(void)state;
	assert_int_equal(api_error_body(API_ERROR_ACTIVE_REQUEST, "Action is already in progress",
				 "4d4ba64d-0000-4000-8000-0ef3d8d1d2a1", &text),
		0);
	assert_string_equal(text, "{\"error\":{\"code\":\"ActiveRequestAlreadyExists\",\"message\":"
				  "\"Action is already in progress\",\"target\":"
				  "\"4d4ba64d-0000-4000-8000-0ef3d8d1d2a1\"}}");
	free(text);
}

static void of_the_daemon(void **state)
{
	(void)state;
	assert_int_equal(api_error_status(api_error_of(-32001, 0)), 400);
	assert_string_equal(api_error_code(api_error_of(-32002, 0)), "ResourceNotFound");
	assert_int_equal(api_error_status(api_error_of(-32003, 0)), 403);
	assert_int_equal(api_error_status(api_error_of(-32006, 0)), 503);
	assert_int_equal(api_error_status(api_error_of(-32603, 0)), 500);
	assert_int_equal(api_error_status(api_error_of(1, 0)), 500);
	assert_int_equal(api_error_status(api_error_of(0, -ETIMEDOUT)), 504);
	assert_int_equal(api_error_status(api_error_of(0, -ECONNREFUSED)), 503);
	for (int i = 0; i < API_ERROR_N; i++)
		assert_in_range(api_error_status((enum api_error)i), 400, 504);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(wrong),
		cmocka_unit_test(lengths),
		cmocka_unit_test(envelope),
		cmocka_unit_test(of_the_daemon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
