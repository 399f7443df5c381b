/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The budget of reads: the law that keeps what we fetch from disks to a rate.
 * It earns bytes with the time, pays for every byte that was fetched, and while
 * it is in debt nobody of ours is granted CPU time (budget_set_held()).
 *
 * Pure: no clock, no I/O, no allocation. Owned by the governor's lock; not
 * thread-safe. The law and where its constants come from: docs/governor.md,
 * "Disk".
 */
#ifndef QS_READ_BUDGET_H
#define QS_READ_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct read_budget {
	uint64_t rate_bytes; /**< Bytes a second that may be fetched; 0 = no limit. */
	/* state */
	bool has_stepped;     /**< last_at_ns is valid. */
	uint64_t last_at_ns;  /**< CLOCK_MONOTONIC of the last step. */
	double balance_bytes; /**< Credit (> 0) or debt (< 0). */
	double use_bytes;     /**< Bytes a second fetched of late, while not held. */
	uint64_t read_bytes;  /**< Fetched since read_budget_begin(). */
	uint64_t held_ns;     /**< Wall time in debt since then, pauses left out. */
};

/** No limit, nothing owed. */
void read_budget_init(struct read_budget *rb);

/**
 * A scan begins: its sums are 0. What the one before it owes is owed still, less
 * what the time since then has earned.
 *
 * @now_ns  CLOCK_MONOTONIC, not before the last step.
 */
void read_budget_begin(struct read_budget *rb, uint64_t now_ns);

/**
 * Another rate, to be used from the last step on. Debt stays, in bytes; credit
 * above the new bound is lost at the next step. From no limit it begins with
 * full credit; no limit owes nothing.
 *
 * @rate_bytes  Bytes a second; 0 = no limit.
 */
void read_budget_set_rate(struct read_budget *rb, uint64_t rate_bytes);

/** The most credit: what may come at once after a quiet time, in bytes. */
double read_budget_credit(const struct read_budget *rb);

/**
 * Fold a reading in.
 *
 * @now_ns     CLOCK_MONOTONIC, not before the last step.
 * @n_bytes    Fetched since the last step.
 * @is_paused  Since the last step: the disk rests and debt is repaid, but it is no
 *             time that the limit took.
 */
void read_budget_step(struct read_budget *rb, uint64_t now_ns, uint64_t n_bytes, bool is_paused);

/** Whether it is in debt: nothing may be granted. Never without a limit. */
bool read_budget_is_held(const struct read_budget *rb);

/**
 * When the next reading is of use: when the debt will be repaid, or before what
 * is left will be used up at the pace of late.
 *
 * @return  Nanoseconds from the last step, 5 ms to 200 ms.
 */
uint64_t read_budget_next_ns(const struct read_budget *rb);

#endif
