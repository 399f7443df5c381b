/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tampering with the witnesses: actions.jsonl, checkpoints.jsonl, the key; and
 * what looks like it, but is none (a sink that is behind, logrotate, a running
 * service).
 */
#include "log_verify.h"

#include "checkpoint_line.h"
#include "tamper.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* actions.jsonl: a field edited; the checkpoints say who is right. */
static void line_edited(void **state)
{
	struct log_verify_result result;

	tamper_edit_line(*state, "log/actions.jsonl", 6, "\"Test\"", "\"Toast\"");
	result = tamper_expect_bad(*state, LOG_VERIFY_JSON_LINES, 5);
	assert_non_null(strstr(result.text, "the checkpoints agree with the store"));
}

/* actions.jsonl: a line gone, doubled, foreign; a false segment. */
static void line_gone_or_foreign(void **state)
{
	static const struct {
		const char *put;
		uint64_t sequence;
	} cases[] = {
		{"", 5},
		{"hello\n", 5},
		{"{\"sequence\":3,\"time\":\"\n", 5},
		{"\n", 5},
	};
	struct logworld *world = *state;
	char *whole = scratch_read(&world->scratch, "log/actions.jsonl", NULL);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		scratch_write(&world->scratch, "log/actions.jsonl", whole, strlen(whole));
		tamper_edit_line(world, "log/actions.jsonl", 6, NULL, cases[i].put);
		tamper_expect_bad(world, LOG_VERIFY_JSON_LINES, cases[i].sequence);
	}
	scratch_write(&world->scratch, "log/actions.jsonl", whole, strlen(whole));
	tamper_edit_line(world, "log/actions.jsonl", 1, NULL, "");
	tamper_expect_bad(world, LOG_VERIFY_JSON_LINES, 1);
	scratch_write(&world->scratch, "log/actions.jsonl", whole, strlen(whole));
	tamper_edit_line(world, "log/actions.jsonl", 1, "\"nextSequence\":1", "\"nextSequence\":2");
	tamper_expect_bad(world, LOG_VERIFY_JSON_LINES, 1);
	free(whole);
}

/* actions.jsonl: its end is gone; after a restart it is marked where it was. */
static void lines_cut(void **state)
{
	struct logworld *world = *state;

	tamper_cut_file(world, "log/actions.jsonl", 9);
	tamper_expect_bad(world, LOG_VERIFY_JSON_LINES, 9);
	logworld_write(world, 1);
	tamper_expect_bad(world, LOG_VERIFY_JSON_LINES, 9);
}

/* actions.jsonl: gone. */
static void lines_removed(void **state)
{
	tamper_remove_file(*state, "log/actions.jsonl");
	tamper_expect_bad(*state, LOG_VERIFY_JSON_LINES, 12);
}

/* actions.jsonl: lagging behind, or rotated, is no fault. */
static void lines_late_or_rotated(void **state)
{
	struct logworld *world = *state;
	struct log_verify_result result;
	char from[SCRATCH_PATH_SIZE];
	char to[SCRATCH_PATH_SIZE];

	logworld_open(world);
	logworld_append(world, 5);
	logworld_drop(world);
	assert_int_equal(logworld_verify(world, &result), 0);
	assert_int_equal(result.n_events, TAMPER_N_RECORDS + 5);
	assert_int_equal(result.lines_last, TAMPER_N_RECORDS);
	logworld_open(world);
	logworld_tick(world, true);
	assert_int_equal(rename(scratch_path(&world->scratch, "log/actions.jsonl", from),
				 scratch_path(&world->scratch, "log/actions.jsonl.1", to)),
		0);
	logworld_tick(world, true);
	assert_int_equal(logworld_verify(world, &result), 0);
	assert_int_equal(result.n_lines, 0);
	logworld_append(world, 2);
	logworld_close(world);
	assert_int_equal(logworld_verify(world, &result), 0);
	assert_int_equal(result.lines_first, TAMPER_N_RECORDS + 6);
	assert_int_equal(result.lines_last, TAMPER_N_RECORDS + 7);
}

/* checkpoints.jsonl: each field edited. */
static void checkpoint_edited(void **state)
{
	static const struct {
		const char *find;
		const char *put;
		uint64_t sequence;
	} cases[] = {
		{"\"sequence\":6", "\"sequence\":7", 7},
		{"\"hash\":\"", "\"hash\":\"00", 0},
		{"T", "t", 6},
		{"\"hmac\"", "\"hmax\"", 0},
	};
	struct logworld *world = *state;
	char *whole = scratch_read(&world->scratch, "log/checkpoints.jsonl", NULL);
	unsigned n_line = 1;

	/* The line of record 6. */
	for (const char *at = whole;
		!strstr(at, "\"sequence\":6,") || strstr(at, "\"sequence\":6,") > strchr(at, '\n');
		at = strchr(at, '\n') + 1)
		n_line++;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		scratch_write(&world->scratch, "log/checkpoints.jsonl", whole, strlen(whole));
		tamper_edit_line(
			world, "log/checkpoints.jsonl", n_line, cases[i].find, cases[i].put);
		/* A line that cannot be read comes after the one of record 5. */
		tamper_expect_bad(
			world, LOG_VERIFY_CHECKPOINTS, cases[i].sequence ? cases[i].sequence : 6);
	}
	scratch_write(&world->scratch, "log/checkpoints.jsonl", whole, strlen(whole));
	tamper_edit_line(world, "log/checkpoints.jsonl", n_line, NULL, "");
	tamper_expect_bad(world, LOG_VERIFY_CHECKPOINTS, 6);
	free(whole);
}

