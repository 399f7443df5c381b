/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a line of the local protocol: parsed or refused; what was parsed
 * prints to valid UTF-8 that parses again; every getter stands any type.
 */
#include "check.h"
#include "cleanup.h"
#include "fuzz.h"
#include "json.h"
#include "json_scan.h"
#include "utf8.h"

static void fuzz_json_getters(const cJSON *root)
{
	static const char *const names[] = {"jsonrpc", "id", "method", "params"};
	struct errmsg msg = ERRMSG_NULL;

	(void)json_check_fields(root, names, 4, &msg);
	for (size_t i = 0; i < 4; i++) {
		const char *text;
		const cJSON *item;
		struct span bytes;
		uint64_t large;
		int64_t number;
		double real;
		bool flag;

		(void)json_get_string(root, names[i], 100, &text, &msg);
		(void)json_get_bool(root, names[i], &flag, &msg);
		(void)json_get_int(root, names[i], -5, INT64_MAX, &number, &msg);
		(void)json_get_uint(root, names[i], &large, &msg);
		(void)json_get_double(root, names[i], &real, &msg);
		(void)json_get_array(root, names[i], &item, &msg);
		(void)json_get_object(root, names[i], &item, &msg);
		if (json_get_bytes(root, names[i], 1000, &bytes, &msg) == 0)
			free((void *)(uintptr_t)bytes.data);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(json_cleanup) cJSON *root = NULL;
	_cleanup_(json_cleanup) cJSON *again = NULL;
	_cleanup_(cleanup_free) char *text = NULL;
	struct errmsg msg = ERRMSG_NULL;
	size_t n = 0;

	if (json_parse((const char *)data, size, &root, &msg) < 0) {
		INVARIANT(*msg.text != '\0');
		return 0;
	}
	(void)json_scan_member((const char *)data, size, 3);
	fuzz_json_getters(root);
	INVARIANT(json_print(root, &text, &n) == 0);
	INVARIANT(utf8_is_valid((struct span){text, n}));
	INVARIANT(json_parse(text, n, &again, &msg) == 0);
	return 0;
}
