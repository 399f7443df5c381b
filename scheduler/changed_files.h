/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names of a scan that were gone, or others, or had other content, when their
 * turn came, while another antivirus was active: it may have dealt with them.
 * Nobody can prove that it did, and the words say no more than was seen. Without
 * another antivirus a change is a file result and nothing else.
 *
 * Hands (heap, store). Loop thread only.
 */
#ifndef QS_CHANGED_FILES_H
#define QS_CHANGED_FILES_H

#include "file_groups.h"

/**
 * One more.
 *
 * @neighbours   The newest look; NULL, or without another antivirus: nothing is kept.
 * @path         Raw bytes; copied, when it is one of the first.
 * @is_vanished  It was gone.
 */
void changed_files_add(struct file_groups *files, const struct neighbours *neighbours,
	struct span path, bool is_vanished);

/** Write the events; as file_groups_tell(). */
int changed_files_tell(struct file_groups *files, struct store *store,
	const struct scan_record *scan, struct errmsg *msg);

#endif
