/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As in budget.c the mean is exact because nothing is an estimate of use: what
 * was fetched past the limit, by a read-ahead, between two readings, with CPU
 * time that was granted before, is in the balance and is waited for. Debt has no
 * bound and is always repaid; credit has one.
 *
 * The pace of late decides only how soon the next reading is: a disk of
 * 200 MB/s against a limit of 10 MB/s is to be caught within milliseconds, one
 * that gives less than the limit need not be watched.
 */
#include "read_budget.h"

#include "check.h"

#include <string.h>

/** Credit: what this time earns … */
#define READ_BUDGET_CREDIT_S 0.25
/** … but not less than some read-aheads, or a limit of 1 MiB/s would stop at each. */
#define READ_BUDGET_CREDIT_MIN 1048576.0

/** The pace is an average over about this long. */
#define READ_BUDGET_PACE_NS 100000000.0

#define READ_BUDGET_LOOK_MIN_NS 5000000.0
/** A scan that hangs on a slow disk is looked at so often. */
#define READ_BUDGET_LOOK_MAX_NS 50000000.0
/** A hold is never planned for longer: the rate may be changed, processes end. */
#define READ_BUDGET_HOLD_MAX_NS 200000000.0

static double read_budget_max(double a, double b)
{
	return a > b ? a : b;
}

static double read_budget_clamp(double value, double min, double max)
{
	return value < min ? min : value > max ? max : value;
}

void read_budget_init(struct read_budget *rb)
{
	memset(rb, 0, sizeof(*rb));
}

double read_budget_credit(const struct read_budget *rb)
{
	return read_budget_max(
		READ_BUDGET_CREDIT_S * (double)rb->rate_bytes, READ_BUDGET_CREDIT_MIN);
}

void read_budget_begin(struct read_budget *rb, uint64_t now_ns)
{
	read_budget_step(rb, now_ns, 0, true);
	rb->read_bytes = 0;
	rb->held_ns = 0;
}

void read_budget_set_rate(struct read_budget *rb, uint64_t rate_bytes)
{
	bool was_limited = rb->rate_bytes != 0;

	rb->rate_bytes = rate_bytes;
	if (rate_bytes == 0)
		rb->balance_bytes = 0;
	else if (!was_limited)
		rb->balance_bytes = read_budget_credit(rb);
}

void read_budget_step(struct read_budget *rb, uint64_t now_ns, uint64_t n_bytes, bool is_paused)
{
	double elapsed_ns = rb->has_stepped ? (double)(now_ns - rb->last_at_ns) : 0;
	bool was_held = read_budget_is_held(rb);

	PRE(!rb->has_stepped || now_ns >= rb->last_at_ns);
	rb->last_at_ns = now_ns;
	rb->has_stepped = true;
	rb->read_bytes += n_bytes;
	if (was_held && !is_paused)
		rb->held_ns += (uint64_t)elapsed_ns;
	/* Who is held has no pace; who begins again will have the one he had. */
	if (!was_held && !is_paused && elapsed_ns > 0)
		rb->use_bytes += ((double)n_bytes * 1e9 - elapsed_ns * rb->use_bytes) /
				 (elapsed_ns + READ_BUDGET_PACE_NS);
	if (rb->rate_bytes == 0)
		return;
	rb->balance_bytes += (double)rb->rate_bytes * elapsed_ns / 1e9 - (double)n_bytes;
	if (rb->balance_bytes > read_budget_credit(rb))
		rb->balance_bytes = read_budget_credit(rb);
}

bool read_budget_is_held(const struct read_budget *rb)
{
	return rb->rate_bytes != 0 && rb->balance_bytes < 0;
}

uint64_t read_budget_next_ns(const struct read_budget *rb)
{
	double rate = (double)rb->rate_bytes;
	double next_ns = READ_BUDGET_LOOK_MAX_NS;

	if (read_budget_is_held(rb)) {
		/* A byte more than is owed: at the instant itself rounding would hold on. */
		next_ns = read_budget_clamp((1.0 - rb->balance_bytes) / rate * 1e9,
			READ_BUDGET_LOOK_MIN_NS, READ_BUDGET_HOLD_MAX_NS);
	} else if (rb->rate_bytes != 0 && rb->use_bytes > rate) {
		next_ns = read_budget_clamp(rb->balance_bytes / (rb->use_bytes - rate) * 1e9,
			READ_BUDGET_LOOK_MIN_NS, READ_BUDGET_LOOK_MAX_NS);
	}
	return (uint64_t)next_ns;
}
