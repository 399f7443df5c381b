/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who follows the timeline is told that it has advanced, not what is new: that
 * is asked for by sequence, so nothing is missed or sent twice whatever happens
 * to a connection, and there is nothing to be queued.
 *
 * Happy path:    a change is committed → the timer, soon → each follower that
 *                was told less gets one line.
 * Failure modes: a follower that has not read its last line gets none until it
 *                has, then one for all; no memory for a line → its connection is
 *                closed.
 * On close:      followers go with their connections; the timer with the rpc.
 */
#include "rpc_private.h"

#include "err.h"
#include "jsonrpc.h"

#include <errno.h>
#include <stdlib.h>

enum {
	RPC_FOLLOW_SOON_MS = 10, /* what is written together is told together */
	RPC_FOLLOW_MS = 100,     /* between two lines of one connection */
};

static uint64_t rpc_follow_sequence(const struct rpc *rpc)
{
	uint64_t sequence = 0;
	uint8_t hash[RECORD_HASH_SIZE];

	/* Of our own store: from memory, which cannot fail. */
	(void)store_log_head(rpc->config.store, &sequence, hash, NULL);
	return sequence;
}

/* Of what the lists of actions and alerts show. */
static uint64_t rpc_follow_revision(const struct rpc *rpc)
{
	uint64_t actions = store_revision(rpc->config.store, STORE_KIND_ACTION);
	uint64_t alerts = store_revision(rpc->config.store, STORE_KIND_ALERT);

	return actions > alerts ? actions : alerts;
}

static int rpc_follow_json(struct rpc_follower *follower, cJSON **itemp)
{
	cJSON *item = cJSON_CreateObject();
	int r = json_add_uint(item, "sequence", follower->sequence);

	r |= json_add_uint(item, "revision", follower->revision);
	if (r < 0) {
		cJSON_Delete(item);
		return err_origin(-ENOMEM);
	}
	*itemp = item;
	return 0;
}

/* Note what is now. @return whether it is something else than before. */
static bool rpc_follow_note(const struct rpc *rpc, struct rpc_follower *follower)
{
	uint64_t sequence = rpc_follow_sequence(rpc);
	uint64_t revision = rpc_follow_revision(rpc);
	bool is_new = sequence != follower->sequence || revision != follower->revision;

	follower->sequence = sequence;
	follower->revision = revision;
	return is_new;
}

static void rpc_follow_send(struct rpc *rpc, struct rpc_follower *follower)
{
	cJSON *params = NULL;
	char *line = NULL;
	size_t n = 0;

	if (!rpc_follow_note(rpc, follower))
		return;
	if (rpc_follow_json(follower, &params) < 0 ||
		jsonrpc_notification("timeline.advanced", params, &line, &n) < 0)
		connection_close(follower->connection);
	else
		connection_send(follower->connection, line, n);
}

void rpc_follow_on_timer(uv_timer_t *timer)
{
	struct rpc *rpc = timer->data;
	struct rpc_follower *follower;
	bool is_late = false;

	rpc->followed_ms = uv_now(rpc->config.loop);
	LIST_FOREACH(follower, &rpc->followers, link)
	{
		if (follower->connection->is_closing)
			continue;
		if (connection_n_unsent(follower->connection) > 0)
			is_late = true;
		else
			rpc_follow_send(rpc, follower);
	}
	if (is_late)
		(void)uv_timer_start(timer, rpc_follow_on_timer, RPC_FOLLOW_MS, 0);
}

void rpc_follow_on_change(void *arg)
{
	struct rpc *rpc = arg;
	uint64_t now_ms = uv_now(rpc->config.loop);
	uint64_t due_ms = rpc->followed_ms + RPC_FOLLOW_MS;
	uint64_t wait_ms = RPC_FOLLOW_SOON_MS;

	if (LIST_EMPTY(&rpc->followers) || uv_is_active((uv_handle_t *)&rpc->follow_timer))
		return;
	if (due_ms > now_ms + wait_ms)
		wait_ms = due_ms - now_ms;
	(void)uv_timer_start(&rpc->follow_timer, rpc_follow_on_timer, wait_ms, 0);
}

static struct rpc_follower *rpc_follow_find(
	const struct rpc *rpc, const struct connection *connection)
{
	struct rpc_follower *follower;

	LIST_FOREACH(follower, &rpc->followers, link)
	{
		if (follower->connection == connection)
			return follower;
	}
	return NULL;
}

int rpc_follow(struct rpc_call *call)
{
	struct rpc *rpc = call->rpc;
	struct rpc_follower *follower = rpc_follow_find(rpc, call->connection);

	if (!follower) {
		follower = calloc(1, sizeof(*follower));
		if (!follower)
			return err_origin(-ENOMEM);
		follower->connection = call->connection;
		LIST_INSERT_HEAD(&rpc->followers, follower, link);
	}
	(void)rpc_follow_note(rpc, follower);
	return rpc_follow_json(follower, &call->result);
}

void rpc_follow_drop(struct rpc *rpc, const struct connection *connection)
{
	struct rpc_follower *follower = rpc_follow_find(rpc, connection);

	if (!follower)
		return;
	LIST_REMOVE(follower, link);
	free(follower);
}
