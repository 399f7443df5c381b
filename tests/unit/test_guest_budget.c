/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What peers without the operators' role may have of the daemon's thread. */
#include "unit.h"

#include "guest_budget.h"

static const uint64_t ms = UINT64_C(1000000);
static const uint64_t start = UINT64_C(5000000000);

/* What leaves half of the time goes on for ever. */
static void half(void **state)
{
	struct guest_budget budget = GUEST_BUDGET_NULL;
	uint64_t now = start;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		assert_int_equal(guest_budget_charge(&budget, now, ms), 0);
		now += 2 * ms;
	}
}

/* What takes all of it is held to half of it. */
static void all(void **state)
{
	struct guest_budget budget = GUEST_BUDGET_NULL;
	uint64_t now = start;
	uint64_t used_ms = 0;

	(void)state;
	while (now < start + 60000 * ms) {
		now += 5 * ms; /* it runs */
		used_ms += 5;
		now += guest_budget_charge(&budget, now, 5 * ms) * ms;
	}
	assert_in_range(used_ms, 29000, 30500);
}

/* A long request is waited for twice as long, less the burst. */
static void long_one(void **state)
{
	struct guest_budget budget = GUEST_BUDGET_NULL;

	(void)state;
	assert_int_equal(guest_budget_charge(&budget, start, 500 * ms), 750);
	assert_int_equal(guest_budget_charge(&budget, start + 750 * ms, ms), 0);
	assert_int_equal(guest_budget_charge(&budget, start + 100000 * ms, 250 * ms), 0);
	assert_int_equal(guest_budget_charge(&budget, start + 100000 * ms, 1 * ms), 252);
}

/* A clock that goes back pays nothing and takes nothing. */
static void clock_back(void **state)
{
	struct guest_budget budget = GUEST_BUDGET_NULL;

	(void)state;
	assert_int_equal(guest_budget_charge(&budget, start, 200 * ms), 0);
	assert_int_equal(guest_budget_charge(&budget, start - 100 * ms, 50 * ms), 0);
	assert_int_equal(budget.used_ns, 250 * ms);
	assert_int_equal(budget.at_ns, start);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(half),
		cmocka_unit_test(all),
		cmocka_unit_test(long_one),
		cmocka_unit_test(clock_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
