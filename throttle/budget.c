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
 * A process that waits is woken for a portion of some ticks. Less would be a
 * lie, the timer being late by up to one, would stop and go for nothing, and
 * would cost: a step, a wake and a stop are some 100 µs on a virtual machine.
 * For the same reason the next step is not at a fixed beat but when the pool
 * will hold a portion, or somebody will run out who could have one. At 5 % of
 * two CPUs that is every 160 ms, at 80 % every 10 ms.
 */
#include "budget.h"

#include "check.h"

#include <string.h>

/** What an unlimited process is ahead; a limit that comes must find it soon. */
#define BUDGET_FREE_NS 60000000.0

/** No second may be further above the factor than this share of all CPUs … */
#define BUDGET_ABOVE_NS 30000000.0
/** … but credit must be enough for a portion and some. */
#define BUDGET_CREDIT_PORTIONS 1.2

/** A portion: this much for each CPU of N, so that it is 0.8 points of a second, … */
#define BUDGET_PORTION_NS 8000000.0
/** … within these bounds. */
#define BUDGET_PORTION_MIN_NS 10000000.0
#define BUDGET_PORTION_MAX_NS 16000000.0

/** A portion cut short by a late tick is one still: better now than another step. */
#define BUDGET_PORTION_ENOUGH 0.7

/** How late the governor's thread may be woken. */
#define BUDGET_LATE_NS 2000000.0

/** Steps are never further apart, nor in a pause: somebody must see offences. */
#define BUDGET_STEP_MAX_NS 200000000.0

/** A raise below this is not worth its futex wake. */
#define BUDGET_CRUMB_NS 500000.0

/** A consumer's rate is an average over about this long. */
#define BUDGET_RATE_NS 30000000.0

/** Guaranteed shares of the rate; all lanes have theirs together. */
static const double budget_shares[BUDGET_N_KINDS] = {
	[BUDGET_KIND_SCANNER] = 0.20,
	[BUDGET_KIND_ZYGOTE] = 0.10,
	[BUDGET_KIND_LANES] = 0.05,
};

static double budget_min(double a, double b)
{
	return a < b ? a : b;
}

static double budget_max(double a, double b)
{
	return a > b ? a : b;
}

/* The least a waiting process is woken for. */
static double budget_portion_ns(const struct budget *b)
{
	double portion_ns = budget_min(BUDGET_PORTION_NS * b->config.n_cpus, BUDGET_PORTION_MAX_NS);

	return budget_max(
		budget_max(portion_ns, BUDGET_PORTION_MIN_NS), 2.0 * (double)b->config.tick_ns);
}

/*
 * How far ahead of its clock a running process is kept: a portion until the
 * next step, a tick by which the reading is old, a tick by which that step is
 * late.
 */
static double budget_horizon_ns(const struct budget *b)
{
	return budget_portion_ns(b) + 2.0 * (double)b->config.tick_ns;
}

/*
 * The cap. A second that begins with full credit and full headroom and ends
 * with a late tick on every CPU is what it may be above, and not more.
 */
static double budget_credit_ns(const struct budget *b)
{
	double above_ns = (BUDGET_ABOVE_NS - (double)b->config.tick_ns) * b->config.n_cpus;

	return budget_max(above_ns - budget_rate(b) * budget_horizon_ns(b),
		BUDGET_CREDIT_PORTIONS * budget_portion_ns(b));
}

void budget_init(struct budget *b, const struct budget_config *config)
{
	PRE(config->n_cpus > 0 && config->tick_ns > 0 && config->step_min_ns > 0);
	memset(b, 0, sizeof(*b));
	b->config = *config;
}

void budget_start(struct budget *b, unsigned factor_pct)
{
	budget_set_factor(b, factor_pct);
	b->is_paused = false;
	b->has_stepped = false;
	b->balance_ns = budget_portion_ns(b); /* the first file need not wait */
	b->pending_ns = 0;
	b->total_ns = 0;
	for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
		struct budget_consumer *c = &b->consumers[i];

		c->stepped_ns = c->used_ns;
		c->rate = 1.0;
	}
	memset(b->reserves_ns, 0, sizeof(b->reserves_ns));
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

static enum budget_kind budget_kind(size_t slot)
{
	if (slot == GRANT_SLOT_SCANNER)
		return BUDGET_KIND_SCANNER;
	return slot == GRANT_SLOT_ZYGOTE ? BUDGET_KIND_ZYGOTE : BUDGET_KIND_LANES;
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
	if (budget_is_waiting(c))
		c->rate = budget_max(c->rate, 1.0);
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
	for (size_t kind = 0; kind < BUDGET_N_KINDS; kind++) {
		double saved_ns =
			b->reserves_ns[kind] + budget_shares[kind] * budget_rate(b) * elapsed_ns;

		b->reserves_ns[kind] = budget_min(saved_ns, budget_portion_ns(b));
	}
}