/* checkpoints.jsonl: its end is gone, also after a restart; all of it is gone. */
static void checkpoints_cut(void **state)
{
	struct logworld *world = *state;

	tamper_cut_file(world, "log/checkpoints.jsonl", 5);
	tamper_expect_bad(world, LOG_VERIFY_CHECKPOINTS, 7);
	logworld_write(world, 1);
	tamper_expect_bad(world, LOG_VERIFY_CHECKPOINTS, 7);
	tamper_remove_file(world, "log/checkpoints.jsonl");
	tamper_expect_bad(world, LOG_VERIFY_CHECKPOINTS, 1);
	logworld_write(world, 1);
	tamper_expect_bad(world, LOG_VERIFY_CHECKPOINTS, 1);
}

/* Another key, a key that is gone and made anew, and one that is no key. */
static void keys(void **state)
{
	struct logworld *world = *state;
	struct log_verify_result result;
	struct log_verify_paths paths = {.state_dir = world->state_dir, .log_dir = world->log_dir};
	char path[SCRATCH_PATH_SIZE];
	struct checkpoint_key key;
	struct errmsg msg = ERRMSG_NULL;

	paths.key_path = scratch_path(&world->scratch, "other.key", path);
	result = (struct log_verify_result){0};
	assert_int_equal(log_verify(&paths, &result, &msg), LOG_VERIFY_E_BAD);
	assert_non_null(strstr(result.text, "there is no key"));
	assert_int_equal(checkpoint_key_make(path, &key, &msg), 0);
	assert_int_equal(log_verify(&paths, &result, &msg), LOG_VERIFY_E_BAD);
	assert_int_equal(result.witness, LOG_VERIFY_CHECKPOINTS);
	assert_int_equal(result.bad_sequence, 1);
	assert_non_null(strstr(result.text, "were made with key"));
	scratch_write(&world->scratch, "other.key", "secret\n", 7);
	assert_int_equal(log_verify(&paths, &result, &msg), -EINVAL);
	assert_non_null(strstr(msg.text, "not 64 hex digits"));
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(log_verify(&paths, &result, &msg), -EPERM);
	tamper_remove_file(world, "state/checkpoint.key");
	logworld_write(world, 1);
	tamper_expect_bad(world, LOG_VERIFY_CHECKPOINTS, 1);
}

/* A running daemon appends while it is verified. */
static void beside_a_daemon(void **state)
{
	struct logworld *world = *state;
	struct log_verify_result result;

	logworld_open(world);
	for (unsigned i = 0; i < 20; i++) {
		logworld_append(world, 3);
		if (i % 3 == 0)
			logworld_tick(world, i % 2 == 0);
		if (logworld_verify(world, &result) != 0)
			fail_msg("%s", result.text);
		assert_int_equal(result.n_events, TAMPER_N_RECORDS + 3 * (i + 1));
	}
}

/* A directory that cannot be written (as for another user) can be verified. */
static void cannot_verify(void **state)
{
	struct logworld *world = *state;
	struct log_verify_result result;
	struct log_verify_paths paths = {.state_dir = "/nonexistent", .log_dir = world->log_dir};
	struct errmsg msg = ERRMSG_NULL;

	assert_int_equal(log_verify(&paths, &result, &msg), -ENOENT);
	assert_non_null(strstr(msg.text, "/nonexistent"));
	paths.state_dir = world->state_dir;
	paths.log_dir = "/nonexistent";
	assert_int_equal(log_verify(&paths, &result, &msg), LOG_VERIFY_E_BAD);
	scratch_write(&world->scratch, "state/store.db", "garbage garbage", 15);
	paths.log_dir = world->log_dir;
	assert_int_equal(log_verify(&paths, &result, &msg), -EILSEQ);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(line_edited, tamper_setup, tamper_teardown),
		cmocka_unit_test_setup_teardown(
			line_gone_or_foreign, tamper_setup, tamper_teardown),
		cmocka_unit_test_setup_teardown(lines_cut, tamper_setup, tamper_teardown),
		cmocka_unit_test_setup_teardown(lines_removed, tamper_setup, tamper_teardown),
		cmocka_unit_test_setup_teardown(
			lines_late_or_rotated, tamper_setup, tamper_teardown),
		cmocka_unit_test_setup_teardown(checkpoint_edited, tamper_setup, tamper_teardown),
		cmocka_unit_test_setup_teardown(checkpoints_cut, tamper_setup, tamper_teardown),
		cmocka_unit_test_setup_teardown(keys, tamper_setup, tamper_teardown),
		cmocka_unit_test_setup_teardown(beside_a_daemon, tamper_setup, tamper_teardown),
		cmocka_unit_test_setup_teardown(cannot_verify, tamper_setup, tamper_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
