/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long an answer is waited for. */
#include "unit.h"

#include "patience.h"

enum { MS = 1000000 };

/* Nothing is used: five minutes. */
static void hangs(void **state)
{
	struct patience p = {0};

	(void)state;
	patience_begin_process(&p, 1000);
	for (uint64_t ms = 1000; ms < 1000 + PATIENCE_MS; ms += 1000) {
		patience_note(&p, ms, (PATIENCE_PROGRESS_MS - 1) * (uint64_t)MS);
		assert_false(patience_is_over(&p, ms));
	}
	assert_true(patience_is_over(&p, 1000 + PATIENCE_MS));
}

/* Throttled to next to nothing: a portion in a minute is progress, hours long. */
static void is_throttled(void **state)
{
	struct patience p = {0};
	uint64_t cpu_ns = 0;
	uint64_t ms = 0;

	(void)state;
	patience_begin_process(&p, ms);
	for (; ms < PATIENCE_LIMIT_MS; ms += 60000) {
		patience_note(&p, ms, cpu_ns);
		assert_false(patience_is_over(&p, ms));
		cpu_ns += PATIENCE_PROGRESS_MS * (uint64_t)MS;
	}
	/* … and not for ever. */
	patience_note(&p, ms, cpu_ns);
	assert_true(patience_is_over(&p, ms));
}

/* It worked, then it hangs: five minutes from there. */
static void hangs_later(void **state)
{
	struct patience p = {0};

	(void)state;
	patience_begin_process(&p, 0);
	patience_note(&p, 200000, 5000 * (uint64_t)MS);
	patience_note(&p, 400000, 5000 * (uint64_t)MS);
	assert_false(patience_is_over(&p, 200000 + PATIENCE_MS - 1));
	assert_true(patience_is_over(&p, 200000 + PATIENCE_MS));
}

/* The next request of the same process, and the first of the next. */
static void begins_again(void **state)
{
	struct patience p = {0};

	(void)state;
	patience_begin_process(&p, 0);
	patience_note(&p, 1000, 900 * (uint64_t)MS);
	patience_begin(&p, 600000);
	patience_note(&p, 700000, 900 * (uint64_t)MS); /* was used before */
	assert_true(patience_is_over(&p, 600000 + PATIENCE_MS));
	patience_begin_process(&p, 2000000);
	patience_note(&p, 2100000, 20 * (uint64_t)MS);
	assert_false(patience_is_over(&p, 2100000 + PATIENCE_MS - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hangs),
		cmocka_unit_test(is_throttled),
		cmocka_unit_test(hangs_later),
		cmocka_unit_test(begins_again),
	};

	return cmocka_run_group_tests_name("patience", tests, NULL, NULL);
}
