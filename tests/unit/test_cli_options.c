/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cli_options, cli_path: right use is understood in any order, wrong use gets a hint. */
#include "unit.h"

#include "cli_options.h"
#include "cli_path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 24 };

/* Split at blanks; "_" stands for a blank, "^" for an empty word. */
static int parse(const char *line, struct cli_options *options, struct errmsg *msg)
{
	static char copy[512];
	char *argv[WORDS_MAX + 1] = {(char *)(uintptr_t) "quietscan"};
	int argc = 1;
	char *rest = NULL;

	(void)strncpy(copy, line, sizeof(copy) - 1);
	for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		for (char *at = word; *at; at++)
			*at = (char)(*at == '_' ? ' ' : *at);
		argv[argc++] = *word == '^' ? word + 1 : word;
	}
	return cli_options_parse(argc, argv, options, msg);
}

static void right_use(void **state)
{
	static const char *const lines[] = {"scan quick --comment x", "--comment x scan quick",
		"scan --comment=x quick --wait",
		"scan custom --path /a --path=b --comment x --load-factor 5 --report all",
		"scan full --comment x --load-factor 0 --ignore-exclusions",
		"scan full --comment x --load-factor 100", "scan show ID --output json",
		"--socket /s --output=text timeline --follow --limit 7", "settings set A B",
		"settings set A -- -5", "settings show", "settings show A", "health --field x",
		"exclusion add --path /x", "allowed add --name X --comment y",
		"allowed remove --comment y --hash z", "allowed list",
		"alert update ID --status New"};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct cli_options options = CLI_OPTIONS_NULL;
		struct errmsg msg = ERRMSG_NULL;

		if (parse(lines[i], &options, &msg) != 0)
			fail_msg("%s: %s", lines[i], msg.text);
		assert_non_null(options.command);
		cli_options_deinit(&options);
	}
}

static void values_and_arguments(void **state)
{
	struct cli_options o = CLI_OPTIONS_NULL;

	(void)state;
	assert_int_equal(parse("scan custom --path a --comment one --path b --comment two_words "
			       "--output json --wait",
				 &o, NULL),
		0);
	assert_string_equal(o.command->verb, "custom");
	assert_int_equal(o.n_paths, 2);
	assert_string_equal(o.paths[0], "a");
	assert_string_equal(o.paths[1], "b");
	assert_string_equal(o.values[CLI_OPTION_COMMENT], "two words");
	assert_true(cli_options_has(&o, CLI_OPTION_WAIT));
	assert_false(cli_options_has(&o, CLI_OPTION_REPORT));
	assert_true(cli_options_is_json(&o));
	assert_int_equal(cli_options_limit(&o), 0);
	cli_options_deinit(&o);
	assert_int_equal(parse("settings set Name -- -5", &o, NULL), 0);
	assert_string_equal(o.args[0], "Name");
	assert_string_equal(o.args[1], "-5");
	assert_false(cli_options_is_json(&o));
	cli_options_deinit(&o);
	assert_int_equal(parse("timeline --limit 25", &o, NULL), 0);
	assert_int_equal(cli_options_limit(&o), 25);
	cli_options_deinit(&o);
	cli_options_deinit(&o);
}

static const struct {
	const char *line;
	const char *hint;
} wrong[] = {
	{"", "no command given"},
	{"scam", "did you mean \"scan\"?"},
	{"xyzzy", "quietscan --help"},
	{"scan", "needs one of: quick, full, custom"},
	{"scan quik", "did you mean \"scan quick\"?"},
	{"scan xyzzy", "only: quick, full"},
	{"action", "needs one of: list, show, cancel"},
	{"scan quick", "--comment TEXT is missing"},
	{"scan cancel ID", "--comment TEXT is missing"},
	{"scan custom --comment x", "--path PATH is missing"},
	{"scan quick --comment ^", "must say something"},
	{"scan quick --comment __", "must say something"},
	{"scan quick --comment \xff", "UTF-8"},
	{"scan quick --comment", "--comment needs a value"},
	{"scan quick --coment x", "did you mean --comment?"},
	{"scan quick --comment x --path /a", "--path is no option of scan quick"},
	{"scan quick --comment x --wait=1", "--wait takes no value"},
	{"scan quick --comment x --load-factor 4", "5 to 100"},
	{"scan quick --comment x --load-factor 101", "5 to 100"},
	{"scan quick --comment x --load-factor -5", "5 to 100"},
	{"scan quick --comment x --load-factor 50x", "5 to 100"},
	{"scan quick --comment x --load-factor 1e1", "5 to 100"},
	{"scan quick --comment x --load-factor 99999999999999999999", "5 to 100"},
	{"scan quick --comment x --report some", "notable or all"},
	{"scan quick -c x", "unknown option -c"},
	{"scan list --limit 0", "number from 1"},
	{"scan list --limit x", "number from 1"},
	{"scan list extra", "\"extra\" is too much"},
	{"scan show", "missing argument: quietscan scan show ID"},
	{"scan show a b", "\"b\" is too much"},
	{"settings set A", "missing argument: quietscan settings set NAME VALUE"},
	{"settings show A B", "\"B\" is too much"},
	{"timeline now", "\"now\" is too much"},
	{"health --output xml", "text or json"},
	{"exclusion add --path /a --extension b", "either --path or --extension"},
	{"scan custom --comment x --path ^", "--path ."},
	{"scan custom --comment x --path ^ --path /a", "--path must not be empty"},
	{"scan custom --comment x --path=", "--path must not be empty"},
	{"allowed add --path /a", "--comment TEXT is missing"},
	{"allowed add --comment x --extension b", "--extension is no option of allowed add"},
	{"allowed", "allowed needs one of: add, remove, list"},
	{"exclusion add --path ^", "--path must not be empty"},
};

