/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of the local protocol: what is a request, what answers look like, the table of faults. */
#include "unit.h"

#include "jsonrpc.h"

#include <stdlib.h>
#include <string.h>

struct line {
	const char *text;
	enum fault_code code; /* FAULT_NONE: accepted */
	bool has_id;          /* known although it is refused */
};

static const struct line lines[] = {
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"}", FAULT_NONE, true},
	{"{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"m\",\"params\":{}}", FAULT_NONE, true},
	{"{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"m\"}", FAULT_NONE, true},
	{"{\"jsonrpc\":\"2.0\",\"method\":\"m\"}", FAULT_NONE, false},
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"onBehalfOf\":{}}", FAULT_NONE, true},
	{"{", FAULT_PARSE_ERROR, false},
	{"", FAULT_PARSE_ERROR, false},
	{"1", FAULT_INVALID_REQUEST, false},
	{"[{}]", FAULT_INVALID_REQUEST, false},
	{"{\"id\":1}", FAULT_INVALID_REQUEST, true},
	{"{\"jsonrpc\":\"2.0\",\"id\":[1],\"method\":\"m\"}", FAULT_INVALID_REQUEST, false},
	{"{\"jsonrpc\":2.0,\"id\":1,\"method\":\"m\"}", FAULT_INVALID_REQUEST, true},
	{"{\"jsonrpc\":\"2.0\",\"id\":1}", FAULT_INVALID_REQUEST, true},
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":[]}", FAULT_INVALID_REQUEST,
		true},
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"x\":1}", FAULT_INVALID_REQUEST, true},
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"m\"}", FAULT_INVALID_REQUEST, true},
};

static void requests(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct jsonrpc_request request;
		struct fault fault = FAULT_NULL;
		int r = jsonrpc_parse(lines[i].text, strlen(lines[i].text), &request, &fault);

		assert_int_equal(r == 0, lines[i].code == FAULT_NONE);
		assert_int_equal(fault.code, lines[i].code);
		assert_int_equal(request.id != NULL, lines[i].has_id);
		if (r == 0)
			assert_string_equal(request.method, "m");
		else
			assert_true(fault.msg.text[0] != '\0');
		jsonrpc_request_deinit(&request);
	}
}

/* Answers are one line each, with the id of the request. */
static void answers(void **state)
{
	cJSON *id = cJSON_CreateString("x");
	cJSON *result = cJSON_CreateObject();
	struct fault fault = FAULT_NULL;
	char *line = NULL;
	size_t n = 0;

	(void)state;
	assert_int_equal(jsonrpc_result(id, result, &line, &n), 0);
	assert_string_equal(line, "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{}}\n");
	assert_int_equal(n, strlen(line));
	free(line);
	(void)fault_set(&fault, FAULT_NOT_FOUND, "id", "no %s", "such");
	assert_int_equal(jsonrpc_fault(NULL, &fault, &line, &n), 0);
	assert_string_equal(line,
		"{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32002,\"message\":"
		"\"no such\",\"data\":{\"code\":\"NotFound\",\"target\":\"id\"}}}\n");
	free(line);
	assert_int_equal(jsonrpc_notification("scan.ended", cJSON_CreateObject(), &line, &n), 0);
	assert_string_equal(
		line, "{\"jsonrpc\":\"2.0\",\"method\":\"scan.ended\",\"params\":{}}\n");
	free(line);
	assert_int_equal(jsonrpc_result(id, NULL, &line, &n), -ENOMEM);
	cJSON_Delete(id);
}

/* A full disk is told as such, everything unknown as our own mistake. */
static void store_faults(void **state)
{
	struct errmsg msg = ERRMSG_NULL;
	struct fault fault = FAULT_NULL;

	(void)state;
	assert_int_equal(fault_from_store(&fault, -ENOSPC, &msg), -ENOSPC);
	assert_int_equal(fault.code, FAULT_STORE_UNAVAILABLE);
	assert_non_null(strstr(fault.msg.text, "No space"));
	assert_int_equal(fault_from_store(&fault, -EILSEQ, &msg), -EILSEQ);
	assert_int_equal(fault.code, FAULT_INTERNAL);
	for (int code = FAULT_PARSE_ERROR; code < FAULT_N; code++) {
		assert_true(fault_number((enum fault_code)code) < 0);
		for (int other = code + 1; other < FAULT_N; other++)
			assert_int_not_equal(fault_number((enum fault_code)code),
				fault_number((enum fault_code)other));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests),
		cmocka_unit_test(answers),
		cmocka_unit_test(store_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
