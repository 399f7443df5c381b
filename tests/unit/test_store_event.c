/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store's log, transactions and values: no gap, no half of anything.
 */
#include "store.h"

#include "log_chain.h"
#include "storeworld.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct chain {
	uint64_t n;
	uint8_t hash[RECORD_HASH_SIZE];
};

static int check_chain(void *arg, const struct event_record *event)
{
	struct chain *chain = arg;
	uint8_t hash[RECORD_HASH_SIZE];

	assert_int_equal(event->sequence, chain->n + 1);
	assert_memory_equal(event->previous_hash, chain->hash, RECORD_HASH_SIZE);
	assert_int_equal(log_chain_hash(event, hash), 0);
	assert_memory_equal(event->hash, hash, RECORD_HASH_SIZE);
	memcpy(chain->hash, event->hash, RECORD_HASH_SIZE);
	chain->n++;
	return 0;
}

/* Sequences have no gaps and hashes chain, over rollbacks and new starts. */
static void event_chain(void **state)
{
	struct storeworld *world = *state;
	struct event_record event = {
		.action_type = "X", .scan_id = "s", .fields_json = "{\"a\":1}"};
	const struct store_query ascending = {.is_ascending = true};
	struct chain chain = {0};
	uint64_t sequence = 0;
	uint8_t hash[RECORD_HASH_SIZE];

	assert_int_equal(store_event_append(world->store, &event, &sequence, &world->msg), 0);
	assert_int_equal(sequence, 2);
	assert_int_equal(store_begin(world->store, &world->msg), 0);
	assert_true(store_is_in_transaction(world->store));
	assert_int_equal(store_event_append(world->store, &event, &sequence, &world->msg), 0);
	assert_int_equal(store_event_append(world->store, &event, &sequence, &world->msg), 0);
	assert_int_equal(sequence, 4);
	store_rollback(world->store);
	store_rollback(world->store);
	storeworld_reopen(world);
	assert_false(store_is_log_damaged(world->store));
	assert_int_equal(store_begin(world->store, &world->msg), 0);
	assert_int_equal(store_event_append(world->store, &event, &sequence, &world->msg), 0);
	assert_int_equal(store_commit(world->store, &world->msg), 0);
	assert_int_equal(sequence, 3);
	assert_int_equal(
		store_event_list(world->store, &ascending, check_chain, &chain, &world->msg), 0);
	assert_int_equal(chain.n, 3);
	assert_int_equal(store_log_head(world->store, &sequence, hash, &world->msg), 0);
	assert_int_equal(sequence, 3);
	assert_memory_equal(hash, chain.hash, sizeof(hash));
	assert_int_equal(store_log_hash(world->store, 3, hash, &world->msg), 0);
	assert_memory_equal(hash, chain.hash, sizeof(hash));
	assert_int_equal(store_log_hash(world->store, 4, hash, &world->msg), STORE_E_NOT_FOUND);
}

/* What would break the log's lines is refused, and nothing is appended. */
static void event_refused(void **state)
{
	static const char *const bad[] = {"", "[]", "{", "{\"a\":\n1}", "{}x"};
	struct storeworld *world = *state;
	struct event_record event = {.action_type = "X"};
	char *big = malloc(STORE_FIELDS_MAX + 8);
	uint64_t sequence;
	uint8_t hash[RECORD_HASH_SIZE];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		event.fields_json = bad[i];
		assert_int_equal(
			store_event_append(world->store, &event, NULL, &world->msg), -EINVAL);
	}
	assert_non_null(big);
	memset(big, ' ', STORE_FIELDS_MAX + 8);
	big[0] = '{';
	big[STORE_FIELDS_MAX + 6] = '}';
	big[STORE_FIELDS_MAX + 7] = '\0';
	event.fields_json = big;
	assert_int_equal(store_event_append(world->store, &event, NULL, &world->msg), -E2BIG);
	free(big);
	event = (struct event_record){.fields_json = "{}"};
	assert_int_equal(store_event_append(world->store, &event, NULL, &world->msg), -EINVAL);
	assert_int_equal(store_log_head(world->store, &sequence, hash, &world->msg), 0);
	assert_int_equal(sequence, 1);
}

static int count_scan(void *arg, const struct scan_record *scan)
{
	(void)scan;
	(*(unsigned *)arg)++;
	return 0;
}

/* After a failure inside it, nothing of a transaction is kept. */
static void transaction_spoiled(void **state)
{
	struct storeworld *world = *state;
	struct scan_record scan = {.id = "s1"};
	struct detection_record orphan = {.id = "d", .scan_id = "nowhere", .threat_name = "T"};
	unsigned n = 0;

	assert_int_equal(store_begin(world->store, &world->msg), 0);
	assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), 0);
	assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), STORE_E_DUPLICATE);
	assert_int_equal(store_detection_insert(world->store, &orphan, &world->msg), -EINVAL);
	memcpy(scan.id, "s2", 3);
	assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), -EINVAL);
	assert_non_null(strstr(world->msg.text, "an earlier step of the transaction failed"));
	assert_int_equal(store_commit(world->store, &world->msg), -EINVAL);
	assert_false(store_is_in_transaction(world->store));
	assert_int_equal(store_scan_list(world->store, NULL, count_scan, &n, &world->msg), 0);
	assert_int_equal(n, 0);
	assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), 0);
}

/* Named values: set, replaced, absent, too long. */
static void values(void **state)
{
	struct storeworld *world = *state;
	char *value = NULL;
	char *big = malloc(STORE_VALUE_MAX + 2);

	assert_int_equal(
		store_value_get(world->store, "x", &value, &world->msg), STORE_E_NOT_FOUND);
	assert_int_equal(store_value_set(world->store, "x", "1", &world->msg), 0);
	assert_int_equal(store_value_set(world->store, "x", "2", &world->msg), 0);
	storeworld_reopen(world);
	assert_int_equal(store_value_get(world->store, "x", &value, &world->msg), 0);
	assert_string_equal(value, "2");
	free(value);
	assert_non_null(big);
	memset(big, 'x', STORE_VALUE_MAX + 1);
	big[STORE_VALUE_MAX + 1] = '\0';
	assert_int_equal(store_value_set(world->store, "x", big, &world->msg), -E2BIG);
	big[STORE_VALUE_MAX] = '\0';
	assert_int_equal(store_value_set(world->store, "x", big, &world->msg), 0);
	free(big);
}

/* Ids are version 4 GUIDs, and not twice the same. */
static void new_ids(void **state)
{
	char a[RECORD_ID_SIZE];
	char b[RECORD_ID_SIZE];

	(void)state;
	store_new_id(a);
	store_new_id(b);
	assert_int_equal(strlen(a), 36);
	assert_int_equal(a[14], '4');
	assert_non_null(strchr("89ab", a[19]));
	assert_string_not_equal(a, b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(event_chain, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(
			event_refused, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(
			transaction_spoiled, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(values, storeworld_setup, storeworld_teardown),
		cmocka_unit_test(new_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
