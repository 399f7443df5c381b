/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The zygote's workers: at most one a lane, each with its generation, and what
 * is told of their begin and end to the daemon and the scanner.
 *
 * Hands (fork, kill, wait). The zygote's only thread.
 */
#ifndef QS_ZYGOTE_BROOD_H
#define QS_ZYGOTE_BROOD_H

#include "ipc.h"
#include "worker.h"

#include <stdbool.h>

struct zygote_brood_child {
	pid_t pid; /**< 0 = the lane has no worker. */
	uint32_t generation;
	bool is_killed; /**< We ended it. */
};

struct zygote_brood {
	struct worker_config worker; /**< What every worker gets; lane, generation, dir vary. */
	const char *temp_dir;
	int control_fd; /**< The daemon; blocking. */
	int fork_fd;    /**< The scanner; not blocking; -1 = gone. */
	/* state */
	uint32_t n_started; /**< Generation of the newest. */
	struct zygote_brood_child children[IPC_LANES_MAX];
};

/**
 * Fork a worker and tell both sides. A lane that has one gets error EBUSY; a
 * failed fork its errno.
 *
 * @socket_fd  The worker's end of its socket; borrowed.
 * @return     0, also when the request was answered with an error and when the
 *             scanner is gone; -EBADMSG for a lane that does not exist; -EPIPE,
 *             -ECONNRESET when the daemon is gone; -EAGAIN when the scanner
 *             does not read.
 */
int zygote_brood_fork(
	struct zygote_brood *brood, const struct ipc_fork_request *request, int socket_fd);

/** Kill a worker if it is the one that is meant; its end is told as any other. */
void zygote_brood_kill(struct zygote_brood *brood, const struct ipc_fork_kill *kill);

/** Kill all. */
void zygote_brood_kill_all(struct zygote_brood *brood);

/**
 * Reap who ended and tell both sides, with the exact CPU time.
 *
 * @return 0; errors of sending, as zygote_brood_fork().
 */
int zygote_brood_reap(struct zygote_brood *brood);

#endif
