/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a scan took from the machine, as text: the object "load" of scan.show
 * (docs/local-protocol.md) as a chart and its figures.
 *
 * Writes to a stream; a failed write is left in its error flag.
 */
#ifndef QS_CLI_VIEW_LOAD_H
#define QS_CLI_VIEW_LOAD_H

#include "cli_terminal.h"
#include "json.h"

enum {
	CLI_VIEW_LOAD_WIDTH_MAX = 120, /**< Columns: a wider chart says no more. */
	CLI_VIEW_LOAD_HEIGHT = 10,     /**< Rows of the chart at most. */
	CLI_VIEW_LOAD_OTHERS_MAX = 16, /**< As many as a service tells of. */
};

/**
 * Show it.
 *
 * @load      Nothing is written unless it is an object. A figure that is
 *            missing or no number reads "-"; a point of the series without a
 *            duration or an achieved load is left out, and one without a load
 *            that was asked had no limit. Without any point, or in less than
 *            CLI_CHART_WIDTH_MIN columns, there are the figures alone; without
 *            memory "(no memory)" in the chart's place.
 * @terminal  What can be shown; borrowed.
 */
void cli_view_load(FILE *out, const cJSON *load, const struct cli_terminal *terminal);

#endif
