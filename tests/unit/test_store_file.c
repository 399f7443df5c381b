/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store's files: whose they are, who may open them, and what is no store
 * of ours.
 */
#include "store.h"

#include "storeworld.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void sql(struct storeworld *world, const char *text)
{
	char path[SCRATCH_PATH_SIZE];
	sqlite3 *db = NULL;

	store_close(world->store);
	world->store = NULL;
	assert_int_equal(
		sqlite3_open(scratch_path(&world->scratch, "store.db", path), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* A second daemon is refused; a reader is not, and cannot write. */
static void lock_and_reader(void **state)
{
	struct storeworld *world = *state;
	struct store *other = NULL;
	struct event_record event = {.action_type = "X"};
	uint64_t sequence = 0;
	uint8_t hash[RECORD_HASH_SIZE];

	assert_int_equal(store_open(world->scratch.path, &other, &world->msg), -EBUSY);
	assert_non_null(strstr(world->msg.text, "another quietscand"));
	assert_null(other);
	assert_int_equal(store_open_reader(world->scratch.path, &other, &world->msg), 0);
	assert_string_equal(store_machine_id(other), store_machine_id(world->store));
	assert_int_equal(store_event_append(other, &event, NULL, &world->msg), -EROFS);
	assert_int_equal(store_begin(other, &world->msg), -EROFS);
	assert_int_equal(store_value_set(other, "x", "y", &world->msg), -EROFS);
	assert_int_equal(store_event_append(world->store, &event, NULL, &world->msg), 0);
	assert_int_equal(store_log_head(other, &sequence, hash, &world->msg), 0);
	assert_int_equal(sequence, 2);
	store_close(other);
}

/* The lock goes with the process that held it, however it ends. */
static void lock_of_the_dead(void **state)
{
	struct storeworld *world = *state;
	int status = 0;
	pid_t pid;

	store_close(world->store);
	world->store = NULL;
	pid = fork();
	if (pid == 0) {
		struct store *store = NULL;

		(void)store_open(world->scratch.path, &store, NULL);
		(void)kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(store_open(world->scratch.path, &world->store, &world->msg), 0);
}

/* All files are the owner's alone, whatever the umask. */
static void modes(void **state)
{
	static const char *const names[] = {
		"store.db", "store.db-wal", "store.db-shm", "store.lock"};
	struct storeworld *world = *state;
	struct event_record event = {.action_type = "X"};
	mode_t old;

	store_close(world->store);
	world->store = NULL;
	scratch_deinit(&world->scratch);
	scratch_init(&world->scratch);
	old = umask(0);
	assert_int_equal(store_open(world->scratch.path, &world->store, &world->msg), 0);
	assert_int_equal(store_event_append(world->store, &event, NULL, &world->msg), 0);
	(void)umask(old);
	for (size_t i = 0; i < 4; i++) {
		char path[SCRATCH_PATH_SIZE];
		struct stat st;

		assert_int_equal(stat(scratch_path(&world->scratch, names[i], path), &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

/* Links that somebody planted are not followed, files with two names not used. */
static void planted_files(void **state)
{
	struct storeworld *world = *state;
	char target[SCRATCH_PATH_SIZE];
	char path[SCRATCH_PATH_SIZE];
	struct store *store = NULL;

	store_close(world->store);
	world->store = NULL;
	(void)scratch_path(&world->scratch, "target", target);
	(void)scratch_path(&world->scratch, "store.db", path);
	assert_int_equal(rename(path, target), 0);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(store_open(world->scratch.path, &store, &world->msg), -ELOOP);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(link(target, path), 0);
	assert_int_equal(store_open(world->scratch.path, &store, &world->msg), -EPERM);
	assert_non_null(strstr(world->msg.text, "not a regular file of this user with one name"));
	assert_int_equal(unlink(target), 0);
	assert_int_equal(store_open(world->scratch.path, &store, &world->msg), 0);
	store_close(store);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(store_open(world->scratch.path, &store, &world->msg), -EPERM);
}

/* The state directory itself may be reached through a link, or relatively. */
static void directory_names(void **state)
{
	struct storeworld *world = *state;
	struct scratch other;
	char link_path[SCRATCH_PATH_SIZE];
	struct store *store = NULL;
	char cwd[SCRATCH_PATH_SIZE];

	store_close(world->store);
	world->store = NULL;
	scratch_init(&other);
	assert_int_equal(symlink(world->scratch.path, scratch_path(&other, "link", link_path)), 0);
	assert_int_equal(store_open(link_path, &store, &world->msg), 0);
	store_close(store);
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_int_equal(chdir(other.path), 0);
	assert_int_equal(store_open("link", &store, &world->msg), 0);
	assert_int_equal(chdir(cwd), 0);
	store_close(store);
	assert_int_equal(store_open("/nonexistent/dir", &store, &world->msg), -ENOENT);
	assert_string_equal(world->msg.text,
		"store in /nonexistent/dir: open /nonexistent/dir: No such file or directory");
	assert_int_equal(store_open_reader(other.path, &store, &world->msg), -ENOENT);
	scratch_deinit(&other);
}

/* What older versions found, they left. */
static int on_old_detection(void *arg, const struct detection_record *detection)
{
	(void)arg;
	assert_string_equal(detection->remediation_status, "Detected");
	assert_string_equal(detection->remediation_action, "NoAction");
	assert_string_equal(detection->quarantine_id, "");
	return 7;
}

/* A store of the first version is brought up to date, with all that is in it. */
static void older_version(void **state)
{
	struct storeworld *world = *state;
	const struct scan_record scan = {
		.id = "s1", .comment = "", .signature_set = "", .failure = ""};
	const struct detection_record detection = {.id = "d1",
		.scan_id = "s1",
		.path = {.data = "/a", .n = 2},
		.container_path = {.data = "", .n = 0},
		.threat_name = "One",
		.severity = "Low",
		.category = "Virus",
		.sha256 = "",
		.sha1 = "",
		.remediation_status = "NoAction",
		.remediation_action = "",
		.remediation_by = "",
		.quarantine_id = ""};
	const struct store_query all = {.id = NULL};
	char *text = NULL;

	assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), 0);
	assert_int_equal(store_detection_insert(world->store, &detection, &world->msg), 0);
	sql(world, "DROP INDEX detections_sha256; DROP INDEX detections_sha1;"
		   "ALTER TABLE actions DROP COLUMN file_hash;"
		   "ALTER TABLE detections DROP COLUMN n_executing;"
		   "ALTER TABLE detections DROP COLUMN process_ids");
	sql(world, "DROP INDEX detections_to_do; DROP INDEX detections_file;"
		   "DROP INDEX detections_quarantine; DROP TABLE quarantine;"
		   "ALTER TABLE detections DROP COLUMN remediation_action;"
		   "ALTER TABLE detections DROP COLUMN remediation_by;"
		   "ALTER TABLE detections DROP COLUMN is_remediation_manual;"
		   "ALTER TABLE detections DROP COLUMN quarantine_id");
	sql(world, "DROP INDEX actions_creation; DROP INDEX actions_last_update;"
		   "DROP INDEX alerts_creation; DROP INDEX alerts_last_update;"
		   "DROP INDEX detections_scan; DROP INDEX detections_time");
	sql(world, "DROP TABLE scan_loads; ALTER TABLE actions DROP COLUMN gateway_uid;"
		   "ALTER TABLE actions DROP COLUMN cancellation_gateway_uid; PRAGMA user_version "
		   "= 1");
	assert_int_equal(store_open(world->scratch.path, &world->store, &world->msg), 0);
	assert_int_equal(store_load_set(world->store, "s1", "{}", &world->msg), 0);
	assert_int_equal(store_load_get(world->store, "s1", &text, &world->msg), 0);
	free(text);
	assert_int_equal(
		store_detection_list(world->store, &all, on_old_detection, NULL, &world->msg), 7);
	storeworld_reopen(world);
}

/* Files that are no store of ours. */
static void not_ours(void **state)
{
	static const struct {
		const char *sql;
		int code;
		const char *message;
	} cases[] = {
		{"PRAGMA application_id = 1", -EILSEQ, "of another program"},
		{"PRAGMA application_id = 0", -EILSEQ, "of another program"},
		{"PRAGMA user_version = 99", -EPROTONOSUPPORT, "made by a newer version"},
		{"DELETE FROM named_values", -EILSEQ, "the machine id is missing"},
		{"UPDATE named_values SET value = 'short'", -EILSEQ, "the machine id is missing"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct storeworld *world = *state;
		struct store *store = NULL;

		sql(world, cases[i].sql);
		assert_int_equal(
			store_open(world->scratch.path, &store, &world->msg), cases[i].code);
		assert_non_null(strstr(world->msg.text, cases[i].message));
		assert_int_equal(
			store_open_reader(world->scratch.path, &store, &world->msg), cases[i].code);
		assert_null(store);
		scratch_deinit(&world->scratch);
		scratch_init(&world->scratch);
		assert_int_equal(store_open(world->scratch.path, &world->store, &world->msg), 0);
	}
}

/* Garbage instead of a database, and a database with a torn page. */
static void damaged_file(void **state)
{
	struct storeworld *world = *state;
	struct store *store = NULL;
	char garbage[8192];
	char *data;
	size_t n = 0;

	store_close(world->store);
	world->store = NULL;
	data = scratch_read(&world->scratch, "store.db", &n);
	assert_non_null(data);
	memset(garbage, 0xa5, sizeof(garbage));
	scratch_write(&world->scratch, "store.db", garbage, sizeof(garbage));
	assert_int_equal(store_open(world->scratch.path, &store, &world->msg), -EILSEQ);
	assert_non_null(strstr(world->msg.text, "not a database"));
	assert_true(n > 12288);
	memset(data + 4096, 0xa5, n - 4096);
	scratch_write(&world->scratch, "store.db", data, n);
	assert_int_equal(store_open(world->scratch.path, &store, &world->msg), -EILSEQ);
	assert_non_null(strstr(world->msg.text, "malformed"));
	assert_null(store);
	free(data);
}

/* A last record that was changed is noticed; the store works all the same. */
static void damaged_head(void **state)
{
	struct storeworld *world = *state;
	struct event_record event = {.action_type = "X"};
	uint64_t sequence = 0;

	sql(world, "DROP TRIGGER events_no_update; UPDATE events SET fields = '{\"x\":1}'");
	assert_int_equal(store_open(world->scratch.path, &world->store, &world->msg), 0);
	assert_true(store_is_log_damaged(world->store));
	assert_int_equal(store_event_append(world->store, &event, &sequence, &world->msg), 0);
	assert_int_equal(sequence, 2);
}

/* A mistake of ours cannot change the log: the table refuses it. */
static void append_only(void **state)
{
	struct storeworld *world = *state;
	char path[SCRATCH_PATH_SIZE];
	sqlite3 *db = NULL;

	assert_int_equal(
		sqlite3_open(scratch_path(&world->scratch, "store.db", path), &db), SQLITE_OK);
	assert_int_not_equal(sqlite3_exec(db, "DELETE FROM events", NULL, NULL, NULL), SQLITE_OK);
	assert_string_equal(sqlite3_errmsg(db), "the action log is append-only");
	assert_int_not_equal(
		sqlite3_exec(db, "UPDATE events SET fields = '{}'", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Somebody else's write lock: busy after a while, usable when it is gone. */
static void busy(void **state)
{
	struct storeworld *world = *state;
	char path[SCRATCH_PATH_SIZE];
	struct event_record event = {.action_type = "X"};
	sqlite3 *db = NULL;

	assert_int_equal(
		sqlite3_open(scratch_path(&world->scratch, "store.db", path), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(store_event_append(world->store, &event, NULL, &world->msg), -EBUSY);
	assert_int_equal(store_begin(world->store, &world->msg), -EBUSY);
	assert_false(store_is_in_transaction(world->store));
	assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(store_event_append(world->store, &event, NULL, &world->msg), 0);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			lock_and_reader, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(
			lock_of_the_dead, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(modes, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(
			planted_files, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(
			directory_names, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(
			older_version, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(not_ours, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(
			damaged_file, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(
			damaged_head, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(append_only, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(busy, storeworld_setup, storeworld_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