/*
 * Give one consumer its headroom out of the pool.
 *
 * Returns false when it waits for a portion that the pool has not: nobody
 * behind it may have the rest, or it would never be saved up.
 */
static bool budget_deal_one(struct budget *b, size_t slot)
{
	struct budget_consumer *c = &b->consumers[slot];
	double ahead_ns = budget_max(0, budget_ahead_ns(c));
	double promised_ns = budget_promise_ns(b, c);
	double more_ns;

	if (!c->is_present)
		return true;
	if (budget_is_waiting(c) && b->pool_ns < BUDGET_PORTION_ENOUGH * budget_portion_ns(b))
		return false;
	more_ns = budget_min(budget_headroom_ns(b, c) - ahead_ns, b->pool_ns);
	if (more_ns < BUDGET_CRUMB_NS)
		return true;
	budget_raise(c, ahead_ns + more_ns);
	b->pool_ns -= budget_promise_ns(b, c) - promised_ns;
	return true;
}

/* Deal the pool out; who waits and cannot be served ends it. */
static void budget_deal(struct budget *b)
{
	b->pool_ns = b->balance_ns + budget_rate(b) * budget_horizon_ns(b);
	for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
		if (b->consumers[i].is_present)
			b->pool_ns -= budget_promise_ns(b, &b->consumers[i]);
	}
	for (size_t i = GRANT_SLOT_ZYGOTE; i < GRANT_N_SLOTS; i++) {
		if (!budget_deal_one(b, i))
			return;
	}
	(void)budget_deal_one(b, GRANT_SLOT_SCANNER);
}

/*
 * A portion of its kind's reserve for who still waits, one of a kind and in
 * turn. Not for who is far beyond its grant: it waits for nothing.
 */
static void budget_help(struct budget *b)
{
	double portion_ns = budget_portion_ns(b);

	for (size_t n = 1; n <= GRANT_N_SLOTS; n++) {
		size_t slot = (b->helped_slot + n) % GRANT_N_SLOTS;
		struct budget_consumer *c = &b->consumers[slot];
		double *reserve_nsp = &b->reserves_ns[budget_kind(slot)];

		if (!c->is_present || !budget_is_waiting(c) || *reserve_nsp < portion_ns ||
			budget_ahead_ns(c) < -portion_ns)
			continue;
		budget_raise(c, portion_ns);
		*reserve_nsp -= portion_ns;
		b->pool_ns -= portion_ns;
		if (budget_kind(slot) == BUDGET_KIND_LANES)
			b->helped_slot = slot;
	}
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
	if (!budget_is_limited(b)) {
		budget_deal_free(b);
		return;
	}
	budget_deal(b);
	budget_help(b);
}

/* Until somebody runs out; nobody who waits has anything left. */
static double budget_need_ns(const struct budget *b)
{
	double need_ns = BUDGET_STEP_MAX_NS;

	for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
		const struct budget_consumer *c = &b->consumers[i];
		double left_ns = budget_ahead_ns(c) - (double)b->config.tick_ns - BUDGET_LATE_NS;

		if (c->is_present)
			need_ns = budget_min(need_ns, left_ns / budget_max(1.0, c->rate));
	}
	return need_ns;
}

/* Until there is a portion to give: in the pool, or of a reserve to who waits then. */
static double budget_have_ns(const struct budget *b)
{
	double portion_ns = budget_portion_ns(b);
	double have_ns = (portion_ns - b->pool_ns) / budget_rate(b);

	for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
		const struct budget_consumer *c = &b->consumers[i];
		enum budget_kind kind = budget_kind(i);
		double lacks_ns = portion_ns - b->reserves_ns[kind];
		double help_ns = lacks_ns / (budget_shares[kind] * budget_rate(b));

		if (c->is_present)
			have_ns = budget_min(have_ns, budget_max(help_ns, budget_ahead_ns(c)));
	}
	return have_ns;
}

uint64_t budget_next_ns(const struct budget *b)
{
	double next_ns = budget_need_ns(b);

	if (b->is_paused)
		return (uint64_t)BUDGET_STEP_MAX_NS;
	if (budget_is_limited(b))
		next_ns = budget_max(next_ns, budget_have_ns(b));
	else
		next_ns -= 0.5 * BUDGET_FREE_NS;
	next_ns = budget_min(next_ns, BUDGET_STEP_MAX_NS);
	return (uint64_t)budget_max(next_ns, (double)b->config.step_min_ns);
}

uint64_t budget_excess_ns(const struct budget *b, size_t slot)
{
	const struct budget_consumer *c = &b->consumers[slot];

	PRE(slot < GRANT_N_SLOTS);
	if (!c->is_present || !budget_is_waiting(c))
		return 0;
	return c->used_ns - c->granted_ns;
}
