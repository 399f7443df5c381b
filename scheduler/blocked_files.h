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

#include "file_groups.h"

/**
 * One more.
 *
 * @neighbours  The newest look; NULL: nobody is known.
 * @path        Raw bytes; copied, when it is one of the first.
 */
void blocked_files_add(
	struct file_groups *files, const struct neighbours *neighbours, struct span path);

/** Write the events; as file_groups_tell(). */
int blocked_files_tell(struct file_groups *files, struct store *store,
	const struct scan_record *scan, struct errmsg *msg);

#endif
