/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quietscan: the command line. Thin: the locale (which bytes a terminal can
 * show), the signal of a closed pipe (an error of write, not an end), and on
 * to cli_run().
 *
 *   main → cli_run → cli_options_parse   which command
 *                  → command->run        cli_scan, cli_lists, cli_timeline, …
 *                      → cli_call        → cli_client ⇄ quietscand
 *                      → cli_view, cli_print
 */
#include "cli.h"
#include "cli_print.h"

#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <string.h>

int main(int argc, char *argv[])
{
	(void)setlocale(LC_CTYPE, "");
	cli_print_set_ascii(strcmp(nl_langinfo(CODESET), "UTF-8") != 0);
	(void)signal(SIGPIPE, SIG_IGN);
	return cli_run(argc, argv, stdout, stderr);
}
