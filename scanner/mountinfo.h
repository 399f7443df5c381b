/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line of /proc/PID/mountinfo (proc(5)).
 *
 * Pure, in place. Any thread.
 */
#ifndef QS_MOUNTINFO_H
#define QS_MOUNTINFO_H

#include "span.h"

#include <sys/types.h>

struct mountinfo {
	int id;
	int parent;
	dev_t dev; /**< Of the superblock: major:minor. */
	struct span
		root; /**< Which part of the file system: "/", or a bind's or subvolume's path. */
	struct span point;  /**< Where it is mounted, as seen from the process's root. */
	struct span type;   /**< "ext4", "fuse.sshfs" */
	struct span source; /**< "/dev/sda1", "server:/export"; may be empty. */
};

/**
 * Parse a line.
 *
 * @line   n_line bytes without the newline; octal escapes in it are decoded in
 *         place, and the spans of @info point into it.
 * @return 0; -EBADMSG when it is no such line.
 */
int mountinfo_parse(char *line, size_t n_line, struct mountinfo *info);

#endif
