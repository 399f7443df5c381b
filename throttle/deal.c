/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is granted beyond what was used is a promise on the balance.
 *
 *   pool = balance + rate × horizon − Σ promises
 *
 * is what may be promised now: the balance, and what will come in until a
 * promise made now can be used up. Each step deals the pool out, first come
 * first:
 *
 *   1. quietscan-remediate            (what was found goes before what is sought)
 *   2. the zygote                     (nobody gets a worker without it)
 *   3. lane 0, lane 1, lane 2, …      (spatial first)
 *   4. the scanner                    (walking ahead is worth the rest)
 *   5. out of a reserve: one of each kind that still waits
 *      (a budget below one CPU begins with this)
 *
 * so that the first ⌊factor × N⌋ lanes always have their headroom and never
 * stop, one lane gets what is left, and the others their guaranteed minimum.
 * A lane that waits for a disk uses nothing, its promise is counted by what it
 * used of late, and the next lane gets its part. Such estimates only decide who
 * is next; what they get wrong is in the balance a moment later.
 *
 * It cannot burst because credit is capped. It cannot starve because reserves
 * are paid in debt too; together they are well below the rate, so that debt is
 * repaid all the same. Below one CPU whoever runs stops again and again, so that
 * the pool comes to hold a portion: a full reserve is then the right to the
 * next one, nothing is paid in debt, and no second holds a portion that was not
 * saved up before it. Unless the daemon itself needs as much as comes in: then it
 * never does, and who has waited for long is paid in debt after all. The scanner's
 * reserve is large: lanes without files are no use, and the processes that have work
 * are the ones that wait.
 *
 * A process that waits is woken for a portion of some ticks. Less would be a
 * lie, the timer being late by up to one, would stop and go for nothing, and
 * would cost: a step, a wake and a stop are some 100 µs on a virtual machine.
 * For the same reason the next step is not at a fixed beat but when the pool
 * will hold a portion, or somebody will run out who could have one. At 5 % of
 * two CPUs that is every 110 ms, at 80 % every 10 ms.
 */
#include "deal.h"

#include <string.h>

/** What an unlimited process is ahead; a limit that comes must find it soon. */
#define DEAL_FREE_NS 60000000.0
/** … and where reads are limited: what it has can be read away on the disk's account. */
#define DEAL_FREE_METERED_NS 30000000.0

/** No second may be further above the factor than this share of all CPUs … */
#define DEAL_ABOVE_NS 30000000.0
/** … but credit must be enough for a portion and some. */
#define DEAL_CREDIT_PORTIONS 1.2

/** A portion: this much for each CPU of N, so that it is 0.8 points of a second, … */
#define DEAL_PORTION_NS 8000000.0
/** … but what comes in within this time is enough: at 5 % of two CPUs it is half a point, … */
#define DEAL_PORTION_PERIOD_NS 110000000.0
/** … within these bounds. */
#define DEAL_PORTION_MIN_NS 10000000.0
#define DEAL_PORTION_MAX_NS 16000000.0

/** A portion cut short by a late tick is one still: better now than another step. */
#define DEAL_PORTION_ENOUGH 0.7

/** How late the governor's thread may be woken. */
#define DEAL_LATE_NS 2000000.0

/** Steps are never further apart, nor in a pause: somebody must see offences. */
#define DEAL_STEP_MAX_NS 200000000.0

/** A raise below this is not worth its futex wake. */
#define DEAL_CRUMB_NS 500000.0

/** Who uses less than this rests; a step for its sake alone can wait so long. */
#define DEAL_REST_RATE 0.01
#define DEAL_REST_NS 50000000.0

/** No help for who is further beyond its grant: it waits for nothing. */
#define DEAL_HELP_EXCESS_NS 100000000.0

/** Who waits, and has had a right to a portion for so long, gets it in debt. */
#define DEAL_OVERDUE_NS 10000000000.0

/** Guaranteed shares of the rate; all lanes have theirs together. */
static const double deal_shares[BUDGET_N_KINDS] = {
	[BUDGET_KIND_SCANNER] = 0.20,
	[BUDGET_KIND_REMEDIATE] = 0.10,
	[BUDGET_KIND_ZYGOTE] = 0.10,
	[BUDGET_KIND_LANES] = 0.05,
};

static double deal_min(double a, double b)
{
	return a < b ? a : b;
}

static double deal_max(double a, double b)
{
	return a > b ? a : b;
}

/* The least a waiting process is woken for. */
double deal_portion_ns(const struct budget *b)
{
	double portion_ns = deal_min(DEAL_PORTION_NS * b->config.n_cpus, DEAL_PORTION_MAX_NS);

	portion_ns = deal_min(portion_ns, DEAL_PORTION_PERIOD_NS * budget_rate(b));
	return deal_max(deal_max(portion_ns, DEAL_PORTION_MIN_NS), 2.0 * (double)b->config.tick_ns);
}

/*
 * How far ahead of its clock a running process is kept: a portion until the
 * next step, a tick by which the reading is old, a tick by which that step is
 * late.
 */
