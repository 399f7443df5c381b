/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quietscand, the daemon. The way of one request through the program:
 *
 *   main
 *   └─ daemon_run                          service/daemon.c
 *      ├─ daemon_parts_make                settings, store, governor, socket, scheduler, rpc
 *      └─ uv_run
 *         ├─ connection_on_read            service/connection.c    bytes → lines
 *         │  └─ rpc_on_line                service/rpc.c           line → method
 *         │     └─ rpc_scan_start          service/rpc_scan.c
 *         │        ├─ request_parse        scheduler/request.c     parameters → values
 *         │        └─ scheduler_submit     scheduler/scheduler_ask.c
 *         │           └─ scan_book_submit  scheduler/scan_book.c   on disk, then the answer
 *         ├─ scheduler_on_timer            scheduler/scheduler.c   what is next?
 *         │  └─ scan_run_new               scheduler/scan_run.c
 *         ├─ scan_run_on_timer
 *         │  └─ scan_run_tick              scheduler/scan_run_tick.c   the scan's next step
 *         │     ├─ scan_team_start_…       scheduler/scan_team.c   zygote and scanner
 *         │     ├─ scan_order_send         scheduler/scan_order.c  START
 *         │     └─ scan_book_end           the record is final
 *         └─ channel_port_on_poll          scheduler/channel_port.c
 *            └─ child_link_on_message      phase, range (phase.c)
 *               └─ scan_run_hear_…         scheduler/scan_run_hear.c   detections → disk
 */
#include "daemon.h"
#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int main(int argc, char *argv[])
{
	struct daemon_options options;
	struct errmsg msg = ERRMSG_NULL;

	(void)umask(022);
	if (daemon_options_parse(argc, argv, &options, &msg) < 0) {
		(void)fprintf(stderr, "quietscand: %s\n%s", msg.text, daemon_options_help());
		return DAEMON_EXIT_USAGE;
	}
	if (options.is_help || options.is_version) {
		(void)fputs(options.is_help ? daemon_options_help()
					    : "quietscand " QUIETSCAN_VERSION "\n",
			stdout);
		return DAEMON_EXIT_OK;
	}
	log_init("quietscand", options.log_level);
	/* Children write to our pipe, not to the journal. */
	(void)unsetenv("JOURNAL_STREAM"); /* NOLINT(concurrency-mt-unsafe): one thread yet */
	return (int)daemon_run(&options);
}
