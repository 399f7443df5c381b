/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scan that is not over yet, with the action that asked for it: the records
 * as they are (or will be) in the store, in memory of their own, and where the
 * scan is in its life.
 *
 * Pure but for memory. Loop thread only.
 */
#ifndef QS_JOB_H
#define QS_JOB_H

#include "records.h"
#include "request.h"
#include "scan_cycle.h"
#include "start_policy.h"

#include <sys/queue.h>

struct job {
	TAILQ_ENTRY(job) link;       /**< In the queue. */
	struct action_record action; /**< Its strings belong to the job: job_text(). */
	struct scan_record scan;     /**< Likewise. */
	struct scan_cycle cycle;
	int override_pct;        /**< loadFactor of the request, or LOAD_POLICY_NO_OVERRIDE. */
	enum start_policy held;  /**< What it waits for, as it was told last. */
	const char *load;        /**< Load over time (load_document.h), NULL before there is any. */
	bool is_mount_left;      /**< Of this pass: the rest of a mount that hangs was given up. */
	bool is_target_left_out; /**< Of this pass: one of its targets was, as a whole. */
};

/**
 * Make one of a request: ids, Pending, times. Nothing is stored.
 *
 * @who     Asks; copied. What comes through a gateway has the origin "action".
 * @jobp    Set when 0 is returned; job_free().
 * @return  0 or -ENOMEM.
 */
int job_new(const struct request *request, const struct requestor *who, int64_t now_unix_ms,
	struct job **jobp);

/** Make one of stored records; everything is copied. 0 or -ENOMEM. */
int job_restore(
	const struct action_record *action, const struct scan_record *scan, struct job **jobp);

/** Free; takes NULL. Must not be in a queue. */
void job_free(struct job *job);

/**
 * Replace a string field of one of the job's records.
 *
 * @fieldp  A const char * member of job->action or job->scan.
 * @text    Copied; NULL makes it NULL.
 * @return  0 or -ENOMEM; the field is untouched then.
 */
int job_text(const char **fieldp, const char *text);

/** Forget the counts of a pass that begins anew. */
void job_reset_counts(struct job *job);

/**
 * Whether every file was wholly scanned, and no mount was given up. A custom scan is not whole, either,
 * when one of its targets was left out as a whole, or when it met names and
 * scanned none; one that met no name (an empty directory) is.
 */
bool job_is_whole(const struct job *job);

/** "Quick", "Full", "Custom": the scope of an action. Static. */
const char *job_scope(enum scan_type type);

#endif
