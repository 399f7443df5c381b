/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processes that /proc lists, and what they execute.
 *
 * Hands. A stream belongs to one thread at a time.
 */
#ifndef QS_PROC_DIR_H
#define QS_PROC_DIR_H

#include <dirent.h>
#include <sys/types.h>

enum { PROC_DIR_NAME_SIZE = 32 }; /* of "PID/task/TID/exe" */

/**
 * The next process of an open /proc (or thread of an open /proc/PID/task), by
 * ascending id. One that begins or ends meanwhile may be among them or not.
 *
 * @return Its id; 0: there is none any more.
 */
pid_t proc_dir_next(DIR *proc);

/**
 * The name of the link to what a process executes. Following it leads to the
 * file itself, whatever name that has; the process may have ended by then.
 *
 * @proc_fd  Of /proc.
 * @name     Receives it, relative to /proc; undefined unless 0 is returned.
 * @return   0; -ENOENT it executes none: a kernel thread, or it has ended; -EACCES
 *           the kernel does not show it; -errno.
 */
int proc_dir_exe(int proc_fd, pid_t pid, char name[PROC_DIR_NAME_SIZE]);

#endif
