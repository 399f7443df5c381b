/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers of a command line. */
#include "unit.h"

#include "number.h"

#include <errno.h>

static void good(void **state)
{
	int64_t value = 7;

	(void)state;
	assert_int_equal(number_parse("0", 0, 0, &value), 0);
	assert_int_equal(value, 0);
	assert_int_equal(number_parse("0012", 1, 12, &value), 0);
	assert_int_equal(value, 12);
	assert_int_equal(number_parse("9223372036854775807", 0, INT64_MAX, &value), 0);
	assert_true(value == INT64_MAX);
}

static void bad(void **state)
{
	static const char *const texts[] = {
		"", " 5", "5 ", "+5", "-5", "5x", "0x5", "5.0", "9223372036854775808", "4", "11"};
	int64_t value = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(number_parse(texts[i], 5, 10, &value), -EINVAL);
	assert_int_equal(value, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(good), cmocka_unit_test(bad)};

	return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
