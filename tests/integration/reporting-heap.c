/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every allocation fails once (SQLite's, cJSON's, libcrypto's, libc's and
 * ours): the call says -ENOMEM or succeeds all the same, nothing half done is
 * left, nothing leaks a lock, and the next call works.
 *
 * A failure that is survived may be legal (a cache that stays small), so only
 * the outcome is judged, never the number.
 */
#include "action_log.h"
#include "clock.h"
#include "faultheap.h"
#include "log_keeper.h"
#include "log_verify.h"
#include "logworld.h"
#include "machine_tags.h"
#include "record_json.h"
#include "store_filter.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N_MAX = 20000 };

static int warm_up(void **state)
{
	struct logworld world;
	struct log_verify_result result;

	/* Once without failures: what libraries set up once for a process. */
	(void)state;
	logworld_init(&world);
	logworld_write(&world, 2);
	assert_int_equal(logworld_verify(&world, &result), 0);
	logworld_deinit(&world);
	return 0;
}

static uint64_t head_of(struct store *store)
{
	uint64_t sequence = 0;
	uint8_t hash[32];

	assert_int_equal(store_log_head(store, &sequence, hash, NULL), 0);
	return sequence;
}

/* Opening, new and existing. */
static void opening(void **state)
{
	unsigned long n;

	(void)state;
	for (n = 0; n < N_MAX; n++) {
		struct logworld world;
		struct store *store = NULL;
		struct errmsg msg = ERRMSG_NULL;
		bool has_failed;
		int r;

		logworld_init(&world);
		if (n % 2)
			logworld_write(&world, 1);
		faultheap_arm(n / 2);
		r = store_open(world.state_dir, &store, &msg);
		has_failed = faultheap_disarm();
		if (r != 0) {
			assert_true(has_failed);
			if (r != -ENOMEM)
				fail_msg("allocation %lu: %d %s", n, r, msg.text);
			assert_null(store);
			assert_int_equal(store_open(world.state_dir, &store, &msg), 0);
		}
		assert_int_equal(head_of(store), n % 2 ? 3 : 1);
		store_close(store);
		logworld_deinit(&world);
		if (!has_failed && n % 2)
			break;
	}
	print_message("%lu allocations\n", n / 2);
	assert_true(n < N_MAX);
}

/* One step of a test that is swept: 0 or -errno. */
typedef int (*sweep_step)(struct logworld *world, struct errmsg *msg);

static void sweep(sweep_step step, uint64_t n_events)
{
	struct logworld world;
	struct log_verify_result result;
	unsigned long n;

	logworld_init(&world);
	logworld_write(&world, 1);
	for (n = 0; n < N_MAX; n++) {
		struct errmsg msg = ERRMSG_NULL;
		uint64_t before;
		bool has_failed;
		int r;

		/* Anew each time, so that statements are prepared under failure too. */
		logworld_open(&world);
		before = head_of(world.store);
		faultheap_arm(n);
		r = step(&world, &msg);
		has_failed = faultheap_disarm();
		if (r != 0) {
			assert_true(has_failed);
			if (r != -ENOMEM)
				fail_msg("allocation %lu: %d %s", n, r, msg.text);
			assert_int_equal(head_of(world.store), before);
			assert_false(store_is_in_transaction(world.store));
		} else {
			assert_int_equal(head_of(world.store), before + n_events);
		}
		msg = (struct errmsg)ERRMSG_NULL;
		r = step(&world, &msg);
		if (r != 0)
			fail_msg("after a failure: %s", msg.text);
		logworld_close(&world);
		if (!has_failed)
			break;
	}
	print_message("%lu allocations\n", n);
	assert_true(n < N_MAX);
	if (logworld_verify(&world, &result) != 0)
		fail_msg("%s", result.text);
	logworld_deinit(&world);
}

static int append_step(struct logworld *world, struct errmsg *msg)
{
	struct event_record event = {.action_type = "Test", .fields_json = "{\"a\":1}"};

	return store_event_append(world->store, &event, NULL, msg);
}

/* One event by itself. */
static void appending(void **state)
{
	(void)state;
	sweep(append_step, 1);
}

static int transaction(struct logworld *world, struct errmsg *msg)
{
	struct scan_record scan = {.paths_json = "[]", .comment = "why"};
	struct action_record action = {.type = "RunAntiVirusScan", .requestor = "root"};
	int r;

	store_new_id(scan.id);
	store_new_id(action.id);
	memcpy(action.scan_id, scan.id, sizeof(scan.id));
	memcpy(scan.action_id, action.id, sizeof(scan.id));
	r = store_action_insert(world->store, &action, msg);
	if (r == 0)
		r = store_scan_insert(world->store, &scan, msg);
	if (r == 0)
		r = action_log_scan_submitted(world->store, &action, &scan, msg);
	if (r == 0)
		r = action_log_scan_started(world->store, &scan, msg);
	return r;
}

static int transaction_step(struct logworld *world, struct errmsg *msg)
{
	int r = store_begin(world->store, msg);

	if (r == 0)
		r = transaction(world, msg);
	if (r == 0)
		r = store_commit(world->store, msg);
	store_rollback(world->store);
	return r;
}

/* A request as the scheduler writes it: two rows and two events, or nothing. */
static void requesting(void **state)
{
	(void)state;
	sweep(transaction_step, 2);
}

static int tags_step(struct logworld *world, struct errmsg *msg)
{
	static const struct requestor who = {.name = "alice"};
	struct machine_tags_change change = {.value = "web", .who = &who};
	cJSON *tags = NULL;
	int r = machine_tags_read(world->store, &tags, msg);

	if (r < 0)
		return r;
	change.is_removal = cJSON_GetArraySize(tags) > 0;
	cJSON_Delete(tags);
	return machine_tags_change(world->store, &change, msg);
}

