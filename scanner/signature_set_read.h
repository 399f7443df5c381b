/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between signature_set.c and signature_set_snapshot.c: read a set whole, and
 * copy it on the way. Hands; any thread.
 */
#ifndef QS_SIGNATURE_SET_READ_H
#define QS_SIGNATURE_SET_READ_H

#include "signature_set.h"

/**
 * Look, read every file, look again.
 *
 * @dir     The set.
 * @target  A directory that receives a copy of each file, synced, with mode
 *          0644 and the times of the original; -1: no copy.
 * @infop   Receives all but the name; undefined unless 0 is returned.
 * @return  As signature_set_snapshot().
 */
int signature_set_read(
	const char *dir, int target, struct signature_set_info *infop, struct errmsg *msg);

#endif
