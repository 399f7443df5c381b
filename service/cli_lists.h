/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands of the groups action, detection, alert, quarantine,
 * exclusion and allowed. Each gives an enum cli_exit; what they do stands in cli_command.c.
 *
 * Hands. One thread.
 */
#ifndef QS_CLI_LISTS_H
#define QS_CLI_LISTS_H

#include "cli.h"

/** action list. */
int cli_lists_actions(struct cli *cli);
/** action show ID, action cancel ID: the verb is the method. */
int cli_lists_action(struct cli *cli);
/** detection list. */
int cli_lists_detections(struct cli *cli);
/** alert list. */
int cli_lists_alerts(struct cli *cli);
/** alert update ID. */
int cli_lists_alert(struct cli *cli);
/** file quarantine. */
int cli_lists_file(struct cli *cli);
/** detection quarantine, detection remove. */
int cli_lists_remediate(struct cli *cli);
/** quarantine list. */
int cli_lists_quarantine(struct cli *cli);
/** quarantine restore ID, quarantine delete ID: the verb is the method. */
int cli_lists_quarantined(struct cli *cli);
/** exclusion list, exclusion add, exclusion remove: the verb is the method. */
int cli_lists_exclusions(struct cli *cli);
/** allowed list, allowed add, allowed remove: likewise. */
int cli_lists_allowed(struct cli *cli);

#endif
