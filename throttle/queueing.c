/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads that wanted a CPU at both looks, in a process that had none between
 * them, have waited all the time: who sleeps has to run first to fall asleep.
 * Of a process that did run it is not known which of its threads still wait;
 * what the kernel tells of them is soon enough, as others of it get on. Where
 * the kernel tells nothing (own_tasks.c) nothing is concluded either.
 */
#include "queueing.h"

static uint64_t queueing_lasting(
	const struct queueing *q, const struct own_tasks *now, uint64_t elapsed_ns)
{
	unsigned n = now->n_running < q->last.n_running ? now->n_running : q->last.n_running;

	if (now->ran_ns == 0 || now->ran_ns != q->last.ran_ns ||
		now->queued_ns != q->last.queued_ns)
		return 0;
	return n * elapsed_ns;
}

uint64_t queueing_step(struct queueing *q, const struct own_tasks *now, uint64_t elapsed_ns)
{
	uint64_t told_ns = 0;
	uint64_t lasting_ns;

	if (q->has_looked && now->queued_ns > q->last.queued_ns)
		told_ns = now->queued_ns - q->last.queued_ns;
	lasting_ns = q->has_looked ? queueing_lasting(q, now, elapsed_ns) : 0;
	if (told_ns > 0) {
		uint64_t known_ns = told_ns < q->ahead_ns ? told_ns : q->ahead_ns;

		/* One that has gone took what it waited with it: nothing is owed any more. */
		q->ahead_ns = 0;
		told_ns -= known_ns;
	}
	q->ahead_ns += lasting_ns;
	q->last = *now;
	q->has_looked = true;
	return told_ns + lasting_ns;
}
