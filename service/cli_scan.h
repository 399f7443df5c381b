/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands of the group "scan". Each gives an enum cli_exit; what they do
 * stands in cli_command.c.
 *
 * Hands. One thread.
 */
#ifndef QS_CLI_SCAN_H
#define QS_CLI_SCAN_H

#include "cli.h"

/** scan quick, scan full, scan custom: the verb is the type. */
int cli_scan_start(struct cli *cli);
/** scan list. */
int cli_scan_list(struct cli *cli);
/** scan show ID. */
int cli_scan_show(struct cli *cli);
/** scan cancel, scan pause, scan resume ID: the verb is the method. */
int cli_scan_steer(struct cli *cli);
/** scan report ID. */
int cli_scan_report(struct cli *cli);

#endif
