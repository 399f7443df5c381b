/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a scanner is given up, and what the next one is told. */
#include "pass_list.h"
#include "standstill.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MS UINT64_C(1000000)

enum { LIMIT_MS = 3000 };

static struct ipc_scan_progress progress;
static struct ipc_scan_wait wait_;
static struct standstill still;

static int setup(void **state)
{
	(void)state;
	progress = (struct ipc_scan_progress){.n_found = 5, .n_lanes_busy = 1};
	wait_ = (struct ipc_scan_wait){.n_lanes = 1, .waited_ns = 60000 * MS};
	still = (struct standstill)STANDSTILL_NULL;
	return 0;
}

static bool step(uint64_t now_ms)
{
	return standstill_step(&still, now_ms, &progress, &wait_, LIMIT_MS);
}

/* Nothing moves for as long as the limit. */
static void stands(void **state)
{
	(void)state;
	for (uint64_t ms = 1000; ms < 4000; ms += 250)
		assert_false(step(ms));
	assert_true(step(4000));
}

/* Whatever is found, listed or judged begins the time anew. */
static void moves(void **state)
{
	uint64_t *const counts[] = {&progress.n_found, &progress.n_directories,
		&progress.results[FILE_RESULT_CLEAN], &progress.results[FILE_RESULT_SKIPPED]};
	uint64_t ms = 1000;

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		for (int n = 0; n < 3; n++, ms += 900)
			assert_false(step(ms));
		++*counts[i];
	}
}

/* A lane that has work is not given up, however long another waits. */
static void one_is_at_work(void **state)
{
	(void)state;
	progress.n_lanes_busy = 2;
	for (uint64_t ms = 1000; ms < 100000; ms += 500)
		assert_false(step(ms));
	progress.n_lanes_busy = 1;
	for (uint64_t ms = 100000; ms < 102500; ms += 500)
		assert_false(step(ms));
	assert_true(step(102500));
}

/* The wait itself must be that long. */
static void short_wait(void **state)
{
	(void)state;
	wait_.waited_ns = (LIMIT_MS - 1) * MS;
	for (uint64_t ms = 1000; ms < 20000; ms += 500)
		assert_false(step(ms));
	wait_.waited_ns = LIMIT_MS * MS;
	assert_true(step(20000));
}

/* A scanner that was itself stopped for an hour has not watched that long. */
static void stopped(void **state)
{
	(void)state;
	assert_false(step(1000));
	assert_false(step(3600000));
	assert_false(step(7200000));
	assert_true(step(10800000));
}

static int hear(struct pass_list *list, const char *point, bool has_begun, bool is_whole)
{
	const struct ipc_scan_mount mount = {.has_begun = has_begun,
		.is_whole = is_whole,
		.point = span_str(point),
		.type = span_str("fuse.x")};

	return pass_list_hear(list, &mount);
}

/* Passes are asked for, begin, and are left; what is not apart comes first. */
static void passes(void **state)
{
	struct pass_list list = PASS_LIST_NULL;

	(void)state;
	assert_null(pass_list_current(&list));
	assert_false(pass_list_has_more(&list));
	assert_int_equal(hear(&list, "/a", false, false), 0);
	assert_int_equal(hear(&list, "/b", false, true), 0);
	assert_int_equal(hear(&list, "/a", false, true), 0);
	assert_int_equal(list.n, 2);
	assert_true(list.items[0].is_whole);
	assert_null(pass_list_current(&list));
	assert_true(pass_list_has_more(&list));
	assert_int_equal(hear(&list, "/a", true, false), 0);
	assert_true(list.is_main_over);
	assert_string_equal(pass_list_current(&list)->type, "fuse.x");
	assert_true(span_equal(pass_list_current(&list)->point, span_str("/a")));
	assert_true(pass_list_current(&list)->is_whole);
	assert_true(pass_list_has_more(&list));
	pass_list_leave_current(&list);
	assert_null(pass_list_current(&list));
	assert_int_equal(hear(&list, "/b", true, true), 0);
	assert_false(pass_list_has_more(&list));
	pass_list_reset(&list);
	assert_int_equal(list.n, 0);
	assert_false(list.is_main_over);
	pass_list_deinit(&list);
}

/* A mount that hangs unexpectedly is set aside once; a second time nothing helps. */
static void hung(void **state)
{
	struct pass_list list = PASS_LIST_NULL;
	const struct span type = span_str("ext4");

	(void)state;
	assert_int_equal(pass_list_add_hung(&list, span_str("/srv"), type), 0);
	assert_true(list.items[0].is_hung && list.items[0].has_begun);
	assert_false(pass_list_has_more(&list));
	assert_false(list.is_main_over);
	assert_int_equal(pass_list_add_hung(&list, span_str("/srv"), type), -EEXIST);
	assert_int_equal(hear(&list, "/fuse", false, true), 0);
	assert_int_equal(pass_list_add_hung(&list, span_str("/fuse"), type), -EEXIST);
	pass_list_leave_current(&list);
	assert_true(list.is_main_over);
	pass_list_deinit(&list);
	pass_list_deinit(&list);
}

/* A scanner that was taken over cannot fill the daemon's memory. */
static void too_many(void **state)
{
	struct pass_list list = PASS_LIST_NULL;
	char point[32];

	(void)state;
	for (int i = 0; i < PASS_LIST_MAX; i++) {
		(void)snprintf(point, sizeof(point), "/%d", i);
		assert_int_equal(hear(&list, point, false, false), 0);
	}
	assert_int_equal(hear(&list, "/more", false, false), -E2BIG);
	assert_int_equal(hear(&list, "/7", true, false), 0);
	assert_int_equal(pass_list_add_hung(&list, span_str("/more"), span_str("x")), -E2BIG);
	assert_int_equal(list.n, PASS_LIST_MAX);
	pass_list_deinit(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(stands, setup),
		cmocka_unit_test_setup(moves, setup),
		cmocka_unit_test_setup(one_is_at_work, setup),
		cmocka_unit_test_setup(short_wait, setup),
		cmocka_unit_test_setup(stopped, setup),
		cmocka_unit_test(passes),
		cmocka_unit_test(hung),
		cmocka_unit_test(too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
