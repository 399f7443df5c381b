/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One account for the whole service. It earns factor × N nanoseconds a
 * nanosecond and pays for everything that any process of ours has used, by the
 * kernel's clocks. What is granted beyond what was used is a promise on it.
 *
 *   pool = balance + rate × horizon − Σ promises
 *
 * is what may be promised now: the balance, and what will come in until a
 * promise made now can be used up. Each step deals the pool out, first come
 * first:
 *
 *   1. whoever waits and has saved up a portion by its guaranteed share
 *   2. the zygote                     (nobody gets a worker without it)
 *   3. lane 0, lane 1, lane 2, …      (spatial first)
 *   4. the scanner                    (walking ahead is worth the rest)
 *
 * so that the first ⌊factor × N⌋ lanes always have their headroom and never
 * stop, one lane gets what is left, and the others their guaranteed minimum.
 * A lane that waits for a disk uses nothing, its promise is counted by what it
 * used of late, and the next lane gets its part.
 *
 * The average is exact because nothing here is an estimate of use: a late
 * timer, a fork of 60 ms, the daemon's own work are in the clocks, the balance
 * goes down by them, and the next grant comes later. Estimates (rate) only
 * decide who is next.
 *
 * It cannot burst because credit is capped: what a quiet time has left over is
 * lost. It cannot starve because the guaranteed shares are paid in debt too;
 * together they are well below 1, so that debt is repaid all the same.
 *
 * A process that waits is woken for a portion of two ticks at least. Less would
 * be a lie, the timer being late by a tick, and would stop and go for nothing.
 */
#include "budget.h"

#include "check.h"

#include <string.h>

/** What an unlimited process is ahead; a limit that comes must find it soon. */
#define BUDGET_FREE_NS 60000000.0

/** Credit: this long at the full rate … */
#define BUDGET_CREDIT_NS 16000000.0

/** A raise below this is not worth its futex wake. */
#define BUDGET_CRUMB_NS 500000.0

/** Weight of the newest step in a consumer's rate: an average over some 20 ms. */
#define BUDGET_RATE_WEIGHT 0.25

/** Guaranteed shares of the rate; all lanes have theirs together. */
#define BUDGET_SHARE_SCANNER 0.20
#define BUDGET_SHARE_ZYGOTE 0.10
#define BUDGET_SHARE_LANES 0.05

static double budget_min(double a, double b)
{
	return a < b ? a : b;
}

static double budget_max(double a, double b)
{
	return a > b ? a : b;
}

/* How far ahead of its clock a running process is kept: a tick of stale reading, two steps. */
static double budget_horizon_ns(const struct budget *b)
{
	return (double)b->config.tick_ns + 2.0 * (double)b->config.interval_ns;
}

/* The least a waiting process is woken for. */
static double budget_portion_ns(const struct budget *b)
{
	return budget_max(2.0 * (double)b->config.tick_ns, (double)b->config.interval_ns);
}

/* The cap: at a small factor still enough for one portion. */
static double budget_credit_ns(const struct budget *b)
{
	return budget_max(budget_rate(b) * BUDGET_CREDIT_NS, 1.5 * budget_portion_ns(b));
}

void budget_init(struct budget *b, const struct budget_config *config)
{
	PRE(config->n_cpus > 0 && config->interval_ns > 0 && config->tick_ns > 0);
	memset(b, 0, sizeof(*b));
	b->config = *config;
}

void budget_start(struct budget *b, unsigned factor_pct)
{
	budget_set_factor(b, factor_pct);
	b->is_paused = false;
	b->has_stepped = false;
	b->balance_ns = 0;
	b->pending_ns = 0;
	b->total_ns = 0;
	for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
		struct budget_consumer *c = &b->consumers[i];

		c->stepped_ns = c->used_ns;
		c->reserve_ns = 0;
		c->rate = 1.0;
	}
}

bool budget_is_limited(const struct budget *b)
{
	return b->factor_pct != 0 && b->factor_pct < 100;
}

double budget_rate(const struct budget *b)
{
	return budget_is_limited(b) ? b->factor_pct / 100.0 * b->config.n_cpus : b->config.n_cpus;
}

void budget_set_factor(struct budget *b, unsigned factor_pct)
{
	PRE(factor_pct <= 100);
	b->factor_pct = factor_pct;
}

