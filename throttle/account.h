/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The account of one scan: the governor without its thread. It knows which
 * process sits in which slot, reads their clocks, lets the budget decide,
 * writes the grants, and lets the meter look.
 *
 * Hands (CPU clocks, the grant page). Never allocates, never sleeps. Everything
 * under the governor's lock.
 */
#ifndef QS_ACCOUNT_H
#define QS_ACCOUNT_H

#include "budget.h"
#include "governor.h"
#include "lane_times.h"
#include "meter.h"
#include "read_budget.h"
#include "read_meter.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** Somebody the page has a slot for. */
struct account_process {
	uint32_t generation; /**< 0 = nobody. */
	pid_t pid;           /**< Its process id. */
	bool is_gone;        /**< Its clock cannot be read any more. */
	bool is_told;        /**< Its offence was noticed. */
	bool is_offence;     /**< … and not yet taken. */
	uint64_t excess_ns;  /**< CPU time beyond its grant at the offence. */
	uint64_t read_at_ns; /**< CLOCK_MONOTONIC of the last reading. */
	uint64_t base_ns;    /**< Its CPU clock when it was added: nobody had told it to wait. */
};

struct account {
	double n_cpus;           /**< What 100 % is. */
	uint64_t overrun_ns;     /**< CPU time beyond a grant that is an offence. */
	struct grant_page *page; /**< Borrowed, writable. */
	/* state */
	bool is_open;         /**< Between account_open() and account_close(). */
	unsigned n_lanes;     /**< For the aim. */
	uint64_t self_ns;     /**< The daemon's clock at the last look. */
	uint64_t governor_ns; /**< CPU time of the governor's thread; its owner adds. */
	uint64_t n_looks;     /**< Since it was opened. */
	struct budget budget;
	struct meter meter;
	struct lane_times lane_times;
	struct read_budget reads;
	struct read_meter read_meter; /**< Empty without a limit on reads. */
	bool is_blind_told;           /**< The log knows that reads cannot be counted. */
	struct account_process processes[GRANT_N_SLOTS];
};

/**
 * Nobody in any slot, not open.
 *
 * @config      n_cpus, look_min_ns and overrun_ns > 0.
 * @page        Borrowed for the account's life.
 */
void account_init(struct account *a, const struct governor_config *config, struct grant_page *page);

/** Forget everybody. Idempotent. */
void account_deinit(struct account *a);

/** Start anew with a first look. See governor_begin(); the values are checked. */
void account_open(struct account *a, unsigned factor_pct, unsigned n_lanes);

/** A last reading without grants; not open afterwards. */
void account_close(struct account *a, struct governor_reading *reading);

/** Read clocks, step the budget, write grants. Does nothing unless open. */
void account_look(struct account *a);

/** A process in a slot, with a look. See governor_add(); the values are checked. */
void account_add(struct account *a, size_t slot, uint32_t generation, pid_t pid);

/** It was reaped. See governor_remove(). @return 0 or GOVERNOR_E_STALE. */
int account_remove(struct account *a, size_t slot, uint32_t generation, uint64_t final_cpu_ns);

/**
 * The slot's process goes on in another account, with a look at the one that it
 * leaves. What it has used and read so far is the first's. Nothing happens when
 * nobody is in the slot.
 */
void account_hand_over(struct account *from, struct account *to, size_t slot);

/** Pause or go on; the time up to now belongs to the state before. */
void account_set_paused(struct account *a, bool is_paused);

/** Another limit on reads; see governor_set_read_rate(). */
void account_set_read_rate(struct account *a, uint64_t rate_bytes);

/** When the next look is of use, in nanoseconds from the last one. */
uint64_t account_next_ns(const struct account *a);

/** As of the last look. See governor_read(). */
void account_tell(const struct account *a, struct governor_reading *reading);

/**
 * CPU time beyond its grant that is an offence of the process in a slot: that of
 * a worker, 20 times as much (by default 5 s) of all others. Pure.
 */
uint64_t account_bound_ns(uint64_t overrun_ns, size_t slot);

/** See governor_take_offences(). */
size_t account_take_offences(struct account *a, struct governor_offence offences[], size_t n_max);

#endif
