/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Order, search and duplicates of open scans; jobs own their strings; when to stop trying. */
#include "unit.h"

#include "estimate.h"
#include "load_policy.h"
#include "queue.h"
#include "setback.h"

#include <string.h>

static struct job *make(enum scan_type type)
{
	struct request request = {.type = type,
		.comment = (char *)(uintptr_t) "why",
		.paths_json = (char *)(uintptr_t) "[]",
		.load_factor_pct = LOAD_POLICY_NO_OVERRIDE};
	const struct requestor who = {.name = "root", .source = "LocalCli"};
	struct job *job = NULL;

	assert_int_equal(job_new(&request, &who, 1000, &job), 0);
	return job;
}

/* What comes through a gateway is an action, whatever its request says. */
static void through_a_gateway(void **state)
{
	struct request request = {.type = SCAN_TYPE_QUICK,
		.origin = SCAN_ORIGIN_MANUAL,
		.comment = (char *)(uintptr_t) "why",
		.paths_json = (char *)(uintptr_t) "[]",
		.load_factor_pct = LOAD_POLICY_NO_OVERRIDE};
	const struct requestor who = {
		.name = "alice", .source = "Portal", .gateway = {.is_set = true, .uid = 7}};
	struct job *job = NULL;

	(void)state;
	assert_int_equal(job_new(&request, &who, 1000, &job), 0);
	assert_int_equal(job->scan.origin, SCAN_ORIGIN_ACTION);
	assert_string_equal(job->action.request_source, "Portal");
	assert_true(job->action.gateway.is_set);
	assert_int_equal(job->action.gateway.uid, 7);
	job_free(job);
}

/* First in, first out; what is put before goes first. */
static void order(void **state)
{
	struct job *a = make(SCAN_TYPE_CUSTOM);
	struct job *b = make(SCAN_TYPE_CUSTOM);
	struct job *c = make(SCAN_TYPE_CUSTOM);
	struct queue queue;

	(void)state;
	queue_init(&queue);
	assert_null(queue_first(&queue));
	queue_append(&queue, a);
	queue_append(&queue, b);
	queue_prepend(&queue, c);
	assert_ptr_equal(queue_first(&queue), c);
	queue_remove(&queue, c);
	job_free(c);
	assert_ptr_equal(queue_first(&queue), a);
	assert_int_equal(queue.n, 2);
	queue_deinit(&queue);
	assert_int_equal(queue.n, 0);
}

/* By either id. */
static void find(void **state)
{
	struct job *a = make(SCAN_TYPE_QUICK);
	struct queue queue;

	(void)state;
	queue_init(&queue);
	queue_append(&queue, a);
	assert_ptr_equal(queue_find(&queue, a->scan.id), a);
	assert_ptr_equal(queue_find(&queue, a->action.id), a);
	assert_null(queue_find(&queue, ""));
	queue_deinit(&queue);
}

/* Quick and full are duplicates of their own type only; custom never is one. */
static void duplicates(void **state)
{
	struct queue queue;

	(void)state;
	queue_init(&queue);
	queue_append(&queue, make(SCAN_TYPE_CUSTOM));
	assert_null(queue_duplicate(&queue, SCAN_TYPE_CUSTOM));
	assert_null(queue_duplicate(&queue, SCAN_TYPE_QUICK));
	queue_append(&queue, make(SCAN_TYPE_QUICK));
	assert_non_null(queue_duplicate(&queue, SCAN_TYPE_QUICK));
	assert_null(queue_duplicate(&queue, SCAN_TYPE_FULL));
	queue_deinit(&queue);
}

/* A job refers to itself, and its texts are its own. */
static void job(void **state)
{
	struct job *a = make(SCAN_TYPE_FULL);
	struct job *b = NULL;

	(void)state;
	assert_string_equal(a->action.scan_id, a->scan.id);
	assert_string_equal(a->scan.action_id, a->action.id);
	assert_string_equal(a->action.scope, "Full");
	assert_int_equal(job_text(&a->scan.failure, "because"), 0);
	assert_int_equal(job_restore(&a->action, &a->scan, &b), 0);
	job_free(a);
	assert_string_equal(b->scan.failure, "because");
	assert_string_equal(b->action.requestor, "root");
	assert_null(b->action.cancellation_requestor);
	assert_int_equal(job_text(&b->scan.failure, NULL), 0);
	assert_null(b->scan.failure);
	b->scan.results[FILE_RESULT_CLEAN] = 7;
	b->scan.results[FILE_RESULT_SKIPPED] = 7;
	assert_true(job_is_whole(b));
	b->scan.results[FILE_RESULT_CRASHED] = 1;
	assert_false(job_is_whole(b));
	job_reset_counts(b);
	assert_true(job_is_whole(b));
	job_free(b);
	job_free(NULL);
}

