/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel is asked, not $COLUMNS: a shell sets that for itself and does not
 * export it, and one that is inherited is that of another window.   (hands)
 */
#include "cli_terminal.h"

#include "cli_print.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

size_t cli_terminal_width(FILE *out)
{
	struct winsize size = {0};

	if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
		return size.ws_col;
	return CLI_TERMINAL_WIDTH;
}

static bool cli_terminal_is_colour(FILE *out)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return isatty(fileno(out)) == 1 && !(no_color && *no_color) && term && *term &&
	       strcmp(term, "dumb") != 0;
}

struct cli_terminal cli_terminal_of(FILE *out)
{
	return (struct cli_terminal){
		.width = cli_terminal_width(out),
		.is_utf8 = !cli_print_is_ascii(),
		.is_colour = cli_terminal_is_colour(out),
	};
}
