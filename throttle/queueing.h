/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long a process has waited for a CPU since the last look. The kernel adds a
 * wait to its sum only when the wait ends, and beside much other work the lowest
 * priority waits for longer than the time between two looks: then most looks
 * would see nothing, and one all of it. A wait that still lasts is counted here
 * as it goes on, and taken off what the kernel tells of it later.
 *
 * Pure. Owner's lock.
 */
#ifndef QS_QUEUEING_H
#define QS_QUEUEING_H

#include "own_tasks.h"

#include <stdbool.h>
#include <stdint.h>

/** One process. */
struct queueing {
	/* state */
	bool has_looked;       /**< last is valid. */
	struct own_tasks last; /**< At the last look. */
	uint64_t ahead_ns;     /**< Counted already, not yet told by the kernel. */
};

#define QUEUEING_NULL                                                                              \
	{                                                                                          \
		.has_looked = false                                                                \
	}

/**
 * Fold one look in.
 *
 * @now         What its threads do now.
 * @elapsed_ns  Since the last look; 0 when that is not known: a wait that lasts is
 *              not counted then.
 * @return      Nanoseconds that its threads waited since the last look, summed
 *              over threads; 0 at the first look.
 */
uint64_t queueing_step(struct queueing *q, const struct own_tasks *now, uint64_t elapsed_ns);

#endif
