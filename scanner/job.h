/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A job: an entry a lane has taken from the queue, opened or found not to be
 * openable. Opening is separate from scanning, so that a lane can open its
 * next file while its worker is busy with this one.
 *
 * Hands. Owned by one lane thread.
 */
#ifndef QS_JOB_H
#define QS_JOB_H

#include "opener.h"

struct job {
	struct entry *entry;    /**< Owned; NULL: no job. */
	int fd;                 /**< Of the file, owned; -1: not opened. */
	struct stat stat;       /**< At open. */
	struct outcome outcome; /**< Settled already when fd is -1. */
};

#define JOB_NULL                                                                                   \
	{                                                                                          \
		.fd = -1, .outcome = OUTCOME_NULL                                                  \
	}

/** Take an entry over and open it. @job is JOB_NULL before. */
void job_open(struct job *job, const struct opener *opener, struct entry *entry);
/** Close and free; it is JOB_NULL then. */
void job_close(struct job *job);

#endif