static void wrong_use(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct cli_options options = CLI_OPTIONS_NULL;
		struct errmsg msg = ERRMSG_NULL;

		assert_int_equal(parse(wrong[i].line, &options, &msg), CLI_OPTIONS_E_USAGE);
		if (!strstr(msg.text, wrong[i].hint))
			fail_msg("%s: said \"%s\"", wrong[i].line, msg.text);
		cli_options_deinit(&options);
	}
}

static void help_at_every_level(void **state)
{
	struct cli_options o = CLI_OPTIONS_NULL;

	(void)state;
	assert_int_equal(parse("--help", &o, NULL), CLI_OPTIONS_E_HELP);
	assert_null(o.group);
	cli_options_deinit(&o);
	assert_int_equal(parse("scan -h", &o, NULL), CLI_OPTIONS_E_HELP);
	assert_string_equal(o.group, "scan");
	assert_null(o.command);
	cli_options_deinit(&o);
	assert_int_equal(parse("scan custom --help --wait", &o, NULL), CLI_OPTIONS_E_HELP);
	assert_string_equal(o.command->verb, "custom");
	cli_options_deinit(&o);
	assert_int_equal(parse("scam --help", &o, NULL), CLI_OPTIONS_E_USAGE);
	cli_options_deinit(&o);
	assert_int_equal(parse("scan --version", &o, NULL), CLI_OPTIONS_E_VERSION);
	cli_options_deinit(&o);
}

/* The table itself: every command is described, and needs only what it takes. */
static void table_is_sound(void **state)
{
	size_t n;
	const struct cli_command *table = cli_command_table(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_non_null(cli_command_group(table[i].group));
		assert_int_equal(table[i].needed & ~table[i].options, 0);
		assert_true(strlen(table[i].summary) > 5);
		assert_non_null(strstr(table[i].examples, table[i].group));
		assert_int_equal(table[i].examples[strlen(table[i].examples) - 1], '\n');
		assert_non_null((void *)(uintptr_t)table[i].run);
	}
	assert_null(cli_command_group("nonsense"));
}

static void absolute_paths(void **state)
{
	static const struct {
		const char *cwd;
		const char *path;
		const char *want;
	} rows[] = {{"/home/a", "b", "/home/a/b"}, {"/home/a", "./b/", "/home/a/b"},
		{"/home/a", "../b", "/home/b"}, {"/home/a", "../../../b", "/b"},
		{"/home/a", ".", "/home/a"}, {"/", "b", "/b"}, {"/", ".", "/"},
		{"/home/a", "/x//y/./z/..", "/x/y"}, {"/home/a", "/", "/"}, {"/home/a", "/..", "/"},
		{NULL, "/x", "/x"}, {"/a\xff", "b\n", "/a\xff/b\n"},
		{"/home/a", "...", "/home/a/..."}, {"/home/a", "..b", "/home/a/..b"}};
	char *path = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(cli_path_absolute(rows[i].cwd, rows[i].path, &path), 0);
		assert_string_equal(path, rows[i].want);
		free(path);
	}
	path = NULL;
	assert_int_equal(cli_path_absolute("/a", "", &path), -EINVAL);
	assert_int_equal(cli_path_absolute(NULL, "b", &path), -EINVAL);
	assert_int_equal(cli_path_absolute("(unreachable)/a", "b", &path), -EINVAL);
	assert_null(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(right_use),
		cmocka_unit_test(values_and_arguments), cmocka_unit_test(wrong_use),
		cmocka_unit_test(help_at_every_level), cmocka_unit_test(table_is_sound),
		cmocka_unit_test(absolute_paths)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
