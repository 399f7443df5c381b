/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What daemon.c (start, loop, end) and daemon_parts.c (making and freeing the
 * parts) share. Nobody else includes this.
 *
 * Hands. Main thread.
 */
#ifndef QS_DAEMON_PRIVATE_H
#define QS_DAEMON_PRIVATE_H

#include "daemon.h"

#include "governor.h"
#include "local_socket.h"
#include "log_keeper.h"
#include "rpc.h"
#include "scheduler.h"
#include "topology.h"

enum { DAEMON_N_SIGNALS = 3 };

struct daemon {
	struct daemon_options *options;
	/* state: the parts, in the order in which they are made */
	struct settings_keeper keeper;
	struct store *store;
	struct log_keeper *log;
	struct topology topology;
	struct placement_machine machine; /**< For the governor; lives as long. */
	struct governor *governor;
	bool was_killed; /**< The last daemon did not stop by itself. */
	uv_loop_t loop;
	bool is_loop_made;
	struct local_socket *socket;
	struct scheduler *scheduler;
	struct rpc *rpc;
	/* the loop's own */
	uv_signal_t signals[DAEMON_N_SIGNALS];
	uv_timer_t ready_timer; /**< Until the first look at the signatures is over. */
	uv_timer_t log_timer;   /**< The log's witnesses follow. */
	uv_timer_t watchdog_timer;
	uv_timer_t stop_timer; /**< The end of patience. */
	bool are_handles_made;
	uint64_t ready_deadline_ms;
	int64_t start_unix_ms;
	struct errmsg log_error; /**< Of the witnesses. */
	bool is_stopping;
	bool is_stopped; /**< The scheduler has nothing at work any more. */
	bool is_forced;  /**< It did not end in time. */
	const char *stop_reason;
};

/**
 * Make everything but the loop's own handles.
 *
 * @return 0 or a negative code; @exitp says how to exit then. daemon_parts_free()
 *         in either case.
 */
int daemon_parts_make(struct daemon *daemon, enum daemon_exit *exitp, struct errmsg *msg);

/** Free what there is; the loop has no handles of daemon.c any more. */
void daemon_parts_free(struct daemon *daemon);

/* daemon.c: what the parts call; @arg is the daemon, on the loop's thread. */

/** A scan is over, its record is written: who watches it is told. @job as long as the call. */
void daemon_on_ended(void *arg, const struct job *job);
/** A look at the signatures, or a load of them, is over: who waits for it is answered. */
void daemon_on_definitions(void *arg);
/** Other settings are in force: the daemon's own, the log level. */
void daemon_on_settings(void *arg);
/** The scheduler has let its scan go: the daemon may end. */
void daemon_on_stopped(void *arg);
/** Something was written to the store: the log's followers have work. */
void daemon_on_written(void *arg);

#endif