void budget_set_paused(struct budget *b, bool is_paused)
{
	b->is_paused = is_paused;
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

/* Granted and not yet used; negative when beyond. */
static double budget_ahead_ns(const struct budget_consumer *c)
{
	return (double)(int64_t)(c->granted_ns - c->used_ns);
}

static bool budget_is_waiting(const struct budget_consumer *c)
{
	return c->used_ns >= c->granted_ns;
}

/* The part of what it is ahead that it will probably use within the horizon. */
static double budget_promise_ns(const struct budget *b, const struct budget_consumer *c)
{
	return budget_max(0, budget_min(budget_ahead_ns(c), c->rate * budget_horizon_ns(b)));
}

/* Multi-threaded consumers need as much more headroom as they run faster than one CPU. */
static double budget_headroom_ns(const struct budget *b, const struct budget_consumer *c)
{
	return budget_horizon_ns(b) * budget_min(budget_max(1.0, c->rate), b->config.n_cpus + 1.0);
}

static void budget_raise(struct budget_consumer *c, double ahead_ns)
{
	uint64_t granted_ns = c->used_ns + (uint64_t)ahead_ns;

	if (granted_ns > c->granted_ns)
		c->granted_ns = granted_ns;
}

static double budget_share(const struct budget *b, size_t slot)
{
	size_t n_lanes = 0;

	if (slot == GRANT_SLOT_SCANNER)
		return BUDGET_SHARE_SCANNER;
	if (slot == GRANT_SLOT_ZYGOTE)
		return BUDGET_SHARE_ZYGOTE;
	for (size_t i = GRANT_SLOT_LANE0; i < GRANT_N_SLOTS; i++)
		n_lanes += b->consumers[i].is_present;
	return BUDGET_SHARE_LANES / (double)n_lanes;
}

/*
 * Move one consumer's use of the last @elapsed_ns into balance, rate, reserve.
 * Its pace is not judged by a step in which it had to wait.
 */
static void budget_settle_one(struct budget *b, size_t slot, double elapsed_ns)
{
	struct budget_consumer *c = &b->consumers[slot];
	double used_ns = (double)(c->used_ns - c->stepped_ns);
	double portion_ns = budget_portion_ns(b);

	b->balance_ns -= used_ns;
	c->stepped_ns = c->used_ns;
	if (elapsed_ns > 0)
		c->rate += BUDGET_RATE_WEIGHT * (used_ns / elapsed_ns - c->rate);
	if (budget_is_waiting(c))
		c->rate = budget_max(c->rate, 1.0);
	c->reserve_ns += budget_share(b, slot) * budget_rate(b) * elapsed_ns - used_ns;
	c->reserve_ns = budget_min(budget_max(c->reserve_ns, -portion_ns), portion_ns);
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
	b->balance_ns = budget_min(b->balance_ns, budget_credit_ns(b));
}

/*
 * Give one consumer its headroom out of the pool.
 *
 * Returns false when it waits for a portion that the pool has not: nobody
 * behind it may have the rest, or it would never be saved up.
 */
static bool budget_deal_one(struct budget *b, size_t slot, double *pool_nsp)
{
	struct budget_consumer *c = &b->consumers[slot];
	double ahead_ns = budget_max(0, budget_ahead_ns(c));
	double promised_ns = budget_promise_ns(b, c);
	double more_ns;

	if (!c->is_present)
		return true;
	if (budget_is_waiting(c) && *pool_nsp < budget_portion_ns(b))
		return false;
	more_ns = budget_min(budget_headroom_ns(b, c) - ahead_ns, *pool_nsp);
	if (more_ns < BUDGET_CRUMB_NS)
		return true;
	budget_raise(c, ahead_ns + more_ns);
	*pool_nsp -= budget_promise_ns(b, c) - promised_ns;
	return true;
}

static void budget_deal(struct budget *b)
{
	double pool_ns = b->balance_ns + budget_rate(b) * budget_horizon_ns(b);
	double portion_ns = budget_portion_ns(b);

	for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
		struct budget_consumer *c = &b->consumers[i];

		if (c->is_present && budget_is_waiting(c) && c->reserve_ns >= portion_ns)
			budget_raise(c, portion_ns);
		if (c->is_present)
			pool_ns -= budget_promise_ns(b, c);
	}
	for (size_t i = GRANT_SLOT_ZYGOTE; i < GRANT_N_SLOTS; i++) {
		if (!budget_deal_one(b, i, &pool_ns))
			return;
	}
	(void)budget_deal_one(b, GRANT_SLOT_SCANNER, &pool_ns);
}

static void budget_deal_free(struct budget *b)
{
	for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
		struct budget_consumer *c = &b->consumers[i];

		if (c->is_present && budget_ahead_ns(c) < 0.75 * BUDGET_FREE_NS)
			budget_raise(c, BUDGET_FREE_NS * budget_max(1.0, c->rate));
	}
}

void budget_step(struct budget *b, uint64_t now_ns)
{
	PRE(!b->has_stepped || now_ns >= b->last_at_ns);
	budget_settle(b, now_ns);
	if (!budget_is_limited(b))
		b->balance_ns = 0; /* what was free is neither debt nor credit */
	if (b->is_paused)
		return;
	if (budget_is_limited(b))
		budget_deal(b);
	else
		budget_deal_free(b);
}

uint64_t budget_excess_ns(const struct budget *b, size_t slot)
{
	const struct budget_consumer *c = &b->consumers[slot];

	PRE(slot < GRANT_N_SLOTS);
	if (!c->is_present || !budget_is_waiting(c))
		return 0;
	return c->used_ns - c->granted_ns;
}

double budget_burst_ns(const struct budget *b, unsigned n_runnable)
{
	return budget_credit_ns(b) + budget_rate(b) * budget_horizon_ns(b) +
	       n_runnable * (double)b->config.tick_ns;
}
