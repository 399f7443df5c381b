/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filters against rows in a real store: which rows a tree gives, that null is
 * never neither, what is refused and with which target. Random trees against
 * an oracle: e2e test_lists.
 */
#include "store_filter.h"

#include "storeworld.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct record_json_machine machine = {.id = "abc", .dns_name = "host.example"};

/* Names of the rows that were listed, in order. */
struct found {
	char text[256];
	size_t n;
};

static int on_action(void *arg, const struct action_record *action)
{
	struct found *found = arg;

	found->n += (size_t)snprintf(found->text + found->n, sizeof(found->text) - found->n, "%s%s",
		found->n ? " " : "", action->id);
	return 0;
}

static int on_detection(void *arg, const struct detection_record *detection)
{
	struct found *found = arg;

	found->n += (size_t)snprintf(found->text + found->n, sizeof(found->text) - found->n, "%s%s",
		found->n ? " " : "", detection->id);
	return 0;
}

static void add_action(struct storeworld *world, const char *id, enum run_status status,
	const char *cancelled_by, int64_t cancelled_unix_ms)
{
	struct action_record action = {.type = "RunAntiVirusScan",
		.requestor = "alice",
		.comment = "50 % of \"it\"\\n",
		.request_source = "Portal",
		.scope = "Quick",
		.status = status,
		.creation_unix_ms = 1000,
		.last_update_unix_ms = 1000 + id[1] - '0',
		.cancellation_requestor = cancelled_by,
		.cancellation_unix_ms = cancelled_unix_ms,
		.error_hresult = (int32_t)0x80004004,
		.scan_id = "s1"};

	(void)snprintf(action.id, sizeof(action.id), "%s", id);
	assert_int_equal(store_action_insert(world->store, &action, &world->msg), 0);
}

static int setup(void **state)
{
	struct storeworld *world;
	struct scan_record scan = {.id = "s1", .comment = "", .signature_set = "", .failure = ""};
	struct detection_record detection = {.scan_id = "s1",
		.threat_name = "Eicar",
		.threat_id = UINT64_C(1) << 62,
		.severity = "Severe",
		.category = "Virus",
		.sha256 = "",
		.sha1 = "aa",
		.remediation_status = "Detected"};

	assert_int_equal(storeworld_setup(state), 0);
	world = *state;
	add_action(world, "a1", RUN_STATUS_PENDING, NULL, 0);
	add_action(world, "a2", RUN_STATUS_CANCELLED, "bob", 5000);
	add_action(world, "a3", RUN_STATUS_SUCCEEDED, NULL, 0);
	assert_int_equal(store_scan_insert(world->store, &scan, &world->msg), 0);
	for (int i = 1; i <= 2; i++) {
		(void)snprintf(detection.id, sizeof(detection.id), "d%d", i);
		detection.n_executing = (uint64_t)i - 1;
		detection.path = i == 1 ? span_str("/tmp/\xff/a") : span_str("/tmp/\xc3\xa4/b");
		assert_int_equal(store_detection_insert(world->store, &detection, &world->msg), 0);
	}
	return 0;
}

static int build(enum store_kind kind, const char *json, cJSON **treep, struct store_filter *filter,
	const char **targetp, struct errmsg *msg)
{
	const struct store_filter_subject subject = {.kind = kind, .machine = &machine};

	*targetp = NULL;
	assert_int_equal(json_parse(json, strlen(json), treep, msg), 0);
	return store_filter_build(&subject, *treep, filter, targetp, msg);
}

