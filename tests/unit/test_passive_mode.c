/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In which mode the service runs, by setting, by what is seen, and by time. */
#include "passive_mode.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE_NS UINT64_C(60000000000)

static struct neighbours look; /* too large for a stack */

static struct neighbour *add(const char *name)
{
	struct neighbour *neighbour = &look.list[look.n++];

	*neighbour = (struct neighbour){.pid = 4711};
	(void)snprintf(neighbour->name, sizeof(neighbour->name), "%s", name);
	return neighbour;
}

static void add_known(const char *name, enum known_product_role role, uint64_t n_blocking)
{
	struct neighbour *neighbour = add(name);

	neighbour->is_known = true;
	neighbour->role = role;
	neighbour->n_blocking = n_blocking;
}

static int setup(void **state)
{
	(void)state;
	look.n = 0;
	return 0;
}

/* on and off decide alone. */
static void by_setting(void **state)
{
	struct passive_mode mode = PASSIVE_MODE_NULL;

	(void)state;
	assert_true(passive_mode_step(&mode, SETTINGS_PASSIVE_ON, NULL, 0));
	assert_true(mode.is_passive);
	assert_string_equal(mode.reason, "PassiveMode is on");
	assert_false(passive_mode_step(&mode, SETTINGS_PASSIVE_ON, &look, 1));
	add("scanner")->n_blocking = 1;
	assert_true(passive_mode_step(&mode, SETTINGS_PASSIVE_OFF, &look, 2));
	assert_false(mode.is_passive);
	assert_string_equal(mode.reason, "PassiveMode is off");
	assert_true(passive_mode_step(&mode, SETTINGS_PASSIVE_AUTO, &look, 3));
	assert_string_equal(mode.reason, "scanner (pid 4711) decides on access to files");
	assert_string_equal(passive_mode_name(mode.is_passive), "Passive");
	assert_string_equal(passive_mode_name(false), "Normal");
}

/* Who counts as another antivirus, and who is in our way. */
static void who_counts(void **state)
{
	static const struct {
		int role; /* -1: not known */
		uint64_t n_blocking;
		bool is_passive;
		bool is_conflicting;
	} rows[] = {
		{-1, 1, true, true},
		{-1, 0, false, false},
		{KNOWN_PRODUCT_ANTIVIRUS, 0, true, true},
		{KNOWN_PRODUCT_ANTIVIRUS, 1, true, true},
		{KNOWN_PRODUCT_WATCHER, 0, false, false},
		{KNOWN_PRODUCT_WATCHER, 1, true, true},
		{KNOWN_PRODUCT_CONTROL, 0, false, false},
		{KNOWN_PRODUCT_CONTROL, 1, false, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct passive_mode mode = PASSIVE_MODE_NULL;

		look.n = 0;
		if (rows[i].role < 0)
			add("x")->n_blocking = rows[i].n_blocking;
		else
			add_known("x", (enum known_product_role)rows[i].role, rows[i].n_blocking);
		assert_int_equal(passive_mode_step(&mode, SETTINGS_PASSIVE_AUTO, &look, 0),
			rows[i].is_passive);
		assert_int_equal(mode.is_passive, rows[i].is_passive);
		assert_int_equal(
			passive_mode_is_conflicting(&look.list[0]), rows[i].is_conflicting);
	}
}

/* The reason names the one that blocks before one that is only there. */
static void reason_names_blocker(void **state)
{
	struct passive_mode mode = PASSIVE_MODE_NULL;

	(void)state;
	add_known("auditd", KNOWN_PRODUCT_WATCHER, 0);
	add_known("Falcon", KNOWN_PRODUCT_ANTIVIRUS, 0);
	assert_true(passive_mode_step(&mode, SETTINGS_PASSIVE_AUTO, &look, 0));
	assert_string_equal(mode.reason, "Falcon (pid 4711) is active");
	add("other")->n_blocking = 2;
	assert_false(passive_mode_step(&mode, SETTINGS_PASSIVE_AUTO, &look, 0));
	assert_string_equal(mode.reason, "other (pid 4711) decides on access to files");
}

/* A restart of the other one changes nothing; its end does, after a while. */
static void hold(void **state)
{
	struct passive_mode mode = PASSIVE_MODE_NULL;
	uint64_t now = MINUTE_NS;

	(void)state;
	assert_false(passive_mode_step(&mode, SETTINGS_PASSIVE_AUTO, &look, now));
	assert_string_equal(mode.reason, "no other antivirus is active");
	add("x")->n_blocking = 1;
	assert_true(passive_mode_step(&mode, SETTINGS_PASSIVE_AUTO, &look, now));
	look.n = 0;
	assert_false(passive_mode_step(&mode, SETTINGS_PASSIVE_AUTO, &look, now + 2 * MINUTE_NS));
	look.n = 1;
	assert_false(passive_mode_step(&mode, SETTINGS_PASSIVE_AUTO, &look, now + 3 * MINUTE_NS));
	look.n = 0;
	now += 3 * MINUTE_NS + PASSIVE_MODE_HOLD_NS;
	assert_false(passive_mode_step(&mode, SETTINGS_PASSIVE_AUTO, &look, now - 1));
	assert_true(mode.is_passive);
	/* No look says nothing, however long. */
	assert_false(passive_mode_step(&mode, SETTINGS_PASSIVE_AUTO, NULL, now + 9 * MINUTE_NS));
	assert_true(mode.is_passive);
	assert_true(passive_mode_step(&mode, SETTINGS_PASSIVE_AUTO, &look, now));
	assert_false(mode.is_passive);
}

/* From on to auto: at once when nobody was seen, held when somebody was. */
static void back_to_auto(void **state)
{
	struct passive_mode mode = PASSIVE_MODE_NULL;

	(void)state;
	(void)passive_mode_step(&mode, SETTINGS_PASSIVE_ON, &look, 0);
	assert_true(passive_mode_step(&mode, SETTINGS_PASSIVE_AUTO, &look, 1));
	add("x")->n_blocking = 1;
	(void)passive_mode_step(&mode, SETTINGS_PASSIVE_OFF, &look, 2);
	look.n = 0;
	assert_true(passive_mode_step(&mode, SETTINGS_PASSIVE_AUTO, &look, 3));
	assert_true(mode.is_passive);
	assert_string_equal(mode.reason, "another antivirus was active a moment ago");
}

/* After a restart of ours the hold begins anew. */
static void restored(void **state)
{
	struct passive_mode mode;

	(void)state;
	passive_mode_restore(&mode, MINUTE_NS);
	assert_true(mode.is_passive);
	assert_false(passive_mode_step(&mode, SETTINGS_PASSIVE_AUTO, &look, 2 * MINUTE_NS));
	assert_true(mode.is_passive);
	assert_true(passive_mode_step(
		&mode, SETTINGS_PASSIVE_AUTO, &look, MINUTE_NS + PASSIVE_MODE_HOLD_NS));
	assert_false(mode.is_passive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(by_setting, setup),
		cmocka_unit_test_setup(who_counts, setup),
		cmocka_unit_test_setup(reason_names_blocker, setup),
		cmocka_unit_test_setup(hold, setup),
		cmocka_unit_test_setup(back_to_auto, setup),
		cmocka_unit_test_setup(restored, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
