/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The deal: who gets what out of the budget's balance, and when to deal again.
 * Only budget.c calls it; it is apart because bookkeeping and choice are two
 * things.
 *
 * Pure. Same rules as budget.h.
 */
#ifndef QS_DEAL_H
#define QS_DEAL_H

#include "budget.h"

/** The least CPU time a waiting process is woken for, in nanoseconds. */
double deal_portion_ns(const struct budget *b);

/** The most credit the balance may hold, in nanoseconds. */
double deal_credit_ns(const struct budget *b);

/** Fill the reserves for @elapsed_ns of wall time. */
void deal_save(struct budget *b, double elapsed_ns);

/** Raise grants out of the balance and the reserves; neither in a pause nor in a hold. */
void deal_out(struct budget *b);

/** See budget_next_ns(). */
uint64_t deal_next_ns(const struct budget *b);

#endif