static void check(struct storeworld *world, enum store_kind kind, const char *json, const char *ids)
{
	struct store_filter *filter = test_malloc(sizeof(*filter));
	struct store_query query = {.filter = filter, .is_ascending = true, .is_bounded = true};
	struct found found = {.n = 0};
	const char *target;
	cJSON *tree = NULL;
	uint64_t n = 77;

	if (build(kind, json, &tree, filter, &target, &world->msg) != 0)
		fail_msg("%s: %s", json, world->msg.text);
	if (kind == STORE_KIND_ACTION)
		assert_int_equal(
			store_action_list(world->store, &query, on_action, &found, &world->msg), 0);
	else
		assert_int_equal(store_detection_list(
					 world->store, &query, on_detection, &found, &world->msg),
			0);
	if (strcmp(found.text, ids) != 0)
		fail_msg("%s gives %s, not %s (%s)", json, found.text, ids, filter->sql);
	assert_int_equal(store_count(world->store, kind, &query, &n, &world->msg), 0);
	assert_int_equal(n, (strlen(ids) + 1) / 3);
	cJSON_Delete(tree);
	test_free(filter);
}

static const struct {
	const char *json;
	const char *ids;
} row_cases[] = {
	{"[\"eq\",\"status\",\"Pending\"]", "a1"},
	{"[\"ne\",\"status\",\"Pending\"]", "a2 a3"},
	{"[\"eq\",\"status\",\"pending\"]", ""},
	{"[\"in\",\"status\",[\"Pending\",\"Succeeded\",\"No such\",null]]", "a1 a3"},
	{"[\"eq\",\"status\",null]", ""},
	{"[\"ne\",\"status\",null]", "a1 a2 a3"},
	{"[\"gt\",\"status\",null]", ""},
	/* null is in a list or in its opposite */
	{"[\"eq\",\"cancellationRequestor\",null]", "a1 a3"},
	{"[\"ne\",\"cancellationRequestor\",null]", "a2"},
	{"[\"eq\",\"cancellationRequestor\",\"bob\"]", "a2"},
	{"[\"ne\",\"cancellationRequestor\",\"bob\"]", "a1 a3"},
	{"[\"not\",[\"eq\",\"cancellationRequestor\",\"bob\"]]", "a1 a3"},
	{"[\"not\",[\"gt\",\"cancellationRequestor\",\"a\"]]", "a1 a3"},
	{"[\"lt\",\"cancellationRequestor\",\"c\"]", "a2"},
	{"[\"eq\",\"cancellationRequestor\",\"\"]", ""},
	{"[\"ne\",\"cancellationRequestor\",\"\"]", "a1 a2 a3"},
	{"[\"in\",\"cancellationRequestor\",[null,\"bob\"]]", "a1 a2 a3"},
	{"[\"contains\",\"cancellationRequestor\",\"\"]", "a2"},
	{"[\"not\",[\"contains\",\"cancellationRequestor\",\"o\"]]", "a1 a3"},
	{"[\"eq\",\"externalId\",null]", "a1 a2 a3"},
	{"[\"eq\",\"title\",\"x\"]", ""},
	/* times */
	{"[\"eq\",\"cancellationDateTimeUtc\",null]", "a1 a3"},
	{"[\"ne\",\"cancellationDateTimeUtc\",null]", "a2"},
	{"[\"lt\",\"cancellationDateTimeUtc\",\"2026-01-01T00:00:00Z\"]", "a2"},
	{"[\"ge\",\"cancellationDateTimeUtc\",\"1970-01-01T00:00:00Z\"]", "a2"},
	{"[\"eq\",\"cancellationDateTimeUtc\",\"1970-01-01T00:00:00Z\"]", ""},
	{"[\"ne\",\"cancellationDateTimeUtc\",\"1970-01-01T00:00:00Z\"]", "a1 a2 a3"},
	{"[\"eq\",\"lastUpdateDateTimeUtc\",\"1970-01-01T00:00:01.002Z\"]", "a2"},
	{"[\"eq\",\"lastUpdateDateTimeUtc\",\"1970-01-01T00:00:01.0021Z\"]", ""},
	{"[\"ne\",\"lastUpdateDateTimeUtc\",\"1970-01-01T00:00:01.0021Z\"]", "a1 a2 a3"},
	{"[\"gt\",\"lastUpdateDateTimeUtc\",\"1970-01-01T00:00:01.002Z\"]", "a3"},
	{"[\"gt\",\"lastUpdateDateTimeUtc\",\"1970-01-01T00:00:01.0021Z\"]", "a3"},
	{"[\"ge\",\"lastUpdateDateTimeUtc\",\"1970-01-01T00:00:01.002Z\"]", "a2 a3"},
	{"[\"ge\",\"lastUpdateDateTimeUtc\",\"1970-01-01T00:00:01.0021Z\"]", "a3"},
	{"[\"lt\",\"lastUpdateDateTimeUtc\",\"1970-01-01T00:00:01.0021Z\"]", "a1 a2"},
	{"[\"le\",\"lastUpdateDateTimeUtc\",\"1970-01-01T00:00:01.0021Z\"]", "a1 a2"},
	{"[\"lt\",\"lastUpdateDateTimeUtc\",\"1970-01-01T00:00:01.002Z\"]", "a1"},
	/* the same for all rows */
	{"[\"eq\",\"machineId\",\"abc\"]", "a1 a2 a3"},
	{"[\"ne\",\"machineId\",\"abc\"]", ""},
	{"[\"startswith\",\"computerDnsName\",\"host\"]", "a1 a2 a3"},
	{"[\"endswith\",\"computerDnsName\",\".example\"]", "a1 a2 a3"},
	{"[\"endswith\",\"computerDnsName\",\"a longer one than host.example\"]", ""},
	/* no character has a meaning */
	{"[\"contains\",\"requestorComment\",\"%\"]", "a1 a2 a3"},
	{"[\"contains\",\"requestorComment\",\"_\"]", ""},
	{"[\"startswith\",\"requestorComment\",\"50 % of \\\"\"]", "a1 a2 a3"},
	{"[\"eq\",\"requestor\",\"' OR 1=1 --\"]", ""},
	{"[\"contains\",\"requestor\",\"LIC\"]", ""},
	{"[\"eq\",\"errorHResult\",-2147467260]", "a1 a2 a3"},
	{"[\"lt\",\"errorHResult\",\"-2147467260\"]", ""},
	/* joints */
	{"[\"and\",[\"ne\",\"status\",\"Pending\"],[\"eq\",\"scope\",\"Quick\"]]", "a2 a3"},
	{"[\"or\",[\"eq\",\"id\",\"a1\"],[\"eq\",\"id\",\"a3\"],[\"eq\",\"id\",\"\"]]", "a1 a3"},
	{"[\"not\",[\"or\",[\"eq\",\"id\",\"a1\"],[\"and\",[\"eq\",\"id\",\"a3\"]]]]", "a2"},
};