static double deal_horizon_ns(const struct budget *b)
{
	return deal_portion_ns(b) + 2.0 * (double)b->config.tick_ns;
}

/*
 * The cap. A second that begins with full credit and full headroom and ends
 * with a late tick on every CPU is what it may be above, and not more.
 */
double deal_credit_ns(const struct budget *b)
{
	double above_ns = (DEAL_ABOVE_NS - (double)b->config.tick_ns) * b->config.n_cpus;

	return deal_max(above_ns - budget_rate(b) * deal_horizon_ns(b),
		DEAL_CREDIT_PORTIONS * deal_portion_ns(b));
}

/* Granted and not yet used; negative when beyond. */
static double deal_ahead_ns(const struct budget_consumer *c)
{
	return (double)(int64_t)(c->granted_ns - c->used_ns);
}

static bool deal_is_waiting(const struct budget_consumer *c)
{
	return c->used_ns >= c->granted_ns;
}

/* The part of what it is ahead that it will probably use within the horizon. */
static double deal_promise_ns(const struct budget *b, const struct budget_consumer *c)
{
	return deal_max(0, deal_min(deal_ahead_ns(c), c->rate * deal_horizon_ns(b)));
}

/* Multi-threaded consumers need as much more headroom as they run faster than one CPU. */
static double deal_headroom_ns(const struct budget *b, const struct budget_consumer *c)
{
	return deal_horizon_ns(b) * deal_min(deal_max(1.0, c->rate), b->config.n_cpus + 1.0);
}

static void deal_raise(struct budget_consumer *c, double ahead_ns)
{
	uint64_t granted_ns = c->used_ns + (uint64_t)ahead_ns;

	if (granted_ns > c->granted_ns)
		c->granted_ns = granted_ns;
}

static enum budget_kind deal_kind(size_t slot)
{
	if (slot == GRANT_SLOT_SCANNER)
		return BUDGET_KIND_SCANNER;
	if (slot == GRANT_SLOT_REMEDIATE)
		return BUDGET_KIND_REMEDIATE;
	return slot == GRANT_SLOT_ZYGOTE ? BUDGET_KIND_ZYGOTE : BUDGET_KIND_LANES;
}

/* It waits, and is not far beyond what it was granted. */
static bool deal_is_to_be_helped(const struct budget_consumer *c)
{
	return c->is_present && deal_is_waiting(c) && deal_ahead_ns(c) >= -DEAL_HELP_EXCESS_NS;
}

/* How long each kind has had a right to a portion; a hold is nobody's wait for CPU time. */
static void deal_note_overdue(struct budget *b, double elapsed_ns)
{
	bool is_waiting[BUDGET_N_KINDS] = {false};

	for (size_t i = 0; i < GRANT_N_SLOTS; i++)
		is_waiting[deal_kind(i)] |= deal_is_to_be_helped(&b->consumers[i]);
	for (size_t kind = 0; kind < BUDGET_N_KINDS; kind++) {
		b->overdue_ns[kind] += elapsed_ns;
		if (!is_waiting[kind] || b->is_held || b->reserves_ns[kind] < deal_portion_ns(b))
			b->overdue_ns[kind] = 0;
	}
}

void deal_save(struct budget *b, double elapsed_ns)
{
	deal_note_overdue(b, elapsed_ns);
	for (size_t kind = 0; kind < BUDGET_N_KINDS; kind++) {
		double saved_ns =
			b->reserves_ns[kind] + deal_shares[kind] * budget_rate(b) * elapsed_ns;

		b->reserves_ns[kind] = deal_min(saved_ns, deal_portion_ns(b));
	}
}

/*
 * Give one consumer its headroom out of the pool.
 *
 * Returns false when it waits for a portion that the pool has not: nobody
 * behind it may have the rest, or it would never be saved up.
 */
static bool deal_one(struct budget *b, size_t slot)
{
	struct budget_consumer *c = &b->consumers[slot];
	double ahead_ns = deal_max(0, deal_ahead_ns(c));
	double promised_ns = deal_promise_ns(b, c);
	double more_ns;

	if (!c->is_present)
		return true;
	if (deal_is_waiting(c) && b->pool_ns < DEAL_PORTION_ENOUGH * deal_portion_ns(b))
		return false;
	more_ns = deal_min(deal_headroom_ns(b, c) - ahead_ns, b->pool_ns);
	if (more_ns < DEAL_CRUMB_NS)
		return true;
	deal_raise(c, ahead_ns + more_ns);
	b->pool_ns -= deal_promise_ns(b, c) - promised_ns;
	return true;
}

static void deal_fill(struct budget *b)
{
	b->pool_ns = b->balance_ns + budget_rate(b) * deal_horizon_ns(b);
	for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
		if (b->consumers[i].is_present)
			b->pool_ns -= deal_promise_ns(b, &b->consumers[i]);
	}
}

