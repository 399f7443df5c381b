/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who works beside scans: the process in GRANT_SLOT_REMEDIATE moves files also when
 * nothing is scanned and while a scan is paused. While a scan's account grants, the
 * process is in it, and the scan's load is with it; else it is in an account of its
 * own, at a factor of its own, which is open as long as it is there.
 *
 *      scan's account                     own account
 *      open, not paused   ◄── settle ──►  open while the process is in it
 *
 * Each account begins with a first portion; what one owes when it ends is not
 * carried to the other.
 *
 * Hands (CPU clocks, the grant page). Under the governor's lock. Never allocates,
 * never sleeps.
 */
#ifndef QS_ASIDE_H
#define QS_ASIDE_H

#include "account.h"

struct aside {
	unsigned factor_pct; /**< Of its own account: 0 (no limit) to 100. */
	/* state */
	struct account own;
};

/** Nobody there, no limit. The rest as account_init(). */
void aside_init(struct aside *aside, const struct governor_config *config, struct grant_page *page);

/** Idempotent. */
void aside_deinit(struct aside *aside);

/** Another factor of its own account, in force at once. @factor_pct 0 to 100. */
void aside_set_factor(struct aside *aside, unsigned factor_pct);

/** The process, replacing who was there; see account_add(). @scan The scans' account. */
void aside_add(struct aside *aside, struct account *scan, uint32_t generation, pid_t pid);

/** It was reaped; see account_remove(). @return 0 or GOVERNOR_E_STALE. */
int aside_remove(
	struct aside *aside, struct account *scan, uint32_t generation, uint64_t final_cpu_ns);

/** The scans' account was opened, closed, paused or resumed: the process goes where it belongs. */
void aside_settle(struct aside *aside, struct account *scan);

#endif
