/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tampering, and what verification says of it. Each test starts from a log of
 * 12 records: LogStarted, CheckpointKeyCreated, ten of "Test", with a
 * checkpoint after each "Test" and all of it in actions.jsonl. (The key's own
 * record comes with the first tick.)
 */
#include "log_verify.h"

#include "checkpoint_line.h"
#include "event_line.h"
#include "log_chain.h"
#include "logworld.h"
#include "unit.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { N_RECORDS = 12 };

static int setup(void **state)
{
	struct logworld *world = test_calloc(1, sizeof(*world));

	logworld_init(world);
	logworld_write(world, N_RECORDS - 2);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	logworld_deinit(*state);
	test_free(*state);
	return 0;
}

static struct log_verify_result expect_bad(
	const struct logworld *world, enum log_verify_witness witness, uint64_t sequence)
{
	struct log_verify_result result;
	int r = logworld_verify(world, &result);

	print_message("%d %s %llu-%llu: %s\n", r, log_verify_witness_name(result.witness),
		(unsigned long long)result.bad_sequence,
		(unsigned long long)result.bad_sequence_last, result.text);
	assert_int_equal(r, LOG_VERIFY_E_BAD);
	assert_int_equal(result.bad_sequence, sequence);
	assert_string_equal(
		log_verify_witness_name(result.witness), log_verify_witness_name(witness));
	return result;
}

static void expect_good(const struct logworld *world, uint64_t n_records)
{
	struct log_verify_result result;

	if (logworld_verify(world, &result) != 0)
		fail_msg("%s", result.text);
	assert_int_equal(result.n_events, n_records);
	assert_int_equal(result.head_sequence, n_records);
	assert_int_equal(result.checkpoint_sequence, n_records);
	assert_int_equal(result.lines_last, n_records);
	assert_int_equal(result.bad_sequence, 0);
	assert_string_equal(result.text, "");
}

/* Compute the chain anew from a record on, as an attacker who knows the format. */
struct row {
	struct event_record event;
	char type[64];
	char fields[256];
};

static void rehash_row(sqlite3 *db, struct row *row, uint8_t previous[RECORD_HASH_SIZE])
{
	sqlite3_stmt *stmt = NULL;

	memcpy(row->event.previous_hash, previous, RECORD_HASH_SIZE);
	assert_int_equal(log_chain_hash(&row->event, row->event.hash), 0);
	assert_int_equal(
		sqlite3_prepare_v2(db,
			"UPDATE events SET previous_hash = ?1, hash = ?2 WHERE sequence = ?3", -1,
			&stmt, NULL),
		SQLITE_OK);
	(void)sqlite3_bind_blob(stmt, 1, row->event.previous_hash, RECORD_HASH_SIZE, NULL);
	(void)sqlite3_bind_blob(stmt, 2, row->event.hash, RECORD_HASH_SIZE, NULL);
	(void)sqlite3_bind_int64(stmt, 3, (sqlite3_int64)row->event.sequence);
	assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
	(void)sqlite3_finalize(stmt);
	memcpy(previous, row->event.hash, RECORD_HASH_SIZE);
}

