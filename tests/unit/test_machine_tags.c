/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine's tags: in order, once each, with an event for each change, over a restart. */
#include "machine_tags.h"

#include "storeworld.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct requestor test_who = {.name = "alice", .source = "Portal"};

static int change(struct storeworld *world, bool is_removal, const char *value)
{
	const struct machine_tags_change change = {
		.is_removal = is_removal, .value = value, .who = &test_who};

	return machine_tags_change(world->store, &change, &world->msg);
}

static void check(struct storeworld *world, const char *json)
{
	cJSON *tags = NULL;
	char *text = NULL;

	assert_int_equal(machine_tags_read(world->store, &tags, &world->msg), 0);
	assert_int_equal(json_print(tags, &text, NULL), 0);
	assert_string_equal(text, json);
	free(text);
	cJSON_Delete(tags);
}

static uint64_t n_events(struct storeworld *world)
{
	const struct store_query query = {.action_type = "MachineTagsChanged"};
	uint64_t n = 77;

	assert_int_equal(store_count(world->store, STORE_KIND_EVENT, &query, &n, &world->msg), 0);
	return n;
}

static void tags(void **state)
{
	struct storeworld *world = *state;

	check(world, "[]");
	assert_int_equal(change(world, true, "web"), 0);
	assert_int_equal(n_events(world), 0);
	assert_int_equal(change(world, false, "web"), 0);
	assert_int_equal(change(world, false, "\xc3\xa4 \"b\""), 0);
	assert_int_equal(change(world, false, "web"), 0);
	check(world, "[\"web\",\"\xc3\xa4 \\\"b\\\"\"]");
	assert_int_equal(n_events(world), 2);
	storeworld_reopen(world);
	assert_int_equal(change(world, true, "web"), 0);
	check(world, "[\"\xc3\xa4 \\\"b\\\"\"]");
	assert_int_equal(n_events(world), 3);
}

/* One more than there may be; a longest tag each fits the store. */
static void most(void **state)
{
	struct storeworld *world = *state;
	char value[MACHINE_TAGS_VALUE_MAX + 1];

	for (int i = 0; i < MACHINE_TAGS_MAX; i++) {
		(void)snprintf(value, sizeof(value), "%0*d", MACHINE_TAGS_VALUE_MAX, i);
		assert_int_equal(change(world, false, value), 0);
	}
	assert_int_equal(change(world, false, "one more"), MACHINE_TAGS_E_FULL);
	assert_string_equal(world->msg.text, "the machine has 100 tags already");
	assert_int_equal(change(world, true, value), 0);
	assert_int_equal(change(world, false, "one more"), 0);
	assert_int_equal(n_events(world), MACHINE_TAGS_MAX + 2);
}

/* What is no array of strings counts as none, and is replaced. */
static void damaged(void **state)
{
	static const char *const values[] = {"", "{", "{}", "[1]", "[\"a\",null]"};
	struct storeworld *world = *state;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		assert_int_equal(
			store_value_set(world->store, "machine.tags", values[i], &world->msg), 0);
		check(world, "[]");
		assert_int_equal(change(world, false, "a"), 0);
		check(world, "[\"a\"]");
	}
}

/* A store that takes nothing changes nothing. */
static void refused(void **state)
{
	struct storeworld *world = *state;
	struct storeworld reader = {.store = NULL};

	assert_int_equal(change(world, false, "a"), 0);
	assert_int_equal(store_open_reader(world->scratch.path, &reader.store, &reader.msg), 0);
	assert_int_equal(change(&reader, false, "b"), -EROFS);
	assert_string_equal(reader.msg.text, "the store was opened for reading");
	check(&reader, "[\"a\"]");
	store_close(reader.store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(tags, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(most, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(damaged, storeworld_setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(refused, storeworld_setup, storeworld_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
