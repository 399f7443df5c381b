/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scan's account with the governor, over all its passes and over restarts of
 * the daemon: CPU time and time in progress add up in the scan's record, and so
 * does the load over time (load_history.h), and what other antivirus took meanwhile
 * (other_cpu.h).
 *
 * Hands (governor). Loop thread only.
 */
#ifndef QS_SCAN_ACCOUNT_H
#define QS_SCAN_ACCOUNT_H

#include "governor.h"
#include "job.h"
#include "load_history.h"
#include "other_cpu.h"

struct scan_account {
	struct governor *governor;
	double n_cpus; /**< What 100 % is. */
	/* state */
	bool is_open;
	uint64_t cpu_before_ns; /**< Of the record, before this account was opened. */
	uint64_t duration_before_ms;
	struct load_history before;   /**< Likewise the history. */
	struct governor_reading last; /**< At the last fold. */
	struct other_cpu others;      /**< Over the whole scan. */
	bool are_others_counted;      /**< At the last look, against the load factor. */
	uint64_t lanes_ns;            /**< Time lanes spent on files since it was opened. */
	uint64_t lanes_heard_ns;      /**< Of this scanner, as it said last. */
	uint64_t held_ns;             /**< Time lanes were held back from slow mounts. */
	uint64_t held_heard_ns;       /**< Likewise. */
};

/** Not open. @job's own load document is the history to go on with. */
void scan_account_init(struct scan_account *account, struct governor *governor, double n_cpus,
	const struct job *job);

/**
 * Open.
 *
 * @factor_pct  0 or 5 to 100; @n_lanes 1 to GRANT_N_LANES.
 * @return      0; what governor_begin() returns. 0 when it is open already.
 */
int scan_account_open(
	struct scan_account *account, const struct job *job, unsigned factor_pct, unsigned n_lanes);

/**
 * What the scanner says of its lanes' time, as ipc_scan_progress has it; a new scanner
 * begins at 0.
 */
void scan_account_hear(struct scan_account *account, uint64_t lanes_ns, uint64_t held_ns);

/** Bring the record's cpu_ns, duration_ms and achieved_load_pct up to date. */
void scan_account_fold(struct scan_account *account, struct job *job);

/**
 * Read the clocks of the other antivirus, and tell the governor; to be called each
 * second while the scan is at work. Nothing happens when it is not open.
 *
 * @look        The newest; NULL: nobody is known.
 * @is_counted  CountOtherAntivirusCpu.
 */
void scan_account_look_at_others(
	struct scan_account *account, const struct neighbours *look, bool is_counted);

/** Time goes on without such looks (a pause). */
void scan_account_skip_others(struct scan_account *account);

/**
 * Fold, and bring the job's load document up to date. For want of memory it stays
 * as it was.
 */
void scan_account_note_load(struct scan_account *account, struct job *job);

/** scan_account_note_load() and close; nothing happens when it is not open. */
void scan_account_close(struct scan_account *account, struct job *job);

#endif
