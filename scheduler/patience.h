/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long an answer of a child process is waited for. Not a time alone: a large file
 * takes its time, and a small load factor more. Who gets CPU time and uses it is
 * waited for, up to a last limit; a hung file system shows itself by none.
 *
 * Pure. Any thread.
 */
#ifndef QS_PATIENCE_H
#define QS_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	PATIENCE_MS = 300000,                 /**< Without progress. */
	PATIENCE_LIMIT_MS = 12 * 3600 * 1000, /**< With any: who trickles would never end. */
	/** CPU time that is progress: a portion of the governor (docs/governor.md). */
	PATIENCE_PROGRESS_MS = 10,
};

/** Zero-initialise; patience_begin() before the first wait. */
struct patience {
	uint64_t wait_ms; /**< Without progress; 0: PATIENCE_MS. */
	/* state */
	uint64_t deadline_ms;
	uint64_t limit_ms;
	uint64_t seen_ns; /**< CPU time of the process when there was progress last. */
};

/** Without progress, in ms. */
uint64_t patience_wait_ms(const struct patience *patience);

/** A wait begins. The process's CPU time so far is no progress of it. */
void patience_begin(struct patience *patience, uint64_t now_ms);

/** The process is another one, with a clock of its own from 0 on. */
void patience_begin_process(struct patience *patience, uint64_t now_ms);

/** @cpu_ns The CPU time of the process by now. */
void patience_note(struct patience *patience, uint64_t now_ms, uint64_t cpu_ns);

/** Whether it has waited enough. */
bool patience_is_over(const struct patience *patience, uint64_t now_ms);

#endif
