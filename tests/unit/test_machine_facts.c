/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What os-release says, whatever is in it, and what this machine is. */
#include "unit.h"

#include "machine_facts.h"

#include <string.h>

static void release(void **state)
{
	static const struct {
		const char *text;
		const char *version;
		const char *name;
	} cases[] = {
		{"PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nID=debian\n",
			"12", "Debian GNU/Linux 12 (bookworm)"},
		{"VERSION_ID='9.3'\nPRETTY_NAME=Rolling", "9.3", "Rolling"},
		{"#VERSION_ID=1\nXVERSION_ID=2\nVERSION_IDX=3\nVERSION_ID\n", "", ""},
		{"VERSION_ID=\"\nPRETTY_NAME=\"\"\n", "\"", ""},
		{"", "", ""},
		{"\n\n\n", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct machine_facts facts = {.version = ""};

		machine_facts_parse(cases[i].text, strlen(cases[i].text), &facts);
		assert_string_equal(facts.version, cases[i].version);
		assert_string_equal(facts.name, cases[i].name);
	}
}

/* A value that is too long is cut. */
static void too_long(void **state)
{
	char text[400];
	struct machine_facts facts = {.version = ""};

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "VERSION_ID=", 11);
	machine_facts_parse(text, sizeof(text), &facts);
	assert_int_equal(strlen(facts.version), MACHINE_FACTS_TEXT_SIZE - 1);
}

static void this_machine(void **state)
{
	struct machine_facts facts;

	(void)state;
	machine_facts_read(&facts);
	assert_true(facts.kernel[0] >= '0' && facts.kernel[0] <= '9');
	assert_true(facts.processor[0] != '\0');
	assert_string_equal(facts.architecture, sizeof(void *) == 8 ? "64-bit" : "32-bit");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(release),
		cmocka_unit_test(too_long),
		cmocka_unit_test(this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
