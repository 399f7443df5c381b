/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One child process: exec, its log lines, its end. A child that sits in an
 * uninterruptible system call survives SIGKILL (facts: a process in open() on
 * a hung mount), so nothing here waits for one: its owner lets go of it and
 * the memory follows whenever the kernel does.
 *
 * Hands (uv). Loop thread only.
 */
#ifndef QS_CHILD_PROCESS_H
#define QS_CHILD_PROCESS_H

#include "err.h"

#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

enum {
	CHILD_PROCESS_FD0 = 3,     /**< The child's number of fds[0]. */
	CHILD_PROCESS_FDS_MAX = 4, /**< fds 3 to 6. */
};

/** Opaque. */
struct child_process;

struct child_process_config {
	const char *name;    /**< For logs, borrowed for ever (a literal). */
	const char *program; /**< Absolute path. */
	char *const *argv;   /**< NULL-terminated, argv[0] included; borrowed during the call. */
	int fds[CHILD_PROCESS_FDS_MAX]; /**< Borrowed; become 3, 4, …; -1 leaves the number closed. */
	/** Called once, when it was reaped, unless it was freed before. */
	void (*on_exit)(void *arg, int exit_status, int term_signal);
	void *arg;
};

/**
 * Start one. Standard input and output are /dev/null, standard error is a pipe
 * whose lines go to our log.
 *
 * @childp  Set when 0 is returned; child_process_free().
 * @return  0 or a negative code (-ENOENT: the program is missing).
 */
int child_process_spawn(uv_loop_t *loop, const struct child_process_config *config,
	struct child_process **childp, struct errmsg *msg);

/** Its pid; 0 once it was reaped. */
pid_t child_process_pid(const struct child_process *child);

/** Send a signal; nothing happens once it was reaped. */
void child_process_kill(struct child_process *child, int signo);

/**
 * Let go: no call-back any more, SIGKILL if it still runs. It is reaped in the
 * background and does not keep the loop alive. Takes NULL.
 */
void child_process_free(struct child_process *child);

/**
 * The loop ends: forget all that were freed and have not ended, so that nothing
 * of them is left on it after its next turns. They are init's then.
 */
void child_process_forget_all(uv_loop_t *loop);

#endif
