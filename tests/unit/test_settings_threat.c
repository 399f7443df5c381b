/* SPDX-License-Identifier: GPL-2.0-or-later */
/* settings_threat: what is an item of the settings about threats, and what is none. */
#include "unit.h"

#include "settings_threat.h"

#include <errno.h>
#include <string.h>

/* Each action's word is read as that action. */
static void words(void **state)
{
	static const struct {
		const char *text;
		uint64_t id;
		enum settings_threat_action action;
	} good[] = {{"1=Quarantine", 1, SETTINGS_THREAT_QUARANTINE},
		{"42=Remove", 42, SETTINGS_THREAT_REMOVE},
		{"562949953421311=Allow", UINT64_C(562949953421311), SETTINGS_THREAT_ALLOW},
		{"9999999999999999=NoAction", UINT64_C(9999999999999999),
			SETTINGS_THREAT_NO_ACTION}};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		enum settings_threat_action action = SETTINGS_THREAT_NO_ACTION;
		struct errmsg msg = ERRMSG_NULL;
		uint64_t id = 0;

		assert_int_equal(settings_threat_parse(span_str(good[i].text), &id, &action), 0);
		assert_true(id == good[i].id);
		assert_int_equal(action, good[i].action);
		assert_string_equal(strchr(good[i].text, '=') + 1, settings_threat_word(action));
		assert_int_equal(settings_threat_check(span_str(good[i].text), &msg), 0);
	}
}

/* No id, no action, something around or between them. */
static void no_pairs(void **state)
{
	static const char *const bad[] = {"", "1", "1=", "=Allow", "0=Allow", "01=Allow",
		"-1=Allow", "1 =Allow", " 1=Allow", "1=allow", "1=Allow ", "1=AllowX", "1=Block",
		"12345678901234567=Allow", "0x1=Allow", "1==Allow"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		enum settings_threat_action action = SETTINGS_THREAT_REMOVE;
		struct errmsg msg = ERRMSG_NULL;
		uint64_t id = 7;

		if (settings_threat_parse(span_str(bad[i]), &id, &action) != -EINVAL)
			fail_msg("%s", bad[i]);
		assert_int_equal(id, 7);
		assert_int_equal(action, SETTINGS_THREAT_REMOVE);
		assert_int_equal(settings_threat_check(span_str(bad[i]), &msg), -EINVAL);
		assert_string_equal(msg.text,
			"must be a threat id, =, and Quarantine, Remove, Allow or NoAction");
	}
}

/* A SHA-256 is 64 hex digits in either case; a name is not empty. */
static void hashes_and_names(void **state)
{
	static const char hash[] =
		"BA7816BF8F01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	struct errmsg msg = ERRMSG_NULL;
	char name[1026];

	(void)state;
	memset(name, 'n', sizeof(name));
	assert_int_equal(settings_threat_check_hash(span_str(hash), &msg), 0);
	assert_int_equal(settings_threat_check_hash((struct span){hash, 63}, &msg), -EINVAL);
	assert_string_equal(msg.text, "must be a SHA-256 of 64 hex digits");
	assert_int_equal(settings_threat_check_hash((struct span){name, 64}, &msg), -EINVAL);
	assert_int_equal(settings_threat_check_hash((struct span){"", 0}, &msg), -EINVAL);
	assert_int_equal(settings_threat_check_name((struct span){name, 1024}, &msg), 0);
	assert_int_equal(settings_threat_check_name((struct span){name, 1025}, &msg), -EINVAL);
	assert_int_equal(settings_threat_check_name((struct span){"", 0}, &msg), -EINVAL);
	assert_string_equal(msg.text, "must be the name of a threat");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(no_pairs),
		cmocka_unit_test(hashes_and_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