static void rows(void **state)
{
	for (size_t i = 0; i < sizeof(row_cases) / sizeof(row_cases[0]); i++)
		check(*state, STORE_KIND_ACTION, row_cases[i].json, row_cases[i].ids);
}

/* Names of files are compared by bytes; large numbers keep all of theirs. */
static void bytes(void **state)
{
	check(*state, STORE_KIND_DETECTION, "[\"startswith\",\"path\",\"/tmp/\"]", "d1 d2");
	check(*state, STORE_KIND_DETECTION, "[\"eq\",\"wasExecutingWhileDetected\",true]", "d2");
	check(*state, STORE_KIND_DETECTION, "[\"ne\",\"wasExecutingWhileDetected\",true]", "d1");
	check(*state, STORE_KIND_DETECTION, "[\"ge\",\"processCount\",1]", "d2");
	check(*state, STORE_KIND_DETECTION, "[\"eq\",\"path\",\"/tmp/\xc3\xa4/b\"]", "d2");
	check(*state, STORE_KIND_DETECTION, "[\"endswith\",\"path\",\"/a\"]", "d1");
	check(*state, STORE_KIND_DETECTION, "[\"contains\",\"path\",\"\xc3\xa4\"]", "d2");
	check(*state, STORE_KIND_DETECTION, "[\"gt\",\"path\",\"/tmp/\xc3\xa4/b\"]", "d1");
	check(*state, STORE_KIND_DETECTION, "[\"eq\",\"containerPath\",\"\"]", "d1 d2");
	check(*state, STORE_KIND_DETECTION, "[\"eq\",\"threatId\",\"4611686018427387904\"]",
		"d1 d2");
	check(*state, STORE_KIND_DETECTION, "[\"eq\",\"alertId\",null]", "d1 d2");
	check(*state, STORE_KIND_DETECTION, "[\"eq\",\"sha256\",null]", "d1 d2");
	check(*state, STORE_KIND_DETECTION, "[\"eq\",\"sha1\",\"aa\"]", "d1 d2");
}

