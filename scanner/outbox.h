/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the scanner tells the daemon. Every send blocks while the daemon does
 * not read (its store is full, say): whoever found something holds there, so
 * nothing is lost and nothing is piled up. Notices are rate-limited for each
 * kind, because a hostile tree could make millions; what was held back is
 * counted and told at the end.
 *
 * Hands (socket, mutex). Any thread; the caller holds no lock.
 */
#ifndef QS_OUTBOX_H
#define QS_OUTBOX_H

#include "ipc.h"

#include <pthread.h>

enum {
	OUTBOX_BURST = 50,     /**< Notices of a kind at once. */
	OUTBOX_PER_SECOND = 5, /**< And then that many a second. */
};

struct outbox_limit {
	uint64_t full_at_ns; /**< When the bucket will be full again, CLOCK_MONOTONIC. */
	uint64_t n_held;     /**< Held back so far. */
};

struct outbox {
	int fd; /**< Borrowed; blocking. */
	/* state */
	pthread_mutex_t lock;
	struct outbox_limit limits[IPC_NOTICE_KIND_N];
};

/** Set up; @fd is borrowed. */
void outbox_init(struct outbox *outbox, int fd);
/** Nobody uses it any more. */
void outbox_deinit(struct outbox *outbox);

/**
 * Send one message as it is.
 *
 * @return 0; -errno of channel_send(). When the daemon is gone the control
 *         thread ends the process, so callers may ignore it.
 */
int outbox_send(struct outbox *outbox, uint16_t type, const void *msg);

/**
 * Send a notice, or hold it back.
 *
 * @path  Cut at IPC_PATH_MAX. @text Cut at IPC_TEXT_MAX.
 */
void outbox_notice(
	struct outbox *outbox, enum ipc_notice_kind kind, struct span path, const char *text);

/** Send a notice in any case: who counts them has to get them all. As outbox_notice(). */
void outbox_notice_now(
	struct outbox *outbox, enum ipc_notice_kind kind, struct span path, const char *text);

/** Tell how many notices of each kind were held back, then forget it. */
void outbox_flush(struct outbox *outbox);

/**
 * Whether a bucket that refills with time lets one more through. Pure.
 *
 * @limit   Updated.
 * @now_ns  CLOCK_MONOTONIC.
 */
bool outbox_limit_take(struct outbox_limit *limit, uint64_t now_ns);

#endif
