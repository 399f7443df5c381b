/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One process seen through /proc: who it is, and what it holds by fanotify.
 * Only files are read that the kernel answers from memory, without the
 * process's help: one that hangs hangs nobody here.
 *
 * neighbour_probe_service() and neighbour_probe_status() are pure, the rest
 * hands. Any thread, one probe each.
 */
#ifndef QS_NEIGHBOUR_PROBE_H
#define QS_NEIGHBOUR_PROBE_H

#include "fanotify_marks.h"
#include "span.h"

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

enum {
	NEIGHBOUR_PROBE_COMM_MAX = 64,     /**< As the kernel escapes it, NUL included. */
	NEIGHBOUR_PROBE_SERVICE_MAX = 256, /**< NUL included. */
	NEIGHBOUR_PROBE_FDINFO_MAX = 1024 * 1024,
};

struct neighbour_probe {
	int fd; /**< /proc/PID; owned. */
	pid_t pid;
	pid_t parent;
	uid_t uid; /**< Real. */
	uid_t effective_uid;
	char comm[NEIGHBOUR_PROBE_COMM_MAX];
	char executable[PATH_MAX]; /**< Without NUL. */
	size_t n_executable;       /**< 0: not known. */
	bool is_hidden;            /**< Executable or descriptors may not be looked at. */
	char service[NEIGHBOUR_PROBE_SERVICE_MAX]; /**< Without ".service"; "" = none. */
};

/** What a whole look may cost; shared by all its probes. */
struct neighbour_probe_budget {
	size_t n_links; /**< Descriptors that may still be looked at. */
	size_t n_bytes; /**< Of fdinfo that may still be read. */
	char *buffer;   /**< NEIGHBOUR_PROBE_FDINFO_MAX bytes, borrowed. */
	bool is_spent;  /**< Something was left out. */
};

/**
 * Take a process up and read who it is.
 *
 * @proc_fd  /proc.
 * @return   0; -ENOENT, -ESRCH: it is gone; other -errno. Then nothing is open.
 */
int neighbour_probe_open(struct neighbour_probe *probe, int proc_fd, pid_t pid);

/** Let it go; twice is once. */
void neighbour_probe_close(struct neighbour_probe *probe);

/**
 * Its fanotify groups, one after the other.
 *
 * @on_group  Called for each; what it is given lives as long as the call.
 * @return    0, also when it ends meanwhile or may not be looked at (is_hidden).
 */
int neighbour_probe_groups(struct neighbour_probe *probe, struct neighbour_probe_budget *budget,
	void (*on_group)(void *data, const struct fanotify_marks *marks), void *data);

/**
 * Parse /proc/PID/status: comm, parent and uids.
 *
 * @return 0 or -EBADMSG.
 */
int neighbour_probe_status(const char *text, size_t n, struct neighbour_probe *probe);

/**
 * The system service in a text of /proc/PID/cgroup; a user's services are none,
 * because every user may name his own as he likes.
 *
 * @service  Set, "" = in none.
 */
void neighbour_probe_service(const char *text, size_t n, char service[NEIGHBOUR_PROBE_SERVICE_MAX]);

#endif
