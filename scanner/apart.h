/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which mounts may hang, and in whose pass a mount is scanned. What may hang is
 * scanned apart: after everything else, one superblock after another, each
 * alone in the scanner, so that a hang costs that one (docs/scanner.md).
 *
 *   touch   any system call may hang, stat(2) too: FUSE, network
 *   open    opening and reading may hang, looking may not: it hung before
 *           (is_hung), below another antivirus' permission listener
 *
 * Below a mount of the first kind everything that is not apart by itself
 * belongs to it, because the way leads over it.
 *
 * Pure. The walker's thread.
 */
#ifndef QS_APART_H
#define QS_APART_H

#include "mounttable.h"
#include "pathrule.h"

enum apart_risk {
	APART_NONE,
	APART_OPEN,
	APART_TOUCH,
};

/** Note in the table what the daemon knows: the mounts that hung. */
void apart_mark(struct mounttable *table, const struct pathrule *rules);

/** Whether a mount may hang, and by what. */
enum apart_risk apart_risk_of(const struct mounttable_mount *mount);

/**
 * The mount that stands for its superblock and for the pass in which it is
 * scanned: of the visible ones that may hang the first by its point.
 *
 * @mount  May hang.
 */
struct mounttable_mount *apart_head(
	const struct mounttable *table, const struct mounttable_mount *mount);

/** The head of the pass a mount belongs to; NULL: it is not scanned apart. */
struct mounttable_mount *apart_owner(
	const struct mounttable *table, struct mounttable_mount *mount);

#endif
