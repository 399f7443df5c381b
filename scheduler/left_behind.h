/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes that were killed and have not ended: they sit in a system call on a
 * mount that hangs, and nobody waits for them. Their number is what bounds how
 * often such a mount is tried (docs/scanner.md, "Mounts that hang").
 *
 * Hands (pidfds, poll). Loop thread only; one list for the process, because the
 * processes outlive whoever started them.
 */
#ifndef QS_LEFT_BEHIND_H
#define QS_LEFT_BEHIND_H

#include <sys/types.h>

enum {
	/** From so many on nothing is scanned apart: each keeps its memory. */
	LEFT_BEHIND_MAX = 32,
};

/** One more. @pidfd taken over; -1 is nobody. */
void left_behind_add(int pidfd);

/** The same by pid, of a child that was not reaped yet. */
void left_behind_add_child(pid_t pid);

/** How many have not ended by now. */
unsigned left_behind_count(void);

#endif
