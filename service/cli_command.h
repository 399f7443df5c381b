/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands of the command line: one table, from which parsing, help and
 * running all come. A command is one or two words; what it takes and what runs
 * it stand beside its name.
 *
 * Pure, constant. Any thread.
 */
#ifndef QS_CLI_COMMAND_H
#define QS_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cli;

enum cli_option {
	/* of every command */
	CLI_OPTION_OUTPUT,
	CLI_OPTION_SOCKET,
	CLI_OPTION_HELP,
	CLI_OPTION_VERSION,
	/* of some */
	CLI_OPTION_PATH,
	CLI_OPTION_COMMENT,
	CLI_OPTION_WAIT,
	CLI_OPTION_LOAD_FACTOR,
	CLI_OPTION_REPORT,
	CLI_OPTION_IGNORE_EXCLUSIONS,
	CLI_OPTION_LIMIT,
	CLI_OPTION_STATUS,
	CLI_OPTION_SCAN,
	CLI_OPTION_ACTION,
	CLI_OPTION_TYPE,
	CLI_OPTION_FOLLOW,
	CLI_OPTION_EXTENSION,
	CLI_OPTION_ASSIGNED_TO,
	CLI_OPTION_CLASSIFICATION,
	CLI_OPTION_DETERMINATION,
	CLI_OPTION_FIELD,
	CLI_OPTION_STATE_DIR,
	CLI_OPTION_LOG_DIR,
	CLI_OPTION_KEY,
	CLI_OPTION_NAME,
	CLI_OPTION_HASH,
	CLI_OPTION_N,
};

#define CLI_BIT(option) (UINT32_C(1) << (option))
#define CLI_OPTIONS_GLOBAL                                                                         \
	(CLI_BIT(CLI_OPTION_OUTPUT) | CLI_BIT(CLI_OPTION_SOCKET) | CLI_BIT(CLI_OPTION_HELP) |      \
		CLI_BIT(CLI_OPTION_VERSION))

struct cli_option_info {
	const char *name;    /**< Without dashes. */
	const char *value;   /**< What to call its value in help; NULL: it takes none. */
	const char *summary; /**< One line. */
};

struct cli_command {
	const char *group;           /**< First word. */
	const char *verb;            /**< Second word; NULL: the command is one word. */
	const char *args;            /**< "ID", "NAME VALUE", "[NAME]"; "" = none. */
	uint32_t options;            /**< CLI_BIT of what it takes besides the global ones. */
	uint32_t needed;             /**< CLI_BIT of what must be there. */
	const char *summary;         /**< One line. */
	const char *description;     /**< Paragraphs, may be "". */
	const char *examples;        /**< Lines. */
	int (*run)(struct cli *cli); /**< Gives an enum cli_exit. */
};

/** All commands, those of a group next to each other. */
const struct cli_command *cli_command_table(size_t *n_commandsp);

/** How an option is called; @option below CLI_OPTION_N. */
const struct cli_option_info *cli_command_option(enum cli_option option);

/** What a group is for, one line; NULL when there is no such group. */
const char *cli_command_group(const char *group);

#endif