static void rehash(const struct logworld *world, uint64_t from, uint64_t to)
{
	char path[SCRATCH_PATH_SIZE];
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	uint8_t previous[RECORD_HASH_SIZE] = {0};

	(void)scratch_path(&world->scratch, "state/store.db", path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(db,
			"SELECT sequence, time_unix_ms, action_type, fields, hash FROM events"
			" ORDER BY sequence",
			-1, &stmt, NULL),
		SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		struct row row = {.event = {.scan_id = "", .action_id = ""}};

		row.event.sequence = (uint64_t)sqlite3_column_int64(stmt, 0);
		row.event.time_unix_ms = sqlite3_column_int64(stmt, 1);
		(void)snprintf(row.type, sizeof(row.type), "%s", sqlite3_column_text(stmt, 2));
		(void)snprintf(row.fields, sizeof(row.fields), "%s", sqlite3_column_text(stmt, 3));
		row.event.action_type = row.type;
		row.event.fields_json = row.fields;
		if (row.event.sequence >= from && row.event.sequence <= to)
			rehash_row(db, &row, previous);
		else
			memcpy(previous, sqlite3_column_blob(stmt, 4), RECORD_HASH_SIZE);
	}
	(void)sqlite3_finalize(stmt);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int write_line(void *arg, const struct event_record *event)
{
	FILE *out = arg;
	char *text = NULL;
	size_t n = 0;

	assert_int_equal(event_line_write(event, &text, &n), 0);
	assert_int_equal(fwrite(text, 1, n, out), n);
	free(text);
	return 0;
}

/* Write actions.jsonl anew from the store, as an attacker who may write both. */
static void rewrite_lines(const struct logworld *world)
{
	static const uint8_t zeros[RECORD_HASH_SIZE];
	const struct store_query ascending = {.is_ascending = true};
	char path[SCRATCH_PATH_SIZE];
	struct store *store = NULL;
	char *head = NULL;
	size_t n_head = 0;
	FILE *out = fopen(scratch_path(&world->scratch, "log/actions.jsonl", path), "w");

	assert_non_null(out);
	assert_int_equal(store_open_reader(world->state_dir, &store, NULL), 0);
	assert_int_equal(
		event_line_write_segment(store_machine_id(store), 1, zeros, &head, &n_head), 0);
	(void)fwrite(head, 1, n_head, out);
	free(head);
	assert_int_equal(store_event_list(store, &ascending, write_line, out, NULL), 0);
	assert_int_equal(fclose(out), 0);
	store_close(store);
}

/* Replace, drop or cut lines of a file; line numbers from 1. */
static void edit_line(const struct logworld *world, const char *name, unsigned n_line,
	const char *find, const char *put)
{
	char *text = scratch_read(&world->scratch, name, NULL);
	char *out = malloc(strlen(text) + strlen(put) + 1);
	char *line = text;
	char *at;
	size_t n;

	for (unsigned i = 1; i < n_line; i++)
		line = strchr(line, '\n') + 1;
	at = find ? strstr(line, find) : line;
	assert_non_null(at);
	assert_non_null(out);
	n = (size_t)(at - text);
	memcpy(out, text, n);
	memcpy(out + n, put, strlen(put) + 1);
	(void)strcat(out, find ? at + strlen(find) : strchr(at, '\n') + 1);
	scratch_write(&world->scratch, name, out, strlen(out));
	free(out);
	free(text);
}

static void cut_file(const struct logworld *world, const char *name, unsigned n_lines)
{
	char *text = scratch_read(&world->scratch, name, NULL);
	char *line = text;

	for (unsigned i = 0; i < n_lines; i++)
		line = strchr(line, '\n') + 1;
	scratch_write(&world->scratch, name, text, (size_t)(line - text));
	free(text);
}

static void remove_file(const struct logworld *world, const char *name)
{
	char path[SCRATCH_PATH_SIZE];

	assert_int_equal(unlink(scratch_path(&world->scratch, name, path)), 0);
}

/* Nobody touched it. */
static void untouched(void **state)
{
	expect_good(*state, N_RECORDS);
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
		expect_bad(world, LOG_VERIFY_CHAIN, 5);
		logworld_deinit(world);
		logworld_init(world);
		logworld_write(world, N_RECORDS - 2);
	}
}

/* A record changed and hashed anew: the next one follows another. */
static void edited_and_hashed(void **state)
{
	logworld_sql(*state, "UPDATE events SET fields = '{\"n\":7}' WHERE sequence = 5");
	rehash(*state, 5, 5);
	expect_bad(*state, LOG_VERIFY_CHAIN, 5);
}

/* The same without any witness but the chain. */
static void edited_and_hashed_chain_only(void **state)
{
	struct logworld *world = *state;

	logworld_sql(world, "UPDATE events SET fields = '{\"n\":7}' WHERE sequence = 5;"
			    "DELETE FROM named_values WHERE name <> 'machine.id'");
	rehash(world, 5, 5);
	remove_file(world, "log/actions.jsonl");
	remove_file(world, "log/checkpoints.jsonl");
	expect_bad(world, LOG_VERIFY_CHAIN, 5);
}

/* The last record changed and hashed anew: only the witnesses know. */
static void last_edited_and_hashed(void **state)
{
	struct logworld *world = *state;

	logworld_sql(world, "UPDATE events SET fields = '{\"n\":7}' WHERE sequence = 12");
	rehash(world, 12, 12);
	expect_bad(world, LOG_VERIFY_JSON_LINES, 12);
	rewrite_lines(world);
	expect_bad(world, LOG_VERIFY_CHECKPOINTS, 12);
}

/* A record in the middle is gone. */
static void deleted(void **state)
{
	logworld_sql(*state, "DELETE FROM events WHERE sequence = 5");
	expect_bad(*state, LOG_VERIFY_CHAIN, 5);
}

/* Gone, and the ones behind it moved up. */
static void deleted_and_renumbered(void **state)
{
	struct logworld *world = *state;

	logworld_sql(world, "DELETE FROM events WHERE sequence = 5;"
			    "UPDATE events SET sequence = sequence - 1 WHERE sequence > 5");
	expect_bad(world, LOG_VERIFY_CHAIN, 5);
}

