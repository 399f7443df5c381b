/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Load over time as a bar chart of characters: what was achieved as bars, what
 * was asked for as a line.
 *
 *   Load over time, per cent of 2 CPUs       # achieved  _ asked
 *    50 %|____________________________
 *    25 %|####.#######################
 *     0 %|############################
 *        +-----------+----------------
 *         0        10 min
 *
 * A label stands at the lower edge of its row, where text stands on its line:
 * the bars of a load that was kept end right under the line.
 *
 * Pure but for the stream that is written to; a failed write is left in its
 * error flag. Any thread.
 */
#ifndef QS_CLI_CHART_H
#define QS_CLI_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum {
	CLI_CHART_WIDTH_MAX = 200, /**< A wider chart is drawn that wide. */
	CLI_CHART_HEIGHT_MAX = 20, /**< Rows; a higher one is drawn that high. */
	CLI_CHART_HEIGHT_MIN = 2,  /**< A lower one is drawn that high. */
	CLI_CHART_WIDTH_MIN = 16,  /**< 6 for labels and axis, 10 columns of load. */
	CLI_CHART_LOAD_MAX = 900, /**< Per cent; more is drawn as that: labels have three digits. */
};

/** A longer point counts as that long: 31 years. Keeps every sum finite. */
#define CLI_CHART_DURATION_MAX_S 1e9
/** A shorter one is left out: it would vanish beside a longer one. */
#define CLI_CHART_DURATION_MIN_S 1e-6

enum {
	CLI_CHART_E_NARROW = 1, /**< Narrower than CLI_CHART_WIDTH_MIN. */
	CLI_CHART_E_EMPTY = 2,  /**< No point, or none that means anything. */
};

/** A stretch of time. One with a field out of its range is left out. */
struct cli_chart_point {
	double duration_s;   /**< From CLI_CHART_DURATION_MIN_S. */
	double asked_pct;    /**< From 0; 0 = no limit, no line. */
	double achieved_pct; /**< From 0. */
};

struct cli_chart_config {
	const char *title; /**< ASCII, first line, cut to @width; "" = legend only. */
	size_t width;      /**< Columns of the whole; no line is longer. */
	size_t height;     /**< Rows of the plot at most; fewer if they are enough. */
	bool is_utf8;      /**< Eighth blocks; else ASCII. */
	bool is_colour;    /**< Colours by SGR sequences, reset at each line's end. */
};

/**
 * Draw.
 *
 * A column is a part of the time, all of the same length: its bar is the mean
 * of what was achieved in it, each point weighed by how long it lies in it;
 * its line is what was asked for last. Anything above 0 shows, be it less than
 * the smallest character stands for. Where the load was above the line by less
 * than a row the bar hides it; a higher bar is cut by it.
 *
 * @points  n_points of them, in the order of time; any values.
 * @return  0; CLI_CHART_E_NARROW or CLI_CHART_E_EMPTY: nothing was written.
 */
int cli_chart_draw(FILE *out, const struct cli_chart_point points[], size_t n_points,
	const struct cli_chart_config *config);

#endif