/* Each kind has its fields, and each field can be asked for and ordered by. */
static void every_field(void **state)
{
	struct storeworld *world = *state;
	struct store_filter *filter = test_malloc(sizeof(*filter));

	for (int kind = 0; kind < STORE_KIND_N; kind++) {
		size_t n_fields;
		const struct store_field *fields =
			store_field_table((enum store_kind)kind, &n_fields);

		for (size_t i = 0; i < n_fields; i++) {
			struct store_query query = {.filter = filter, .order = &fields[i]};
			char json[128];
			const char *target;
			cJSON *tree = NULL;
			uint64_t n = 77;

			(void)snprintf(json, sizeof(json),
				"[\"and\",[\"eq\",\"%s\",null],"
				"[\"ne\",\"%s\",null]]",
				fields[i].name, fields[i].name);
			assert_int_equal(build((enum store_kind)kind, json, &tree, filter, &target,
						 &world->msg),
				0);
			if (store_count(world->store, (enum store_kind)kind, &query, &n,
				    &world->msg) != 0)
				fail_msg("%s: %s", fields[i].name, world->msg.text);
			assert_int_equal(n, 0);
			assert_ptr_equal(store_field_find((enum store_kind)kind, fields[i].name),
				&fields[i]);
			cJSON_Delete(tree);
		}
		assert_null(store_field_find((enum store_kind)kind, "ordinal"));
	}
	test_free(filter);
}

/* What is wrong is named. */
static void refused(void **state)
{
	static const struct {
		const char *json;
		const char *target;
		const char *message;
	} cases[] = {
		{"{}", "filter", "an array"},
		{"[]", "filter", "no such operator"},
		{"[1]", "filter", "no such operator"},
		{"[\"EQ\",\"status\",\"x\"]", "filter", "no such operator"},
		{"[\"like\",\"status\",\"x\"]", "filter", "no such operator"},
		{"[\"eq\"]", "filter", "[operator, field, value]"},
		{"[\"eq\",\"status\"]", "filter", "[operator, field, value]"},
		{"[\"eq\",1,1]", "filter", "[operator, field, value]"},
		{"[\"eq\",\"status\",\"x\",\"y\"]", "filter", "[operator, field, value]"},
		{"[\"eq\",\"statsu\",\"x\"]", "statsu", "did you mean status"},
		{"[\"eq\",\"comment\",\"x\"]", "comment", "no such field"},
		{"[\"eq\",\"rowid\",1]", "rowid", "no such field"},
		{"[\"eq\",\"status\",1]", "status", "status: a string"},
		{"[\"eq\",\"errorHResult\",\"x\"]", "errorHResult", "a whole number"},
		{"[\"eq\",\"creationDateTimeUtc\",\"x\"]", "creationDateTimeUtc", "a time"},
		{"[\"in\",\"status\",\"x\"]", "status", "a list of 1 to 100"},
		{"[\"in\",\"status\",[]]", "status", "a list of 1 to 100"},
		{"[\"in\",\"status\",[1]]", "status", "a string"},
		{"[\"contains\",\"status\",null]", "status", "a string"},
		{"[\"contains\",\"errorHResult\",\"1\"]", "errorHResult", "it is no text"},
		{"[\"startswith\",\"creationDateTimeUtc\",\"2\"]", "creationDateTimeUtc",
			"no text"},
		{"[\"and\"]", "filter", "lacks"},
		{"[\"not\"]", "filter", "lacks"},
		{"[\"not\",[\"eq\",\"id\",\"x\"],[\"eq\",\"id\",\"x\"]]", "filter", "lacks"},
		{"[\"and\",\"x\"]", "filter", "an array"},
		{"[\"or\",[\"eq\",\"id\",\"x\"],null]", "filter", "an array"},
	};
	struct store_filter *filter = test_malloc(sizeof(*filter));

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct errmsg msg = ERRMSG_NULL;
		const char *target;
		cJSON *tree = NULL;

		assert_int_equal(
			build(STORE_KIND_ACTION, cases[i].json, &tree, filter, &target, &msg),
			-EINVAL);
		if (strcmp(target, cases[i].target) != 0 || !strstr(msg.text, cases[i].message))
			fail_msg("%s: %s: %s", cases[i].json, target, msg.text);
		cJSON_Delete(tree);
	}
	test_free(filter);
}

