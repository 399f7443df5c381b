/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The attacker knows every format of ours and has SQLite; what is missing is
 * the key.
 */
#include "tamper.h"

#include "event_line.h"
#include "log_chain.h"
#include "unit.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int tamper_setup(void **state)
{
	struct logworld *world = test_calloc(1, sizeof(*world));

	logworld_init(world);
	logworld_write(world, TAMPER_N_RECORDS - 2);
	*state = world;
	return 0;
}

int tamper_teardown(void **state)
{
	logworld_deinit(*state);
	test_free(*state);
	return 0;
}

struct log_verify_result tamper_expect_bad(
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

void tamper_expect_good(const struct logworld *world, uint64_t n_records)
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
struct tamper_row {
	struct event_record event;
	char type[64];
	char fields[256];
};

static void tamper_rehash_row(
	sqlite3 *db, struct tamper_row *row, uint8_t previous[RECORD_HASH_SIZE])
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

void tamper_rehash(const struct logworld *world, uint64_t from, uint64_t to)
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
		struct tamper_row row = {.event = {.scan_id = "", .action_id = ""}};

		row.event.sequence = (uint64_t)sqlite3_column_int64(stmt, 0);
		row.event.time_unix_ms = sqlite3_column_int64(stmt, 1);
		(void)snprintf(row.type, sizeof(row.type), "%s", sqlite3_column_text(stmt, 2));
		(void)snprintf(row.fields, sizeof(row.fields), "%s", sqlite3_column_text(stmt, 3));
		row.event.action_type = row.type;
		row.event.fields_json = row.fields;
		if (row.event.sequence >= from && row.event.sequence <= to)
			tamper_rehash_row(db, &row, previous);
		else
			memcpy(previous, sqlite3_column_blob(stmt, 4), RECORD_HASH_SIZE);
	}
	(void)sqlite3_finalize(stmt);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int tamper_write_line(void *arg, const struct event_record *event)
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
void tamper_rewrite_lines(const struct logworld *world)
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
	assert_int_equal(store_event_list(store, &ascending, tamper_write_line, out, NULL), 0);
	assert_int_equal(fclose(out), 0);
	store_close(store);
}

/* Replace, drop or cut lines of a file; line numbers from 1. */
void tamper_edit_line(const struct logworld *world, const char *name, unsigned n_line,
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

void tamper_cut_file(const struct logworld *world, const char *name, unsigned n_lines)
{
	char *text = scratch_read(&world->scratch, name, NULL);
	char *line = text;

	for (unsigned i = 0; i < n_lines; i++)
		line = strchr(line, '\n') + 1;
	scratch_write(&world->scratch, name, text, (size_t)(line - text));
	free(text);
}

void tamper_remove_file(const struct logworld *world, const char *name)
{
	char path[SCRATCH_PATH_SIZE];

	assert_int_equal(unlink(scratch_path(&world->scratch, name, path)), 0);
}
