/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Progress of a scan while somebody waits: one line that is rewritten on a
 * terminal, a plain line now and then elsewhere (every ten
 * seconds, and when the phase changes).
 *
 * cli_progress_line() is pure; the rest writes to a stream.
 */
#ifndef QS_CLI_PROGRESS_H
#define QS_CLI_PROGRESS_H

#include "json.h"

#include <stdio.h>

enum {
	CLI_PROGRESS_SIZE = 1024,      /**< Room for a line. */
	CLI_PROGRESS_PLAIN_MS = 10000, /**< Between plain lines. */
};

/** How progress is shown. */
enum cli_progress_kind {
	CLI_PROGRESS_NONE,
	CLI_PROGRESS_PLAIN, /**< Lines. */
	CLI_PROGRESS_LIVE,  /**< A terminal. */
};

struct cli_progress {
	FILE *out;
	enum cli_progress_kind kind;
	/* state */
	uint64_t last_at_ns; /**< Of the last plain line; 0 = none yet. */
	char last_word[40];  /**< Phase or status of the last plain line. */
	bool is_on_screen;   /**< A live line stands there. */
};

/**
 * The line for a scan that runs.
 *
 * @scan    As scan.watch sends it, with its progress.
 * @width   Columns to fill at most; 0 = any.
 * @text    Receives safe text without a newline.
 */
void cli_progress_line(const cJSON *scan, size_t width, char text[CLI_PROGRESS_SIZE]);

/** Show it, if it is time to. @now_ns is CLOCK_MONOTONIC. */
void cli_progress_show(struct cli_progress *progress, const cJSON *scan, uint64_t now_ns);

/** Take the live line away, before something else is written. */
void cli_progress_clear(struct cli_progress *progress);

#endif
