/* SPDX-License-Identifier: GPL-2.0-or-later */
/* words: every word has a name of its own, and parses back where it can be parsed. */
#include "unit.h"

#include "words.h"

#include <errno.h>
#include <string.h>

static void every_name_is_its_own(void **state)
{
	(void)state;
	for (int a = 0; a < REASON_N; a++) {
		assert_string_not_equal(reason_name((enum reason)a), "Unknown");
		for (int b = 0; b < a; b++)
			assert_string_not_equal(
				reason_name((enum reason)a), reason_name((enum reason)b));
	}
	for (int a = 0; a < FILE_RESULT_N; a++)
		assert_string_not_equal(file_result_name((enum file_result)a), "Unknown");
	assert_string_equal(file_result_name(FILE_RESULT_CRASHED), "crashed");
	assert_string_equal(reason_name(REASON_CRASHED), "crashed");
	assert_string_equal(file_result_name(FILE_RESULT_N), "Unknown");
	assert_string_equal(reason_name((enum reason)999), "Unknown");
}

static void there_and_back(void **state)
{
	enum scan_type type;
	enum scan_origin origin;
	enum run_status status;

	(void)state;
	for (int i = 0; i < SCAN_TYPE_N; i++) {
		assert_int_equal(scan_type_parse(scan_type_name((enum scan_type)i), &type), 0);
		assert_int_equal(type, i);
	}
	for (int i = 0; i < SCAN_ORIGIN_N; i++) {
		assert_int_equal(
			scan_origin_parse(scan_origin_name((enum scan_origin)i), &origin), 0);
		assert_int_equal(origin, i);
	}
	for (int i = 0; i < RUN_STATUS_N; i++) {
		assert_int_equal(run_status_parse(run_status_name((enum run_status)i), &status), 0);
		assert_int_equal(status, i);
		assert_int_equal(
			run_status_is_final((enum run_status)i) != 0, i >= RUN_STATUS_SUCCEEDED);
	}
	assert_int_equal(scan_type_parse("Quick", &type), -EINVAL);
	assert_int_equal(scan_origin_parse("", &origin), -EINVAL);
	assert_int_equal(run_status_parse("Unknown", &status), -EINVAL);
	assert_int_equal(status, RUN_STATUS_CANCELLED);
	assert_false(run_status_is_final(RUN_STATUS_N));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_is_its_own), cmocka_unit_test(there_and_back)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
