/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parameters of scan.start as a table: what is refused for which field, what values come of it. */
#include "jsontext.h"
#include "unit.h"

#include "load_policy.h"
#include "request.h"
#include "settings.h"

#include <stdlib.h>
#include <string.h>

struct refusal {
	const char *params;
	const char *target; /* the field it is refused for */
	const char *word;   /* in the sentence */
};

static const struct refusal refusals[] = {
	{"[]", "params", ""},
	{"{\"typ\":\"quick\"}", "params", "typ"},
	{"{\"type\":\"quick\",\"type\":\"full\",\"comment\":\"c\"}", "params", "type"},
	{"{\"comment\":\"c\"}", "type", "type"},
	{"{\"type\":null,\"comment\":\"c\"}", "type", "type"},
	{"{\"type\":\"deep\",\"comment\":\"c\"}", "type", "quick"},
	{"{\"type\":\"quick\"}", "comment", "comment"},
	{"{\"type\":\"quick\",\"comment\":\"\\t \\n\"}", "comment", "blank"},
	{"{\"type\":\"quick\",\"comment\":[\"c\"]}", "comment", "comment"},
	{"{\"type\":\"custom\",\"comment\":\"c\"}", "paths", "at least one"},
	{"{\"type\":\"custom\",\"comment\":\"c\",\"paths\":[\"etc\"]}", "paths", "absolute"},
	{"{\"type\":\"custom\",\"comment\":\"c\",\"paths\":[\"/a/..\"]}", "paths", ".."},
	{"{\"type\":\"custom\",\"comment\":\"c\",\"paths\":[3]}", "paths", "strings"},
	{"{\"type\":\"custom\",\"comment\":\"c\",\"paths\":{}}", "paths", "paths"},
	{"{\"type\":\"custom\",\"comment\":\"c\",\"pathsBytes\":[\"L2\"]}", "pathsBytes",
		"pathsBytes"},
	{"{\"type\":\"custom\",\"comment\":\"c\",\"pathsBytes\":[\"L2EAYg==\"]}", "pathsBytes",
		"NUL"},
	{"{\"type\":\"full\",\"comment\":\"c\",\"paths\":[\"/a\"]}", "paths", "only a custom"},
	{"{\"type\":\"full\",\"comment\":\"c\",\"loadFactor\":1}", "loadFactor", "5 to 100"},
	{"{\"type\":\"full\",\"comment\":\"c\",\"loadFactor\":4}", "loadFactor", "5 to 100"},
	{"{\"type\":\"full\",\"comment\":\"c\",\"loadFactor\":101}", "loadFactor", "5 to 100"},
	{"{\"type\":\"full\",\"comment\":\"c\",\"loadFactor\":7.5}", "loadFactor", "5 to 100"},
	{"{\"type\":\"full\",\"comment\":\"c\",\"origin\":\"action\"}", "origin", "manual"},
	{"{\"type\":\"full\",\"comment\":\"c\",\"report\":\"none\"}", "report", "notable"},
	{"{\"type\":\"full\",\"comment\":\"c\",\"report\":1}", "report", "notable"},
	{"{\"type\":\"full\",\"comment\":\"c\",\"ignoreExclusions\":1}", "ignoreExclusions",
		"ignoreExclusions"},
};

static int parse(const char *text, struct request *request, const char **target, struct errmsg *msg)
{
	cJSON *params = NULL;
	int r = json_parse(text, strlen(text), &params, msg);

	assert_int_equal(r, 0);
	r = request_parse(params, request, target, msg);
	cJSON_Delete(params);
	return r;
}

/* Each is refused with its field and a reason, and leaves the request alone. */
static void refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct request request = {.load_factor_pct = 77};
		struct errmsg msg = ERRMSG_NULL;
		const char *target = NULL;

		assert_int_equal(parse(refusals[i].params, &request, &target, &msg), -EINVAL);
		assert_string_equal(target, refusals[i].target);
		assert_non_null(strstr(msg.text, refusals[i].word));
		assert_int_equal(request.load_factor_pct, 77);
		assert_null(request.comment);
	}
}

/* So many paths that cannot be shown that the event would not take them: one less is taken. */
static void too_much_together(void **state)
{
	const struct span longest = {.data = test_malloc(REQUEST_PATH_MAX), .n = REQUEST_PATH_MAX};
	cJSON *params = jsontext_parse("{\"type\":\"custom\",\"comment\":\"c\"}");
	cJSON *list = cJSON_AddArrayToObject(params, "pathsBytes");
	struct request request = REQUEST_NULL;
	struct errmsg msg = ERRMSG_NULL;
	const char *target = NULL;
	size_t n = 0;

	(void)state;
	memset((char *)(uintptr_t)longest.data, 0xff, longest.n);
	*(char *)(uintptr_t)longest.data = '/';
	for (;;) {
		cJSON *item = cJSON_CreateObject();
		int r;

		assert_int_equal(json_add_bytes(item, "path", longest), 0);
		(void)cJSON_AddItemToArray(
			list, cJSON_DetachItemFromObjectCaseSensitive(item, "pathBytes"));
		cJSON_Delete(item);
		r = request_parse(params, &request, &target, &msg);
		if (r != 0)
			break;
		assert_true(strlen(request.paths_json) <= REQUEST_PATHS_JSON_MAX);
		request_deinit(&request);
		n++;
	}
	assert_int_equal(n, 37);
	assert_string_equal(target, "paths");
	assert_non_null(strstr(msg.text, "at most 983040"));
	assert_null(request.comment);
	test_free((void *)(uintptr_t)longest.data);
	cJSON_Delete(params);
}

