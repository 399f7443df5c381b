/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of one scan, as a state machine.
 *
 *                 ┌───────────────── restart ────────────────┐
 *                 ▼                                          │
 *   WAITING ──► STARTING ──────────────────────────────► RUNNING
 *    │   │       │  │ ▲                                   │ ▲ │ │
 *    │   │       │  │ └─ resume ─┐            ┌── pause ───┘ │ │ │
 *    │   └───────┼──┼───pause──► PAUSED ◄─────┘   resume ────┘ │ │
 *    │           │  └── pause ──►  │                           │ │
 *    └───────────┴─────────────────┴──────► ENDING ◄───────────┘ │
 *                                             │                  │
 *                                             ▼                  │
 *                                           ENDED                │
 *   (every state but ENDED) ──────────────► LEFT ◄───────────────┘
 *
 *   WAITING   in the queue
 *   STARTING  processes are started, signatures are loaded
 *   RUNNING   the scanner scans
 *   PAUSED    frozen; after a restart of the daemon without processes
 *   ENDING    the outcome is known; processes are collected, the record is
 *             written, again and again if the store is full
 *   ENDED     the outcome is durable
 *   LEFT      this daemon stops; the record stays open for the next one
 *
 * Invariant: an outcome is set in ENDING and ENDED, and only there.
 *
 * Pure. Loop thread only.
 */
#ifndef QS_SCAN_CYCLE_H
#define QS_SCAN_CYCLE_H

#include "records.h"

#include <stdbool.h>
#include <stdint.h>

enum scan_cycle_state {
	SCAN_CYCLE_WAITING,
	SCAN_CYCLE_STARTING,
	SCAN_CYCLE_RUNNING,
	SCAN_CYCLE_PAUSED,
	SCAN_CYCLE_ENDING,
	SCAN_CYCLE_ENDED,
	SCAN_CYCLE_LEFT,
	SCAN_CYCLE_N,
};

/** Codes of an action that did not succeed (facts: machineAction.errorHResult). */
#define SCAN_CYCLE_HRESULT_CANCELLED ((int32_t)0x80004004) /**< E_ABORT */
#define SCAN_CYCLE_HRESULT_TIME_OUT ((int32_t)0x80190198)  /**< HTTP 408 */
#define SCAN_CYCLE_HRESULT_FAILED ((int32_t)0x80508018)    /**< ERROR_MP_SCAN_ABORTED */

struct scan_cycle {
	/* state */
	enum scan_cycle_state state;
	bool has_outcome;
	enum run_status outcome; /**< Final; valid when has_outcome. */
};

#define SCAN_CYCLE_NULL                                                                            \
	{                                                                                          \
		.state = SCAN_CYCLE_WAITING                                                        \
	}

/** "waiting", "starting", …; any number ("unknown"). */
const char *scan_cycle_name(enum scan_cycle_state state);

/** Whether the table allows the move. */
bool scan_cycle_may(enum scan_cycle_state from, enum scan_cycle_state to);

/**
 * Move; the only writer of the state. Traced at level debug.
 *
 * @id      Of the scan, for the trace.
 * @to      Not ENDING: use scan_cycle_end(). A move that the table does not
 *          have is our own mistake (PRE).
 */
void scan_cycle_move(struct scan_cycle *cycle, const char *id, enum scan_cycle_state to);

/**
 * Move to ENDING with an outcome. The first outcome stays: a cancel that
 * arrives while a scan fails changes nothing.
 *
 * @outcome  A final status.
 * @return   0; -EALREADY when it ends already; -EINVAL when it cannot end from
 *           here any more (ENDED, LEFT).
 */
int scan_cycle_end(struct scan_cycle *cycle, const char *id, enum run_status outcome);

/** What the record says in this state: the outcome counts only once it is ENDED. */
enum run_status scan_cycle_status(const struct scan_cycle *cycle);

/** The error code of a final status; 0 for Succeeded. */
int32_t scan_cycle_hresult(enum run_status status);

#endif
