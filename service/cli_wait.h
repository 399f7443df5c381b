/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Waiting for a scan to end: shows its progress, survives a restart of the
 * service (which takes the scan up again), and turns Ctrl-C into a cancel.
 *
 * Hands: the connection, SIGINT. Main thread, once a process.
 */
#ifndef QS_CLI_WAIT_H
#define QS_CLI_WAIT_H

#include "cli.h"

enum {
	CLI_WAIT_E_LEFT = 1, /**< Ctrl-C twice: the scan goes on being cancelled. */
	CLI_WAIT_E_LOST = 2, /**< The service is gone and did not come back. */
};

/**
 * Wait.
 *
 * @id     Of the scan, as the service gave it.
 * @scanp  The scan as it ended, when 0 is returned; the caller frees.
 * @return 0; CLI_WAIT_E_*; CLI_EXIT_* are not used: every failure was told on
 *         cli->err already.
 */
int cli_wait(struct cli *cli, const char *id, cJSON **scanp);

#endif
