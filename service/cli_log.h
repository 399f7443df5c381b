/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command "log verify". It reads the files itself, with the service running
 * or not: a service that was taken over is not the one to ask whether its log
 * is whole.
 *
 * Hands. One thread.
 */
#ifndef QS_CLI_LOG_H
#define QS_CLI_LOG_H

#include "cli.h"

/** log verify: 0 whole, CLI_EXIT_ERROR something is wrong or it could not be read. */
int cli_log_verify(struct cli *cli);

#endif
