/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pause must hold even when the daemon grants CPU time without a limit, so
 * it is a condition of its own and not only a grant that stops growing. Cancel
 * is looked at before and after both waits: a cancelled thread leaves without
 * paying, the daemon ends the process soon and what it used is charged anyway.
 */
#include "gate.h"

#include "clock.h"
#include "waits.h"

#include <errno.h>
#include <stddef.h>

void gate_init(struct gate *gate, const struct grant_page *grants, uint32_t generation)
{
	gate->grants = grants;
	gate->generation = generation;
	(void)pthread_mutex_init(&gate->lock, NULL);
	(void)pthread_cond_init(&gate->moved, NULL);
	atomic_init(&gate->is_paused, false);
	atomic_init(&gate->is_cancelled, false);
	gate->paused_since_ns = 0;
	gate->paused_ns = 0;
}

void gate_deinit(struct gate *gate)
{
	(void)pthread_cond_destroy(&gate->moved);
	(void)pthread_mutex_destroy(&gate->lock);
}

static int gate_wait(struct gate *gate)
{
	if (gate_is_paused(gate)) {
		(void)pthread_mutex_lock(&gate->lock);
		while (gate_is_paused(gate) && !gate_is_cancelled(gate))
			(void)pthread_cond_wait(&gate->moved, &gate->lock);
		(void)pthread_mutex_unlock(&gate->lock);
	}
	if (gate_is_cancelled(gate))
		return -ECANCELED;
	if (gate->grants)
		grant_pay(gate->grants, GRANT_SLOT_SCANNER, gate->generation, NULL);
	return gate_is_cancelled(gate) ? -ECANCELED : 0;
}

int gate_pass(struct gate *gate)
{
	bool was_set = waits_lift();
	int r = gate_wait(gate);

	waits_lower(was_set);
	return r;
}

void gate_pause(struct gate *gate, bool is_paused)
{
	uint64_t now_ns = clock_mono_ns();

	(void)pthread_mutex_lock(&gate->lock);
	if (is_paused && !gate_is_paused(gate))
		gate->paused_since_ns = now_ns;
	else if (!is_paused && gate_is_paused(gate))
		gate->paused_ns += now_ns - gate->paused_since_ns;
	atomic_store(&gate->is_paused, is_paused);
	(void)pthread_cond_broadcast(&gate->moved);
	(void)pthread_mutex_unlock(&gate->lock);
}

uint64_t gate_paused_ns(struct gate *gate)
{
	uint64_t ns;

	(void)pthread_mutex_lock(&gate->lock);
	ns = gate->paused_ns;
	if (gate_is_paused(gate))
		ns += clock_mono_ns() - gate->paused_since_ns;
	(void)pthread_mutex_unlock(&gate->lock);
	return ns;
}

void gate_cancel(struct gate *gate)
{
	(void)pthread_mutex_lock(&gate->lock);
	atomic_store(&gate->is_cancelled, true);
	(void)pthread_cond_broadcast(&gate->moved);
	(void)pthread_mutex_unlock(&gate->lock);
}
