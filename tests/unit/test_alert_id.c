/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "alert_id.h"

static void there_and_back(void **state)
{
	static const struct {
		const char *guid;
		const char *id;
	} cases[] = {
		{"00000000-0000-0000-0000-000000000000", "da0_0"},
		{"00000000-0000-0001-0000-000000000002", "da1_2"},
		{"ffffffff-ffff-ffff-ffff-ffffffffffff", "da18446744073709551615_-1"},
		{"ffffffff-ffff-ffff-8000-000000000000",
			"da18446744073709551615_-9223372036854775808"},
		{"51580e38-3007-4427-b33a-f2ee3ef98e0b",
			"da5861450549509440551_-5531842087198552565"},
	};
	char id[ALERT_ID_SIZE];
	char guid[ALERT_ID_GUID_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(alert_id_write(cases[i].guid, id));
		assert_string_equal(id, cases[i].id);
		assert_true(alert_id_read(id, guid));
		assert_string_equal(guid, cases[i].guid);
		assert_true(alert_id_read(cases[i].guid, guid));
		assert_string_equal(guid, cases[i].guid);
	}
	assert_true(alert_id_read("51580E38-3007-4427-B33A-F2EE3EF98E0B", guid));
	assert_string_equal(guid, cases[4].guid);
}

static void what_is_none(void **state)
{
	static const char *const texts[] = {"", "da", "da_", "da1", "da1_", "da_1", "da01_1",
		"da1_01", "da1_+1", "da1_-0", "da-1_1", "da18446744073709551616_1",
		"da1_9223372036854775808", "da1_1 ", " da1_1", "DA1_1", "da1_1_1",
		"51580e38-3007-4427-b33a-f2ee3ef98e0", "51580e38-3007-4427-b33a-f2ee3ef98e0bb",
		"51580e38+3007-4427-b33a-f2ee3ef98e0b", "g1580e38-3007-4427-b33a-f2ee3ef98e0b",
		"da1_11111111111111111111111111111111111111111111111111111111111111"};
	char guid[ALERT_ID_GUID_SIZE];
	char id[ALERT_ID_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_false(alert_id_read(texts[i], guid));
		assert_string_equal(guid, "");
		assert_false(alert_id_write(texts[i], id));
		assert_string_equal(id, "");
	}
}

static void in_filters(void **state)
{
	static const struct {
		const char *before;
		const char *after;
	} cases[] = {
		{"[\"eq\",\"id\",\"da1_2\"]",
			"[\"eq\",\"id\",\"00000000-0000-0001-0000-000000000002\"]"},
		{"[\"not\",[\"and\",[\"in\",\"id\",[\"da1_2\",\"x\",null]],[\"eq\",\"status\","
		 "\"da1_"
		 "2\"]]]",
			"[\"not\",[\"and\",[\"in\",\"id\",[\"00000000-0000-0001-0000-"
			"000000000002\","
			"\"x\",null]],[\"eq\",\"status\",\"da1_2\"]]]"},
		{"[\"ne\",\"alertId\",\"51580E38-3007-4427-B33A-F2EE3EF98E0B\"]",
			"[\"ne\",\"alertId\",\"51580e38-3007-4427-b33a-f2ee3ef98e0b\"]"},
		{"[\"eq\",\"id\",5]", "[\"eq\",\"id\",5]"},
		{"[\"eq\"]", "[\"eq\"]"},
	};

	(void)state;
	assert_int_equal(alert_id_translate(NULL), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cJSON *tree = cJSON_Parse(cases[i].before);
		char *text;

		assert_non_null(tree);
		assert_int_equal(alert_id_translate(tree), 0);
		text = cJSON_PrintUnformatted(tree);
		assert_string_equal(text, cases[i].after);
		cJSON_free(text);
		cJSON_Delete(tree);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(what_is_none),
		cmocka_unit_test(in_filters),
	};

	return cmocka_run_group_tests_name("alert_id", tests, NULL, NULL);
}
