/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much of the time of the daemon's one thread peers may have who are no operators (the
 * gateway above all): half of it on average, a quarter of a second at a time.
 * Beyond that they wait, whatever they ask for, and operators do not. What they are told of
 * scans they watch is charged likewise, and left out while they wait.
 *
 * Pure. One thread at a time.
 */
#ifndef QS_GUEST_BUDGET_H
#define QS_GUEST_BUDGET_H

#include <stdint.h>

enum {
	GUEST_BUDGET_SHARE = 2,      /**< One of so many seconds is theirs. */
	GUEST_BUDGET_BURST_MS = 250, /**< Used at once before they wait … */
	GUEST_BUDGET_REST_MS = 125,  /**< … until no more than this counts as used. */
};

struct guest_budget {
	uint64_t used_ns; /**< Time that is not paid for yet. */
	uint64_t at_ns;   /**< When that was so, CLOCK_MONOTONIC. */
};

#define GUEST_BUDGET_NULL                                                                          \
	{                                                                                          \
		.used_ns = 0                                                                       \
	}

/**
 * Charge one request, or one notification.
 *
 * @now_ns  CLOCK_MONOTONIC; an earlier one than before counts as the same.
 * @taken_ns  How long the thread was at it: CPU time or time that passed, the longer.
 * @return  Milliseconds that all of them wait from now on; 0 = none.
 */
uint64_t guest_budget_charge(struct guest_budget *budget, uint64_t now_ns, uint64_t taken_ns);

#endif
