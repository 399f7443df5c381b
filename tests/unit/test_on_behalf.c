/* SPDX-License-Identifier: GPL-2.0-or-later */
/* On whose behalf a gateway asks: what is taken, what is refused, what it allows. */
#include "unit.h"

#include "on_behalf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int parse(const char *text, struct on_behalf *on, struct errmsg *msg)
{
	static cJSON *item;

	/* The values are borrowed of the item: it lives until the next call. */
	cJSON_Delete(item);
	item = NULL;
	if (text)
		assert_int_equal(json_parse(text, strlen(text), &item, msg), 0);
	return on_behalf_parse(item, on, msg);
}

/* A whole one; roles that are not ours are ignored. */
static void taken(void **state)
{
	struct on_behalf on = {.roles = 0};
	struct errmsg msg = ERRMSG_NULL;

	(void)state;
	assert_int_equal(parse("{\"name\":\"CORP\\\\\xc3\xa4 b\",\"roles\":[\"Machine.Scan\","
			       "\"Mail.Send\",\"Alert.Read.All\"],\"source\":\"Portal\"}",
				 &on, &msg),
		0);
	assert_string_equal(on.name, "CORP\\\xc3\xa4 b");
	assert_string_equal(on.source, "Portal");
	assert_int_equal(on.roles, ROLE_MACHINE_SCAN | ROLE_ALERT_READ);
	assert_true(on_behalf_may(&on, ROLE_MACHINE_SCAN | ROLE_MACHINE_READ));
	assert_false(on_behalf_may(&on, ROLE_MACHINE_READ | ROLE_ALERT_READ_WRITE));
	assert_false(on_behalf_may(&on, ON_BEHALF_NOBODY));
	assert_int_equal(
		parse("{\"name\":\"x\",\"roles\":[],\"source\":\"PublicApi\"}", &on, &msg), 0);
	assert_int_equal(on.roles, 0);
}

/* What is missing, wrong or could forge a line is refused with its name. */
static void refused(void **state)
{
	static const struct {
		const char *text;
		const char *message;
	} cases[] = {
		{NULL, "onBehalfOf: "},
		{"1", "onBehalfOf: "},
		{"null", "onBehalfOf: "},
		{"{}", "name"},
		{"{\"name\":\"\",\"roles\":[],\"source\":\"Portal\"}", "name"},
		{"{\"name\":\"  \",\"roles\":[],\"source\":\"Portal\"}", "name"},
		{"{\"name\":\"a\\u001b[m\",\"roles\":[],\"source\":\"Portal\"}", "name"},
		{"{\"name\":\"a\\nb\",\"roles\":[],\"source\":\"Portal\"}", "name"},
		{"{\"name\":\"a\\u202eb\",\"roles\":[],\"source\":\"Portal\"}", "name"},
		{"{\"name\":1,\"roles\":[],\"source\":\"Portal\"}", "name"},
		{"{\"name\":\"a\",\"source\":\"Portal\"}", "roles"},
		{"{\"name\":\"a\",\"roles\":\"x\",\"source\":\"Portal\"}", "roles"},
		{"{\"name\":\"a\",\"roles\":[1],\"source\":\"Portal\"}", "roles"},
		{"{\"name\":\"a\",\"roles\":[]}", "source"},
		{"{\"name\":\"a\",\"roles\":[],\"source\":\"LocalCli\"}", "source"},
		{"{\"name\":\"a\",\"roles\":[],\"source\":\"Portal\",\"uid\":0}", "uid"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct on_behalf on = {.roles = 77};
		struct errmsg msg = ERRMSG_NULL;

		assert_int_equal(parse(cases[i].text, &on, &msg), -EINVAL);
		if (strncmp(msg.text, "onBehalfOf: ", 12) != 0 ||
			!strstr(msg.text, cases[i].message))
			fail_msg("%s: %s", cases[i].text, msg.text);
		assert_int_equal(on.roles, 77);
	}
}

/* The longest name and the most roles are taken, one more is not. */
static void limits(void **state)
{
	char text[ON_BEHALF_NAME_MAX + ON_BEHALF_ROLES_MAX * 8 + 128];
	struct on_behalf on;
	struct errmsg msg = ERRMSG_NULL;

	(void)state;
	for (int n = ON_BEHALF_NAME_MAX; n <= ON_BEHALF_NAME_MAX + 1; n++) {
		(void)snprintf(text, sizeof(text),
			"{\"name\":\"%0*d\",\"roles\":[],\"source\":\"Portal\"}", n, 0);
		assert_int_equal(parse(text, &on, &msg), n <= ON_BEHALF_NAME_MAX ? 0 : -EINVAL);
	}
	for (int n = ON_BEHALF_ROLES_MAX; n <= ON_BEHALF_ROLES_MAX + 1; n++) {
		int at = snprintf(text, sizeof(text), "{\"name\":\"a\",\"roles\":[\"x\"");

		for (int i = 1; i < n; i++)
			at += snprintf(text + at, sizeof(text) - (size_t)at, ",\"x\"");
		(void)snprintf(text + at, sizeof(text) - (size_t)at, "],\"source\":\"Portal\"}");
		assert_int_equal(parse(text, &on, &msg), n <= ON_BEHALF_ROLES_MAX ? 0 : -EINVAL);
	}
	(void)parse("{}", &on, &msg);
}

static void described(void **state)
{
	char text[160];

	(void)state;
	on_behalf_describe(ROLE_MACHINE_READ | ROLE_MACHINE_READ_WRITE, text, sizeof(text));
	assert_string_equal(text, "Machine.Read.All or Machine.ReadWrite.All");
	on_behalf_describe(ON_BEHALF_NOBODY, text, sizeof(text));
	assert_string_equal(text, "");
	on_behalf_describe(~0U, text, 8);
	assert_string_equal(text, "Machine");
}

static int forget(void **state)
{
	struct on_behalf on;
	struct errmsg msg = ERRMSG_NULL;

	(void)state;
	(void)parse(NULL, &on, &msg);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(taken),
		cmocka_unit_test(refused),
		cmocka_unit_test(limits),
		cmocka_unit_test(described),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