/* Gone, moved up, and all hashes made anew: the witnesses know. */
static void deleted_and_hashed(void **state)
{
	struct logworld *world = *state;
	struct log_verify_result result;

	logworld_sql(world, "DELETE FROM events WHERE sequence = 5;"
			    "UPDATE events SET sequence = sequence - 1 WHERE sequence > 5");
	rehash(world, 5, N_RECORDS);
	result = expect_bad(world, LOG_VERIFY_JSON_LINES, 5);
	assert_non_null(strstr(result.text, "the checkpoints speak against the store"));
	assert_int_equal(result.checkpoint_sequence, 4);
	remove_file(world, "log/actions.jsonl");
	logworld_sql(world, "DELETE FROM named_values WHERE name = 'json_lines.sequence'");
	expect_bad(world, LOG_VERIFY_CHECKPOINTS, 5);
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
	expect_bad(world, LOG_VERIFY_CHAIN, 5);
	rehash(world, 5, N_RECORDS + 1);
	expect_bad(world, LOG_VERIFY_JSON_LINES, 5);
}

/* Two records change places, with and without their hashes. */
static void swapped(void **state)
{
	struct logworld *world = *state;

	logworld_sql(world, "UPDATE events SET sequence = -1 WHERE sequence = 5;"
			    "UPDATE events SET sequence = 5 WHERE sequence = 8;"
			    "UPDATE events SET sequence = 8 WHERE sequence = -1");
	expect_bad(world, LOG_VERIFY_CHAIN, 5);
	rehash(world, 5, N_RECORDS);
	expect_bad(world, LOG_VERIFY_JSON_LINES, 5);
}

/* The end is cut off: the chain is whole, the witnesses know more. */
static void tail_cut(void **state)
{
	struct logworld *world = *state;
	struct log_verify_result result;

	logworld_sql(world, "DELETE FROM events WHERE sequence > 7");
	result = expect_bad(world, LOG_VERIFY_JSON_LINES, 8);
	assert_int_equal(result.checkpoint_sequence, 7);
	rewrite_lines(world);
	logworld_sql(world, "DELETE FROM named_values WHERE name = 'json_lines.sequence'");
	result = expect_bad(world, LOG_VERIFY_CHECKPOINTS, 8);
	assert_non_null(strstr(result.text, "its end was cut off"));
}

/* The end is cut off and the service runs again: what it adds hides nothing. */
static void tail_cut_and_continued(void **state)
{
	struct logworld *world = *state;

	logworld_sql(world, "DELETE FROM events WHERE sequence > 7");
	logworld_write(world, 20);
	expect_bad(world, LOG_VERIFY_JSON_LINES, 8);
	logworld_write(world, 1);
	expect_bad(world, LOG_VERIFY_JSON_LINES, 8);
}

/* Nothing is left, or not even a first record. */
static void all_cut(void **state)
{
	logworld_sql(*state, "DELETE FROM events");
	expect_bad(*state, LOG_VERIFY_CHAIN, 1);
}

/* The whole log written anew, chain and lines: only the key cannot be had. */
static void rewritten_whole(void **state)
{
	struct logworld *world = *state;
	struct log_verify_result result;

	logworld_sql(world, "UPDATE events SET time_unix_ms = time_unix_ms - 1000");
	rehash(world, 1, N_RECORDS);
	expect_bad(world, LOG_VERIFY_JSON_LINES, 1);
	rewrite_lines(world);
	result = expect_bad(world, LOG_VERIFY_CHECKPOINTS, 1);
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
	logworld_write(&other, N_RECORDS - 2);
	data = scratch_read(&other.scratch, "state/store.db", &n);
	scratch_write(&world->scratch, "state/store.db", data, n);
	free(data);
	logworld_deinit(&other);
	expect_bad(world, LOG_VERIFY_JSON_LINES, 1);
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
	expect_bad(world, LOG_VERIFY_JSON_LINES, 13);
	logworld_write(world, 1);
	expect_bad(world, LOG_VERIFY_JSON_LINES, 13);
}

/* actions.jsonl: a field edited; the checkpoints say who is right. */
static void line_edited(void **state)
{
	struct log_verify_result result;

	edit_line(*state, "log/actions.jsonl", 6, "\"Test\"", "\"Toast\"");
	result = expect_bad(*state, LOG_VERIFY_JSON_LINES, 5);
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
		edit_line(world, "log/actions.jsonl", 6, NULL, cases[i].put);
		expect_bad(world, LOG_VERIFY_JSON_LINES, cases[i].sequence);
	}
	scratch_write(&world->scratch, "log/actions.jsonl", whole, strlen(whole));
	edit_line(world, "log/actions.jsonl", 1, NULL, "");
	expect_bad(world, LOG_VERIFY_JSON_LINES, 1);
	scratch_write(&world->scratch, "log/actions.jsonl", whole, strlen(whole));
	edit_line(world, "log/actions.jsonl", 1, "\"nextSequence\":1", "\"nextSequence\":2");
	expect_bad(world, LOG_VERIFY_JSON_LINES, 1);
	free(whole);
}

