/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tampering with the store, and the record that verification must name; with
 * the witnesses left alone, rewritten as well, or taken away.
 */
#include "log_verify.h"

#include "tamper.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Nobody touched it. */
static void untouched(void **state)
{
	tamper_expect_good(*state, TAMPER_N_RECORDS);
}

/* Each column of a record, changed as it is. */
static void each_field_edited(void **state)
{
	static const char *const edits[] = {
		"time_unix_ms = time_unix_ms + 1",
		"action_type = 'Toast'",
		"scan_id = 'x'",
		"action_id = 'x'",
		"fields = '{\"n\":7}'",
		"previous_hash = zeroblob(32)",
		"hash = zeroblob(32)",
		"hash = x'00'",
	};

	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		struct logworld *world = *state;
		char sql[256];

		(void)snprintf(
			sql, sizeof(sql), "UPDATE events SET %s WHERE sequence = 5", edits[i]);
		logworld_sql(world, sql);
		tamper_expect_bad(world, LOG_VERIFY_CHAIN, 5);
		logworld_deinit(world);
		logworld_init(world);
		logworld_write(world, TAMPER_N_RECORDS - 2);
	}
}

/* A record changed and hashed anew: the next one follows another. */
static void edited_and_hashed(void **state)
{
	logworld_sql(*state, "UPDATE events SET fields = '{\"n\":7}' WHERE sequence = 5");
	tamper_rehash(*state, 5, 5);
	tamper_expect_bad(*state, LOG_VERIFY_CHAIN, 5);
}

/* The same without any witness but the chain. */
static void edited_and_hashed_chain_only(void **state)
{
	struct logworld *world = *state;

	logworld_sql(world, "UPDATE events SET fields = '{\"n\":7}' WHERE sequence = 5;"
			    "DELETE FROM named_values WHERE name <> 'machine.id'");
	tamper_rehash(world, 5, 5);
	tamper_remove_file(world, "log/actions.jsonl");
	tamper_remove_file(world, "log/checkpoints.jsonl");
	tamper_expect_bad(world, LOG_VERIFY_CHAIN, 5);
}

/* The last record changed and hashed anew: only the witnesses know. */
static void last_edited_and_hashed(void **state)
{
	struct logworld *world = *state;

	logworld_sql(world, "UPDATE events SET fields = '{\"n\":7}' WHERE sequence = 12");
	tamper_rehash(world, 12, 12);
	tamper_expect_bad(world, LOG_VERIFY_JSON_LINES, 12);
	tamper_rewrite_lines(world);
	tamper_expect_bad(world, LOG_VERIFY_CHECKPOINTS, 12);
}

/* A record in the middle is gone. */
static void deleted(void **state)
{
	logworld_sql(*state, "DELETE FROM events WHERE sequence = 5");
	tamper_expect_bad(*state, LOG_VERIFY_CHAIN, 5);
}

/* Gone, and the ones behind it moved up. */
static void deleted_and_renumbered(void **state)
{
	struct logworld *world = *state;

	logworld_sql(world, "DELETE FROM events WHERE sequence = 5;"
			    "UPDATE events SET sequence = sequence - 1 WHERE sequence > 5");
	tamper_expect_bad(world, LOG_VERIFY_CHAIN, 5);
}

/* Gone, moved up, and all hashes made anew: the witnesses know. */
static void deleted_and_hashed(void **state)
{
	struct logworld *world = *state;
	struct log_verify_result result;

	logworld_sql(world, "DELETE FROM events WHERE sequence = 5;"
			    "UPDATE events SET sequence = sequence - 1 WHERE sequence > 5");
	tamper_rehash(world, 5, TAMPER_N_RECORDS);
	result = tamper_expect_bad(world, LOG_VERIFY_JSON_LINES, 5);
	assert_non_null(strstr(result.text, "the checkpoints speak against the store"));
	assert_int_equal(result.checkpoint_sequence, 4);
	tamper_remove_file(world, "log/actions.jsonl");
	logworld_sql(world, "DELETE FROM named_values WHERE name = 'json_lines.sequence'");
	tamper_expect_bad(world, LOG_VERIFY_CHECKPOINTS, 5);
}

/* A record put in between, the others moved down. */
static void inserted(void **state)
{
	struct logworld *world = *state;

	logworld_sql(world,
		"UPDATE events SET sequence = -sequence - 1 WHERE sequence >= 5;"
		"UPDATE events SET sequence = -sequence WHERE sequence < 0;"
		"INSERT INTO events SELECT 5, time_unix_ms, 'Extra', '', '', '{}', previous_hash,"
		" hash FROM events WHERE sequence = 6");
	tamper_expect_bad(world, LOG_VERIFY_CHAIN, 5);
	tamper_rehash(world, 5, TAMPER_N_RECORDS + 1);
	tamper_expect_bad(world, LOG_VERIFY_JSON_LINES, 5);
}

