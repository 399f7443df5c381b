/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Taken soon (two looks), because too little is a promise broken; taken back
 * late, because each trial that fails costs two such looks. The time between
 * trials doubles from half a minute to eight minutes, so that where trials are
 * in vain they cost next to nothing.
 *
 * That processes of ours waited for what the measure helps against is part of
 * the condition: who has nothing to do is helped by none of them.
 */
#include "ratchet.h"

#include "check.h"

/** Looks in a row after which a step is taken. */
#define RATCHET_N_SHORT 2

/** Of what is missing, how much must have been waited for. */
#define RATCHET_WAITING 0.5

#define RATCHET_HOLD_MIN_NS UINT64_C(30000000000)
#define RATCHET_HOLD_MAX_NS UINT64_C(480000000000)

static bool ratchet_move(struct ratchet *r, unsigned n, uint64_t now_ns)
{
	r->n = n;
	r->changed_at_ns = now_ns;
	r->n_short = 0;
	return true;
}

static bool ratchet_tighten(struct ratchet *r, const struct ratchet_input *in)
{
	if (r->n >= in->n_max)
		return false;
	if (r->is_trial && r->hold_ns < RATCHET_HOLD_MAX_NS)
		r->hold_ns *= 2;
	r->is_trial = false;
	return ratchet_move(r, r->n + 1, in->now_ns);
}

static bool ratchet_release(struct ratchet *r, const struct ratchet_input *in)
{
	if (in->now_ns - r->changed_at_ns < r->hold_ns)
		return false;
	if (r->n > 0) {
		r->is_trial = true;
		return ratchet_move(r, r->n - 1, in->now_ns);
	}
	/* Well for long without any measure: the next trouble is another one. */
	r->hold_ns = RATCHET_HOLD_MIN_NS;
	r->is_trial = false;
	return false;
}

bool ratchet_step(struct ratchet *r, const struct ratchet_input *in)
{
	double missing = in->promised - in->got;
	bool is_short = missing > in->slack && in->waiting >= RATCHET_WAITING * missing;

	PRE(in->slack >= 0);
	if (!r->has_looked) {
		r->has_looked = true;
		r->changed_at_ns = in->now_ns;
		r->hold_ns = RATCHET_HOLD_MIN_NS;
	}
	if (r->n > in->n_max)
		return ratchet_move(r, in->n_max, in->now_ns);
	r->n_short = is_short ? r->n_short + 1 : 0;
	if (r->n_short >= RATCHET_N_SHORT)
		return ratchet_tighten(r, in);
	return !is_short && ratchet_release(r, in);
}

void ratchet_reset(struct ratchet *r, uint64_t now_ns)
{
	(void)ratchet_move(r, 0, now_ns);
	r->hold_ns = RATCHET_HOLD_MIN_NS;
	r->is_trial = false;
}
