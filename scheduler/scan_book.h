/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The records of a scan as it goes through its life: each function is one
 * transaction of action row, scan row and event, so that what the log tells and
 * what the lists show are never apart. On failure nothing was written and the
 * job is as it was.
 *
 * Hands (store). Loop thread only.
 */
#ifndef QS_SCAN_BOOK_H
#define QS_SCAN_BOOK_H

#include "ipc.h"
#include "job.h"
#include "store.h"

/** A new request: durable when 0 is returned. */
int scan_book_submit(struct store *store, struct job *job, struct errmsg *msg);

/** A pass begins: InProgress, attempts + 1, start time if it is the first. */
int scan_book_start(struct store *store, struct job *job, int64_t now_unix_ms, struct errmsg *msg);

/** Paused by a person. */
int scan_book_pause(
	struct store *store, struct job *job, const struct requestor *who, struct errmsg *msg);

/** Resumed by a person. */
int scan_book_resume(
	struct store *store, struct job *job, const struct requestor *who, struct errmsg *msg);

/** A pass ended by no will of ours; the next begins at the start. @why a sentence. */
int scan_book_interrupt(struct store *store, struct job *job, const char *why, struct errmsg *msg);

/** Counts of a running scan, without an event. */
int scan_book_count(struct store *store, const struct job *job, struct errmsg *msg);

/**
 * The end. cycle.outcome is the status; action.cancellation_* and scan.failure
 * were set by who ended it.
 */
int scan_book_end(struct store *store, struct job *job, int64_t now_unix_ms, struct errmsg *msg);

/** What a notice of the scanner tells. */
int scan_book_notice(struct store *store, const struct job *job,
	const struct ipc_scan_notice *notice, struct errmsg *msg);

/**
 * Restore the overrides of the load factor of open scans from the store.
 *
 * @return The override of the scan, or LOAD_POLICY_NO_OVERRIDE.
 */
int scan_book_override(struct store *store, const char *scan_id);

#endif
