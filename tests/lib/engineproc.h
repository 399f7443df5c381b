/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A quietscan-engine under test: started as the daemon starts it, with this
 * test as daemon, scanner and lane at once. Hands. Fails the test when
 * something does not happen within ENGINEPROC_DEADLINE_MS; engineproc_stop()
 * ends every process it started.
 */
#ifndef QS_ENGINEPROC_H
#define QS_ENGINEPROC_H

#include "channel.h"
#include "grant.h"

#include <stdbool.h>
#include <sys/types.h>

enum { ENGINEPROC_DEADLINE_MS = 30000 };

/** Configuration first; zero means the default in brackets. */
struct engineproc {
	const char *program;    /**< [the build's quietscan-engine] */
	const char *signatures; /**< Directory. */
	const char *temp_dir;   /**< Directory. */
	bool is_test_load;      /**< Without --fork-fd. */
	bool is_governed;       /**< Grants are the test's business [unlimited]. */
	bool is_orphan;         /**< The daemon is gone before it starts. */
	const char *uid;        /**< With gid of the same number [none]. */
	const char *start_uid;  /**< Start as this user; temp_dir is given to it [ours]. */
	const char *walls;      /**< [auto] */
	uint64_t max_file_size; /**< [100 MiB] */
	uint64_t max_scan_size; /**< [400 MiB] */
	unsigned max_recursion; /**< [17] */
	unsigned max_files;     /**< [10000] */
	uint64_t memory_limit;  /**< [1 GiB] */
	uint64_t temp_size;     /**< [512 MiB] */
	bool is_shared;         /**< Keep stderr [else it goes to log]. */
	/* state */
	pid_t pid;
	int control_fd;
	int fork_fd;
	int log_fd; /**< Read end of its standard error. */
	struct grant_page *page;
	struct channel_inbox *inbox;
};

/** Start it; returns before it said anything. */
void engineproc_start(struct engineproc *proc);

/** Start it and expect READY, which is in proc->inbox then. */
void engineproc_start_ready(struct engineproc *proc);

/** Receive one message on a socket within the deadline; the result of channel_recv(). */
int engineproc_recv(int fd, struct channel_inbox *inbox);

/** Receive and require this type. */
void engineproc_expect(int fd, struct channel_inbox *inbox, uint16_t type);

/** A worker as the lane sees it. */
struct engineproc_worker {
	int socket_fd;
	pid_t pid;
	uint32_t generation;
	unsigned lane;
};

/** Ask for a worker, give it an unlimited grant, wait for its READY. */
void engineproc_fork(struct engineproc *proc, unsigned lane, struct engineproc_worker *worker);

/** Send a file to a worker. */
void engineproc_send(struct engineproc_worker *worker, int fd, uint64_t serial);

/** Send and wait for the verdict, which is in proc->inbox then. */
const struct ipc_work_verdict *engineproc_scan(
	struct engineproc *proc, struct engineproc_worker *worker, const char *path);

/**
 * Expect the end of a worker, told on both channels.
 *
 * @return Its wait status.
 */
int engineproc_expect_end(struct engineproc *proc, const struct engineproc_worker *worker);

/** Close the lane's end and expect the worker to exit with 0. */
void engineproc_join(struct engineproc *proc, struct engineproc_worker *worker);

/** Wait for the zygote to end by itself; its wait status. */
int engineproc_wait(struct engineproc *proc);

/** End it: close control, expect exit 0, free all. Kills what does not go. */
void engineproc_stop(struct engineproc *proc);

#endif
