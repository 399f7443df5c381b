/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The service's eye on other products: a look at the start, before each scan
 * and every minute, and the mode that follows from it. A change of the mode is
 * an event, and is remembered over a restart.
 *
 * Hands (uv pool, store). Loop thread only.
 */
#ifndef QS_NEIGHBOUR_WATCH_H
#define QS_NEIGHBOUR_WATCH_H

#include "neighbours.h"
#include "passive_mode.h"
#include "settings.h"
#include "store.h"

#include <uv.h>

enum { NEIGHBOUR_WATCH_MS = 60 * 1000 }; /**< Between two looks. */

struct neighbour_watch_config {
	uv_loop_t *loop;
	struct store *store;
	const struct settings *settings; /**< In force; the values change with each reload. */
	const char *table_path;          /**< The known products; borrowed for the call. */
	/** A look is over. */
	void (*on_looked)(void *arg);
	/** A record was tried; it is tried again. See store_watch_note(). */
	void (*on_store)(void *arg, int r, const struct errmsg *msg);
	void *arg;
};

/** Opaque. */
struct neighbour_watch;

/**
 * Make it. A table that cannot be read is told by neighbour_watch_error(); marks
 * are found all the same.
 *
 * @return 0; -ENOMEM; what the store gives.
 */
int neighbour_watch_new(const struct neighbour_watch_config *config,
	struct neighbour_watch **watchp, struct errmsg *msg);

/** Takes NULL. A look that is under way ends by itself. */
void neighbour_watch_free(struct neighbour_watch *watch);

/** Look now; when a look is under way, once more after it. on_looked follows. */
void neighbour_watch_look(struct neighbour_watch *watch);

/** Whether a look is under way, or wanted after the one that is. */
bool neighbour_watch_is_looking(const struct neighbour_watch *watch);

/** Whether a look has ended, well or not. */
bool neighbour_watch_has_looked(const struct neighbour_watch *watch);

/** To be called every second: a look when it is time, a record that waits. */
void neighbour_watch_tick(struct neighbour_watch *watch);

/** Other settings are in force. */
void neighbour_watch_settle(struct neighbour_watch *watch);

/** The mode in force. Borrowed. */
const struct passive_mode *neighbour_watch_mode(const struct neighbour_watch *watch);

/** The newest look that succeeded; NULL. Borrowed until the loop goes on. */
const struct neighbours *neighbour_watch_last(const struct neighbour_watch *watch);

/** Why not all can be known; "" = nothing is wrong. Borrowed. */
const char *neighbour_watch_error(const struct neighbour_watch *watch);

#endif
