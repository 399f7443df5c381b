/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands of the groups settings, definitions and health. Each gives an
 * enum cli_exit; what they do stands in cli_command.c.
 *
 * Hands. One thread.
 */
#ifndef QS_CLI_SERVICE_H
#define QS_CLI_SERVICE_H

#include "cli.h"

/** settings show [NAME]. */
int cli_service_settings(struct cli *cli);
/** settings set NAME VALUE. */
int cli_service_set(struct cli *cli);
/** definitions show, definitions reload: the verb is the method. */
int cli_service_definitions(struct cli *cli);
/** health. */
int cli_service_health(struct cli *cli);

#endif
