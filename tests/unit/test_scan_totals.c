/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters over scans: nothing twice, nothing less, also when a scan begins anew. */
#include "unit.h"

#include "scan_totals.h"

#include <string.h>

static struct scan_record scan_of(const char *id, uint64_t n)
{
	struct scan_record scan = {
		.type = SCAN_TYPE_FULL, .status = RUN_STATUS_IN_PROGRESS, .start_unix_ms = 1};

	memcpy(scan.id, id, strlen(id));
	for (size_t i = 0; i < FILE_RESULT_N; i++)
		scan.results[i] = n + i;
	scan.n_bytes = 10 * n;
	scan.n_directories = 20 * n;
	scan.n_excluded = 30 * n;
	scan.n_detections = 40 * n;
	scan.cpu_ns = 50 * n;
	return scan;
}

static void check(const struct scan_totals *totals, uint64_t n, unsigned n_scans)
{
	for (size_t i = 0; i < FILE_RESULT_N; i++)
		assert_int_equal(totals->sums.results[i], n + i * n_scans);
	assert_int_equal(totals->sums.n_bytes, 10 * n);
	assert_int_equal(totals->sums.n_directories, 20 * n);
	assert_int_equal(totals->sums.n_excluded, 30 * n);
	assert_int_equal(totals->sums.n_detections, 40 * n);
	assert_int_equal(totals->sums.cpu_ns, 50 * n);
}

static void grow(void **state)
{
	struct scan_totals totals = SCAN_TOTALS_NULL;
	struct scan_record scan = scan_of("a", 5);

	(void)state;
	scan_totals_follow(&totals, &scan);
	check(&totals, 5, 1);
	scan_totals_follow(&totals, &scan);
	check(&totals, 5, 1);
	scan = scan_of("a", 7);
	scan.status = RUN_STATUS_SUCCEEDED;
	scan_totals_end(&totals, &scan);
	check(&totals, 7, 1);
	assert_int_equal(totals.n_ended[SCAN_TYPE_FULL][RUN_STATUS_SUCCEEDED], 1);
	scan = scan_of("b", 1);
	scan.status = RUN_STATUS_FAILED;
	scan_totals_end(&totals, &scan);
	check(&totals, 8, 2);
	assert_int_equal(totals.n_ended[SCAN_TYPE_FULL][RUN_STATUS_FAILED], 1);
	assert_int_equal(totals.n_ended[SCAN_TYPE_QUICK][RUN_STATUS_FAILED], 0);
}

/* Less than at the last look is all new. */
static void anew(void **state)
{
	struct scan_totals totals = SCAN_TOTALS_NULL;
	struct scan_record scan = scan_of("a", 5);

	(void)state;
	scan_totals_follow(&totals, &scan);
	scan = scan_of("a", 2);
	scan_totals_follow(&totals, &scan);
	scan = scan_of("a", 3);
	scan_totals_follow(&totals, &scan);
	check(&totals, 5 + 3, 2);
}

/* One that ends in the queue does not make the one at work count once more. */
static void never_begun(void **state)
{
	struct scan_totals totals = SCAN_TOTALS_NULL;
	struct scan_record scan = scan_of("a", 5);
	struct scan_record waiting = {.id = "b", .status = RUN_STATUS_CANCELLED};

	(void)state;
	scan_totals_follow(&totals, &scan);
	scan_totals_end(&totals, &waiting);
	assert_int_equal(totals.n_ended[waiting.type][RUN_STATUS_CANCELLED], 1);
	scan_totals_follow(&totals, &scan);
	check(&totals, 5, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grow),
		cmocka_unit_test(anew),
		cmocka_unit_test(never_begun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
