/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the store takes records. A full disk is no reason to stop: scans are
 * held back, requests are refused, health says so, and when it is over the log
 * tells from when to when and what could not be told.
 *
 * Hands (store). Loop thread only.
 */
#ifndef QS_STORE_WATCH_H
#define QS_STORE_WATCH_H

#include "err.h"
#include "store.h"

#include <stdbool.h>
#include <stdint.h>

struct store_watch {
	struct store *store; /**< Borrowed. */
	/* state */
	bool is_failing;
	struct errmsg reason;
	int64_t since_unix_ms;
	uint64_t n_lost; /**< Events that are told nobody any more. */
};

/**
 * A write was tried.
 *
 * @r        0 or its error; @msg what was said about it.
 * @is_lost  It is not tried again.
 */
void store_watch_note(struct store_watch *watch, int r, const struct errmsg *msg, bool is_lost);

/** While it fails: try a small write, so that the end of it is noticed. */
void store_watch_probe(struct store_watch *watch);

#endif
