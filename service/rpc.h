/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The methods of the local protocol: which there are, what they take, who may
 * call them. docs/local-protocol.md says what each gives.
 *
 * Hands (scheduler, store). Loop thread only.
 */
#ifndef QS_RPC_H
#define QS_RPC_H

#include "connection.h"
#include "health.h"
#include "scheduler.h"

struct rpc_config {
	uv_loop_t *loop;
	struct scheduler *scheduler;
	struct settings_keeper *keeper;
	struct store *store;
	const struct service_paths *paths;
	const char *version;
	double n_cpus;
	int64_t start_unix_ms;
	/** Why the log's witnesses fall behind, "" when they do not. */
	const char *(*log_error)(void *arg);
	/** Something was written: the log's witnesses should follow soon. */
	void (*on_written)(void *arg);
	void *arg;
};

/** Opaque. */
struct rpc;

/** Make it. 0 or -ENOMEM. */
int rpc_new(const struct rpc_config *config, struct rpc **rpcp);

/** Take it down; no connection may call it any more. Takes NULL. */
void rpc_free(struct rpc *rpc);

/** A request line of a connection: answered at once or later, in order. */
void rpc_on_line(struct rpc *rpc, struct connection *connection, const char *line, size_t n);

/** A line that was too long: says so and ends the connection. */
void rpc_on_oversize(struct rpc *rpc, struct connection *connection);

/** The connection is gone: nothing is sent to it any more. */
void rpc_on_closed(struct rpc *rpc, struct connection *connection);

/** A scan is over (scheduler's on_ended). */
void rpc_on_ended(struct rpc *rpc, const struct job *job);

/** A look or load of signatures is over (scheduler's on_definitions). */
void rpc_on_definitions(struct rpc *rpc);

#endif
