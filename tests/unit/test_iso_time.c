/* SPDX-License-Identifier: GPL-2.0-or-later */
/* iso_time: what clients write as time; what is no time. */
#include "unit.h"

#include "clock.h"
#include "iso_time.h"

#include <errno.h>
#include <string.h>

static void times(void **state)
{
	static const struct {
		const char *text;
		int64_t unix_ms;
		bool is_exact;
	} good[] = {{"1970-01-01", 0, true}, {"2026-11-24T03:55:12Z", 1795492512000, true},
		{"2026-11-24T03:55:12", 1795492512000, true},
		{"2026-11-24T03:55Z", 1795492500000, true},
		{"2026-11-24t03:55:12.1z", 1795492512100, true},
		{"2026-11-24T03:55:12.1234567Z", 1795492512123, false},
		{"2026-11-24T03:55:12.123000000Z", 1795492512123, true},
		{"2026-11-24T03:55:12.000000001Z", 1795492512000, false},
		{"2026-11-24T05:55:12+02:00", 1795492512000, true},
		{"2026-11-24T05:55:12 02:00", 1795492512000, true},
		{"2026-11-23T22:25:12-0530", 1795492512000, true},
		{"2000-02-29T23:59:59.999Z", 951868799999, true},
		{"1969-12-31T23:59:59.999Z", -1, true}, {"0001-01-01", -62135596800000, true},
		{"9999-12-31T23:59:59.999Z", 253402300799999, true}};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		int64_t unix_ms = 0;
		bool is_exact = false;

		if (iso_time_parse(good[i].text, strlen(good[i].text), &unix_ms, &is_exact) != 0)
			fail_msg("%s was refused", good[i].text);
		if (unix_ms != good[i].unix_ms || is_exact != good[i].is_exact)
			fail_msg("%s became %lld", good[i].text, (long long)unix_ms);
	}
}

static void no_times(void **state)
{
	static const char *const bad[] = {"", "2026", "2026-11", "2026-13-01", "2026-00-01",
		"2026-02-29", "2026-04-31", "2026-11-24T", "2026-11-24T24:00Z", "2026-11-24T3:55Z",
		"2026-11-24T03:60Z", "2026-11-24T03:55:61Z", "2026-11-24T03:55:12.Z",
		"2026-11-24T03:55:12.1234567890Z", "2026-11-24T03:55:12Zx",
		"2026-11-24T03:55:12+15:00", "2026-11-24T03:55:12+", "0000-01-01", "-026-11-24",
		"2026-11-24 03:55:12 x", "1900-02-29"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int64_t unix_ms = 42;

		if (iso_time_parse(bad[i], strlen(bad[i]), &unix_ms, NULL) != -EINVAL)
			fail_msg("%s was taken", bad[i]);
		assert_true(unix_ms == 42);
	}
}

/* What we print is read back, over all years. */
static void there_and_back(void **state)
{
	(void)state;
	for (int64_t unix_ms = -62135596800000; unix_ms < 253402300799999;
		unix_ms += 86400000LL * 97 + 123457) {
		char text[CLOCK_ISO_SIZE];
		int64_t back = 0;

		if (unix_ms < -59000000000000) /* strftime writes no leading zeros */
			continue;
		clock_iso(unix_ms, text);
		if (strlen(text) != 28)
			continue;
		assert_int_equal(iso_time_parse(text, strlen(text), &back, NULL), 0);
		assert_true(back == unix_ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times),
		cmocka_unit_test(no_times),
		cmocka_unit_test(there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