/* Deal the pool out; who waits and cannot be served ends it. */
static void deal_pool(struct budget *b)
{
	for (size_t i = GRANT_SLOT_REMEDIATE; i < GRANT_N_SLOTS; i++) {
		if (!deal_one(b, i))
			return;
	}
	(void)deal_one(b, GRANT_SLOT_SCANNER);
}

/* A budget below one CPU: whoever runs stops again and again, and what is saved is dealt anew. */
static bool deal_is_saving(const struct budget *b)
{
	return budget_rate(b) < 1.0;
}

/*
 * A portion of its kind's reserve for who still waits, one of a kind and in
 * turn.
 */
static void deal_help(struct budget *b)
{
	bool is_saving = deal_is_saving(b);
	double portion_ns = deal_portion_ns(b);
	size_t last = b->helped_slot;

	for (size_t n = 1; n <= GRANT_N_SLOTS; n++) {
		size_t slot = (last + n) % GRANT_N_SLOTS;
		enum budget_kind kind = deal_kind(slot);
		struct budget_consumer *c = &b->consumers[slot];
		double *reserve_nsp = &b->reserves_ns[kind];

		if (!deal_is_to_be_helped(c) || *reserve_nsp < portion_ns)
			continue;
		if (is_saving && b->pool_ns < DEAL_PORTION_ENOUGH * portion_ns &&
			b->overdue_ns[kind] < DEAL_OVERDUE_NS)
			continue;
		deal_raise(c, portion_ns);
		*reserve_nsp -= portion_ns;
		b->overdue_ns[kind] = 0;
		b->pool_ns -= portion_ns;
		if (kind == BUDGET_KIND_LANES)
			b->helped_slot = slot;
	}
}

static double deal_free_ns(const struct budget *b)
{
	return b->is_metered ? DEAL_FREE_METERED_NS : DEAL_FREE_NS;
}

static void deal_free(struct budget *b)
{
	double free_ns = deal_free_ns(b);

	for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
		struct budget_consumer *c = &b->consumers[i];

		if (c->is_present && deal_ahead_ns(c) < 0.75 * free_ns)
			deal_raise(c, free_ns * deal_max(1.0, c->rate));
	}
}

void deal_out(struct budget *b)
{
	if (!budget_is_limited(b)) {
		deal_free(b);
		return;
	}
	deal_fill(b);
	if (deal_is_saving(b))
		deal_help(b);
	deal_pool(b);
	if (!deal_is_saving(b))
		deal_help(b);
}

/* Until somebody runs out; nobody who waits has anything left. */
static double deal_need_ns(const struct budget *b)
{
	double need_ns = DEAL_STEP_MAX_NS;

	for (size_t i = 0; i < GRANT_N_SLOTS; i++) {
		const struct budget_consumer *c = &b->consumers[i];
		double left_ns = deal_ahead_ns(c) - (double)b->config.tick_ns - DEAL_LATE_NS;

		if (c->rate < DEAL_REST_RATE)
			left_ns = DEAL_REST_NS;
		if (c->is_present)
			need_ns = deal_min(need_ns, left_ns / deal_max(1.0, c->rate));
	}
	return need_ns;
}

/*
 * Until a process waits, at the pace of late. Who rests may begin at any time and
 * use up what is left to it; it then waits as long as the pool needs for a
 * portion, which is what everybody has to expect.
 */
static double deal_until_waiting_ns(const struct budget *b, const struct budget_consumer *c)
{
	if (deal_is_waiting(c))
		return 0;
	if (c->rate < DEAL_REST_RATE)
		return deal_max(DEAL_REST_NS, deal_portion_ns(b) / budget_rate(b));
	return deal_ahead_ns(c) / deal_min(1.0, c->rate);
}

/* Until there is a portion to give: in the pool, or of a reserve to who waits then. */
static double deal_have_ns(const struct budget *b)
{
	double portion_ns = deal_portion_ns(b);
	double have_ns = (portion_ns - b->pool_ns) / budget_rate(b);

	for (size_t i = 0; !deal_is_saving(b) && i < GRANT_N_SLOTS; i++) {
		const struct budget_consumer *c = &b->consumers[i];
		enum budget_kind kind = deal_kind(i);
		double lacks_ns = portion_ns - b->reserves_ns[kind];
		double help_ns = lacks_ns / (deal_shares[kind] * budget_rate(b));

		if (c->is_present)
			have_ns = deal_min(have_ns, deal_max(help_ns, deal_until_waiting_ns(b, c)));
	}
	return have_ns;
}

uint64_t deal_next_ns(const struct budget *b)
{
	double next_ns = deal_need_ns(b);

	if (b->is_paused || b->is_held)
		return (uint64_t)DEAL_STEP_MAX_NS;
	if (budget_is_limited(b))
		next_ns = deal_max(next_ns, deal_have_ns(b));
	else
		next_ns -= 0.5 * deal_free_ns(b);
	next_ns = deal_min(next_ns, DEAL_STEP_MAX_NS);
	return (uint64_t)deal_max(next_ns, (double)b->config.step_min_ns);
}
