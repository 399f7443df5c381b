/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which file systems a scan enters: the classification is a table, the
 * decision is one function.
 *
 *               quick, full   custom
 *   local       yes           yes
 *   network     no            yes
 *   FUSE        no            yes     (fuseblk is local)
 *   pseudo      never         never
 *   autofs      never         never   (entering it would mount things)
 *
 * An unknown type is local: a new disk file system must not hide files.
 * Sources: Microsoft's linux-preferences and linux-exclusions pages for fuseblk
 * and for custom scans of network and FUSE; the kernel's list of file systems.
 *
 * Pure. Any thread.
 */
#ifndef QS_MOUNTRULE_H
#define QS_MOUNTRULE_H

#include "span.h"
#include "words.h"

enum mountrule_class {
	MOUNTRULE_LOCAL,
	MOUNTRULE_NETWORK,
	MOUNTRULE_FUSE,
	MOUNTRULE_PSEUDO,
	MOUNTRULE_AUTOFS,
};

/** The class of a file system type as mountinfo has it, "fuse.sshfs" too. */
enum mountrule_class mountrule_classify(struct span type);

/** Whether a scan of this type may touch it. */
bool mountrule_allows(enum mountrule_class class, enum scan_type type);

#endif
