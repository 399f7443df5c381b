/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command "timeline": the machine's history, oldest first, as a log reads.
 *
 * Hands. One thread.
 */
#ifndef QS_CLI_TIMELINE_H
#define QS_CLI_TIMELINE_H

#include "cli.h"

/** timeline; gives an enum cli_exit. With --follow it ends by a signal or an error. */
int cli_timeline(struct cli *cli);

#endif
