/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What running processes execute: the executable and every file that is mapped
 * executable, also when its name is gone (deleted, memfd) or lies in another
 * mount namespace. The links of /proc lead straight to the inodes. Of a process
 * that has ended its own first thread, what another thread shows is taken; the
 * kernel has links to the mappings for the first one only, so of such a process
 * they are told by their path alone.
 *
 * Needs CAP_SYS_PTRACE for other users' processes and CAP_CHECKPOINT_RESTORE
 * for /proc/PID/map_files; what may not be seen is left out.
 *
 * procfiles_parse() is pure, the rest hands. Any thread.
 */
#ifndef QS_PROCFILES_H
#define QS_PROCFILES_H

#include "span.h"

#include <stdint.h>
#include <sys/types.h>

struct procfiles_file {
	pid_t pid;
	int pid_fd;       /**< /proc/PID, or a thread of it, O_PATH; borrowed. */
	const char *link; /**< Relative to it: "exe" or "map_files/…"; NULL: there is none. */
	bool is_mapped;   /**< dev and ino are known without touching the file. */
	dev_t dev;        /**< Of the superblock. */
	ino_t ino;
	struct span text; /**< Its path as the kernel shows it, "/x (deleted)" when it is gone; the
			   * link's path when the kernel cannot tell so long a one. */
};

/** One line of /proc/PID/maps. */
struct procfiles_map {
	unsigned long begin;
	unsigned long end;
	bool is_executable;
	dev_t dev;
	ino_t ino;        /**< 0: anonymous. */
	const char *path; /**< What follows, in the line: a path with newlines as "\012", or "". */
};

/**
 * Parse a line.
 *
 * @line   NUL-terminated.
 * @return 0 or -EBADMSG.
 */
int procfiles_parse(const char *line, struct procfiles_map *map);

/**
 * Call @on_file for every executable mapping of every process, again and again
 * for the files they share.
 *
 * @on_file  Returns 0, or negative to end.
 * @return   0; what @on_file returned; -errno when /proc cannot be read.
 */
int procfiles_each(int (*on_file)(void *data, const struct procfiles_file *file), void *data);

/**
 * Look which processes have a file as their executable, whatever its name is
 * by now. The answer is of this moment. Looking asks no file system for more
 * than it remembers; the caller marks it as a wait all the same (waits.h).
 *
 * @dev, @ino  As fstat(2) tells them (on btrfs not those of /proc/PID/maps).
 * @pids       Receives the first of them, in the order of /proc.
 * @n_max      At most that many.
 * @n_allp     Set to the number of all; unchanged on failure.
 * @return     0; -errno when /proc cannot be read.
 */
int procfiles_find_executing(dev_t dev, ino_t ino, uint64_t *pids, size_t n_max, uint64_t *n_allp);

#endif
