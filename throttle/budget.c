/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One account for the whole service. It earns factor × N nanoseconds a
 * nanosecond and pays for everything that any process of ours has used, by the
 * kernel's clocks.
 *
 * The average is exact because nothing here is an estimate of use: a late
 * timer, a fork of 60 ms, the daemon's own work are in the clocks, the balance
 * goes down by them, and the next grant comes later. Debt has no bound and is
 * always repaid. Credit has one (deal.h): what a quiet time has left over is
 * lost, so that it cannot come back as a burst.
 *
 * What happens with the balance is deal.c's.
 */
#include "budget.h"

#include "check.h"
#include "deal.h"

#include <string.h>

/** A consumer's rate is an average over about this long. */
#define BUDGET_RATE_NS 30000000.0

void budget_init(struct budget *b, const struct budget_config *config)
{
	PRE(config->n_cpus > 0 && config->tick_ns > 0 && config->step_min_ns > 0);
	memset(b, 0, sizeof(*b));
	b->config = *config;
	b->share = 1.0;
}

void budget_start(struct budget *b, unsigned factor_pct)
{
	budget_set_factor(b, factor_pct);
	b->share = 1.0;
	b->is_paused = false;
	b->has_stepped = false;
	b->balance_ns = deal_portion_ns(b); /* the first file need not wait */
	b->pending_ns = 0;
	b->total_ns = 0;
	for (size_t i = 0; i < GRANT_N_SLOTS; i++)
		b->consumers[i].stepped_ns = b->consumers[i].used_ns;
	memset(b->reserves_ns, 0, sizeof(b->reserves_ns));
	memset(b->overdue_ns, 0, sizeof(b->overdue_ns));
}

bool budget_is_limited(const struct budget *b)
{
	return (b->factor_pct != 0 && b->factor_pct < 100) || b->share < 1.0;
}

double budget_rate(const struct budget *b)
{
	double factor = b->factor_pct == 0 ? 1.0 : b->factor_pct / 100.0;

	return factor * b->share * b->config.n_cpus;
}

void budget_set_factor(struct budget *b, unsigned factor_pct)
{
	PRE(factor_pct <= 100);
	b->factor_pct = factor_pct;
}

void budget_set_share(struct budget *b, double share)
{
	PRE(share > 0 && share <= 1.0);
	b->share = share;
}

void budget_set_paused(struct budget *b, bool is_paused)
{
	b->is_paused = is_paused;
}

void budget_set_metered(struct budget *b, bool is_metered)
{
	b->is_metered = is_metered;
}

void budget_set_held(struct budget *b, bool is_held)
{
	b->is_held = is_held;
}

void budget_add(struct budget *b, size_t slot, uint64_t used_ns)
{
	PRE(slot < GRANT_N_SLOTS);
	b->consumers[slot] = (struct budget_consumer){
		.is_present = true,
		.used_ns = used_ns,
		.stepped_ns = used_ns,
		.rate = 1.0,
	};
}

void budget_remove(struct budget *b, size_t slot, uint64_t final_ns)
{
	struct budget_consumer *c = &b->consumers[slot];

	PRE(slot < GRANT_N_SLOTS);
	if (!c->is_present)
		return;
	budget_use(b, slot, final_ns);
	/* Its last use was counted in the total by budget_use(); the balance follows. */
	b->pending_ns += (double)(c->used_ns - c->stepped_ns);
	memset(c, 0, sizeof(*c));
}

void budget_hand_over(struct budget *from, struct budget *to, size_t slot)
{
	struct budget_consumer moved = from->consumers[slot];

	PRE(slot < GRANT_N_SLOTS);
	budget_remove(from, slot, 0);
	budget_remove(to, slot, 0);
	moved.stepped_ns = moved.used_ns;
	to->consumers[slot] = moved;
}

void budget_use(struct budget *b, size_t slot, uint64_t used_ns)
{
	struct budget_consumer *c = &b->consumers[slot];

	PRE(slot < GRANT_N_SLOTS);
	if (!c->is_present || used_ns <= c->used_ns)
		return;
	b->total_ns += used_ns - c->used_ns;
	c->used_ns = used_ns;
}

void budget_charge(struct budget *b, uint64_t cpu_ns)
{
	b->pending_ns += (double)cpu_ns;
	b->total_ns += cpu_ns;
}

/*
 * Move one consumer's use of the last @elapsed_ns into balance and rate.
 * Its pace is not judged by a step in which it had to wait.
 */
static void budget_settle_one(struct budget *b, size_t slot, double elapsed_ns)
{
	struct budget_consumer *c = &b->consumers[slot];
	double used_ns = (double)(c->used_ns - c->stepped_ns);

	b->balance_ns -= used_ns;
	c->stepped_ns = c->used_ns;
	if (elapsed_ns > 0)
		c->rate += (used_ns - elapsed_ns * c->rate) / (elapsed_ns + BUDGET_RATE_NS);
	if (c->rate < 1.0 && c->used_ns >= c->granted_ns)
		c->rate = 1.0;
}

static void budget_settle(struct budget *b, uint64_t now_ns)
{
	double elapsed_ns = b->has_stepped ? (double)(now_ns - b->last_at_ns) : 0;

	if (b->is_paused)
		elapsed_ns = 0;
	b->last_at_ns = now_ns;
	b->has_stepped = true;
	b->balance_ns += budget_rate(b) * elapsed_ns - b->pending_ns;
	b->pending_ns = 0;
	for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
		if (b->consumers[i].is_present)
			budget_settle_one(b, i, elapsed_ns);
	}
	if (!budget_is_limited(b))
		b->balance_ns = 0; /* what was free is neither debt nor credit */
	if (b->balance_ns > deal_credit_ns(b))
		b->balance_ns = deal_credit_ns(b);
	deal_save(b, elapsed_ns);
}

void budget_step(struct budget *b, uint64_t now_ns)
{
	PRE(!b->has_stepped || now_ns >= b->last_at_ns);
	budget_settle(b, now_ns);
	if (!b->is_paused && !b->is_held)
		deal_out(b);
}

uint64_t budget_next_ns(const struct budget *b)
{
	return deal_next_ns(b);
}

uint64_t budget_excess_ns(const struct budget *b, size_t slot)
{
	const struct budget_consumer *c = &b->consumers[slot];

	PRE(slot < GRANT_N_SLOTS);
	if (!c->is_present || c->used_ns <= c->granted_ns)
		return 0;
	return c->used_ns - c->granted_ns;
}
