/* SPDX-License-Identifier: GPL-2.0-or-later */
/* docs/settings.md has every setting as the schema has it. */
#include "snapshot.h"

#include "cleanup.h"
#include "settings.h"
#include "settings_schema.h"

static void write_row(FILE *out, const struct settings_entry *entry, const cJSON *described)
{
	_cleanup_(cleanup_free) char *preset = NULL;
	char range[160];

	settings_schema_range(entry, range, sizeof(range));
	assert_int_equal(
		json_print(cJSON_GetObjectItemCaseSensitive(described, "default"), &preset, NULL),
		0);
	(void)fprintf(
		out, "| `%s` | `%s` | %s | %s |\n", entry->name, preset, range, entry->description);
}

static void table(void **state)
{
	_cleanup_(settings_cleanup) struct settings settings = SETTINGS_NULL;
	size_t n;
	const struct settings_entry *entries = settings_schema(&n);
	char *text = NULL;
	size_t n_text = 0;
	FILE *out = open_memstream(&text, &n_text);

	(void)state;
	assert_int_equal(settings_init(&settings), 0);
	(void)fputs("| name | default | allowed | |\n|---|---|---|---|\n", out);
	for (size_t i = 0; i < n; i++) {
		_cleanup_(json_cleanup) cJSON *item = NULL;

		assert_int_equal(settings_describe(&settings, entries[i].name, &item), 0);
		write_row(out, &entries[i], item);
	}
	assert_int_equal(fclose(out), 0);
	snapshot_check_part(DOCS "/settings.md",
		"<!-- settings: made from base/settings_schema.c -->", "<!-- end of settings -->",
		text);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(table)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
