/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process watches by fanotify, and whether others have to wait for its
 * word: the text of one /proc/PID/fdinfo/FD (proc(5); fs/notify/fdinfo.c).
 *
 *   fanotify flags:5 event-flags:8000                      class and mode
 *   fanotify ino:1 sdev:27 mflags:0 mask:8010000 …         an inode
 *   fanotify mnt_id:103 mflags:0 mask:10000 …              a mount
 *   fanotify sdev:27 mflags:0 mask:60000 …                 a file system
 *
 * All numbers are hexadecimal. Only marks with a permission event count as
 * blocking: with any other the kernel tells and does not ask.
 *
 * Pure. Any thread.
 */
#ifndef QS_FANOTIFY_MARKS_H
#define QS_FANOTIFY_MARKS_H

#include "span.h"

#include <stdint.h>
#include <sys/types.h>

enum {
	FANOTIFY_MARKS_PLACES_MAX = 32, /**< Different places kept of one group. */
};

enum fanotify_marks_form {
	FANOTIFY_MARKS_INODE,      /**< One file, or one directory and what is in it. */
	FANOTIFY_MARKS_MOUNT,      /**< Everything that is reached through one mount. */
	FANOTIFY_MARKS_FILESYSTEM, /**< Everything on one superblock. */
};

/** Where others are held up; the marks on inodes of one superblock are one place. */
struct fanotify_marks_place {
	enum fanotify_marks_form form;
	uint32_t id;      /**< Mount id in the listener's namespace; else the kernel's sdev. */
	uint32_t mask;    /**< Permission events, or-ed over its marks. */
	uint64_t n_marks; /**< Blocking marks there. */
};

struct fanotify_marks {
	bool is_group;       /**< The text is of a fanotify descriptor. */
	uint32_t flags;      /**< Of fanotify_init(2); 0 when there is no such line. */
	uint64_t n_marks;    /**< Marks of any kind. */
	uint64_t n_blocking; /**< Of these: with a permission event. */
	struct fanotify_marks_place places[FANOTIFY_MARKS_PLACES_MAX];
	size_t n_places;
	bool is_cut; /**< There are more places than are kept. */
};

/**
 * Parse the text of a file in fdinfo.
 *
 * @text   n bytes, no NUL needed. A line without its newline was cut and is
 *         left out, as are lines that are none of the above.
 * @marks  Set, also when nothing was found.
 */
void fanotify_marks_parse(const char *text, size_t n, struct fanotify_marks *marks);

/** Whether the group may ask for permission events (FAN_CLASS_CONTENT, PRE_CONTENT). */
bool fanotify_marks_may_block(const struct fanotify_marks *marks);

/** The kernel's sdev as stat(2) and mountinfo have it. */
dev_t fanotify_marks_dev(uint32_t sdev);

#endif
