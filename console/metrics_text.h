/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metrics in Prometheus' text format 0.0.4, of what metrics.show tells.
 *
 * Pure but for memory. Any thread.
 */
#ifndef QS_METRICS_TEXT_H
#define QS_METRICS_TEXT_H

#include "text_buffer.h"

/** Append a family's head: its HELP and TYPE lines. */
void metrics_text_head(
	struct text_buffer *text, const char *name, const char *type, const char *help);

/** Append one sample; @label NULL: none. The value of the label is escaped. */
void metrics_text_sample(struct text_buffer *text, const char *name, const char *label,
	const char *label_value, double value);

/**
 * Append all of the daemon's metrics. What is null or not there is left out.
 *
 * @metrics  Result of metrics.show.
 */
void metrics_text_daemon(struct text_buffer *text, const cJSON *metrics);

#endif
