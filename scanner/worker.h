/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A worker: a fork of the zygote that confines itself and judges the files a
 * lane hands it, one after another, until the lane closes the socket.
 *
 * Hands. The calling process is the fresh child, single-threaded; it never
 * returns.
 */
#ifndef QS_WORKER_H
#define QS_WORKER_H

#include "engine.h"
#include "grant.h"
#include "sandbox.h"

#include <stdint.h>
#include <sys/types.h>

struct worker_config {
	struct engine *engine;         /**< Loaded; shared with the zygote, copy on write. */
	const struct grant_page *page; /**< Mapped read-only. */
	unsigned lane;                 /**< 0 to IPC_LANES_MAX - 1 */
	uint32_t generation;           /**< Of this worker, for its slot of the page. */
	const char *dir;               /**< Private directory, absolute. */
	uint64_t memory_bytes;         /**< See struct sandbox_config. */
	uint64_t temp_bytes;
	enum sandbox_walls walls;
	pid_t parent; /**< The zygote: the worker dies with it. */
};

/**
 * Be a worker. Ends with CHILD_EXIT_OK when the lane closes, CHILD_EXIT_SANDBOX
 * when a wall cannot be built (nothing was scanned), CHILD_EXIT_PROTOCOL on a
 * wrong message, CHILD_EXIT_SYSTEM when memory is lacking for a message.
 *
 * @socket_fd  The lane's socket; becomes descriptor 3.
 */
_Noreturn void worker_run(const struct worker_config *config, int socket_fd);

#endif
