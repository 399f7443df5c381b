/* SPDX-License-Identifier: GPL-2.0-or-later */
/* settings: the whole table at its borders, messages, and that bad input changes nothing. */
#include "unit.h"

#include "cleanup.h"
#include "log.h"
#include "settings.h"
#include "settings_schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int parse(const char *text, struct settings *settings, struct errmsg *msg)
{
	return settings_parse(text, strlen(text), "s.json", settings, msg);
}

static void defaults(void **state)
{
	struct settings settings;

	(void)state;
	assert_int_equal(settings_init(&settings), 0);
	assert_int_equal(settings.scan_avg_cpu_load_factor_pct, 50);
	assert_false(settings.throttle_for_scheduled_scan_only);
	assert_int_equal(settings.maximum_on_demand_scan_threads, 0);
	assert_int_equal(settings.exclusion_path.n, 0);
	assert_int_equal(settings.passive_mode, SETTINGS_PASSIVE_AUTO);
	assert_string_equal(settings.signature_path, "/var/lib/clamav");
	assert_string_equal(settings.operator_group, "quietscan");
	assert_string_equal(settings.gateway_user, "quietscan-console");
	assert_int_equal(settings.max_file_size_bytes, 104857600);
	assert_true(settings.max_scan_size_bytes == 419430400);
	assert_int_equal(settings.scan_report, SETTINGS_REPORT_NOTABLE);
	assert_int_equal(settings.log_level, LOG_LEVEL_INFO);
	assert_true(settings.enable_low_cpu_priority);
	assert_true(settings.keep_page_cache_as_found);
	assert_true(settings.given == 0);
	settings_deinit(&settings);
	settings_deinit(&settings);
}

static int set_number(
	struct settings *settings, const char *name, int64_t value, struct errmsg *msg)
{
	cJSON *item = cJSON_CreateNumber((double)value);
	int r = settings_set(settings, name, item, msg);

	cJSON_Delete(item);
	return r;
}

static void number_borders(struct settings *settings, const struct settings_entry *entry)
{
	const int64_t *member = (const int64_t *)(const void *)((char *)settings + entry->offset);
	struct errmsg msg = ERRMSG_NULL;
	char range[160];
	int r;

	settings_schema_range(entry, range, sizeof(range));
	assert_int_equal(set_number(settings, entry->name, entry->min, &msg), 0);
	assert_true(*member == entry->min);
	assert_int_equal(set_number(settings, entry->name, entry->max, &msg), 0);
	assert_int_equal(set_number(settings, entry->name, entry->max + 1, &msg), -EINVAL);
	assert_true(*member == entry->max);
	assert_non_null(strstr(msg.text, entry->name));
	assert_non_null(strstr(msg.text, range));
	assert_int_equal(set_number(settings, entry->name, -1, &msg), -EINVAL);
	r = set_number(settings, entry->name, entry->min - 1, &msg);
	assert_int_equal(r, entry->is_zero_allowed && entry->min == 1 ? 0 : -EINVAL);
	r = set_number(settings, entry->name, 0, &msg);
	assert_int_equal(r, entry->is_zero_allowed || entry->min == 0 ? 0 : -EINVAL);
	assert_int_equal(settings_set_text(settings, entry->name, "1.5", &msg), -EINVAL);
	assert_int_equal(settings_set_text(settings, entry->name, "many", &msg), -EINVAL);
	assert_int_equal(settings_set_text(settings, entry->name, "true", &msg), -EINVAL);
	assert_int_equal(settings_set_text(settings, entry->name, "[1]", &msg), -EINVAL);
	assert_int_equal(settings_set_text(settings, entry->name, "null", &msg), 0);
	assert_true(*member == entry->default_number);
}

