/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Safe points and no CPU timer: its signal would cut short what the system calls of
 * some file systems (FUSE, NFS, fallocate(2) of tmpfs) do for a user's file, and
 * would stop the process between a look and the step after it. A block of a file
 * is a millisecond of CPU time or two; a single long call (the end of a large file)
 * is paid afterwards.
 */
#include "pace.h"

static struct {
	const struct grant_page *page;
	uint32_t generation;
	uint64_t waited_ns;
} pace;

void pace_begin(const struct grant_page *page, uint32_t generation)
{
	pace.page = page;
	pace.generation = generation;
}

void pace_keep(void)
{
	if (pace.page)
		grant_pay(pace.page, GRANT_SLOT_REMEDIATE, pace.generation, &pace.waited_ns);
}

uint64_t pace_waited_ns(void)
{
	return pace.waited_ns;
}
