/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a worker has used too much, and when it stands still. */
#include "examiner.h"
#include "judge.h"
#include "unit.h"
#include "watch.h"

#include <signal.h>
#include <string.h>

#define MS UINT64_C(1000000)

static enum watch_verdict step(
	struct watch *watch, uint64_t now_ms, uint64_t cpu_ms, uint64_t granted_ms, bool is_held)
{
	struct watch_reading reading = {.now_ns = now_ms * MS,
		.cpu_ns = cpu_ms * MS,
		.granted_ns = granted_ms * MS,
		.is_held = is_held};

	return watch_step(watch, &reading);
}

/* CPU time counts from the file's beginning, whatever the wall says. */
static void overrun(void **state)
{
	struct watch watch = {.cpu_max_ns = 100 * MS};

	(void)state;
	watch_begin(&watch, 0, 1000 * MS);
	assert_int_equal(step(&watch, 999999, 1050, 9999, false), WATCH_FINE);
	assert_int_equal(step(&watch, 1000000, 1100, 9999, false), WATCH_FINE);
	assert_int_equal(watch_used_ns(&watch), 100 * MS);
	assert_int_equal(step(&watch, 1000001, 1101, 9999, false), WATCH_OVERRUN);
}

/* Standing still counts only while it could run. */
static void stalled(void **state)
{
	struct watch watch = {.stall_ns = 1000 * MS};
	uint64_t now = 0;

	(void)state;
	watch_begin(&watch, 0, 10 * MS);
	for (; now < 5000; now += 100) /* no grant left */
		assert_int_equal(step(&watch, now, 10, 10, false), WATCH_FINE);
	for (; now < 9000; now += 100) /* paused or stopped */
		assert_int_equal(step(&watch, now, 10, 99, true), WATCH_FINE);
	for (; now < 9900; now += 100) /* could run and does not */
		assert_int_equal(step(&watch, now, 10, 99, false), WATCH_FINE);
	assert_int_equal(step(&watch, now, 11, 99, false), WATCH_FINE); /* moved */
	for (now += 100; now < 10900; now += 100)
		assert_int_equal(step(&watch, now, 11, 99, false), WATCH_FINE);
	assert_int_equal(step(&watch, now, 11, 99, false), WATCH_STALLED);
}

/* A watcher that was away for minutes has not watched. */
static void long_step(void **state)
{
	struct watch watch = {.stall_ns = 5000 * MS};

	(void)state;
	watch_begin(&watch, 0, 0);
	assert_int_equal(step(&watch, 600000, 0, 99, false), WATCH_FINE);
	assert_int_equal(step(&watch, 1200000, 0, 99, false), WATCH_FINE);
	/* Nor is a clock that goes back a step. */
	assert_int_equal(step(&watch, 0, 0, 99, false), WATCH_FINE);
}

/* Zero is no limit. */
static void no_limits(void **state)
{
	struct watch watch = {.cpu_max_ns = 0};

	(void)state;
	watch_begin(&watch, 0, 0);
	for (uint64_t now = 0; now < 100000; now += 1000)
		assert_int_equal(step(&watch, now, 0, 99, false), WATCH_FINE);
	assert_int_equal(step(&watch, 100000, 99999, 999999, false), WATCH_FINE);
}

/* What an end means. */
static void ends(void **state)
{
	char text[96];

	(void)state;
	assert_int_equal(examiner_classify(SIGKILL, text, sizeof(text)), EXAMINER_KILLED);
	assert_int_equal(examiner_classify(SIGSYS, text, sizeof(text)), EXAMINER_VIOLATION);
	assert_string_equal(text, "the engine was ended by signal 31 (SYS)");
	assert_int_equal(examiner_classify(SIGSEGV, text, sizeof(text)), EXAMINER_CRASHED);
	assert_int_equal(examiner_classify(SIGRTMIN + 3, text, sizeof(text)), EXAMINER_CRASHED);
	assert_int_equal(examiner_classify(73 << 8, text, sizeof(text)), EXAMINER_CRASHED);
	assert_string_equal(text, "the engine ended with status 73");
	assert_int_equal(examiner_classify(0, text, sizeof(text)), EXAMINER_CRASHED);
}

/* What can be believed. */
static void credible(void **state)
{
	struct ipc_work_verdict verdict = {.serial = 5, .code = IPC_WORK_CLEAN};

	(void)state;
	assert_true(examiner_is_credible(&verdict, 5));
	assert_false(examiner_is_credible(&verdict, 6));
	verdict.code = IPC_WORK_CODE_N;
	assert_false(examiner_is_credible(&verdict, 5));
	verdict.code = IPC_WORK_INFECTED;
	assert_false(examiner_is_credible(&verdict, 5));
	verdict.signature = span_str("X");
	assert_true(examiner_is_credible(&verdict, 5));
}

/* Nothing but a clean verdict is clean. */
static void translation(void **state)
{
	(void)state;
	for (int code = 0; code < IPC_WORK_CODE_N; code++) {
		struct ipc_work_verdict verdict = {.code = (uint8_t)code};
		struct outcome outcome = OUTCOME_NULL;

		outcome.result = FILE_RESULT_N;
		judge_translate(&verdict, &outcome);
		assert_true(outcome.result < FILE_RESULT_N);
		assert_int_equal(outcome.result == FILE_RESULT_CLEAN, code == IPC_WORK_CLEAN);
		assert_int_equal(outcome.result == FILE_RESULT_INFECTED, code == IPC_WORK_INFECTED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(overrun),
		cmocka_unit_test(stalled),
		cmocka_unit_test(long_step),
		cmocka_unit_test(no_limits),
		cmocka_unit_test(ends),
		cmocka_unit_test(credible),
		cmocka_unit_test(translation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