/* Two records change places, with and without their hashes. */
static void swapped(void **state)
{
	struct logworld *world = *state;

	logworld_sql(world, "UPDATE events SET sequence = -1 WHERE sequence = 5;"
			    "UPDATE events SET sequence = 5 WHERE sequence = 8;"
			    "UPDATE events SET sequence = 8 WHERE sequence = -1");
	tamper_expect_bad(world, LOG_VERIFY_CHAIN, 5);
	tamper_rehash(world, 5, TAMPER_N_RECORDS);
	tamper_expect_bad(world, LOG_VERIFY_JSON_LINES, 5);
}

/* The end is cut off: the chain is whole, the witnesses know more. */
static void tail_cut(void **state)
{
	struct logworld *world = *state;
	struct log_verify_result result;

	logworld_sql(world, "DELETE FROM events WHERE sequence > 7");
	result = tamper_expect_bad(world, LOG_VERIFY_JSON_LINES, 8);
	assert_int_equal(result.checkpoint_sequence, 7);
	tamper_rewrite_lines(world);
	logworld_sql(world, "DELETE FROM named_values WHERE name = 'json_lines.sequence'");
	result = tamper_expect_bad(world, LOG_VERIFY_CHECKPOINTS, 8);
	assert_non_null(strstr(result.text, "its end was cut off"));
}

/* The end is cut off and the service runs again: what it adds hides nothing. */
static void tail_cut_and_continued(void **state)
{
	struct logworld *world = *state;

	logworld_sql(world, "DELETE FROM events WHERE sequence > 7");
	logworld_write(world, 20);
	tamper_expect_bad(world, LOG_VERIFY_JSON_LINES, 8);
	logworld_write(world, 1);
	tamper_expect_bad(world, LOG_VERIFY_JSON_LINES, 8);
}

/* Nothing is left, or not even a first record. */
static void all_cut(void **state)
{
	logworld_sql(*state, "DELETE FROM events");
	tamper_expect_bad(*state, LOG_VERIFY_CHAIN, 1);
}

/* The whole log written anew, chain and lines: only the key cannot be had. */
static void rewritten_whole(void **state)
{
	struct logworld *world = *state;
	struct log_verify_result result;

	logworld_sql(world, "UPDATE events SET time_unix_ms = time_unix_ms - 1000");
	tamper_rehash(world, 1, TAMPER_N_RECORDS);
	tamper_expect_bad(world, LOG_VERIFY_JSON_LINES, 1);
	tamper_rewrite_lines(world);
	result = tamper_expect_bad(world, LOG_VERIFY_CHECKPOINTS, 1);
	assert_int_equal(result.checkpoint_sequence, 0);
	assert_true(result.bad_sequence_last <= 3);
}

/* The store of another machine, or of another day, in the place of this one. */
static void another_store(void **state)
{
	struct logworld *world = *state;
	struct logworld other;
	size_t n = 0;
	char *data;

	logworld_init(&other);
	logworld_write(&other, TAMPER_N_RECORDS - 2);
	data = scratch_read(&other.scratch, "state/store.db", &n);
	scratch_write(&world->scratch, "state/store.db", data, n);
	free(data);
	logworld_deinit(&other);
	tamper_expect_bad(world, LOG_VERIFY_JSON_LINES, 1);
}

/* An old copy of the store is put back, and the service runs on it. */
static void old_store(void **state)
{
	struct logworld *world = *state;
	size_t n = 0;
	char *old = scratch_read(&world->scratch, "state/store.db", &n);

	logworld_write(world, 3);
	scratch_write(&world->scratch, "state/store.db", old, n);
	free(old);
	tamper_expect_bad(world, LOG_VERIFY_JSON_LINES, 13);
	logworld_write(world, 1);
	tamper_expect_bad(world, LOG_VERIFY_JSON_LINES, 13);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(untouched, tamper_setup, tamper_teardown),
		cmocka_unit_test_setup_teardown(each_field_edited, tamper_setup, tamper_teardown),
		cmocka_unit_test_setup_teardown(edited_and_hashed, tamper_setup, tamper_teardown),
		cmocka_unit_test_setup_teardown(
			edited_and_hashed_chain_only, tamper_setup, tamper_teardown),
		cmocka_unit_test_setup_teardown(
			last_edited_and_hashed, tamper_setup, tamper_teardown),
		cmocka_unit_test_setup_teardown(deleted, tamper_setup, tamper_teardown),
		cmocka_unit_test_setup_teardown(
			deleted_and_renumbered, tamper_setup, tamper_teardown),
		cmocka_unit_test_setup_teardown(deleted_and_hashed, tamper_setup, tamper_teardown),
		cmocka_unit_test_setup_teardown(inserted, tamper_setup, tamper_teardown),
		cmocka_unit_test_setup_teardown(swapped, tamper_setup, tamper_teardown),
		cmocka_unit_test_setup_teardown(tail_cut, tamper_setup, tamper_teardown),
		cmocka_unit_test_setup_teardown(
			tail_cut_and_continued, tamper_setup, tamper_teardown),
		cmocka_unit_test_setup_teardown(all_cut, tamper_setup, tamper_teardown),
		cmocka_unit_test_setup_teardown(rewritten_whole, tamper_setup, tamper_teardown),
		cmocka_unit_test_setup_teardown(another_store, tamper_setup, tamper_teardown),
		cmocka_unit_test_setup_teardown(old_store, tamper_setup, tamper_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
