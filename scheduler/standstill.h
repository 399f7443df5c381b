/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a scanner is given up: threads of it wait for a file system, nothing
 * else in it is at work, and nothing was found or judged, all that for as long
 * as MountStallTimeoutSeconds.
 *
 * As long as one lane has work the scan goes on, however long another waits:
 * giving up costs what is in work. The time is that between heartbeats, and of
 * each step at most STANDSTILL_STEP_MAX_MS: who was stopped himself has not
 * stood still.
 *
 * Pure. Loop thread only.
 */
#ifndef QS_STANDSTILL_H
#define QS_STANDSTILL_H

#include "ipc.h"

#include <stdbool.h>

enum { STANDSTILL_STEP_MAX_MS = 1000 };

struct standstill {
	/* state */
	uint64_t n_done;   /**< What had been found and judged at the last heartbeat. */
	uint64_t at_ms;    /**< Of it; 0: none yet. */
	uint64_t still_ms; /**< Nothing has moved that long. */
};

#define STANDSTILL_NULL                                                                            \
	{                                                                                          \
		.at_ms = 0                                                                         \
	}

/**
 * Fold one heartbeat in.
 *
 * @now_ms    Loop time.
 * @progress  The last before it, of the same scanner.
 * @limit_ms  From when on it is given up.
 * @return    Whether it is to be given up.
 */
bool standstill_step(struct standstill *standstill, uint64_t now_ms,
	const struct ipc_scan_progress *progress, const struct ipc_scan_wait *wait,
	uint64_t limit_ms);

#endif
