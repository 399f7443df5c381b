/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client of the daemon's local socket (docs/local-protocol.md) on a uv loop:
 * a pool of connections, each with several calls under way (the daemon answers
 * in order), and one more that is kept for notifications.
 *
 * A call is never sent twice: one whose connection broke may have been carried
 * out, and only its caller knows whether asking again does harm.
 *
 * Hands (uv). Loop thread only.
 */
#ifndef QS_UPSTREAM_H
#define QS_UPSTREAM_H

#include "err.h"
#include "json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum {
	UPSTREAM_CONNECTIONS = 4,              /**< Of the pool; the kept one comes on top. */
	UPSTREAM_DEADLINE_MS = 10000,          /**< Of a call. */
	UPSTREAM_BACKOFF_MIN_MS = 100,         /**< Between two attempts to connect: from, */
	UPSTREAM_BACKOFF_MAX_MS = 5000,        /**< doubling, to. */
	UPSTREAM_REQUEST_MAX = 1024 * 1024,    /**< Bytes of a request; the daemon takes no more. */
	UPSTREAM_ANSWER_MAX = 8 * 1024 * 1024, /**< Of an answer; the daemon keeps no more. */
	UPSTREAM_CALLS_MAX = 1024,             /**< Under way at once. */
};

/** Opaque. */
struct upstream;
/** Opaque: a call under way. */
struct upstream_call;

/** On whose behalf a call is made: the member "onBehalfOf" of a request. */
struct upstream_caller {
	const char *name;         /**< 1 to 256 bytes; invalid UTF-8 is sent in display form. */
	const char *const *roles; /**< n_roles names, e.g. "Machine.Scan". */
	size_t n_roles;
	const char *source; /**< "PublicApi" or "Portal"; NULL: "PublicApi". */
};

/** How a call ended. Exactly one of the three: transport, fault, result. */
struct upstream_reply {
	/**
	 * 0; -ETIMEDOUT no answer in time; -ECONNRESET the connection broke after the call
	 * was sent, it may have been carried out; -EBADMSG the answer is none.
	 */
	int transport;
	int fault_number;          /**< 0, or a number of local-protocol.md. */
	const char *fault_code;    /**< data.code, "NotFound"; "" when there is none. */
	const char *fault_message; /**< "" when there is none. */
	const char *fault_target;  /**< data.target; "" when there is none. */
	const cJSON *result;       /**< NULL unless transport and fault_number are 0. */
};

/** Called once a call, unless it was cancelled. @reply lives as long as the call. */
typedef void (*upstream_done)(void *arg, const struct upstream_reply *reply);

/** What the kept connection tells. Members may be NULL. */
struct upstream_hooks {
	/** It is there (again): what is to be followed must be asked for anew. */
	void (*on_connected)(void *arg);
	/** It is lost; its calls have heard -ECONNRESET. */
	void (*on_lost)(void *arg);
	/** A notification; @params is an object or NULL, borrowed for the call. */
	void (*on_notification)(void *arg, const char *method, const cJSON *params);
};

struct upstream_config {
	uv_loop_t *loop;
	const char *path; /**< Of the socket; borrowed. */
	/** Who asks when a call names nobody; NULL: such a call has no onBehalfOf. Borrowed. */
	const struct upstream_caller *self;
	unsigned deadline_ms; /**< 0: UPSTREAM_DEADLINE_MS. */
};

/**
 * Begin to connect; it goes on trying for ever.
 *
 * @config     Copied.
 * @upstreamp  Set when 0 is returned; upstream_close() it.
 * @return     0; -ENAMETOOLONG for a path no socket can have; -ENOMEM; a uv code.
 */
int upstream_open(const struct upstream_config *config, struct upstream **upstreamp);

/** Replace the hooks. @hooks is borrowed until they are replaced; NULL: none. */
void upstream_set_hooks(struct upstream *upstream, const struct upstream_hooks *hooks, void *arg);

/** Whether a connection of the pool is there. */
bool upstream_is_connected(const struct upstream *upstream);

/**
 * Call a method on a connection of the pool.
 *
 * @method   Name, borrowed for this call.
 * @params   An object, taken in every case; NULL sends none.
 * @caller   NULL: as the gateway itself (config.self), which may only read. Borrowed for this
 *           call.
 * @done     Called later, never before this returns; only if 0 is returned.
 * @ticketp  Set when 0 is returned, valid until @done is called; may be NULL.
 * @return   0; -ECONNREFUSED not connected; -EMSGSIZE the request is too long; -EBUSY
 *           UPSTREAM_CALLS_MAX calls are under way; -ENOMEM.
 */
int upstream_call(struct upstream *upstream, const char *method, cJSON *params,
	const struct upstream_caller *caller, upstream_done done, void *arg,
	struct upstream_call **ticketp);

/** As upstream_call(), on the kept connection: for methods that notifications follow. */
int upstream_follow(struct upstream *upstream, const char *method, cJSON *params,
	const struct upstream_caller *caller, upstream_done done, void *arg,
	struct upstream_call **ticketp);

/** Not interested any more: done is not called. What was sent may be carried out. */
void upstream_cancel(struct upstream_call *ticket);

/**
 * Close. Calls under way hear -ECONNRESET before this returns; hooks hear nothing.
 * The memory goes when the loop has run its close callbacks. NULL is allowed.
 */
void upstream_close(struct upstream *upstream);

#endif
