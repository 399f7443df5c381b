/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Another antivirus, as small as can be: a process with one fanotify mark whose
 * permission events it answers by the file's name: "deny…" is denied, all else
 * is allowed.
 *
 * Hands (a child process, which dies with the test). Fails the test on errors.
 */
#ifndef QS_LISTENER_H
#define QS_LISTENER_H

#include "fanotify_marks.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct listener {
	enum fanotify_marks_form form;
	uint64_t mask;    /**< [FAN_OPEN_PERM] */
	bool is_mute;     /**< Notifications only: nobody waits for it. */
	const char *path; /**< What is marked: an inode, or what leads to the mount. */
	/* state */
	pid_t pid;
};

/**
 * Before the tests: mounts of our own, which nobody else sees.
 *
 * @return  0; UNIT_SKIPPED, with the reason printed, where that or permission marks
 *          cannot be had.
 */
int listener_prepare(void);

/** Start it; its mark is set when this returns. */
void listener_start(struct listener *listener);

/** End it; twice is once. */
void listener_stop(struct listener *listener);

#endif
