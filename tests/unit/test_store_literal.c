/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Literals of filters: times above all, and what each type of field takes. */
#include "unit.h"

#include "clock.h"
#include "store_literal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every form that is a time, and what it is. */
static void times(void **state)
{
	static const struct {
		const char *text;
		int64_t unix_ms;
		bool has_rest;
	} cases[] = {
		{"1970-01-01T00:00:00Z", 0, false},
		{"1970-01-01T00:00:00.001Z", 1, false},
		{"2000-02-29T12:00:00.5Z", INT64_C(951825600500), false},
		{"2026-11-24T03:55:12.1234567Z", INT64_C(1795492512123), true},
		{"2026-11-24T03:55:12.1230000Z", INT64_C(1795492512123), false},
		{"2026-11-24T03:55:12.123000001Z", INT64_C(1795492512123), true},
		{"2100-03-01T00:00:00Z", INT64_C(4107542400000), false},
		{"9999-12-31T23:59:59.999Z", INT64_C(253402300799999), false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t unix_ms = -1;
		bool has_rest = false;

		assert_int_equal(store_literal_time(cases[i].text, &unix_ms, &has_rest), 0);
		assert_int_equal(unix_ms, cases[i].unix_ms);
		assert_int_equal(has_rest, cases[i].has_rest);
	}
}

/* What clock_iso() writes is read back, over all years that there are. */
static void times_round_trip(void **state)
{
	(void)state;
	for (int64_t unix_ms = 0; unix_ms < INT64_C(253402300800000); unix_ms += 86399999 * 7) {
		char text[CLOCK_ISO_SIZE];
		int64_t read_ms = -1;
		bool has_rest = true;

		clock_iso(unix_ms, text);
		assert_int_equal(store_literal_time(text, &read_ms, &has_rest), 0);
		assert_int_equal(read_ms, unix_ms);
		assert_false(has_rest);
	}
}

static void no_times(void **state)
{
	static const char *const cases[] = {"", "Z", "now", "2026", "2026-11-24",
		"1969-12-31T23:59:59Z", "2026-11-24T03:55:12", "2026-11-24T03:55Z",
		"2026-11-24 03:55:12Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
		"2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
		"2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
		"2026-01-01T00:00:60Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567890Z",
		"2026-01-01T00:00:00+01:00", "2026-01-01T00:00:00Z ", "2026-1-1T0:0:0Z",
		"+026-01-01T00:00:00Z", "2026-01-01T-1:00:00Z"};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t unix_ms = 77;
		bool has_rest = false;

		if (store_literal_time(cases[i], &unix_ms, &has_rest) != -EINVAL)
			fail_msg("%s is a time", cases[i]);
		assert_int_equal(unix_ms, 77);
	}
}

/* Which JSON value is a literal of which type. */
static void types(void **state)
{
	static const struct {
		enum store_field_type type;
		const char *json;
		const char *message; /* NULL: it is taken */
	} cases[] = {
		{STORE_FIELD_TEXT, "\"x\"", NULL},
		{STORE_FIELD_TEXT, "null", NULL},
		{STORE_FIELD_TEXT, "1", "a string"},
		{STORE_FIELD_OPTIONAL, "true", "a string"},
		{STORE_FIELD_BYTES, "[]", "a string"},
		{STORE_FIELD_MACHINE, "{}", "a string"},
		{STORE_FIELD_INTEGER, "1", NULL},
		{STORE_FIELD_INTEGER, "\"-9223372036854775808\"", NULL},
		{STORE_FIELD_INTEGER, "1.5", "a whole number"},
		{STORE_FIELD_INTEGER, "1e300", "a whole number"},
		{STORE_FIELD_INTEGER, "\"9223372036854775808\"", "a whole number"},
		{STORE_FIELD_INTEGER, "\"x\"", "a whole number"},
		{STORE_FIELD_REAL, "1.5", NULL},
		{STORE_FIELD_REAL, "\"1.5\"", "a number"},
		{STORE_FIELD_BOOL, "false", NULL},
		{STORE_FIELD_BOOL, "0", "true or false"},
		{STORE_FIELD_TIME, "\"2026-01-01T00:00:00Z\"", NULL},
		{STORE_FIELD_TIME, "\"today\"", "a time"},
		{STORE_FIELD_TIME, "0", "a time"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store_literal literal;
		struct errmsg msg = ERRMSG_NULL;
		cJSON *item = NULL;
		int r;

		assert_int_equal(json_parse(cases[i].json, strlen(cases[i].json), &item, &msg), 0);
		r = store_literal_read(cases[i].type, item, &literal, &msg);
		assert_int_equal(r, cases[i].message ? -EINVAL : 0);
		if (cases[i].message && !strstr(msg.text, cases[i].message))
			fail_msg("%s: %s", cases[i].json, msg.text);
		cJSON_Delete(item);
	}
}

/* The longest text, and one byte more. */
static void longest(void **state)
{
	struct store_literal literal;
	struct errmsg msg = ERRMSG_NULL;
	char *text = calloc(1, STORE_LITERAL_TEXT_MAX + 2);

	(void)state;
	assert_non_null(text);
	for (int n = STORE_LITERAL_TEXT_MAX; n <= STORE_LITERAL_TEXT_MAX + 1; n++) {
		cJSON *item;

		memset(text, 'x', (size_t)n);
		item = cJSON_CreateString(text);
		assert_int_equal(store_literal_read(STORE_FIELD_TEXT, item, &literal, &msg),
			n == STORE_LITERAL_TEXT_MAX ? 0 : -EINVAL);
		cJSON_Delete(item);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times),
		cmocka_unit_test(times_round_trip),
		cmocka_unit_test(no_times),
		cmocka_unit_test(types),
		cmocka_unit_test(longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
