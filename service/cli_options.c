/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * getopt_long(3) was not used: options may come before the command that says
 * which are allowed, an unknown one should be answered with the nearest known
 * one, and abbreviations, which getopt takes, break scripts when an option is
 * added. Values are checked here as far as that needs no daemon, so that
 * wrong use is told apart (exit 64) from what the service refuses (exit 2).
 */
#include "cli_options.h"

#include "nearest.h"
#include "number.h"
#include "span.h"
#include "utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CLI_COMMENT_MAX = 4000, /* docs/local-protocol.md */
	CLI_VERBS_MAX = 16,
	CLI_WORDS_MAX = 2 + CLI_ARGS_MAX + 1,
};

struct cli_words {
	const char *words[CLI_WORDS_MAX]; /* what is no option; one more than can be right */
	size_t n;
};

static int cli_options_find(const char *name, size_t n_name)
{
	for (int i = 0; i < CLI_OPTION_N; i++) {
		const char *known = cli_command_option((enum cli_option)i)->name;

		if (strlen(known) == n_name && memcmp(known, name, n_name) == 0)
			return i;
	}
	return -ENOENT;
}

static int cli_options_unknown(const char *word, size_t n_name, struct errmsg *msg)
{
	const char *names[CLI_OPTION_N];
	char name[64];
	const char *near;

	for (int i = 0; i < CLI_OPTION_N; i++)
		names[i] = cli_command_option((enum cli_option)i)->name;
	(void)snprintf(name, sizeof(name), "%.*s", (int)n_name, word);
	near = nearest_find(name, names, CLI_OPTION_N);
	errmsg_set(msg, "unknown option --%s%s%s%s", name, near ? "; did you mean --" : "",
		near ? near : "", near ? "?" : "");
	return CLI_OPTIONS_E_USAGE;
}

static int cli_options_unknown_short(const char *word, struct errmsg *msg)
{
	errmsg_set(
		msg, "unknown option %.40s; options are whole words: --comment, --wait, ...", word);
	return CLI_OPTIONS_E_USAGE;
}

/* One "--name[=value]"; *atp moves when the value is the next word. */
static int cli_options_take(
	char *const argv[], int argc, int *atp, struct cli_options *options, struct errmsg *msg)
{
	const char *word = argv[*atp] + 2;
	const char *equals = strchr(word, '=');
	size_t n_name = equals ? (size_t)(equals - word) : strlen(word);
	int found = cli_options_find(word, n_name);
	const struct cli_option_info *info;
	const char *value = equals ? equals + 1 : NULL;

	if (found < 0)
		return cli_options_unknown(word, n_name, msg);
	info = cli_command_option((enum cli_option)found);
	if (!info->value && value) {
		errmsg_set(msg, "--%s takes no value", info->name);
		return CLI_OPTIONS_E_USAGE;
	}
	if (info->value && !value) {
		if (*atp + 1 >= argc) {
			errmsg_set(msg, "--%s needs a value: --%s %s", info->name, info->name,
				info->value);
			return CLI_OPTIONS_E_USAGE;
		}
		value = argv[++*atp];
	}
	options->values[found] = value ? value : "";
	if (found == CLI_OPTION_PATH)
		options->paths[options->n_paths++] = value;
	return 0;
}

static int cli_options_sort(int argc, char *const argv[], struct cli_options *options,
	struct cli_words *words, struct errmsg *msg)
{
	bool is_over = false;

	for (int i = 1; i < argc; i++) {
		int r = 0;

		if (!is_over && strcmp(argv[i], "--") == 0)
			is_over = true;
		else if (!is_over && strcmp(argv[i], "-h") == 0)
			options->values[CLI_OPTION_HELP] = "";
		else if (!is_over && strncmp(argv[i], "--", 2) == 0)
			r = cli_options_take(argv, argc, &i, options, msg);
		else if (!is_over && argv[i][0] == '-' && argv[i][1] != '\0')
			r = cli_options_unknown_short(argv[i], msg);
		else if (words->n < CLI_WORDS_MAX)
			words->words[words->n++] = argv[i];
		if (r != 0)
			return r;
	}
	return 0;
}