/* actions.jsonl: its end is gone; after a restart it is marked where it was. */
static void lines_cut(void **state)
{
	struct logworld *world = *state;

	cut_file(world, "log/actions.jsonl", 9);
	expect_bad(world, LOG_VERIFY_JSON_LINES, 9);
	logworld_write(world, 1);
	expect_bad(world, LOG_VERIFY_JSON_LINES, 9);
}

/* actions.jsonl: gone. */
static void lines_removed(void **state)
{
	remove_file(*state, "log/actions.jsonl");
	expect_bad(*state, LOG_VERIFY_JSON_LINES, 12);
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
	assert_int_equal(result.n_events, N_RECORDS + 5);
	assert_int_equal(result.lines_last, N_RECORDS);
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
	assert_int_equal(result.lines_first, N_RECORDS + 6);
	assert_int_equal(result.lines_last, N_RECORDS + 7);
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
		edit_line(world, "log/checkpoints.jsonl", n_line, cases[i].find, cases[i].put);
		/* A line that cannot be read comes after the one of record 5. */
		expect_bad(
			world, LOG_VERIFY_CHECKPOINTS, cases[i].sequence ? cases[i].sequence : 6);
	}
	scratch_write(&world->scratch, "log/checkpoints.jsonl", whole, strlen(whole));
	edit_line(world, "log/checkpoints.jsonl", n_line, NULL, "");
	expect_bad(world, LOG_VERIFY_CHECKPOINTS, 6);
	free(whole);
}

/* checkpoints.jsonl: its end is gone, also after a restart; all of it is gone. */
static void checkpoints_cut(void **state)
{
	struct logworld *world = *state;

	cut_file(world, "log/checkpoints.jsonl", 5);
	expect_bad(world, LOG_VERIFY_CHECKPOINTS, 7);
	logworld_write(world, 1);
	expect_bad(world, LOG_VERIFY_CHECKPOINTS, 7);
	remove_file(world, "log/checkpoints.jsonl");
	expect_bad(world, LOG_VERIFY_CHECKPOINTS, 1);
	logworld_write(world, 1);
	expect_bad(world, LOG_VERIFY_CHECKPOINTS, 1);
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
	remove_file(world, "state/checkpoint.key");
	logworld_write(world, 1);
	expect_bad(world, LOG_VERIFY_CHECKPOINTS, 1);
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
		assert_int_equal(result.n_events, N_RECORDS + 3 * (i + 1));
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
		cmocka_unit_test_setup_teardown(untouched, setup, teardown),
		cmocka_unit_test_setup_teardown(each_field_edited, setup, teardown),
		cmocka_unit_test_setup_teardown(edited_and_hashed, setup, teardown),
		cmocka_unit_test_setup_teardown(edited_and_hashed_chain_only, setup, teardown),
		cmocka_unit_test_setup_teardown(last_edited_and_hashed, setup, teardown),
		cmocka_unit_test_setup_teardown(deleted, setup, teardown),
		cmocka_unit_test_setup_teardown(deleted_and_renumbered, setup, teardown),
		cmocka_unit_test_setup_teardown(deleted_and_hashed, setup, teardown),
		cmocka_unit_test_setup_teardown(inserted, setup, teardown),
		cmocka_unit_test_setup_teardown(swapped, setup, teardown),
		cmocka_unit_test_setup_teardown(tail_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(tail_cut_and_continued, setup, teardown),
		cmocka_unit_test_setup_teardown(all_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(rewritten_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(another_store, setup, teardown),
		cmocka_unit_test_setup_teardown(old_store, setup, teardown),
		cmocka_unit_test_setup_teardown(line_edited, setup, teardown),
		cmocka_unit_test_setup_teardown(line_gone_or_foreign, setup, teardown),
		cmocka_unit_test_setup_teardown(lines_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(lines_removed, setup, teardown),
		cmocka_unit_test_setup_teardown(lines_late_or_rotated, setup, teardown),
		cmocka_unit_test_setup_teardown(checkpoint_edited, setup, teardown),
		cmocka_unit_test_setup_teardown(checkpoints_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(keys, setup, teardown),
		cmocka_unit_test_setup_teardown(beside_a_daemon, setup, teardown),
		cmocka_unit_test_setup_teardown(cannot_verify, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
