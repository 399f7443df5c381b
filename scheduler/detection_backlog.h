/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Detections between the scanner's message and the disk: collected while the
 * scanner has something to say, written in one transaction (row, alert, events
 * of each), kept and written again when the store cannot take them.
 *
 * A scan that is begun again finds the same files again; the store knows them,
 * and they make no second event and no second count on an alert.
 *
 * Hands (store). Loop thread only.
 */
#ifndef QS_DETECTION_BACKLOG_H
#define QS_DETECTION_BACKLOG_H

#include "ipc.h"
#include "job.h"
#include "settings.h"
#include "store.h"

/** Opaque. */
struct detection_backlog;

/** An empty one; NULL without memory. */
struct detection_backlog *detection_backlog_new(void);

/** Free, with what is in it; takes NULL. */
void detection_backlog_free(struct detection_backlog *backlog);

/** Copy a message's content to the end. 0 or -ENOMEM. */
int detection_backlog_add(struct detection_backlog *backlog,
	const struct ipc_scan_detection *detection, int64_t now_unix_ms);

/** Detections that wait. */
size_t detection_backlog_size(const struct detection_backlog *backlog);

/** What decides what is to be done with what was found. */
struct detection_policy {
	const struct settings *settings; /**< Borrowed. */
	bool is_passive;                 /**< In passive mode now. */
};

/**
 * Write all of them; scan.n_detections is counted up by those that are new. What
 * is to be done with each is decided and written with it; it is done later
 * (remediator.h).
 *
 * @job   The scan they belong to, in the store already.
 * @return 0: all durable, the backlog is empty. Negative: nothing was written,
 *         all is kept.
 */
int detection_backlog_flush(struct detection_backlog *backlog, struct store *store, struct job *job,
	const struct detection_policy *policy, struct errmsg *msg);

#endif
