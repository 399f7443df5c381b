/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Revisions: another number after every change, the same without one; order and bounds of lists. */
#include "store.h"

#include "json.h"
#include "storeworld.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct action_record action_of(const char *id, int64_t unix_ms)
{
	struct action_record action = {.type = "t",
		.requestor = "r",
		.comment = "",
		.request_source = "",
		.scope = "",
		.creation_unix_ms = unix_ms,
		.last_update_unix_ms = unix_ms,
		.scan_id = "s1"};

	(void)snprintf(action.id, sizeof(action.id), "%s", id);
	return action;
}

struct numbers {
	uint64_t of[STORE_KIND_N];
};

static struct numbers read_all(const struct store *store)
{
	struct numbers numbers;

	for (int i = 0; i < STORE_KIND_N; i++)
		numbers.of[i] = store_revision(store, (enum store_kind)i);
	return numbers;
}

/* Exactly the kinds of @mask have another number than before. */
static void check(struct store *store, struct numbers *before, unsigned mask)
{
	struct numbers now = read_all(store);

	for (int i = 0; i < STORE_KIND_N; i++) {
		if ((mask >> i) & 1U)
			assert_true(now.of[i] > before->of[i]);
		else
			assert_int_equal(now.of[i], before->of[i]);
		assert_true(now.of[i] <= (uint64_t)JSON_INT_PRINT_MAX);
	}
	*before = now;
}

#define BIT(kind) (1U << STORE_KIND_##kind)

static void changes(void **state)
{
	struct storeworld *world = *state;
	struct store *store = world->store;
	struct action_record action = action_of("a1", 1);
	struct scan_record scan = {.id = "s1",
		.status = RUN_STATUS_SUCCEEDED,
		.end_unix_ms = 5,
		.comment = "",
		.signature_set = "",
		.failure = ""};
	struct alert_record alert = {.scan_id = "s1",
		.threat_name = "x",
		.title = "",
		.severity = "",
		.category = "",
		.assigned_to = "",
		.classification = "",
		.determination = ""};
	struct detection_record detection = {.id = "d1",
		.scan_id = "s1",
		.threat_name = "x",
		.severity = "",
		.category = "",
		.sha256 = "",
		.sha1 = "",
		.remediation_status = ""};
	const struct event_record event = {.action_type = "X", .scan_id = "", .action_id = ""};
	struct numbers before = read_all(store);
	bool is_new = false;

	check(store, &before, 0);
	assert_int_equal(store_action_insert(store, &action, &world->msg), 0);
	check(store, &before, BIT(ACTION));
	assert_int_equal(store_action_insert(store, &action, &world->msg), STORE_E_DUPLICATE);
	check(store, &before, 0);
	assert_int_equal(store_action_update(store, &action, &world->msg), 0);
	check(store, &before, BIT(ACTION));
	assert_int_equal(store_scan_insert(store, &scan, &world->msg), 0);
	check(store, &before, BIT(SCAN));
	assert_int_equal(store_scan_update(store, &scan, &world->msg), 0);
	check(store, &before, BIT(SCAN));
	assert_int_equal(store_alert_raise(store, &alert, &is_new, &world->msg), 0);
	check(store, &before, BIT(ALERT));
	assert_int_equal(store_alert_raise(store, &alert, &is_new, &world->msg), 0);
	check(store, &before, BIT(ALERT));
	assert_int_equal(store_alert_update(store, &alert, &world->msg), 0);
	check(store, &before, BIT(ALERT));
	assert_int_equal(store_detection_insert(store, &detection, &world->msg), 0);
	check(store, &before, BIT(DETECTION));
	assert_int_equal(store_event_append(store, &event, NULL, &world->msg), 0);
	check(store, &before, BIT(EVENT));
	assert_int_equal(store_value_set(store, "x", "y", &world->msg), 0);
	check(store, &before, 0);
	store_touch(store, STORE_KIND_SCAN);
	check(store, &before, BIT(SCAN));
	assert_int_equal(store_purge(store, 1, 0, NULL, NULL, &world->msg), 0);
	check(store, &before, 0);
	assert_int_equal(store_purge(store, 100, 0, NULL, NULL, &world->msg), 0);
	check(store, &before, BIT(ACTION) | BIT(SCAN) | BIT(ALERT) | BIT(DETECTION));
}

