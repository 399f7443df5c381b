/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gate every thread of the scanner passes at its safe points: between
 * entries, between files, between blocks of a hash. It holds while the scan is
 * paused or the process has used its CPU grant (throttle/grant.h), and says
 * whether the scan was cancelled.
 *
 * Hands (mutex, condition, grant page). Any thread; the caller holds no lock.
 */
#ifndef QS_GATE_H
#define QS_GATE_H

#include "grant.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct gate {
	const struct grant_page *grants; /**< Borrowed; NULL: the process is not limited. */
	uint32_t generation;             /**< Of GRANT_SLOT_SCANNER for this process. */
	/* state */
	pthread_mutex_t lock;
	pthread_cond_t moved;     /**< Paused or cancelled changed. */
	atomic_bool is_paused;    /**< Written under the lock. */
	atomic_bool is_cancelled; /**< Written under the lock, never taken back. */
	uint64_t paused_since_ns; /**< CLOCK_MONOTONIC of the pause that lasts; under the lock. */
	uint64_t paused_ns;       /**< Sum of the pauses that are over; under the lock. */
};

/** Set up an open gate. @grants may be NULL. */
void gate_init(struct gate *gate, const struct grant_page *grants, uint32_t generation);
/** Free what it owns; nobody waits any more. */
void gate_deinit(struct gate *gate);

/**
 * Wait until the scan runs and the process has CPU time left.
 *
 * @return 0; -ECANCELED when the scan was cancelled (never waits then).
 */
int gate_pass(struct gate *gate);

/** Hold everybody at the gate, or let them on. */
void gate_pause(struct gate *gate, bool is_paused);
/** How long it has been paused in all, nanoseconds of CLOCK_MONOTONIC. */
uint64_t gate_paused_ns(struct gate *gate);
/** From now on gate_pass() returns -ECANCELED. */
void gate_cancel(struct gate *gate);

/** Without waiting. */
static inline bool gate_is_cancelled(struct gate *gate)
{
	return atomic_load(&gate->is_cancelled);
}

/** Without waiting. */
static inline bool gate_is_paused(struct gate *gate)
{
	return atomic_load(&gate->is_paused);
}

#endif