static void other_types(struct settings *settings, const struct settings_entry *entry)
{
	struct errmsg msg = ERRMSG_NULL;
	static const char *const wrong[] = {
		[SETTINGS_TYPE_BOOL] = "1",
		[SETTINGS_TYPE_CHOICE] = "neither",
		[SETTINGS_TYPE_STRING] = "7",
		[SETTINGS_TYPE_LIST] = "text",
	};

	assert_int_equal(
		settings_set_text(settings, entry->name, wrong[entry->type], &msg), -EINVAL);
	assert_non_null(strstr(msg.text, entry->name));
	assert_non_null(strstr(msg.text, "allowed: "));
	assert_int_equal(settings_set_text(settings, entry->name, "{}", &msg), -EINVAL);
	if (entry->type == SETTINGS_TYPE_BOOL)
		assert_int_equal(settings_set_text(settings, entry->name, "true", &msg), 0);
	for (const struct settings_choice *c = entry->choices; c && c->name; c++)
		assert_int_equal(settings_set_text(settings, entry->name, c->name, &msg), 0);
}

/* Every setting of the table: smallest, largest, one beyond, wrong types, default again. */
static void whole_table(void **state)
{
	struct settings settings;
	size_t n;
	const struct settings_entry *entries = settings_schema(&n);

	(void)state;
	assert_int_equal(settings_init(&settings), 0);
	for (size_t i = 0; i < n; i++) {
		if (entries[i].type == SETTINGS_TYPE_INT)
			number_borders(&settings, &entries[i]);
		else
			other_types(&settings, &entries[i]);
	}
	settings_deinit(&settings);
}

/* The table itself: names unique and in Defender's form, described, defaults legal. */
static void table_is_sound(void **state)
{
	size_t n;
	const struct settings_entry *entries = settings_schema(&n);

	(void)state;
	assert_in_range(n, 1, 63); /* which ones: docs/settings.md, test_settings_docs */
	for (size_t i = 0; i < n; i++) {
		assert_ptr_equal(settings_schema_find(entries[i].name), &entries[i]);
		assert_true(entries[i].name[0] >= 'A' && entries[i].name[0] <= 'Z');
		assert_true(strlen(entries[i].description) > 20);
		if (entries[i].type == SETTINGS_TYPE_INT)
			assert_true(entries[i].default_number >= entries[i].min &&
				    entries[i].default_number <= entries[i].max);
		if (entries[i].type == SETTINGS_TYPE_STRING && entries[i].check)
			assert_int_equal(
				entries[i].check(span_str(entries[i].default_text), NULL), 0);
	}
}

static void good_file(void **state)
{
	struct settings settings;
	struct errmsg msg = ERRMSG_NULL;

	(void)state;
	assert_int_equal(settings_init(&settings), 0);
	assert_int_equal(parse("{\"ScanAvgCPULoadFactor\": 20,\n \"PassiveMode\": \"on\",\n"
			       "\"ExclusionPath\": [\"/srv/*/x\", \"/gr\xc3\xbc\"],"
			       "\"ExclusionExtension\": [\".iso\"], \"LogLevel\": \"debug\","
			       "\"ThrottleForScheduledScanOnly\": true,"
			       "\"MaxFileSize\": \"1048576\", \"SignaturePath\": \"/x\","
			       "\"OperatorGroup\": \"\"}",
				 &settings, &msg),
		0);
	assert_int_equal(settings.scan_avg_cpu_load_factor_pct, 20);
	assert_int_equal(settings.passive_mode, SETTINGS_PASSIVE_ON);
	assert_int_equal(settings.exclusion_path.n, 2);
	assert_string_equal(settings.exclusion_path.items[1], "/gr\xc3\xbc");
	assert_string_equal(settings.exclusion_extension.items[0], ".iso");
	assert_int_equal(settings.log_level, LOG_LEVEL_DEBUG);
	assert_true(settings.throttle_for_scheduled_scan_only);
	assert_int_equal(settings.max_file_size_bytes, 1048576);
	assert_string_equal(settings.operator_group, "");
	/* What a later text does not name is the default again. */
	assert_int_equal(parse(" \n", &settings, &msg), 0);
	assert_int_equal(settings.scan_avg_cpu_load_factor_pct, 50);
	assert_int_equal(settings.exclusion_path.n, 0);
	settings_deinit(&settings);
}

