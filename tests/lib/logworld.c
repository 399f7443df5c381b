/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tampering opens the database by itself, as an attacker with an SQLite shell
 * would; the only test code that includes sqlite3.h for that.
 */
#include "logworld.h"

#include "clock.h"
#include "unit.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

void logworld_init(struct logworld *world)
{
	memset(world, 0, sizeof(*world));
	scratch_init(&world->scratch);
	scratch_mkdir(&world->scratch, "state");
	scratch_mkdir(&world->scratch, "log");
	(void)scratch_path(&world->scratch, "state", world->state_dir);
	(void)scratch_path(&world->scratch, "log", world->log_dir);
}

void logworld_deinit(struct logworld *world)
{
	logworld_drop(world);
	scratch_deinit(&world->scratch);
}

void logworld_open(struct logworld *world)
{
	const struct log_keeper_config config = {
		.log_dir = world->log_dir, .state_dir = world->state_dir};
	struct errmsg msg = ERRMSG_NULL;
	int r = store_open(world->state_dir, &world->store, &msg);

	if (r == 0)
		r = log_keeper_open(&config, world->store, &world->keeper, &msg);
	if (r != 0)
		fail_msg("%s", msg.text);
}

void logworld_close(struct logworld *world)
{
	struct errmsg msg = ERRMSG_NULL;

	if (log_keeper_finish(world->keeper, world->store, clock_unix_ms(), &msg) != 0)
		fail_msg("%s", msg.text);
	logworld_drop(world);
}

void logworld_drop(struct logworld *world)
{
	log_keeper_close(world->keeper);
	store_close(world->store);
	world->keeper = NULL;
	world->store = NULL;
}

void logworld_append(struct logworld *world, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		char fields[64];
		struct event_record event = {.action_type = "Test", .fields_json = fields};
		struct errmsg msg = ERRMSG_NULL;

		(void)snprintf(fields, sizeof(fields), "{\"n\":%u}", 100 + world->n_appended++);
		if (store_event_append(world->store, &event, NULL, &msg) != 0)
			fail_msg("%s", msg.text);
	}
}

void logworld_tick(struct logworld *world, bool is_checkpoint)
{
	static uint64_t now_ns = 1;
	struct errmsg msg = ERRMSG_NULL;
	int r;

	if (is_checkpoint)
		now_ns += UINT64_C(1000000000);
	do {
		r = log_keeper_tick(world->keeper, world->store, now_ns, clock_unix_ms(), &msg);
	} while (r == LOG_KEEPER_E_MORE);
	if (r != 0)
		fail_msg("%s", msg.text);
}

void logworld_write(struct logworld *world, unsigned n)
{
	logworld_open(world);
	for (unsigned i = 0; i < n; i++) {
		logworld_append(world, 1);
		logworld_tick(world, true);
	}
	logworld_close(world);
}

int logworld_verify(const struct logworld *world, struct log_verify_result *result)
{
	const struct log_verify_paths paths = {
		.state_dir = world->state_dir, .log_dir = world->log_dir};
	struct errmsg msg = ERRMSG_NULL;
	int r = log_verify(&paths, result, &msg);

	if (r < 0)
		print_message("verify: %d %s\n", r, msg.text);
	return r;
}

void logworld_sql(const struct logworld *world, const char *sql)
{
	char path[SCRATCH_PATH_SIZE];
	sqlite3 *db = NULL;
	char *error = NULL;

	(void)scratch_path(&world->scratch, "state/store.db", path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	(void)sqlite3_exec(db,
		"DROP TRIGGER IF EXISTS events_no_update; DROP TRIGGER IF EXISTS events_no_delete",
		NULL, NULL, NULL);
	if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s", error);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}
