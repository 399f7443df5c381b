/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scanner's end of the fork channel: asks the zygote for workers, has them
 * ended, and learns how they ended. A thread of its own receives; lanes wait
 * for what concerns them.
 *
 * A zygote may die and be replaced at any time (IPC_SCAN_ENGINE with a new
 * channel). Its workers are lost then: whoever holds one learns it from
 * enginehost_is_lost() and asks for another, which waits for the new zygote.
 *
 *   none ─ spawn ─► asked ─ STARTED ─► running ─ ENDED ─► ended
 *     ▲               └── error ──────────────────────────┘│
 *     └──────────── next spawn, or the zygote died ────────┘
 *
 * Hands (socket, mutex, one thread). Any thread; a lane number belongs to one
 * lane thread at a time.
 */
#ifndef QS_ENGINEHOST_H
#define QS_ENGINEHOST_H

#include "ipc.h"

#include <sys/types.h>

enum {
	ENGINEHOST_E_LOST = 1, /**< The zygote died. */
};

struct enginehost;

struct enginehost_worker {
	int fd;              /**< The lane's end of its socket, owned; -1: no worker. */
	uint64_t epoch;      /**< Which zygote made it. */
	uint32_t generation; /**< Also of its grant slot. */
	pid_t pid;
};

#define ENGINEHOST_WORKER_NULL                                                                     \
	{                                                                                          \
		.fd = -1                                                                           \
	}

struct enginehost_end {
	int wait_status; /**< As wait(2) gives it. */
	bool is_killed;  /**< On our or the daemon's demand. */
};

/** A host without a zygote; its thread runs. NULL without memory or threads. */
struct enginehost *enginehost_new(void);
/** Stop the thread and free; no lane uses it any more. Takes NULL. */
void enginehost_free(struct enginehost *host);

/** A new fork channel. @fd is taken over; the one before it is given up. */
void enginehost_attach(struct enginehost *host, int fd);

/** Cancel: every wait below returns -ECANCELED from now on. */
void enginehost_cancel(struct enginehost *host);

/**
 * Get a worker for a lane; waits for a zygote as long as it takes.
 *
 * @lane     Below IPC_LANES_MAX; its last worker has ended or is lost.
 * @workerp  Set when 0 is returned; close its fd to let it go.
 * @return   0; -ECANCELED; -errno of the zygote's fork.
 */
int enginehost_spawn(struct enginehost *host, unsigned lane, struct enginehost_worker *workerp);

/** Whether its zygote is gone. */
bool enginehost_is_lost(struct enginehost *host, const struct enginehost_worker *worker);

/** Have it killed; enginehost_wait_end() tells when it is done. */
void enginehost_kill(
	struct enginehost *host, unsigned lane, const struct enginehost_worker *worker);

/**
 * Wait until the zygote says how it ended.
 *
 * @timeout_ms  At most.
 * @endp        Set when 0 is returned.
 * @return      0; ENGINEHOST_E_LOST; -ETIMEDOUT. (Not ended by a cancel.)
 */
int enginehost_wait_end(struct enginehost *host, unsigned lane,
	const struct enginehost_worker *worker, unsigned timeout_ms, struct enginehost_end *endp);

#endif
