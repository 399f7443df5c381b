/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A lane: a thread that takes files from the queue one after another, has each
 * judged by its own engine worker, and settles the names.
 *
 * While its worker is busy a lane opens its next file, so that the worker does
 * not wait for the disk; it looks ahead only when more files wait than there
 * are lanes to take them.
 *
 * Hands. lane_start() and lane_join() are the main thread's.
 */
#ifndef QS_LANE_H
#define QS_LANE_H

#include "enginehost.h"
#include "filequeue.h"
#include "gate.h"
#include "ledger.h"
#include "links.h"
#include "opener.h"
#include "pacer.h"
#include "page_cache.h"
#include "waits.h"

#include <pthread.h>
#include <stdatomic.h>

/** What all lanes of a scan share; borrowed. */
struct lane_config {
	struct gate *gate;
	struct ledger *ledger;
	struct filequeue *queue;
	struct links *links;
	struct enginehost *host;
	const struct opener *opener;
	struct page_cache *page_cache; /**< NULL: leave it as reading left it. */
	struct pacer *pacer;
	struct waits *waits;        /**< A lane's slot has its number. */
	const atomic_uint *n_lanes; /**< A lane whose number is not below it leaves. */
	uint64_t file_cpu_max_ns;
	uint64_t stall_ns;
	uint64_t worker_files_max;
	/** A lane has ended; any thread. */
	void (*on_end)(void *data);
	void *data;
};

struct lane; /* Opaque: a thread's. */

/**
 * Start a lane.
 *
 * @config  Borrowed until lane_join().
 * @index   Below IPC_LANES_MAX, no other lane has it.
 * @return  0; -ENOMEM; -EAGAIN.
 */
int lane_start(const struct lane_config *config, unsigned index, struct lane **lanep);

/** Whether it has ended, so that lane_join() does not wait. */
bool lane_has_ended(const struct lane *lane);

/** Whether it ended because there were to be fewer lanes. */
bool lane_is_retired(const struct lane *lane);

/**
 * Wait for its end and free it.
 *
 * @return 0; -errno when it could not go on (no engine worker could be
 *         started), which ends the scan.
 */
int lane_join(struct lane *lane);

#endif
