/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A job: an entry a lane has taken from the queue, opened or found not to be
 * openable. Opening is separate from scanning, so that a lane can open its
 * next file while its worker is busy with this one.
 *
 * Hands. Owned by one lane thread.
 */
#ifndef QS_FILEJOB_H
#define QS_FILEJOB_H

#include "opener.h"

struct filejob {
	struct entry *entry;    /**< Owned; NULL: no job. */
	int fd;                 /**< Of the file, owned; -1: not opened. */
	struct stat stat;       /**< At open. */
	struct outcome outcome; /**< Settled already when fd is -1. */
};

#define FILEJOB_NULL                                                                               \
	{                                                                                          \
		.fd = -1, .outcome = OUTCOME_NULL                                                  \
	}

/** Take an entry over and open it. @job is FILEJOB_NULL before. */
void filejob_open(struct filejob *job, const struct opener *opener, struct entry *entry);
/** Close and free; it is FILEJOB_NULL then. */
void filejob_close(struct filejob *job);

#endif
