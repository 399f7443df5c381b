/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scheduler's eye on the machine: a look every ten seconds whether anybody
 * uses it and whether it runs on battery. Always, not only when a scan waits: it
 * takes five minutes of looking to call a machine idle.
 *
 * Hands. Loop thread only.
 */
#ifndef QS_IDLE_WATCH_H
#define QS_IDLE_WATCH_H

#include "governor.h"
#include "idle.h"
#include "idle_probe.h"

#include <stdbool.h>
#include <stdint.h>

struct idle_watch {
	struct governor *governor; /**< Tells what we use ourselves. */
	double n_online;           /**< CPUs of the machine. */
	/* state */
	bool is_on_battery;
	uint64_t next_ns;
	struct idle idle;
	struct idle_probe probe;
};

/** @n_online > 0. */
void idle_watch_init(struct idle_watch *watch, struct governor *governor, double n_online);

/**
 * Look, if it is time.
 *
 * @is_scanning  We read files now.
 * @return       Whether idleness or power changed.
 */
bool idle_watch_tick(struct idle_watch *watch, bool is_scanning);

#endif
