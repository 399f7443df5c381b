/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of log_verify: the first thing that one witness has to say against
 * the log. Pure, inline only.
 */
#ifndef QS_VERIFY_FINDING_H
#define QS_VERIFY_FINDING_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/** Nothing, until is_set. */
struct verify_finding {
	bool is_set;
	uint64_t sequence; /**< The record it is about. */
	char text[256];    /**< A sentence. */
};

/** Note a finding unless there is one with an earlier or the same record. */
__attribute__((format(printf, 3, 4))) static inline void verify_finding_set(
	struct verify_finding *finding, uint64_t sequence, const char *fmt, ...)
{
	va_list ap;

	if (finding->is_set && finding->sequence <= sequence)
		return;
	finding->is_set = true;
	finding->sequence = sequence;
	va_start(ap, fmt);
	(void)vsnprintf(finding->text, sizeof(finding->text), fmt, ap);
	va_end(ap);
}

#endif
