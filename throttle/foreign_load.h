/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Load that others cause by us: a listener looks into every file that we open,
 * and its CPU time is the price of the scan as ours is. Where it counts against
 * the load factor, this says which part of the budget is left to us; never less
 * than a minimum, whatever the others take.
 *
 * Pure: time and readings are arguments. Owner's lock. The law: docs/governor.md,
 * "Others that count".
 */
#ifndef QS_FOREIGN_LOAD_H
#define QS_FOREIGN_LOAD_H

#include <stdbool.h>

/** What was used since the last look; CPUs, mean over that time. */
struct foreign_load_input {
	double elapsed_s;     /**< Since the last look, >= 0. */
	double budget;        /**< CPUs that the whole budget is, > 0. */
	double share;         /**< Part of it that was in force, above 0 to 1. */
	double ours;          /**< >= 0 */
	double others;        /**< >= 0 */
	double minimum_share; /**< The least answer, above 0 to 1. */
};

struct foreign_load {
	double share; /**< The answer: minimum_share to 1. */
	/* state */
	bool has_looked;
	double asked; /**< Averages over some seconds of share, ours and others. */
	double ours;
	double others;
};

/** Nothing seen, share 1. */
void foreign_load_init(struct foreign_load *f);

/** Fold one look in; f->share is the answer. */
void foreign_load_step(struct foreign_load *f, const struct foreign_load_input *in);

#endif
