/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What child processes write to standard error, put into our log: whole lines,
 * each at most CHILD_LOG_LINE_MAX bytes, only printable ASCII (the children
 * escape paths the same way; one that was taken over must not reach a
 * terminal), at most CHILD_LOG_BURST lines at once and CHILD_LOG_RATE a second.
 *
 * Pure but for the sink. Loop thread only.
 */
#ifndef QS_CHILD_LOG_H
#define QS_CHILD_LOG_H

#include "log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CHILD_LOG_LINE_MAX = 1024,
	CHILD_LOG_RATE = 20,
	CHILD_LOG_BURST = 100,
};

/** Takes one line, NUL-terminated, valid during the call. */
typedef void (*child_log_sink)(void *arg, enum log_level level, const char *line);

struct child_log {
	child_log_sink sink;
	void *arg;
	/* state */
	char line[CHILD_LOG_LINE_MAX + 1];
	size_t n;
	double tokens;      /**< Lines that may still be written. */
	uint64_t last_ms;   /**< When tokens were counted last. */
	uint64_t n_dropped; /**< Since the last line that said so. */
};

/** Begin; @arg is borrowed as long as the child_log lives. */
void child_log_init(struct child_log *log, child_log_sink sink, void *arg);

/**
 * Take bytes as they were read.
 *
 * @now_ms  Any steady clock; does not go back.
 */
void child_log_feed(struct child_log *log, const char *data, size_t n, uint64_t now_ms);

/** The end of the stream: what is left is a line, and the drops are told. */
void child_log_end(struct child_log *log, uint64_t now_ms);

#endif
