/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first fstat is made here, at open; the second after the verdict. What
 * happens to the file while it waits as the next one counts as a change, too.
 */
#include "filejob.h"

#include <unistd.h>

void filejob_open(struct filejob *job, const struct opener *opener, struct entry *entry)
{
	*job = (struct filejob)FILEJOB_NULL;
	job->entry = entry;
	if (opener_open(opener, entry, &job->fd, &job->stat, &job->outcome) != 0)
		job->fd = -1;
	else
		job->outcome.size = (uint64_t)job->stat.st_size;
}

void filejob_close(struct filejob *job)
{
	entry_free(job->entry);
	if (job->fd >= 0)
		(void)close(job->fd);
	outcome_deinit(&job->outcome);
	*job = (struct filejob)FILEJOB_NULL;
}
