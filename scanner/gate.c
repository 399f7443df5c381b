/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pause must hold even when the daemon grants CPU time without a limit, so
 * it is a condition of its own and not only a grant that stops growing. Cancel
 * is looked at before and after both waits: a cancelled thread leaves without
 * paying, the daemon ends the process soon and what it used is charged anyway.
 */
#include "gate.h"

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
}

void gate_deinit(struct gate *gate)
{
	(void)pthread_cond_destroy(&gate->moved);
	(void)pthread_mutex_destroy(&gate->lock);
}

int gate_pass(struct gate *gate)
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

void gate_pause(struct gate *gate, bool is_paused)
{
	(void)pthread_mutex_lock(&gate->lock);
	atomic_store(&gate->is_paused, is_paused);
	(void)pthread_cond_broadcast(&gate->moved);
	(void)pthread_mutex_unlock(&gate->lock);
}

void gate_cancel(struct gate *gate)
{
	(void)pthread_mutex_lock(&gate->lock);
	atomic_store(&gate->is_cancelled, true);
	(void)pthread_cond_broadcast(&gate->moved);
	(void)pthread_mutex_unlock(&gate->lock);
}