static const struct {
	const char *text;
	const char *message;
	int r;
} bad_files[] = {
	{"{\n\n\"ScanAvgCPULoadFactor\": 3}",
		"s.json:3: ScanAvgCPULoadFactor: 3 given; allowed: 0 or 5 to 100", -EINVAL},
	{"{\"ScanAvgCPULoadFactor\": 101}", "s.json:1: ScanAvgCPULoadFactor: 101 given", -EINVAL},
	{"{\"ScanAvgCpuLoadFactor\": 50}", "did you mean ScanAvgCPULoadFactor?", -EINVAL},
	{"{\n\"Nonsense\": 1}", "s.json:2: Nonsense: no setting has this name", -EINVAL},
	{"{\n\"MaxFiles\": 1,\n\"MaxFiles\": 2}", "s.json:3: MaxFiles: this setting is given twice",
		-EINVAL},
	{"{\"MaxFileSize\": 1073741824}", "allowed: 1048576 to 1072693248", -EINVAL},
	{"{\"PassiveMode\": \"On\"}", "PassiveMode: \"On\" given; allowed: auto, on or off",
		-EINVAL},
	{"{\"EnableLowCpuPriority\": 1}", "allowed: true or false", -EINVAL},
	{"{\"SignaturePath\": \"var/lib\"}", "must be an absolute path", -EINVAL},
	{"{\"ScannerUser\": \"\"}", "must not be empty", -EINVAL},
	{"{\"ScannerUser\": \"a b\"}", "name of a user", -EINVAL},
	{"{\"OperatorGroup\": \"-x\"}", "name of a user or group", -EINVAL},
	{"{\"ExclusionPath\": [\"/ok\", \"relative\"]}", "\"relative\" given", -EINVAL},
	{"{\"ExclusionPath\": [1]}", "ExclusionPath: 1 given", -EINVAL},
	{"{\"ExclusionExtension\": [\"*.log\"]}", "takes no wildcards", -EINVAL},
	{"{\n\"MaxFiles\": 5\n", "s.json: line", -EBADMSG},
	{"{\"MaxFiles\": 5}}", "something follows", -EBADMSG},
	{"[]", "s.json:1: the settings must be one JSON object", -EBADMSG},
	{"{\"Max\x1b\": 1}", "control character", -EBADMSG},
	{"{\"Max\\u001b\": 1}", "Max\\x1b: no setting", -EINVAL},
};

/* Each bad text: the code, the place and the reason, and the old values stay. */
static void bad_files_change_nothing(void **state)
{
	struct settings settings;

	(void)state;
	assert_int_equal(settings_init(&settings), 0);
	assert_int_equal(
		parse("{\"MaxFiles\": 77, \"SignaturePath\": \"/keep\"}", &settings, NULL), 0);
	for (size_t i = 0; i < sizeof(bad_files) / sizeof(bad_files[0]); i++) {
		struct errmsg msg = ERRMSG_NULL;

		assert_int_equal(parse(bad_files[i].text, &settings, &msg), bad_files[i].r);
		if (!strstr(msg.text, bad_files[i].message))
			fail_msg("%s: said \"%s\"", bad_files[i].text, msg.text);
		assert_int_equal(settings.max_files, 77);
		assert_string_equal(settings.signature_path, "/keep");
	}
	settings_deinit(&settings);
}

/* What was given, and only that, goes into the file and comes back. */
static void there_and_back(void **state)
{
	struct settings settings;
	struct settings copy;
	cJSON *object = NULL;
	char *text = NULL;

	(void)state;
	assert_int_equal(settings_init(&settings), 0);
	assert_int_equal(settings_set_text(&settings, "ScanAvgCPULoadFactor", "25", NULL), 0);
	assert_int_equal(settings_set_text(&settings, "LogLevel", "warn", NULL), 0);
	assert_int_equal(settings_set_text(&settings, "ExclusionPath", "[\"/a\"]", NULL), 0);
	assert_int_equal(settings_set_text(&settings, "MaxFiles", "9", NULL), 0);
	assert_int_equal(settings_set_text(&settings, "MaxFiles", "null", NULL), 0);
	assert_int_equal(settings_to_json(&settings, &object), 0);
	assert_int_equal(json_print(object, &text, NULL), 0);
	assert_string_equal(text, "{\"ScanAvgCPULoadFactor\":25,\"ExclusionPath\":[\"/a\"],"
				  "\"LogLevel\":\"warn\"}");
	assert_int_equal(settings_copy(&settings, &copy), 0);
	settings_deinit(&settings);
	assert_string_equal(copy.exclusion_path.items[0], "/a");
	assert_int_equal(parse(text, &copy, NULL), 0);
	assert_int_equal(copy.scan_avg_cpu_load_factor_pct, 25);
	assert_int_equal(copy.log_level, LOG_LEVEL_WARN);
	free(text);
	cJSON_Delete(object);
	settings_deinit(&copy);
}

