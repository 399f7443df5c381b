/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which scans wait for the machine, by origin and type. */
#include "unit.h"

#include "start_policy.h"

#define HOUR_MS (INT64_C(3600) * 1000)

static const struct start_policy_input scheduled_full = {
	.origin = SCAN_ORIGIN_SCHEDULE, .type = SCAN_TYPE_FULL, .is_only_if_idle = true};

/* What an operator asks for, here or from far, waits for nothing. */
static void operators_do_not_wait(void **state)
{
	static const enum scan_origin origins[] = {SCAN_ORIGIN_ACTION, SCAN_ORIGIN_MANUAL};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct start_policy_input in = scheduled_full;

		in.origin = origins[i];
		in.is_on_battery = true;
		assert_int_equal(start_policy_decide(&in), START_POLICY_NOW);
		assert_false(start_policy_must_end(&in));
	}
}

static void scheduled_waits_for_idleness(void **state)
{
	struct start_policy_input in = scheduled_full;

	(void)state;
	assert_int_equal(start_policy_decide(&in), START_POLICY_WAIT_IDLE);
	in.waited_ms = 24 * HOUR_MS - 1;
	assert_int_equal(start_policy_decide(&in), START_POLICY_WAIT_IDLE);
	in.waited_ms++;
	assert_int_equal(start_policy_decide(&in), START_POLICY_NOW); /* not for ever */
	in.waited_ms = 0;
	in.is_machine_idle = true;
	assert_int_equal(start_policy_decide(&in), START_POLICY_NOW);
	in.is_machine_idle = false;
	in.is_only_if_idle = false;
	assert_int_equal(start_policy_decide(&in), START_POLICY_NOW);
}

static void full_waits_for_mains(void **state)
{
	struct start_policy_input in = scheduled_full;

	(void)state;
	in.is_machine_idle = true;
	in.is_on_battery = true;
	in.waited_ms = 48 * HOUR_MS;
	assert_int_equal(start_policy_decide(&in), START_POLICY_WAIT_POWER);
	assert_true(start_policy_must_end(&in));
	in.type = SCAN_TYPE_QUICK;
	assert_int_equal(start_policy_decide(&in), START_POLICY_NOW);
	assert_false(start_policy_must_end(&in));
	in.type = SCAN_TYPE_FULL;
	in.is_full_on_battery = true;
	assert_int_equal(start_policy_decide(&in), START_POLICY_NOW);
	assert_false(start_policy_must_end(&in));
}

/* One that has begun does not end because somebody comes back. */
static void use_ends_nothing(void **state)
{
	(void)state;
	assert_false(start_policy_must_end(&scheduled_full));
}

static void texts(void **state)
{
	(void)state;
	assert_string_equal(start_policy_text(START_POLICY_NOW), "");
	assert_true(start_policy_text(START_POLICY_WAIT_IDLE)[0] != '\0');
	assert_true(start_policy_text(START_POLICY_WAIT_POWER)[0] != '\0');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operators_do_not_wait),
		cmocka_unit_test(scheduled_waits_for_idleness),
		cmocka_unit_test(full_waits_for_mains),
		cmocka_unit_test(use_ends_nothing),
		cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests_name("start_policy", tests, NULL, NULL);
}
