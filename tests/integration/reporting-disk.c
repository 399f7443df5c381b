/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every write and flush of the store fails once, with an I/O error and with a
 * full disk, for once and from then on: what was acknowledged is there, what
 * was refused is not or wholly (a commit whose flush failed may have reached
 * the disk), the chain is whole, and the store works when the disk does.
 */
#include "faultdisk.h"
#include "logworld.h"
#include "unit.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N_MAX = 5000 };

static const struct {
	int code;
	bool is_lasting;
	int result;
} faults[] = {
	{SQLITE_IOERR_WRITE, false, -EIO},
	{SQLITE_IOERR_FSYNC, false, -EIO},
	{SQLITE_IOERR_FSYNC, true, -EIO},
	{SQLITE_FULL, false, -ENOSPC},
	{SQLITE_FULL, true, -ENOSPC},
};

static uint64_t head_of(struct store *store)
{
	uint64_t sequence = 0;
	uint8_t hash[32];

	assert_int_equal(store_log_head(store, &sequence, hash, NULL), 0);
	return sequence;
}

static int append(struct store *store, struct errmsg *msg)
{
	struct event_record event = {.action_type = "Test", .fields_json = "{\"a\":1}"};

	return store_event_append(store, &event, NULL, msg);
}

/* Two events in a transaction, one by itself. How many were acknowledged. */
static unsigned work(struct store *store, int *firstp, struct errmsg *msg)
{
	unsigned n = 0;
	int r = store_begin(store, msg);

	if (r == 0)
		r = append(store, msg);
	if (r == 0)
		r = append(store, msg);
	if (r == 0)
		r = store_commit(store, msg);
	store_rollback(store);
	*firstp = r;
	if (r == 0)
		n = 2;
	r = append(store, msg);
	if (*firstp == 0)
		*firstp = r;
	return r == 0 ? n + 1 : n;
}

static void expect_whole(struct logworld *world, uint64_t at_least)
{
	struct log_verify_result result;

	if (logworld_verify(world, &result) != 0)
		fail_msg("%s", result.text);
	assert_true(result.n_events >= at_least);
}

/* A store that is there. */
static void working(void **state)
{
	(void)state;
	for (size_t f = 0; f < sizeof(faults) / sizeof(faults[0]); f++) {
		bool has_failed = true;
		unsigned long n;

		for (n = 0; has_failed && n < N_MAX; n++) {
			struct logworld world;
			struct errmsg msg = ERRMSG_NULL;
			uint64_t acknowledged;
			int first = 0;

			logworld_init(&world);
			assert_int_equal(store_open(world.state_dir, &world.store, &msg), 0);
			faultdisk_arm(n, faults[f].code, faults[f].is_lasting);
			acknowledged = 1 + work(world.store, &first, &msg);
			has_failed = faultdisk_disarm();
			/* A checkpoint of the WAL may fail unseen, after a good commit. */
			assert_true(first == 0 || first == faults[f].result);
			assert_int_equal(head_of(world.store), acknowledged);
			acknowledged += work(world.store, &first, &msg);
			if (first != 0)
				fail_msg("%zu, %lu: %s", f, n, msg.text);
			expect_whole(&world, acknowledged);
			store_close(world.store);
			assert_int_equal(store_open(world.state_dir, &world.store, &msg), 0);
			assert_int_equal(head_of(world.store), acknowledged);
			logworld_deinit(&world);
		}
		print_message("%s: %lu changes\n", sqlite3_errstr(faults[f].code), n);
		assert_true(n < N_MAX);
	}
}

/* A store that is being made. */
static void opening(void **state)
{
	(void)state;
	for (size_t f = 0; f < sizeof(faults) / sizeof(faults[0]); f++) {
		bool has_failed = true;
		unsigned long n;

		for (n = 0; has_failed && n < N_MAX; n++) {
			struct logworld world;
			struct errmsg msg = ERRMSG_NULL;
			int r;

			logworld_init(&world);
			faultdisk_arm(n, faults[f].code, faults[f].is_lasting);
			r = store_open(world.state_dir, &world.store, &msg);
			has_failed = faultdisk_disarm();
			if (r != 0) {
				assert_int_equal(r, faults[f].result);
				assert_null(world.store);
				assert_int_equal(
					store_open(world.state_dir, &world.store, &msg), 0);
			}
			assert_int_equal(head_of(world.store), 1);
			assert_int_equal(append(world.store, &msg), 0);
			expect_whole(&world, 2);
			logworld_deinit(&world);
		}
		print_message("%s: %lu changes\n", sqlite3_errstr(faults[f].code), n);
		assert_true(n < N_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(working),
		cmocka_unit_test(opening),
	};

	if (access("/dev/shm", W_OK) == 0)
		(void)setenv("TMPDIR", "/dev/shm", 1);
	faultdisk_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