/* What is left out has its default. */
static void defaults(void **state)
{
	struct request request = REQUEST_NULL;
	struct errmsg msg = ERRMSG_NULL;
	const char *target = NULL;

	(void)state;
	assert_int_equal(
		parse("{\"type\":\"quick\",\"comment\":\" why \"}", &request, &target, &msg), 0);
	assert_int_equal(request.type, SCAN_TYPE_QUICK);
	assert_int_equal(request.origin, SCAN_ORIGIN_MANUAL);
	assert_string_equal(request.comment, " why ");
	assert_string_equal(request.paths_json, "[]");
	assert_int_equal(request.load_factor_pct, LOAD_POLICY_NO_OVERRIDE);
	assert_int_equal(request.report, REQUEST_REPORT_DEFAULT);
	assert_false(request.ignore_exclusions);
	request_deinit(&request);
	request_deinit(&request);
}

/* Everything given; paths in both spellings, in their normal form. */
static void everything(void **state)
{
	struct request request = REQUEST_NULL;
	struct errmsg msg = ERRMSG_NULL;
	const char *target = NULL;

	(void)state;
	assert_int_equal(parse("{\"type\":\"custom\",\"comment\":\"c\",\"paths\":[\"//a/./b//\"],"
			       "\"pathsBytes\":[\"L/8=\"],\"loadFactor\":100,\"origin\":"
			       "\"schedule\",\"report\":\"all\",\"ignoreExclusions\":true}",
				 &request, &target, &msg),
		0);
	assert_string_equal(request.paths_json, "[{\"path\":\"/a/b\",\"pathBytes\":\"L2EvYg==\"},"
						"{\"path\":\"/\\\\xff\",\"pathBytes\":\"L/8=\"}]");
	assert_int_equal(request.load_factor_pct, 100);
	assert_int_equal(request.origin, SCAN_ORIGIN_SCHEDULE);
	assert_int_equal(request.report, SETTINGS_REPORT_ALL);
	assert_true(request.ignore_exclusions);
	request_deinit(&request);
}

/* Normal forms of paths. */
static void normal_form(void **state)
{
	static const struct {
		const char *given;
		const char *wanted; /* NULL: refused */
	} paths[] = {{"/", "/"}, {"///", "/"}, {"/.", "/"}, {"/a", "/a"}, {"/a/", "/a"},
		{"//a///b", "/a/b"}, {"/./a/./", "/a"}, {"/...", "/..."}, {"/a/.b", "/a/.b"},
		{"/a/..b", "/a/..b"}, {"/..", NULL}, {"/a/../b", NULL}, {"", NULL}, {"a", NULL},
		{"./a", NULL}};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char *path = strdup(paths[i].given);
		size_t n = strlen(path);
		struct errmsg msg = ERRMSG_NULL;
		int r = request_normalize(path, &n, &msg);

		assert_int_equal(r, paths[i].wanted ? 0 : -EINVAL);
		if (paths[i].wanted) {
			assert_int_equal(n, strlen(paths[i].wanted));
			assert_memory_equal(path, paths[i].wanted, n);
		}
		free(path);
	}
}

/* What is asked from far away can be less than the setting, never more. */
static void load_of_an_action(void **state)
{
	struct load_policy_input in = {.origin = SCAN_ORIGIN_ACTION, .factor_pct = 50};
	static const struct {
		int override_pct;
		unsigned factor_pct;
		unsigned in_force;
	} cases[] = {{0, 50, 50}, {100, 50, 50}, {80, 50, 50}, {20, 50, 20}, {50, 50, 50},
		{0, 0, 0}, {80, 0, 80}, {100, 0, 0}, {90, 100, 90}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		in.override_pct = cases[i].override_pct;
		in.factor_pct = cases[i].factor_pct;
		assert_int_equal(load_policy_factor(&in), cases[i].in_force);
	}
}

/* DESIGN section 5: who is limited. */
static void load_by_origin(void **state)
{
	struct load_policy_input in = {.origin = SCAN_ORIGIN_ACTION,
		.override_pct = LOAD_POLICY_NO_OVERRIDE,
		.factor_pct = 50,
		.is_throttle_for_scheduled_only = true,
		.is_throttle_off_when_idle = true,
		.is_machine_idle = true};

	(void)state;
	assert_int_equal(load_policy_factor(&in), 50);
	in.origin = SCAN_ORIGIN_SCHEDULE;
	assert_int_equal(load_policy_factor(&in), 0);
	in.is_machine_idle = false;
	assert_int_equal(load_policy_factor(&in), 50);
	in.is_machine_idle = true;
	in.is_throttle_off_when_idle = false;
	assert_int_equal(load_policy_factor(&in), 50);
	in.origin = SCAN_ORIGIN_MANUAL;
	assert_int_equal(load_policy_factor(&in), 0);
	in.is_throttle_for_scheduled_only = false;
	assert_int_equal(load_policy_factor(&in), 50);
	in.override_pct = 20;
	assert_int_equal(load_policy_factor(&in), 20);
	in.override_pct = 100;
	assert_int_equal(load_policy_factor(&in), 0);
	in.override_pct = 0;
	assert_int_equal(load_policy_factor(&in), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused),
		cmocka_unit_test(too_much_together),
		cmocka_unit_test(defaults),
		cmocka_unit_test(everything),
		cmocka_unit_test(normal_form),
		cmocka_unit_test(load_by_origin),
		cmocka_unit_test(load_of_an_action),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