/* An action that has no scan is purged alone. */
static void purged_action(void **state)
{
	struct storeworld *world = *state;
	struct store *store = world->store;
	const struct action_record action = {.id = "a2", .status = RUN_STATUS_FAILED};
	struct numbers before;

	assert_int_equal(store_action_insert(store, &action, &world->msg), 0);
	before = read_all(store);
	assert_int_equal(store_purge(store, 100, 0, NULL, NULL, &world->msg), 0);
	check(store, &before, BIT(ACTION));
	assert_int_equal(store_purge(store, 100, 0, NULL, NULL, &world->msg), 0);
	check(store, &before, 0);
}

/* Inside a transaction the number stays; its end, of either kind, gives another. */
static void transactions(void **state)
{
	struct storeworld *world = *state;
	struct store *store = world->store;
	struct action_record action = action_of("a1", 1);
	struct numbers before = read_all(store);

	assert_int_equal(store_begin(store, &world->msg), 0);
	assert_int_equal(store_action_insert(store, &action, &world->msg), 0);
	check(store, &before, 0);
	assert_int_equal(store_commit(store, &world->msg), 0);
	check(store, &before, BIT(ACTION));
	assert_int_equal(store_begin(store, &world->msg), 0);
	assert_int_equal(store_action_update(store, &action, &world->msg), 0);
	store_rollback(store);
	check(store, &before, BIT(ACTION));
	store_rollback(store);
	check(store, &before, 0);
}

static void on_change(void *arg)
{
	++*(unsigned *)arg;
}

/* Who listens hears once of each transaction, after its end, and of nothing else. */
static void listener(void **state)
{
	struct storeworld *world = *state;
	struct action_record action = action_of("a1", 1);
	const struct event_record event = {.action_type = "X", .scan_id = "", .action_id = ""};
	unsigned n = 0;

	store_set_listener(world->store, on_change, &n);
	assert_int_equal(store_begin(world->store, &world->msg), 0);
	assert_int_equal(store_action_insert(world->store, &action, &world->msg), 0);
	assert_int_equal(store_event_append(world->store, &event, NULL, &world->msg), 0);
	assert_int_equal(n, 0);
	assert_int_equal(store_commit(world->store, &world->msg), 0);
	assert_int_equal(n, 1);
	assert_int_equal(store_event_append(world->store, &event, NULL, &world->msg), 0);
	assert_int_equal(n, 2);
	assert_int_equal(store_begin(world->store, &world->msg), 0);
	store_rollback(world->store);
	store_touch(world->store, STORE_KIND_SCAN);
	assert_int_equal(n, 2);
	store_set_listener(world->store, NULL, NULL);
	assert_int_equal(store_event_append(world->store, &event, NULL, &world->msg), 0);
	assert_int_equal(n, 2);
}

/* After a restart no number of before is one. */
static void restarts(void **state)
{
	struct storeworld *world = *state;
	struct numbers before = read_all(world->store);

	for (int i = 0; i < 3; i++) {
		struct numbers now;

		storeworld_reopen(world);
		now = read_all(world->store);
		for (int k = 0; k < STORE_KIND_N; k++)
			for (int j = 0; j < STORE_KIND_N; j++)
				assert_true(now.of[k] != before.of[j]);
		before = now;
	}
}

struct found {
	char text[64];
	size_t n;
};

static int on_action(void *arg, const struct action_record *action)
{
	struct found *found = arg;

	found->n += (size_t)snprintf(
		found->text + found->n, sizeof(found->text) - found->n, "%s", action->id);
	return 0;
}

