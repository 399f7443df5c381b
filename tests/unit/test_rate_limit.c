/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rate_limit: exact windows, and how long to wait. */
#include "unit.h"

#include "rate_limit.h"

#include <errno.h>

/* The documented limits: no window of a minute has 101 calls, none of an hour 1501. */
static void no_window_has_more(void **state)
{
	static uint64_t times[20000];
	struct rate_limit *limit = NULL;
	size_t n = 0;

	(void)state;
	assert_int_equal(rate_limit_new(RATE_LIMIT_MINUTE, RATE_LIMIT_HOUR, &limit), 0);
	for (uint64_t now_ms = 1000; now_ms < 3 * 3600000; now_ms += 137) {
		unsigned wait_s = rate_limit_take(limit, now_ms);

		if (wait_s == 0)
			times[n++] = now_ms;
		else
			assert_in_range(wait_s, 1, 3600);
		if (n > 100)
			assert_true(times[n - 1] - times[n - 101] >= 60000);
		if (n > 1500)
			assert_true(times[n - 1] - times[n - 1501] >= 3600000);
	}
	assert_in_range(n, 4400, 4500);
	rate_limit_free(limit);
}

/* Who waits as long as he is told to is let through. */
static void the_wait_is_enough(void **state)
{
	struct rate_limit *limit = NULL;
	uint64_t now_ms = 5;

	(void)state;
	assert_int_equal(rate_limit_new(3, 5, &limit), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(rate_limit_take(limit, now_ms + (uint64_t)i * 500), 0);
	now_ms = 2000;
	assert_int_equal(rate_limit_take(limit, now_ms), 59); /* 58.005 s, rounded up */
	now_ms += 59000;
	assert_int_equal(rate_limit_take(limit, now_ms), 0);
	assert_int_equal(rate_limit_take(limit, now_ms), 0);
	assert_int_equal(rate_limit_take(limit, now_ms), 3540); /* the hour's fifth */
	assert_int_equal(rate_limit_take(limit, now_ms + 3540000), 0);
	rate_limit_free(limit);
}

static void no_limits(void **state)
{
	struct rate_limit *limit = NULL;

	(void)state;
	assert_int_equal(rate_limit_new(0, 0, &limit), 0);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(rate_limit_take(limit, 1), 0);
	rate_limit_free(limit);
	limit = NULL;
	assert_int_equal(rate_limit_new(2, 0, &limit), 0);
	assert_int_equal(rate_limit_take(limit, 0), 0);
	assert_int_equal(rate_limit_take(limit, 0), 0);
	assert_int_equal(rate_limit_take(limit, 0), 60);
	rate_limit_free(limit);
	rate_limit_free(NULL);
	assert_int_equal(rate_limit_new(RATE_LIMIT_MAX + 1, 0, &limit), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_window_has_more),
		cmocka_unit_test(the_wait_is_enough),
		cmocka_unit_test(no_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