static void unknown_name(void **state)
{
	struct settings settings;
	struct errmsg msg = ERRMSG_NULL;
	cJSON *item = NULL;

	(void)state;
	assert_int_equal(settings_init(&settings), 0);
	assert_int_equal(settings_set_text(&settings, "MaxFile", "1", &msg), SETTINGS_E_UNKNOWN);
	assert_non_null(strstr(msg.text, "did you mean MaxFiles?"));
	assert_int_equal(settings_describe(&settings, "MaxFile", &item), SETTINGS_E_UNKNOWN);
	assert_null(item);
	settings_deinit(&settings);
}

static void described(void **state)
{
	struct settings settings;
	size_t n;
	cJSON *item = NULL;
	char *text = NULL;

	(void)state;
	assert_int_equal(settings_init(&settings), 0);
	assert_int_equal(settings_set_text(&settings, "ScanReport", "all", NULL), 0);
	assert_int_equal(settings_describe(&settings, "ScanReport", &item), 0);
	assert_int_equal(json_print(item, &text, NULL), 0);
	assert_non_null(
		strstr(text, "\"name\":\"ScanReport\",\"value\":\"all\",\"default\":"
			     "\"notable\",\"type\":\"choice\",\"range\":\"notable or all\""));
	free(text);
	cJSON_Delete(item);
	assert_int_equal(settings_describe(&settings, NULL, &item), 0);
	(void)settings_schema(&n);
	assert_int_equal(cJSON_GetArraySize(item), n);
	cJSON_Delete(item);
	settings_deinit(&settings);
}

static void edit_lists(void **state)
{
	struct settings settings;
	struct errmsg msg = ERRMSG_NULL;
	const char *name = "ExclusionPath";

	(void)state;
	assert_int_equal(settings_init(&settings), 0);
	assert_int_equal(settings_edit_list(&settings, name, SETTINGS_EDIT_ADD, "/a", &msg), 0);
	assert_int_equal(settings_edit_list(&settings, name, SETTINGS_EDIT_ADD, "/b", &msg), 0);
	assert_int_equal(settings_edit_list(&settings, name, SETTINGS_EDIT_ADD, "/a", &msg),
		SETTINGS_E_SAME);
	assert_int_equal(settings_edit_list(&settings, name, SETTINGS_EDIT_REMOVE, "/c", &msg),
		SETTINGS_E_SAME);
	assert_int_equal(
		settings_edit_list(&settings, name, SETTINGS_EDIT_ADD, "a", &msg), -EINVAL);
	assert_int_equal(settings_edit_list(&settings, "MaxFiles", SETTINGS_EDIT_ADD, "a", &msg),
		SETTINGS_E_UNKNOWN);
	assert_int_equal(settings_edit_list(&settings, name, SETTINGS_EDIT_REMOVE, "/a", &msg), 0);
	assert_int_equal(settings.exclusion_path.n, 1);
	assert_string_equal(settings.exclusion_path.items[0], "/b");
	for (int i = 1; i < SETTINGS_LIST_MAX; i++) {
		char path[32];

		(void)snprintf(path, sizeof(path), "/x/%d", i);
		assert_int_equal(
			settings_edit_list(&settings, name, SETTINGS_EDIT_ADD, path, &msg), 0);
	}
	assert_int_equal(
		settings_edit_list(&settings, name, SETTINGS_EDIT_ADD, "/full", &msg), -EINVAL);
	assert_non_null(strstr(msg.text, "full"));
	assert_int_equal(settings.exclusion_path.n, SETTINGS_LIST_MAX);
	settings_deinit(&settings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(defaults),
		cmocka_unit_test(whole_table), cmocka_unit_test(table_is_sound),
		cmocka_unit_test(good_file), cmocka_unit_test(bad_files_change_nothing),
		cmocka_unit_test(there_and_back), cmocka_unit_test(unknown_name),
		cmocka_unit_test(described), cmocka_unit_test(edit_lists)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
