/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Help, made from the table of commands.
 *
 * Writes to a stream; a failed write is left in its error flag.
 */
#ifndef QS_CLI_HELP_H
#define QS_CLI_HELP_H

#include "cli_command.h"

#include <stdio.h>

/** Of everything, of one group (command NULL), or of one command. */
void cli_help_write(FILE *out, const char *group, const struct cli_command *command);

/** One line that says which --help to read. */
void cli_help_hint(FILE *out, const char *group, const struct cli_command *command);

#endif
