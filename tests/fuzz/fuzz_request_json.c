/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as the body of every call: parameters, or a fault with a sentence. */
#include "fuzz.h"

#include "check.h"
#include "request_json.h"

static void fuzz_request_json_try(
	int (*read)(struct span, cJSON **, struct api_fault *), struct span body)
{
	struct api_fault fault = API_FAULT_NULL;
	cJSON *params = NULL;
	int r = read(body, &params, &fault);

	INVARIANT((r == 0) == (params != NULL));
	INVARIANT(r == 0 || (fault.error != API_ERROR_NONE && fault.msg.text[0] != '\0'));
	cJSON_Delete(params);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span body = {data, size};

	fuzz_request_json_try(request_json_scan, body);
	fuzz_request_json_try(request_json_comment, body);
	fuzz_request_json_try(request_json_tag, body);
	fuzz_request_json_try(request_json_alert, body);
	for (int kind = ROUTE_UNSUPPORTED_COMMENT; kind <= ROUTE_UNSUPPORTED_LIVE; kind++) {
		struct api_fault fault = API_FAULT_NULL;
		int r = request_json_unsupported(body, (enum route_unsupported)kind, &fault);

		INVARIANT(r == 0 || fault.msg.text[0] != '\0');
	}
	return 0;
}