/* "scan needs one of: quick, full, …" or the nearest. */
static int cli_options_no_verb(const char *group, const char *verb, struct errmsg *msg)
{
	size_t n;
	const struct cli_command *table = cli_command_table(&n);
	const char *verbs[CLI_VERBS_MAX];
	char list[160] = "";
	size_t n_verbs = 0;
	const char *near;

	for (size_t i = 0; i < n; i++)
		if (strcmp(table[i].group, group) == 0 && n_verbs < CLI_VERBS_MAX)
			verbs[n_verbs++] = table[i].verb;
	for (size_t i = 0; i < n_verbs; i++)
		(void)snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s",
			i ? ", " : "", verbs[i]);
	near = verb ? nearest_find(verb, verbs, n_verbs) : NULL;
	if (near)
		errmsg_set(msg, "%s has no command \"%.40s\"; did you mean \"%s %s\"?", group, verb,
			group, near);
	else if (verb)
		errmsg_set(msg, "%s has no command \"%.40s\", only: %s", group, verb, list);
	else
		errmsg_set(msg, "%s needs one of: %s", group, list);
	return CLI_OPTIONS_E_USAGE;
}

static int cli_options_no_group(const char *group, struct errmsg *msg)
{
	size_t n;
	const struct cli_command *table = cli_command_table(&n);
	const char *groups[64];
	const char *near;

	for (size_t i = 0; i < n; i++)
		groups[i] = table[i].group;
	near = nearest_find(group, groups, n);
	errmsg_set(msg, "unknown command \"%.40s\"%s%s%s", group, near ? "; did you mean \"" : "",
		near ? near : "", near ? "\"?" : "; quietscan --help lists all");
	return CLI_OPTIONS_E_USAGE;
}

/* The command of the words; *n_usedp = how many of them it took. */
static int cli_options_resolve(const struct cli_words *words, struct cli_options *options,
	size_t *n_usedp, struct errmsg *msg)
{
	size_t n;
	const struct cli_command *table = cli_command_table(&n);
	const char *verb = words->n > 1 ? words->words[1] : NULL;

	if (words->n == 0) {
		errmsg_set(msg, "no command given; quietscan --help lists all");
		return CLI_OPTIONS_E_USAGE;
	}
	for (size_t i = 0; i < n; i++) {
		if (strcmp(table[i].group, words->words[0]) != 0)
			continue;
		options->group = table[i].group;
		if (table[i].verb && (!verb || strcmp(table[i].verb, verb) != 0))
			continue;
		options->command = &table[i];
		*n_usedp = table[i].verb ? 2 : 1;
		return 0;
	}
	return options->group ? cli_options_no_verb(options->group, verb, msg)
			      : cli_options_no_group(words->words[0], msg);
}

static int cli_options_check_args(const struct cli_words *words, size_t n_used,
	struct cli_options *options, struct errmsg *msg)
{
	const char *spec = options->command->args;
	size_t n_max = 0;
	size_t n_min = 0;

	for (const char *at = spec; *at; at++) {
		bool is_begin = at == spec || at[-1] == ' ';

		n_max += is_begin;
		n_min += is_begin && *at != '[';
	}
	if (words->n - n_used < n_min) {
		errmsg_set(msg, "missing argument: quietscan %s%s%s %s", options->command->group,
			options->command->verb ? " " : "",
			options->command->verb ? options->command->verb : "", spec);
		return CLI_OPTIONS_E_USAGE;
	}
	if (words->n - n_used > n_max) {
		errmsg_set(msg, "\"%.60s\" is too much for: quietscan %s%s%s%s%s",
			words->words[n_used + n_max], options->command->group,
			options->command->verb ? " " : "",
			options->command->verb ? options->command->verb : "", *spec ? " " : "",
			spec);
		return CLI_OPTIONS_E_USAGE;
	}
	for (size_t i = n_used; i < words->n; i++)
		options->args[i - n_used] = words->words[i];
	return 0;
}

static int cli_options_check_allowed(const struct cli_options *options, struct errmsg *msg)
{
	const struct cli_command *c = options->command;

	for (int i = 0; i < CLI_OPTION_N; i++) {
		const struct cli_option_info *info = cli_command_option((enum cli_option)i);
		uint32_t bit = CLI_BIT(i);

		if (options->values[i] && !((c->options | CLI_OPTIONS_GLOBAL) & bit)) {
			errmsg_set(msg, "--%s is no option of %s%s%s", info->name, c->group,
				c->verb ? " " : "", c->verb ? c->verb : "");
			return CLI_OPTIONS_E_USAGE;
		}
		if (!options->values[i] && (c->needed & bit)) {
			errmsg_set(msg, "--%s %s is missing (%s)", info->name, info->value,
				info->summary);
			return CLI_OPTIONS_E_USAGE;
		}
	}
	return 0;
}

