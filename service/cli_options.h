/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of the command line, sorted: which command, which options, which
 * arguments. Options may stand anywhere, as "--name value" or "--name=value";
 * "--" ends them.
 *
 * Pure but for memory. Values are borrowed from argv.
 */
#ifndef QS_CLI_OPTIONS_H
#define QS_CLI_OPTIONS_H

#include "cli_command.h"
#include "err.h"

enum {
	CLI_ARGS_MAX = 2, /**< Arguments a command has at most. */

	CLI_OPTIONS_E_HELP = 1,    /**< --help: group and command are set as far as given. */
	CLI_OPTIONS_E_VERSION = 2, /**< --version. */
	CLI_OPTIONS_E_USAGE = 3,   /**< Wrong use; the message has the hint. */
};

struct cli_options {
	const char *group;                 /**< First word, if it is one of ours. */
	const struct cli_command *command; /**< NULL when not known. */
	const char *args[CLI_ARGS_MAX];    /**< NULL where not given. */
	const char *values[CLI_OPTION_N];  /**< NULL = not given, "" for a flag; last one wins. */
	const char **paths;                /**< Every --path, in order; owned array. */
	size_t n_paths;
};

#define CLI_OPTIONS_NULL                                                                           \
	{                                                                                          \
		.command = NULL                                                                    \
	}

/**
 * Sort the words.
 *
 * @argv     As main() has it; borrowed for the life of @options.
 * @options  Receives what was found, also on failure; cli_options_deinit() it.
 * @msg      What is wrong and what would be right.
 * @return   0; CLI_OPTIONS_E_*; -ENOMEM.
 */
int cli_options_parse(
	int argc, char *const argv[], struct cli_options *options, struct errmsg *msg);

/** Free; idempotent. */
void cli_options_deinit(struct cli_options *options);

/** Whether an option was given. */
static inline bool cli_options_has(const struct cli_options *options, enum cli_option option)
{
	return options->values[option] != NULL;
}

/** Number of --limit; 0 when not given. */
size_t cli_options_limit(const struct cli_options *options);

/** Whether JSON is to be printed. */
bool cli_options_is_json(const struct cli_options *options);

#endif
