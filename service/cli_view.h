/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the things of the protocol look as text: JSON in, text out. What a field
 * is called there is documented in docs/local-protocol.md; missing fields read
 * as "-".
 *
 * Writes to a stream; a failed write is left in its error flag.
 */
#ifndef QS_CLI_VIEW_H
#define QS_CLI_VIEW_H

#include "exitcode.h"
#include "json.h"

#include <stdio.h>

/* Lists: arrays of one kind. */

/** A table, one row an element, oldest first as they came. @return 0 or -ENOMEM. */
int cli_view_scans(FILE *out, const cJSON *array);
/** See cli_view_scans(). */
int cli_view_actions(FILE *out, const cJSON *array);
/** See cli_view_scans(). */
int cli_view_detections(FILE *out, const cJSON *array);
/** See cli_view_scans(). */
int cli_view_alerts(FILE *out, const cJSON *array);
/** See cli_view_scans(). */
int cli_view_exclusions(FILE *out, const cJSON *array);
/** See cli_view_scans(). */
int cli_view_allowed(FILE *out, const cJSON *array);
/** See cli_view_scans(). */
int cli_view_settings(FILE *out, const cJSON *array);
/** See cli_view_scans(). */
int cli_view_quarantine(FILE *out, const cJSON *array);

/** One line of the timeline: time, number, type, and what the type adds. */
void cli_view_event(FILE *out, const cJSON *event);

/** One scan with all its counts. */
void cli_view_scan(FILE *out, const cJSON *scan);

/** One setting with its description. */
void cli_view_setting(FILE *out, const cJSON *setting);

/** Sum of the seven counts. */
uint64_t cli_view_n_files(const cJSON *scan);

/**
 * What a finished (or unfinished) scan means to a script.
 *
 * @scan        As scan.show gives it.
 * @detections  Of this scan; NULL when not known: then all count as still there.
 * @return      CLI_EXIT_FOUND when something infected is still there, else
 *              CLI_EXIT_ERROR unless it succeeded and is complete, else
 *              CLI_EXIT_CLEAN.
 */
enum cli_exit cli_view_verdict(const cJSON *scan, const cJSON *detections);

/** Whether a scan's status is final. */
bool cli_view_is_final(const cJSON *scan);

#endif