static bool cli_options_is_number(const char *text, int64_t min, int64_t max)
{
	int64_t value;

	return number_parse(text, min, max, &value) == 0;
}

static bool cli_options_is_one_of(const char *text, const char *a, const char *b)
{
	return strcmp(text, a) == 0 || strcmp(text, b) == 0;
}

/* As a script has it whose variable was not set. */
static bool cli_options_has_empty_path(const struct cli_options *options)
{
	for (size_t i = 0; i < options->n_paths; i++)
		if (!*options->paths[i])
			return true;
	return false;
}

static int cli_options_check_values(const struct cli_options *options, struct errmsg *msg)
{
	const char *const *v = options->values;
	const char *load = v[CLI_OPTION_LOAD_FACTOR];
	const char *comment = v[CLI_OPTION_COMMENT];
	const char *why = NULL;

	if (v[CLI_OPTION_OUTPUT] && !cli_options_is_one_of(v[CLI_OPTION_OUTPUT], "text", "json"))
		why = "--output is text or json";
	else if (v[CLI_OPTION_REPORT] &&
		 !cli_options_is_one_of(v[CLI_OPTION_REPORT], "notable", "all"))
		why = "--report is notable or all";
	else if (v[CLI_OPTION_LIMIT] && !cli_options_is_number(v[CLI_OPTION_LIMIT], 1, 1000000000))
		why = "--limit is a number from 1";
	else if (load && strcmp(load, "0") != 0 && !cli_options_is_number(load, 5, 100))
		why = "--load-factor is 0 (no limit) or 5 to 100, in per cent of all CPUs";
	else if (comment && strspn(comment, " \t\r\n") == strlen(comment))
		why = "--comment must say something: who asks, why, which ticket";
	else if (comment && strlen(comment) > CLI_COMMENT_MAX)
		why = "--comment has at most 4000 bytes";
	else if (comment && !utf8_is_valid(span_str(comment)))
		why = "--comment must be UTF-8 text";
	else if (v[CLI_OPTION_PATH] && v[CLI_OPTION_EXTENSION])
		why = "give either --path or --extension";
	else if (cli_options_has_empty_path(options))
		why = "--path must not be empty; the current directory is --path .";
	if (!why)
		return 0;
	errmsg_set(msg, "%s", why);
	return CLI_OPTIONS_E_USAGE;
}

int cli_options_parse(int argc, char *const argv[], struct cli_options *options, struct errmsg *msg)
{
	struct cli_words words = {.n = 0};
	size_t n_used = 0;
	int r;

	memset(options, 0, sizeof(*options));
	options->paths = calloc((size_t)argc + 1, sizeof(*options->paths));
	if (!options->paths)
		return err_origin(-ENOMEM);
	r = cli_options_sort(argc, argv, options, &words, msg);
	if (r != 0) {
		/* The hint is better when it knows the command. */
		(void)cli_options_resolve(&words, options, &n_used, NULL);
		return r;
	}
	if (cli_options_has(options, CLI_OPTION_VERSION))
		return CLI_OPTIONS_E_VERSION;
	r = cli_options_resolve(&words, options, &n_used, msg);
	if (cli_options_has(options, CLI_OPTION_HELP) && (r == 0 || options->group || !words.n))
		return CLI_OPTIONS_E_HELP;
	if (r == 0)
		r = cli_options_check_args(&words, n_used, options, msg);
	if (r == 0)
		r = cli_options_check_allowed(options, msg);
	if (r == 0)
		r = cli_options_check_values(options, msg);
	return r;
}

void cli_options_deinit(struct cli_options *options)
{
	free(options->paths);
	options->paths = NULL;
	options->n_paths = 0;
}

size_t cli_options_limit(const struct cli_options *options)
{
	const char *limit = options->values[CLI_OPTION_LIMIT];

	return limit ? strtoul(limit, NULL, 10) : 0;
}

bool cli_options_is_json(const struct cli_options *options)
{
	const char *output = options->values[CLI_OPTION_OUTPUT];

	return output && strcmp(output, "json") == 0;
}
