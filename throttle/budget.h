/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The budget: the law by which CPU time is given out. Takes what every process
 * of ours has used, gives what each may use until the next step.
 *
 * Pure: no clock, no I/O, no allocation. Owned by the governor's lock; not
 * thread-safe. The law and where its constants come from: docs/governor.md.
 *
 * A consumer is known by its slot of the grant page (throttle/grant.h). The
 * daemon has no slot: it is charged and never waits.
 */
#ifndef QS_BUDGET_H
#define QS_BUDGET_H

#include "grant.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** CPUs: a budget below is small, and what looks around (some 150 µs a look) does so once a second. */
#define BUDGET_SMALL 0.25

/** Who shares one guaranteed minimum: each kind is helped one process at a time. */
enum budget_kind {
	BUDGET_KIND_SCANNER,
	BUDGET_KIND_REMEDIATE,
	BUDGET_KIND_ZYGOTE,
	BUDGET_KIND_LANES,
	BUDGET_N_KINDS,
};

struct budget_config {
	double n_cpus;        /**< N, CPUs the service may use, > 0; may be a fraction. */
	uint64_t tick_ns;     /**< The kernel's tick: how late a CPU timer may fire, > 0. */
	uint64_t step_min_ns; /**< Least distance of two steps, > 0. */
};

/** One process that waits for grants. */
struct budget_consumer {
	bool is_present;     /**< The slot has a process. */
	uint64_t used_ns;    /**< Its CPU clock, newest reading. */
	uint64_t stepped_ns; /**< Its CPU clock at the last step. */
	uint64_t granted_ns; /**< What it may have used; only budget_step() raises it. */
	double rate;         /**< CPUs it used of late, an average over some steps. */
};

struct budget {
	struct budget_config config;
	unsigned factor_pct; /**< Load factor in force: 0 and 100 are no limit. */
	double share;        /**< Part of the rate that is used, above 0 to 1 (pressure.h). */
	bool is_paused;      /**< Nothing accrues, nothing is granted. */
	bool is_metered;     /**< Reads are limited too: nobody is far ahead. */
	bool is_held;        /**< Reads are in debt: nothing is granted. */
	/* state */
	bool has_stepped;    /**< last_at_ns is valid. */
	uint64_t last_at_ns; /**< CLOCK_MONOTONIC of the last step. */
	double balance_ns;   /**< Credit (> 0) or debt (< 0) of the whole service. */
	double pending_ns;   /**< Charged since the last step, not yet in the balance. */
	double pool_ns;      /**< What the last step left to promise. */
	uint64_t total_ns;   /**< CPU time of everybody since budget_start(). */
	double reserves_ns[BUDGET_N_KINDS]; /**< Saved up by the guaranteed shares. */
	double overdue_ns[BUDGET_N_KINDS];  /**< Since who waits has a right to a portion. */
	size_t helped_slot;                 /**< The last that a reserve was given to. */
	struct budget_consumer consumers[GRANT_N_SLOTS];
};

/**
 * An empty budget, unlimited, without consumers.
 *
 * @config  Copied.
 */
void budget_init(struct budget *b, const struct budget_config *config);

/**
 * Open the account: total 0, a first portion as balance, not paused. Consumers stay; what they
 * used before is not charged.
 *
 * @factor_pct 0 (no limit) to 100.
 */
void budget_start(struct budget *b, unsigned factor_pct);

/** Whether there is a limit: the factor is 1 to 99, or only a share is used. */
bool budget_is_limited(const struct budget *b);

/** CPU time an account of this factor gets in a second of wall time, in CPUs. */
double budget_rate(const struct budget *b);

/**
 * Change the factor; credit above the new bound is lost at the next step, debt
 * stays.
 *
 * @factor_pct 0 to 100.
 */
void budget_set_factor(struct budget *b, unsigned factor_pct);

/** Use only a part of the rate, above 0 to 1; 1 after budget_start(). In force at once. */
void budget_set_share(struct budget *b, double share);

/** Pause or go on. What was granted before a pause is still used up. */
void budget_set_paused(struct budget *b, bool is_paused);

/**
 * Whether there is a limit on reads beside the one on CPU time (read_budget.h): then an
 * unlimited process is not far ahead either. Not changed by budget_start().
 */
void budget_set_metered(struct budget *b, bool is_metered);

/**
 * Grant nothing, or go on. Unlike a pause the time counts: the account earns, up to its
 * credit. What was granted before is still used up. Not changed by budget_start().
 */
void budget_set_held(struct budget *b, bool is_held);

/**
 * A new process in a slot, with granted 0, replacing who was there.
 *
 * @used_ns  What of its clock is not to be charged; 0 charges all since birth.
 */
void budget_add(struct budget *b, size_t slot, uint64_t used_ns);

/**
 * The slot's process has ended.
 *
 * @final_ns  Its CPU clock at the end; less than was read before counts as the
 *            last reading.
 */
void budget_remove(struct budget *b, size_t slot, uint64_t final_ns);

/**
 * The slot's process goes on in another account, with its clock and its grant,
 * replacing who had the slot there. What it has used so far is charged to the first.
 */
void budget_hand_over(struct budget *from, struct budget *to, size_t slot);

/** A reading of the slot's CPU clock; one that is lower than the last is ignored. */
void budget_use(struct budget *b, size_t slot, uint64_t used_ns);

/** Charge what somebody without a slot has used. */
void budget_charge(struct budget *b, uint64_t cpu_ns);

/**
 * Fold the readings in and grant. Afterwards consumers[].granted_ns is what
 * each slot may use; it never falls.
 *
 * @now_ns  CLOCK_MONOTONIC, not before the last step.
 */
void budget_step(struct budget *b, uint64_t now_ns);

/**
 * When the next step is worth its cost: when somebody can be given something,
 * and before somebody runs out. To be asked after a step; a later step costs
 * work, never the limit.
 *
 * @return  Nanoseconds from the last step, step_min_ns or more.
 */
uint64_t budget_next_ns(const struct budget *b);

/**
 * How far a consumer is beyond its grant.
 *
 * @return  Nanoseconds of CPU time; 0 when it is within it or absent.
 */
uint64_t budget_excess_ns(const struct budget *b, size_t slot);

#endif
