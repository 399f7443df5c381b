/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can be shown where a stream goes to.
 *
 * Hands. Any thread, as long as nobody changes the environment.
 */
#ifndef QS_CLI_TERMINAL_H
#define QS_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { CLI_TERMINAL_WIDTH = 80 }; /**< Of what is no terminal, or does not say. */

struct cli_terminal {
	size_t width;   /**< Columns, at least 2. */
	bool is_utf8;   /**< The locale is UTF-8: cli_print_set_ascii(). */
	bool is_colour; /**< A terminal, NO_COLOR is unset or empty, TERM is not "dumb". */
};

/** Columns now, at least 2; windows change. */
size_t cli_terminal_width(FILE *out);

/** All of it. NO_COLOR: https://no-color.org. */
struct cli_terminal cli_terminal_of(FILE *out);

#endif
