/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything comes from the table, so that help and behaviour cannot differ. */
#include "cli_help.h"

#include "exitcode.h"

#include <string.h>

static int cli_help_name(char *text, size_t n_text, const struct cli_command *c)
{
	return snprintf(text, n_text, "%s%s%s%s%s", c->group, c->verb ? " " : "",
		c->verb ? c->verb : "", *c->args ? " " : "", c->args);
}

static void cli_help_row(FILE *out, const struct cli_command *c)
{
	char name[80];

	(void)cli_help_name(name, sizeof(name), c);
	(void)fprintf(out, "  %-28s  %s\n", name, c->summary);
}

static void cli_help_option(FILE *out, enum cli_option option)
{
	const struct cli_option_info *info = cli_command_option(option);
	char name[80];

	(void)snprintf(name, sizeof(name), "--%s%s%s", info->name, info->value ? " " : "",
		info->value ? info->value : "");
	(void)fprintf(out, "  %-28s  %s\n", name, info->summary);
}

static void cli_help_global(FILE *out)
{
	(void)fputs("\nOptions of every command:\n", out);
	for (int i = CLI_OPTION_OUTPUT; i <= CLI_OPTION_VERSION; i++)
		cli_help_option(out, (enum cli_option)i);
}

static void cli_help_all(FILE *out)
{
	size_t n;
	const struct cli_command *table = cli_command_table(&n);

	(void)fputs("quietscan: ask the quietscan service for antivirus scans\n\n"
		    "Usage: quietscan COMMAND [ARGUMENT]... [--OPTION]...\n",
		out);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || strcmp(table[i].group, table[i - 1].group) != 0)
			(void)fprintf(out, "\n%s\n", cli_command_group(table[i].group));
		cli_help_row(out, &table[i]);
	}
	cli_help_global(out);
	(void)fprintf(out,
		"\nExit status: %d clean, or the command worked; %d something found and still "
		"there;\n%d an error, or not every file wholly scanned; %d wrong usage.\n"
		"\nExamples:\n"
		"  quietscan scan quick --comment \"weekly check\" --wait\n"
		"  quietscan scan custom --path /srv/upload --comment \"ticket 4711\" --wait\n"
		"  quietscan detection list\n"
		"\nMore about a command: quietscan COMMAND --help\n",
		CLI_EXIT_CLEAN, CLI_EXIT_FOUND, CLI_EXIT_ERROR, CLI_EXIT_USAGE);
}

static void cli_help_group(FILE *out, const char *group)
{
	size_t n;
	const struct cli_command *table = cli_command_table(&n);

	(void)fprintf(out, "%s\n\n", cli_command_group(group));
	for (size_t i = 0; i < n; i++)
		if (strcmp(table[i].group, group) == 0)
			cli_help_row(out, &table[i]);
	cli_help_global(out);
	(void)fprintf(out, "\nExamples:\n");
	for (size_t i = 0; i < n; i++)
		if (strcmp(table[i].group, group) == 0)
			(void)fprintf(out, "%s", table[i].examples);
	(void)fprintf(out, "\nMore about a command: quietscan %s COMMAND --help\n", group);
}

static void cli_help_usage(FILE *out, const struct cli_command *c)
{
	char name[80];

	(void)cli_help_name(name, sizeof(name), c);
	(void)fprintf(out, "Usage: quietscan %s", name);
	for (int i = 0; i < CLI_OPTION_N; i++) {
		const struct cli_option_info *info = cli_command_option((enum cli_option)i);
		bool is_needed = (c->needed & CLI_BIT(i)) != 0;

		if (!((c->options | c->needed) & CLI_BIT(i)))
			continue;
		(void)fprintf(out, " %s--%s%s%s%s", is_needed ? "" : "[", info->name,
			info->value ? " " : "", info->value ? info->value : "",
			is_needed ? "" : "]");
	}
	(void)fputs("\n", out);
}

static void cli_help_command(FILE *out, const struct cli_command *c)
{
	(void)fprintf(out, "%s\n\n", c->summary);
	cli_help_usage(out, c);
	if (*c->description)
		(void)fprintf(out, "\n%s\n", c->description);
	if (c->options)
		(void)fputs("\nOptions:\n", out);
	for (int i = 0; i < CLI_OPTION_N; i++)
		if (c->options & CLI_BIT(i))
			cli_help_option(out, (enum cli_option)i);
	cli_help_global(out);
	(void)fprintf(out, "\nExamples:\n%s", c->examples);
}

void cli_help_write(FILE *out, const char *group, const struct cli_command *command)
{
	if (command)
		cli_help_command(out, command);
	else if (group)
		cli_help_group(out, group);
	else
		cli_help_all(out);
}

void cli_help_hint(FILE *out, const char *group, const struct cli_command *command)
{
	const char *verb = command ? command->verb : NULL;

	(void)fprintf(out, "More: quietscan%s%s%s%s --help\n", group ? " " : "", group ? group : "",
		verb ? " " : "", verb ? verb : "");
}
