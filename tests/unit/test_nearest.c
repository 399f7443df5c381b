/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nearest: good suggestions, and none where there is no good one. */
#include "unit.h"

#include "nearest.h"

#include <string.h>

static const char *const nearest_words[] = {
	"scan", "action", "timeline", "detection", "alert", "quarantine", NULL, "settings"};

static void table(void **state)
{
	static const char *const pairs[][2] = {{"scna", "scan"}, {"Scan", "scan"},
		{"scans", "scan"}, {"timelien", "timeline"}, {"setings", "settings"},
		{"quar", "quarantine"}, {"detect", "detection"}, {"alret", "alert"},
		{"zzzzzz", NULL}, {"", NULL}, {"x", NULL}, {"s", NULL}};
	char large[200];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const char *got = nearest_find(pairs[i][0], nearest_words, 8);

		if (pairs[i][1])
			assert_string_equal(got, pairs[i][1]);
		else
			assert_null(got);
	}
	memset(large, 'a', sizeof(large));
	large[sizeof(large) - 1] = '\0';
	assert_null(nearest_find(large, nearest_words, 8));
	assert_null(nearest_find("scan", nearest_words, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(table)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
