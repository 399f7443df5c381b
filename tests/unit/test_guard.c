/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guard: hosts and origins, exactly. */
#include "unit.h"

#include "guard.h"

static const char *const hosts[] = {"localhost:8443", "console.example"};

static void table(void **state)
{
	static const struct {
		struct guard_request request;
		bool has_tls;
		unsigned status;
		bool is_page;
	} cases[] = {
		{{"localhost:8443", "", ""}, true, 0, false},
		{{"LocalHost:8443", "", ""}, true, 0, false},
		{{"console.example", "", "none"}, true, 0, false},
		{{"console.example:443", "", ""}, true, 421, false},
		{{"localhost", "", ""}, true, 421, false},
		{{"localhost:8443.evil.example", "", ""}, true, 421, false},
		{{"evil.example", "", ""}, true, 421, false},
		{{"", "", ""}, true, 421, false},
		{{"localhost:8443", "https://localhost:8443", "same-origin"}, true, 0, true},
		{{"localhost:8443", "https://localhost:8443", ""}, true, 0, true},
		{{"localhost:8443", "http://localhost:8443", ""}, true, 403, true},
		{{"localhost:8443", "http://localhost:8443", ""}, false, 0, true},
		{{"localhost:8443", "https://console.example", ""}, true, 403, true},
		{{"localhost:8443", "https://localhost:8443.evil.example", ""}, true, 403, true},
		{{"localhost:8443", "null", ""}, true, 403, true},
		{{"localhost:8443", "", "cross-site"}, true, 403, false},
		{{"localhost:8443", "", "same-site"}, true, 403, false},
		{{"localhost:8443", "", "same-origin"}, true, 0, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct guard guard = {hosts, 2, cases[i].has_tls};

		if (guard_check(&guard, &cases[i].request) != cases[i].status)
			fail_msg("case %zu", i);
		assert_int_equal(guard_is_page(&cases[i].request), cases[i].is_page);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(table)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
