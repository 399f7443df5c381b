/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every move of a scan's life, allowed and forbidden, and what the records say in each state. */
#include "unit.h"

#include "scan_cycle.h"

#include <errno.h>

#define W SCAN_CYCLE_WAITING
#define S SCAN_CYCLE_STARTING
#define R SCAN_CYCLE_RUNNING
#define P SCAN_CYCLE_PAUSED
#define E SCAN_CYCLE_ENDING
#define D SCAN_CYCLE_ENDED
#define L SCAN_CYCLE_LEFT

/* The whole table, written again: rows from, columns to. */
static const bool may[SCAN_CYCLE_N][SCAN_CYCLE_N] = {
	/*       W  S  R  P  E  D  L */
	[W] = {0, 1, 0, 1, 1, 0, 1},
	[S] = {0, 0, 1, 1, 1, 0, 1},
	[R] = {0, 1, 0, 1, 1, 0, 1},
	[P] = {0, 1, 1, 0, 1, 0, 1},
	[E] = {0, 0, 0, 0, 0, 1, 1},
	[D] = {0, 0, 0, 0, 0, 0, 0},
	[L] = {0, 0, 0, 0, 0, 0, 0},
};

/* scan_cycle_may() is that table, and false for numbers that are no state. */
static void every_move(void **state)
{
	(void)state;
	for (int from = 0; from < SCAN_CYCLE_N; from++)
		for (int to = 0; to < SCAN_CYCLE_N; to++)
			assert_int_equal(scan_cycle_may((enum scan_cycle_state)from,
						 (enum scan_cycle_state)to),
				may[from][to]);
	assert_false(scan_cycle_may((enum scan_cycle_state)99, W));
	assert_false(scan_cycle_may(W, (enum scan_cycle_state)99));
	assert_string_equal(scan_cycle_name((enum scan_cycle_state)99), "unknown");
}

/* The usual life, and what each state is called in the records. */
static void usual_life(void **state)
{
	struct scan_cycle cycle = SCAN_CYCLE_NULL;

	(void)state;
	assert_int_equal(scan_cycle_status(&cycle), RUN_STATUS_PENDING);
	scan_cycle_move(&cycle, "id", S);
	assert_int_equal(scan_cycle_status(&cycle), RUN_STATUS_IN_PROGRESS);
	scan_cycle_move(&cycle, "id", P);
	assert_int_equal(scan_cycle_status(&cycle), RUN_STATUS_PAUSED);
	scan_cycle_move(&cycle, "id", R);
	scan_cycle_move(&cycle, "id", S);
	scan_cycle_move(&cycle, "id", R);
	assert_int_equal(scan_cycle_end(&cycle, "id", RUN_STATUS_SUCCEEDED), 0);
	assert_int_equal(scan_cycle_status(&cycle), RUN_STATUS_IN_PROGRESS);
	scan_cycle_move(&cycle, "id", D);
	assert_int_equal(scan_cycle_status(&cycle), RUN_STATUS_SUCCEEDED);
}

/* The first outcome stays, whatever comes later. */
static void first_outcome_stays(void **state)
{
	struct scan_cycle cycle = SCAN_CYCLE_NULL;

	(void)state;
	assert_int_equal(scan_cycle_end(&cycle, "id", RUN_STATUS_CANCELLED), 0);
	assert_int_equal(scan_cycle_end(&cycle, "id", RUN_STATUS_FAILED), -EALREADY);
	assert_int_equal(cycle.outcome, RUN_STATUS_CANCELLED);
	scan_cycle_move(&cycle, "id", D);
	assert_int_equal(scan_cycle_end(&cycle, "id", RUN_STATUS_FAILED), -EINVAL);
	assert_int_equal(scan_cycle_status(&cycle), RUN_STATUS_CANCELLED);
}

/* A daemon that stops may leave a scan in any state but the last. */
static void left_behind(void **state)
{
	static const enum scan_cycle_state states[] = {W, S, R, P, E};

	(void)state;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		struct scan_cycle cycle = {.state = states[i],
			.has_outcome = states[i] == E,
			.outcome = RUN_STATUS_FAILED};

		scan_cycle_move(&cycle, "id", L);
		assert_int_equal(scan_cycle_status(&cycle), RUN_STATUS_IN_PROGRESS);
		assert_int_equal(scan_cycle_end(&cycle, "id", RUN_STATUS_FAILED), -EINVAL);
	}
}

/* Defender's codes. */
static void codes(void **state)
{
	(void)state;
	assert_int_equal(scan_cycle_hresult(RUN_STATUS_SUCCEEDED), 0);
	assert_int_equal(scan_cycle_hresult(RUN_STATUS_CANCELLED), -2147467260);
	assert_int_equal(scan_cycle_hresult(RUN_STATUS_TIME_OUT), -2145844840);
	assert_true(scan_cycle_hresult(RUN_STATUS_FAILED) < 0);
	assert_int_equal(scan_cycle_hresult(RUN_STATUS_PENDING), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_move),
		cmocka_unit_test(usual_life),
		cmocka_unit_test(first_outcome_stays),
		cmocka_unit_test(left_behind),
		cmocka_unit_test(codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
