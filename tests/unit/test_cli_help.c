/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cli_help and docs/cli.md: the help at every level, and that the manual has all of it. */
#include "snapshot.h"

#include "cli_help.h"

static void check(const char *name, const char *group, const struct cli_command *command)
{
	char path[512];
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	cli_help_write(out, group, command);
	assert_int_equal(fclose(out), 0);
	(void)snprintf(path, sizeof(path), "%s/%s.out", CLI_SNAPSHOTS, name);
	snapshot_check(path, text);
	free(text);
}

static void every_level(void **state)
{
	size_t n;
	const struct cli_command *table = cli_command_table(&n);

	(void)state;
	check("help", NULL, NULL);
	check("help-exclusion", "exclusion", NULL);
	for (size_t i = 0; i < n; i++)
		if (table[i].verb && strcmp(table[i].verb, "custom") == 0)
			check("help-scan-custom", "scan", &table[i]);
}

static void manual_entry(FILE *out, const struct cli_command *c)
{
	const char *blank = c->verb ? " " : "";
	const char *verb = c->verb ? c->verb : "";

	(void)fprintf(out, "\n### quietscan %s%s%s%s%s\n\n%s.\n", c->group, blank, verb,
		*c->args ? " " : "", c->args, c->summary);
	if (*c->description)
		(void)fprintf(out, "\n%s\n", c->description);
	if (c->options)
		(void)fputs("\n| option | |\n|---|---|\n", out);
	for (int i = 0; i < CLI_OPTION_N; i++) {
		const struct cli_option_info *info = cli_command_option((enum cli_option)i);

		if (c->options & CLI_BIT(i))
			(void)fprintf(out, "| `--%s%s%s` | %s%s |\n", info->name,
				info->value ? " " : "", info->value ? info->value : "",
				info->summary, c->needed & CLI_BIT(i) ? "; needed" : "");
	}
	(void)fprintf(out, "\n```\n%s```\n", c->examples);
}

/* The part "Commands" of docs/cli.md is what the table says. */
static void manual_has_every_command(void **state)
{
	size_t n;
	const struct cli_command *table = cli_command_table(&n);
	char *text = NULL;
	size_t n_text = 0;
	FILE *out = open_memstream(&text, &n_text);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || strcmp(table[i].group, table[i - 1].group) != 0)
			(void)fprintf(out, "\n## %s\n", cli_command_group(table[i].group));
		manual_entry(out, &table[i]);
	}
	(void)fputc('\n', out);
	assert_int_equal(fclose(out), 0);
	snapshot_check_part(DOCS "/cli.md", "<!-- commands: made from service/cli_command.c -->",
		"<!-- end of commands -->", text);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_level), cmocka_unit_test(manual_has_every_command)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
