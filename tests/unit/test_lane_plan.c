/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lanes by factor and machine, as a table. */
#include "unit.h"

#include "grant.h"
#include "lane_plan.h"

struct row {
	unsigned factor_pct;
	double n_cpus;
	unsigned maximum;
	unsigned n_lanes;
};

static void by_factor_and_machine(void **state)
{
	static const struct row rows[] = {
		{5, 1, 0, 1}, {50, 1, 0, 1}, {100, 1, 0, 1}, {0, 1, 0, 1}, {5, 2, 0, 1},
		{25, 2, 0, 1}, {37, 2, 0, 1}, {38, 2, 0, 2}, /* 0.74, 0.76 */
		{50, 2, 0, 2}, {80, 2, 0, 2}, {95, 2, 0, 2}, {0, 2, 0, 2}, {10, 4, 0, 1},
		{25, 4, 0, 2}, {50, 4, 0, 3}, {80, 4, 0, 4}, {100, 4, 0, 4}, {50, 8, 0, 5},
		{20, 8, 0, 2}, {50, 64, 0, 33}, {100, 64, 0, 64}, {0, 64, 0, 64},
		{0, 256, 0, GRANT_N_LANES}, {50, 256, 0, GRANT_N_LANES},          /* the cap */
		{50, 1.5, 0, 1}, {60, 1.5, 0, 2}, {0, 1.5, 0, 2}, {0, 0.5, 0, 1}, /* quotas */
		{50, 2, 1, 1}, {5, 2, 64, 64}, {50, 64, 7, 7},                    /* as set */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		unsigned got = lane_plan(r->factor_pct, r->n_cpus, r->maximum);

		if (got != r->n_lanes)
			fail_msg("%u %% of %.1f, maximum %u: got %u, want %u", r->factor_pct,
				r->n_cpus, r->maximum, got, r->n_lanes);
	}
}

/* The lanes that are planned can always carry the factor. */
static void carries_the_factor(void **state)
{
	(void)state;
	for (unsigned factor = 1; factor <= 100; factor++) {
		for (unsigned cpus = 1; cpus <= GRANT_N_LANES; cpus++)
			assert_true(lane_plan(factor, cpus, 0) >= factor / 100.0 * cpus);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_factor_and_machine),
		cmocka_unit_test(carries_the_factor),
	};

	return cmocka_run_group_tests_name("lane_plan", tests, NULL, NULL);
}
