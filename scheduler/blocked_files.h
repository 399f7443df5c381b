/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names of a scan that somebody did not let us open or read, gathered by
 * who it was and where: told at the end of the scan as one event each, with a
 * count and the first paths.
 *
 * Who it was is decided when the name comes, by the newest look at the
 * machine; the path itself is not touched.
 *
 * Hands (heap, store). Loop thread only.
 */
#ifndef QS_BLOCKED_FILES_H
#define QS_BLOCKED_FILES_H

#include "neighbours.h"
#include "records.h"
#include "store.h"

enum {
	BLOCKED_FILES_GROUPS_MAX = 16, /**< Events of a scan; the last is of all the rest. */
	BLOCKED_FILES_PATHS_MAX = 10,  /**< Paths in one event. */
};

/** Opaque. */
struct blocked_files;

/** An empty one; NULL without memory. */
struct blocked_files *blocked_files_new(void);

/** Takes NULL. */
void blocked_files_free(struct blocked_files *files);

/** Forget all. */
void blocked_files_clear(struct blocked_files *files);

/**
 * One more.
 *
 * @neighbours  The newest look; NULL: nobody is known.
 * @path        Raw bytes; copied, when it is one of the first.
 */
void blocked_files_add(
	struct blocked_files *files, const struct neighbours *neighbours, struct span path);

/**
 * Write the events.
 *
 * @scan   Whose they are.
 * @return 0: all are durable, and forgotten. Negative: nothing was written.
 */
int blocked_files_tell(struct blocked_files *files, struct store *store,
	const struct scan_record *scan, struct errmsg *msg);

#endif
