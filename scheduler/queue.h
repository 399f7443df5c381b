/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scans that wait or run, in the order in which they will be done; the
 * first is the one at work. Nothing in here is final.
 *
 * Pure. Loop thread only.
 */
#ifndef QS_QUEUE_H
#define QS_QUEUE_H

#include "job.h"

enum {
	QUEUE_MAX = 1000, /**< Open scans; more is refused. */
};

struct queue {
	/* state */
	TAILQ_HEAD(, job) jobs;
	size_t n;
};

/** Make it empty. */
void queue_init(struct queue *queue);

/** Free the jobs that are left. */
void queue_deinit(struct queue *queue);

/** Append; takes the job. */
void queue_append(struct queue *queue, struct job *job);

/** Put before all others; takes the job. */
void queue_prepend(struct queue *queue, struct job *job);

/** Take out; the caller owns it. */
void queue_remove(struct queue *queue, struct job *job);

/** The first, or NULL. */
struct job *queue_first(const struct queue *queue);

/** By the id of the scan or of the action; NULL when there is none. */
struct job *queue_find(const struct queue *queue, const char *id);

/**
 * The open scan that makes a new request of this type a duplicate: one of the
 * same type, if that is quick or full. Custom scans queue. NULL when none.
 */
struct job *queue_duplicate(const struct queue *queue, enum scan_type type);

#endif