/* [open × n, leaf, close × n] */
static cJSON *nested(unsigned n)
{
	cJSON *tree = cJSON_Parse("[\"eq\",\"id\",\"a1\"]");

	for (; n > 1; n--) {
		cJSON *outer = cJSON_Parse("[\"not\"]");

		cJSON_AddItemToArray(outer, tree);
		tree = outer;
	}
	return tree;
}

static cJSON *wide(unsigned n_leaves, unsigned n_values)
{
	cJSON *tree = cJSON_Parse("[\"or\"]");

	for (unsigned i = 0; i < n_leaves; i++) {
		cJSON *leaf = cJSON_Parse("[\"in\",\"cancellationRequestor\"]");
		cJSON *list = cJSON_CreateArray();

		for (unsigned k = 0; k < n_values; k++)
			cJSON_AddItemToArray(list, cJSON_CreateString("bob"));
		cJSON_AddItemToArray(leaf, list);
		cJSON_AddItemToArray(tree, leaf);
	}
	return tree;
}

static int try_tree(struct storeworld *world, cJSON *tree)
{
	const struct store_filter_subject subject = {
		.kind = STORE_KIND_ACTION, .machine = &machine};
	struct store_filter *filter = test_malloc(sizeof(*filter));
	const struct store_query query = {.filter = filter};
	const char *target = NULL;
	uint64_t n = 0;
	int r = store_filter_build(&subject, tree, filter, &target, &world->msg);

	if (r == 0)
		assert_int_equal(
			store_count(world->store, STORE_KIND_ACTION, &query, &n, &world->msg), 0);
	else
		assert_non_null(target);
	cJSON_Delete(tree);
	test_free(filter);
	return r;
}

/* Whatever is within the limits becomes SQL that SQLite takes; one more does not. */
static void limits(void **state)
{
	struct storeworld *world = *state;

	assert_int_equal(try_tree(world, nested(STORE_FILTER_DEPTH_MAX)), 0);
	assert_int_equal(try_tree(world, nested(STORE_FILTER_DEPTH_MAX + 1)), -EINVAL);
	assert_int_equal(try_tree(world, wide(STORE_FILTER_NODES_MAX - 1, 1)), 0);
	assert_int_equal(try_tree(world, wide(STORE_FILTER_NODES_MAX, 1)), -EINVAL);
	assert_int_equal(try_tree(world, wide(1, STORE_FILTER_LIST_MAX)), 0);
	assert_int_equal(try_tree(world, wide(1, STORE_FILTER_LIST_MAX + 1)), -EINVAL);
	assert_int_equal(try_tree(world, wide(8, STORE_FILTER_VALUES_MAX / 8)), 0);
	assert_int_equal(try_tree(world, wide(9, STORE_FILTER_VALUES_MAX / 8)), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rows, setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(bytes, setup, storeworld_teardown),
		cmocka_unit_test_setup_teardown(every_field, setup, storeworld_teardown),
		cmocka_unit_test(refused),
		cmocka_unit_test_setup_teardown(limits, setup, storeworld_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