/* By a field, either way; equal rows in the order of insertion. */
static void order(void **state)
{
	static const struct {
		const char *field;
		bool is_ascending;
		const char *ids;
	} cases[] = {{NULL, true, "abcd"}, {NULL, false, "dcba"},
		{"lastUpdateDateTimeUtc", true, "cabd"}, {"lastUpdateDateTimeUtc", false, "dbac"},
		{"id", false, "dcba"}, {"type", true, "abcd"}, {"machineId", false, "dcba"}};
	static const int64_t times[] = {5, 5, 1, 9};
	struct storeworld *world = *state;

	for (size_t i = 0; i < 4; i++) {
		struct action_record action = action_of((char[]){(char)('a' + i), '\0'}, times[i]);

		assert_int_equal(store_action_insert(world->store, &action, &world->msg), 0);
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct store_query query = {
			.order = cases[i].field
					 ? store_field_find(STORE_KIND_ACTION, cases[i].field)
					 : NULL,
			.is_ascending = cases[i].is_ascending,
		};
		struct found found = {.n = 0};

		assert_int_equal(
			store_action_list(world->store, &query, on_action, &found, &world->msg), 0);
		assert_string_equal(found.text, cases[i].ids);
	}
}

static int on_slow_action(void *arg, const struct action_record *action)
{
	const struct store_query all = {.limit = 10};
	struct storeworld *world = arg;
	int r = 0;

	(void)action;
	for (int i = 0; r == 0 && i < 200; i++) {
		struct found found = {.n = 0};

		r = store_action_list(world->store, &all, on_action, &found, &world->msg);
	}
	return r;
}

/* A listing that takes too long ends, and leaves nothing behind that ends others. */
static void bounded(void **state)
{
	struct storeworld *world = *state;
	struct store_query query = {.is_bounded = true};

	for (int i = 0; i < 2000; i++) {
		char id[8];
		struct action_record action;

		(void)snprintf(id, sizeof(id), "%d", i);
		action = action_of(id, 1);
		if (i == 0)
			assert_int_equal(store_begin(world->store, &world->msg), 0);
		assert_int_equal(store_action_insert(world->store, &action, &world->msg), 0);
	}
	assert_int_equal(store_commit(world->store, &world->msg), 0);
	assert_int_equal(
		store_action_list(world->store, &query, on_slow_action, world, &world->msg),
		-ETIMEDOUT);
	assert_string_equal(world->msg.text, "list: interrupted");
	query.limit = 10;
	query.is_bounded = false;
	assert_int_equal(
		store_action_list(world->store, &query, on_slow_action, world, &world->msg), 0);
}

/* Events before a sequence. */
static int on_event(void *arg, const struct event_record *event)
{
	uint64_t *sump = arg;

	*sump = *sump * 10 + event->sequence;
	return 0;
}

static void before_sequence(void **state)
{
	const struct event_record event = {.action_type = "X", .scan_id = "", .action_id = ""};
	const struct store_query query = {.after_sequence = 1, .before_sequence = 5};
	const struct store_query wrong = {.before_sequence = 5};
	struct storeworld *world = *state;
	uint64_t sum = 0;

	for (int i = 0; i < 6; i++)
		assert_int_equal(store_event_append(world->store, &event, NULL, &world->msg), 0);
	assert_int_equal(store_event_list(world->store, &query, on_event, &sum, &world->msg), 0);
	assert_int_equal(sum, 432);
	assert_int_equal(
		store_action_list(world->store, &wrong, on_action, NULL, &world->msg), -EINVAL);
	assert_int_equal(
		store_count(world->store, STORE_KIND_ACTION, &wrong, &sum, &world->msg), -EINVAL);
	assert_int_equal(store_count(world->store, STORE_KIND_EVENT, &query, &sum, &world->msg), 0);
	assert_int_equal(sum, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(changes, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(
			purged_action, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(
			transactions, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(listener, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(restarts, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(order, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(bounded, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(
			before_sequence, storeworld_setup, storeworld_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