/* A tag: value and event, or nothing. */
static void tagging(void **state)
{
	(void)state;
	sweep(tags_step, 1);
}

static cJSON *filter_tree;
static struct store_filter filter;

static int filter_step(struct logworld *world, struct errmsg *msg)
{
	static const struct record_json_machine machine = {.id = "m", .dns_name = "h"};
	static const struct store_filter_subject subject = {
		.kind = STORE_KIND_EVENT, .machine = &machine};
	const struct store_query query = {.filter = &filter, .is_bounded = true};
	const char *target = NULL;
	uint64_t n = 0;
	int r = store_filter_build(&subject, filter_tree, &filter, &target, msg);

	return r < 0 ? r : store_count(world->store, STORE_KIND_EVENT, &query, &n, msg);
}

/* A filtered list: an answer or an error, and the next one is right. */
static void filtering(void **state)
{
	static const char text[] = "[\"and\",[\"in\",\"actionType\",[\"Test\",\"X\"]],"
				   "[\"not\",[\"contains\",\"scanId\",\"a\"]]]";

	(void)state;
	assert_int_equal(json_parse(text, strlen(text), &filter_tree, NULL), 0);
	sweep(filter_step, 0);
	cJSON_Delete(filter_tree);
}

static int tick_step(struct logworld *world, struct errmsg *msg)
{
	static uint64_t now_ns = 1;

	now_ns += UINT64_C(2000000000);
	return log_keeper_tick(world->keeper, world->store, now_ns, clock_unix_ms(), msg);
}

/* The witnesses: late after a failure, never wrong. */
static void ticking(void **state)
{
	struct logworld world;
	struct log_verify_result result;
	unsigned long n;

	(void)state;
	logworld_init(&world);
	for (n = 0; n < N_MAX; n++) {
		struct errmsg msg = ERRMSG_NULL;
		bool has_failed;
		int r;

		logworld_open(&world);
		logworld_append(&world, 2);
		faultheap_arm(n);
		r = tick_step(&world, &msg);
		has_failed = faultheap_disarm();
		if (r < 0) {
			assert_true(has_failed);
			if (r != -ENOMEM)
				fail_msg("allocation %lu: %d %s", n, r, msg.text);
		}
		logworld_drop(&world);
		if (logworld_verify(&world, &result) != 0)
			fail_msg("%lu: %s", n, result.text);
		if (!has_failed)
			break;
	}
	print_message("%lu allocations\n", n);
	logworld_write(&world, 1);
	assert_int_equal(logworld_verify(&world, &result), 0);
	assert_int_equal(result.lines_last, result.head_sequence);
	logworld_deinit(&world);
}

/* Verification says that it could not, never that the log is bad. */
static void verifying(void **state)
{
	struct logworld world;
	struct log_verify_result result;
	unsigned long n;
	int r;

	(void)state;
	logworld_init(&world);
	logworld_write(&world, 3);
	for (n = 0; n < N_MAX; n++) {
		const struct log_verify_paths paths = {
			.state_dir = world.state_dir, .log_dir = world.log_dir};
		struct errmsg msg = ERRMSG_NULL;
		bool has_failed;

		faultheap_arm(n);
		r = log_verify(&paths, &result, &msg);
		has_failed = faultheap_disarm();
		if (r != 0) {
			assert_true(has_failed);
			if (r != -ENOMEM)
				fail_msg("allocation %lu: %d %s", n, r, msg.text);
			assert_string_not_equal(msg.text, "");
		}
		if (!has_failed)
			break;
	}
	print_message("%lu allocations\n", n);
	assert_int_equal(r, 0);
	logworld_deinit(&world);
}

/* Records as JSON: a whole tree or none. */
static void records(void **state)
{
	const struct record_json_machine machine = {.id = "m", .dns_name = "h"};
	const struct scan_record scan = {.paths_json = "[{\"path\":\"x\"}]", .comment = "c"};
	const struct action_record action = {.type = "t"};
	const struct detection_record detection = {.path = {.data = "x", .n = 1}};
	const struct alert_record alert = {.comments_json = "[]"};
	const struct event_record event = {
		.action_type = "X", .fields_json = "{\"a\":{\"b\":[1]},\"c\":\"d\"}"};
	bool has_failed = true;

	(void)state;
	for (unsigned long n = 0; has_failed; n++) {
		cJSON *items[6] = {NULL};
		int r[6];

		faultheap_arm_all_from(n);
		r[0] = record_json_scan(&scan, &items[0]);
		r[1] = record_json_action(&action, &machine, &items[1]);
		r[2] = record_json_detection(&detection, &items[2]);
		r[3] = record_json_alert(&alert, &machine, &items[3]);
		r[4] = record_json_event(&event, &items[4]);
		r[5] = record_json_scan_brief(&scan, &items[5]);
		has_failed = faultheap_disarm();
		for (int i = 0; i < 6; i++) {
			assert_true(r[i] == 0 || r[i] == -ENOMEM);
			assert_true((r[i] == 0) == (items[i] != NULL));
			cJSON_Delete(items[i]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opening),
		cmocka_unit_test(appending),
		cmocka_unit_test(requesting),
		cmocka_unit_test(tagging),
		cmocka_unit_test(filtering),
		cmocka_unit_test(ticking),
		cmocka_unit_test(verifying),
		cmocka_unit_test(records),
	};

#if defined(QUIETSCAN_ASAN) || defined(QUIETSCAN_TSAN)
	return UNIT_SKIPPED;
#endif
	/* Thousands of commits, and not the disk is under test. */
	if (access("/dev/shm", W_OK) == 0)
		(void)setenv("TMPDIR", "/dev/shm", 1);
	return cmocka_run_group_tests(tests, warm_up, NULL);
}