/* A custom scan whose target was left out did not scan what it was asked to. */
static void whole_custom(void **state)
{
	static const struct {
		enum scan_type type;
		bool is_target_left_out;
		uint64_t n_clean;
		uint64_t n_skipped;
		bool is_whole;
	} cases[] = {
		{SCAN_TYPE_CUSTOM, false, 0, 0, true}, /* an empty directory */
		{SCAN_TYPE_CUSTOM, false, 1, 5, true},
		{SCAN_TYPE_CUSTOM, false, 0, 1, false}, /* nothing but skipped */
		{SCAN_TYPE_CUSTOM, true, 9, 1, false},  /* one of several */
		{SCAN_TYPE_CUSTOM, true, 0, 0, false},
		{SCAN_TYPE_QUICK, false, 0, 1, true},
		{SCAN_TYPE_FULL, false, 0, 1, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct job job = {.scan = {.type = cases[i].type},
			.is_target_left_out = cases[i].is_target_left_out};

		job.scan.results[FILE_RESULT_CLEAN] = cases[i].n_clean;
		job.scan.results[FILE_RESULT_SKIPPED] = cases[i].n_skipped;
		if (job_is_whole(&job) != cases[i].is_whole)
			fail_msg("case %zu", i);
		job_reset_counts(&job);
		assert_true(job_is_whole(&job));
	}
}

/* A mount that was given up makes no scan whole, of whatever type. */
static void whole_with_a_mount_left(void **state)
{
	(void)state;
	for (int type = 0; type < SCAN_TYPE_N; type++) {
		struct job job = {.scan = {.type = (enum scan_type)type}, .is_mount_left = true};

		job.scan.results[FILE_RESULT_CLEAN] = 5;
		assert_false(job_is_whole(&job));
		job_reset_counts(&job);
		assert_true(job_is_whole(&job));
	}
}

/* Kills from outside are borne; crashes without progress are not. */
static void setbacks(void **state)
{
	struct setback setback = SETBACK_NULL;

	(void)state;
	for (unsigned i = 1; i < SETBACK_KILLED_MAX; i++)
		assert_true(setback_count(&setback, true, 0));
	assert_false(setback_count(&setback, true, 0));
	setback = (struct setback)SETBACK_NULL;
	for (uint64_t progress = 1; progress < 100; progress++)
		assert_true(setback_count(&setback, false, progress));
	for (unsigned i = 2; i < SETBACK_CRASHED_MAX; i++)
		assert_true(setback_count(&setback, false, 99));
	assert_false(setback_count(&setback, false, 98));
}

/* Nothing is said that is not known. */
static void estimates(void **state)
{
	struct estimate_input in = {.type = SCAN_TYPE_FULL,
		.n_judged = 100,
		.n_found = 200,
		.n_bytes = 1000,
		.elapsed_ms = 10000};
	struct estimate out = estimate_make(&in);

	(void)state;
	assert_false(out.has_percent);
	assert_false(out.has_eta);
	in.n_files_hint = 400;
	in.n_bytes_hint = 4000;
	out = estimate_make(&in);
	assert_true(out.has_percent && out.percent > 24.9 && out.percent < 25.1);
	assert_true(out.has_eta && out.eta_s == 31);
	in.n_found = 401; /* more than the hint: it was wrong */
	assert_false(estimate_make(&in).has_percent);
	in.is_walk_done = true;
	in.n_found = 200;
	out = estimate_make(&in);
	assert_true(out.percent > 49.9 && out.percent < 50.1 && out.eta_s == 11);
	in.elapsed_ms = 100;
	assert_false(estimate_make(&in).has_eta);
	in.elapsed_ms = 10000;
	in.n_judged = 200;
	out = estimate_make(&in);
	assert_true(out.percent < 100.0 && out.eta_s == 1);
	in.type = SCAN_TYPE_CUSTOM;
	in.is_walk_done = false;
	assert_false(estimate_make(&in).has_percent);
	in.is_walk_done = true;
	in.n_found = 0;
	assert_false(estimate_make(&in).has_percent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(through_a_gateway),
		cmocka_unit_test(order),
		cmocka_unit_test(find),
		cmocka_unit_test(duplicates),
		cmocka_unit_test(job),
		cmocka_unit_test(whole_custom),
		cmocka_unit_test(whole_with_a_mount_left),
		cmocka_unit_test(setbacks),
		cmocka_unit_test(estimates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
