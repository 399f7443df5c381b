/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quietscan-console, the remote side. The way of one request through the program:
 *
 *   main
 *   └─ console_run                             console/console.c
 *      ├─ console_make                         user, certificate, listening, API, sandbox
 *      └─ uv_run
 *         ├─ http_lws_callback                 console/http_lws.c         TLS → bytes
 *         │  └─ http_connection_on_bytes       console/http_connection.c  bytes → request
 *         │     └─ http_exchange_dispatch      console/http_exchange.c    page? gate? handler
 *         │        └─ console_api_on_request   who asks, for what, may he?
 *         │           └─ upstream_call         console/upstream.c         → quietscand
 *         ├─ upstream_link_on_read             console/upstream_link.c    ← quietscand
 *         │  └─ upstream_answer                console/upstream.c
 *         │     └─ http_answer                 console/http_exchange.c    → client
 *         └─ http_server_on_sweep              console/http_server.c      who is too slow goes
 */
#include "console.h"
#include "console_api.h"
#include "log.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int main(int argc, char *argv[])
{
	struct console_options options;
	struct errmsg msg = ERRMSG_NULL;

	(void)umask(077);
	if (argc > 1 && strcmp(argv[1], "client") == 0)
		return console_clients_main(argc - 1, argv + 1);
	if (console_options_parse(argc, argv, &options, &msg) < 0) {
		(void)fprintf(
			stderr, "quietscan-console: %s\n%s", msg.text, console_options_help());
		return CONSOLE_EXIT_USAGE;
	}
	if (options.is_help || options.is_version) {
		(void)fputs(options.is_help ? console_options_help()
					    : "quietscan-console " QUIETSCAN_VERSION "\n",
			stdout);
		return CONSOLE_EXIT_OK;
	}
	log_init("quietscan-console", options.log_level);
	return (int)console_run(&options);
}
