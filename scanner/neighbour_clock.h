/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a process began: with its number it is one process and no other, however
 * often the number is given out again.
 *
 * neighbour_clock_parse() is pure, the rest hands (/proc, CPU clocks). Any thread.
 */
#ifndef QS_NEIGHBOUR_CLOCK_H
#define QS_NEIGHBOUR_CLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * The start time in a text of /proc/PID/stat.
 *
 * @beganp  Set when 0 is returned; clock ticks since boot.
 * @return  0 or -EBADMSG.
 */
int neighbour_clock_parse(const char *text, size_t n, uint64_t *beganp);

/**
 * Likewise, out of the file.
 *
 * @dir_fd  What @path is relative to: /proc and "PID/stat", or /proc/PID and "stat".
 * @return  0; -EBADMSG; -errno of open or read: -ENOENT, -ESRCH: it is gone.
 */
int neighbour_clock_began(int dir_fd, const char *path, uint64_t *beganp);

/**
 * The CPU time of a process that was seen before, all its threads, without its
 * children.
 *
 * @proc_fd  /proc.
 * @began    As it was then.
 * @cpu_nsp  Set when 0 is returned.
 * @return   0; -ESRCH: it is gone, whoever has its number now; other -errno.
 */
int neighbour_clock_read(int proc_fd, pid_t pid, uint64_t began, uint64_t *cpu_nsp);

#endif
