/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pace: what quietscan-remediate computes it computes within the CPU time that
 * the daemon's governor grants it (grant.h; docs/governor.md).
 *
 * Hands (the grant page, a futex). State of the whole process; one thread.
 */
#ifndef QS_PACE_H
#define QS_PACE_H

#include "grant.h"

/**
 * From now on pace_keep() waits for grants.
 *
 * @page        Borrowed for ever; NULL: no limit, as before the first call.
 * @generation  Of GRANT_SLOT_REMEDIATE for this process.
 */
void pace_begin(const struct grant_page *page, uint32_t generation);

/**
 * A safe point: wait until this process has used less than it was granted. To be
 * called between two blocks of work, and never between a look and what is done
 * because of it.
 */
void pace_keep(void);

/** Wall time that it waited so far, in nanoseconds: what is timed is to be late by it. */
uint64_t pace_waited_ns(void);

#endif
