/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opening a listed file for reading without ever opening anything else: no
 * FIFO that hangs, no device that acts, no link that leads away.
 *
 *   O_PATH | O_NOFOLLOW        cannot block and has no side effect
 *   fstat                      a regular file, the inode that was listed?
 *   /proc/self/fd/N, O_RDONLY  the same inode, whatever the name is by now
 *
 * Hands. Any thread.
 */
#ifndef QS_OPENER_H
#define QS_OPENER_H

#include "entry.h"
#include "outcome.h"

#include <sys/stat.h>

struct opener {
	/* state */
	int proc_fd; /**< /proc/self/fd, owned. */
};

#define OPENER_NULL                                                                                \
	{                                                                                          \
		.proc_fd = -1                                                                      \
	}

enum { OPENER_E_SETTLED = 1 /**< Not opened; the outcome says why. */ };

/** Open /proc/self/fd. @return 0 or -errno. */
int opener_init(struct opener *opener);
/** Idempotent. */
void opener_deinit(struct opener *opener);

/**
 * Open a listed file.
 *
 * @fdp      Set when 0 is returned: readable, CLOEXEC; the caller owns it.
 * @stat     Set when 0 is returned: of that descriptor.
 * @outcome  Result, reason and size are set when OPENER_E_SETTLED is returned.
 * @return   0 or OPENER_E_SETTLED.
 */
int opener_open(const struct opener *opener, const struct entry *entry, int *fdp, struct stat *stat,
	struct outcome *outcome);

/**
 * Reopen an O_PATH descriptor of a regular file for reading.
 *
 * @return A descriptor the caller owns, or -errno.
 */
int opener_reopen(const struct opener *opener, int path_fd);

/** What a failed open means. Pure. @error positive errno. */
void opener_explain(int error, struct outcome *outcome);

/** Whether two looks at one descriptor saw different contents. Pure. */
bool opener_has_changed(const struct stat *before, const struct stat *after);

#endif
