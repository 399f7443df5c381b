/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line that comes again and again is written once in a while. */
#include "unit.h"

#include "log_limit.h"

static const uint64_t start = 5000;

/* The first is written whatever the clock says, also at its beginning. */
static void first(void **state)
{
	struct log_limit limit = LOG_LIMIT_NULL;
	uint64_t n_dropped = 7;

	(void)state;
	assert_true(log_limit_take(&limit, 0, &n_dropped));
	assert_int_equal(n_dropped, 0);
	assert_false(log_limit_take(&limit, 0, &n_dropped));
}

/* A flood of a minute is six lines, which tell of all others. */
static void flood(void **state)
{
	struct log_limit limit = LOG_LIMIT_NULL;
	unsigned n_written = 0;
	uint64_t n_told = 0;

	(void)state;
	for (uint64_t now_ms = start; now_ms < start + 60000; now_ms++) {
		uint64_t n_dropped = 0;

		if (log_limit_take(&limit, now_ms, &n_dropped))
			n_written++;
		n_told += n_dropped;
	}
	assert_int_equal(n_written, 60000 / LOG_LIMIT_MS);
	assert_int_equal(n_told + limit.n_dropped + n_written, 60000);
}

/* Two that are far apart are both written, and nothing was left out. */
static void apart(void **state)
{
	struct log_limit limit = LOG_LIMIT_NULL;
	uint64_t n_dropped = 7;

	(void)state;
	assert_true(log_limit_take(&limit, start, &n_dropped));
	assert_true(log_limit_take(&limit, start + LOG_LIMIT_MS, &n_dropped));
	assert_int_equal(n_dropped, 0);
}

/* A clock that goes back writes nothing more. */
static void clock_back(void **state)
{
	struct log_limit limit = LOG_LIMIT_NULL;
	uint64_t n_dropped = 7;

	(void)state;
	assert_true(log_limit_take(&limit, start, &n_dropped));
	n_dropped = 7;
	assert_false(log_limit_take(&limit, start - 1, &n_dropped));
	assert_int_equal(n_dropped, 7);
	assert_int_equal(limit.n_dropped, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first),
		cmocka_unit_test(flood),
		cmocka_unit_test(apart),
		cmocka_unit_test(clock_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
