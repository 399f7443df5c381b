/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who waits for what: watchers of scans, told four times a second while it is
 * at work and once at its end; and those who asked for a reload of the
 * signatures, answered when that is over.
 *
 * A watch costs the daemon something at every tick, whoever reads it. So a
 * connection watches a scan once, and so many scans; it gets nothing on top of
 * what it has not taken yet, so a slow reader has the newest state when it comes
 * back, and no queue; and the time is the peer's (connection_work_end()): a
 * gateway that has used up its own misses progress, never the end.
 */
#include "rpc_private.h"

#include "err.h"
#include "jsonrpc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* @params is taken. */
static void rpc_watch_send(struct connection *connection, const char *method, cJSON *params)
{
	char *line = NULL;
	size_t n = 0;

	if (jsonrpc_notification(method, params, &line, &n) < 0)
		connection_close(connection);
	else
		connection_send(connection, line, n);
}

void rpc_watch_send_ended(struct connection *connection, cJSON *scan)
{
	rpc_watch_send(connection, "scan.ended", scan);
}

static void rpc_watch_drop(struct rpc *rpc, struct rpc_watch *watch)
{
	LIST_REMOVE(watch, link);
	free(watch);
	if (LIST_EMPTY(&rpc->watches))
		(void)uv_timer_stop(&rpc->timer);
}

static void rpc_watch_tell(struct rpc *rpc, const struct rpc_watch *watch)
{
	struct connection *connection = watch->connection;
	const struct connection_work work = connection_work_begin();
	const struct job *job;
	cJSON *scan = NULL;

	if (connection->is_closing || connection->is_held || connection_n_unsent(connection) > 0)
		return;
	job = scheduler_find(rpc->config.scheduler, watch->scan_id);
	if (job && rpc_scan_brief_json(rpc, job, &scan) == 0)
		rpc_watch_send(connection, "scan.progress", scan);
	connection_work_end(connection, &work);
}

static void rpc_watch_tell_ended(struct connection *connection, const struct job *job)
{
	const struct connection_work work = connection_work_begin();
	cJSON *scan = NULL;

	if (connection->is_closing)
		return;
	if (record_json_scan(&job->scan, &scan) == 0)
		rpc_watch_send_ended(connection, scan);
	connection_work_end(connection, &work);
}

void rpc_watch_on_timer(uv_timer_t *timer)
{
	struct rpc *rpc = timer->data;
	struct rpc_watch *watch;

	LIST_FOREACH(watch, &rpc->watches, link)
	rpc_watch_tell(rpc, watch);
}

int rpc_watch_add(struct rpc_call *call, const char *scan_id)
{
	struct rpc *rpc = call->rpc;
	struct rpc_watch *watch;
	size_t n = 0;

	LIST_FOREACH(watch, &rpc->watches, link)
	{
		if (watch->connection != call->connection)
			continue;
		if (strcmp(watch->scan_id, scan_id) == 0)
			return 0;
		n++;
	}
	if (n >= RPC_WATCHES_MAX)
		return fault_set(&call->fault, FAULT_INVALID_STATE, "id",
			"a connection watches at most %d scans", RPC_WATCHES_MAX);
	watch = calloc(1, sizeof(*watch));
	if (!watch)
		return err_origin(-ENOMEM);
	watch->connection = call->connection;
	memcpy(watch->scan_id, scan_id, RECORD_ID_SIZE);
	LIST_INSERT_HEAD(&rpc->watches, watch, link);
	if (!uv_is_active((uv_handle_t *)&rpc->timer))
		(void)uv_timer_start(&rpc->timer, rpc_watch_on_timer, RPC_WATCH_MS, RPC_WATCH_MS);
	return 0;
}

void rpc_on_ended(struct rpc *rpc, const struct job *job)
{
	struct rpc_watch *watch, *next;

	scan_totals_end(&rpc->totals, &job->scan);
	for (watch = LIST_FIRST(&rpc->watches); watch; watch = next) {
		next = LIST_NEXT(watch, link);
		if (strcmp(watch->scan_id, job->scan.id) != 0)
			continue;
		rpc_watch_tell_ended(watch->connection, job);
		rpc_watch_drop(rpc, watch);
	}
	rpc->config.on_written(rpc->config.arg);
}

int rpc_watch_defer(struct rpc_call *call)
{
	struct rpc_waiter *waiter = calloc(1, sizeof(*waiter));

	if (!waiter)
		return err_origin(-ENOMEM);
	waiter->connection = call->connection;
	waiter->id = call->id ? cJSON_Duplicate(call->id, true) : NULL;
	LIST_INSERT_HEAD(&call->rpc->waiters, waiter, link);
	call->is_deferred = true;
	connection_set_busy(call->connection, true);
	return 0;
}

static void rpc_watch_answer(struct rpc *rpc, struct rpc_waiter *waiter)
{
	cJSON *result = NULL;
	char *line = NULL;
	size_t n = 0;

	if (!waiter->id || waiter->connection->is_closing)
		return;
	if (rpc_settings_definitions_json(rpc, &result) < 0 ||
		jsonrpc_result(waiter->id, result, &line, &n) < 0)
		connection_close(waiter->connection);
	else
		connection_send(waiter->connection, line, n);
}

static struct rpc_waiter *rpc_watch_due(const struct rpc *rpc)
{
	struct rpc_waiter *waiter;

	LIST_FOREACH(waiter, &rpc->waiters, link)
	if (waiter->is_due)
		return waiter;
	return NULL;
}

/*
 * A connection that is answered goes on with what it sent ahead, which may be
 * a reload again: that one waits for its own end, not for this one.
 */
void rpc_on_definitions(struct rpc *rpc)
{
	struct rpc_waiter *waiter;

	rpc->config.on_written(rpc->config.arg);
	if (scheduler_is_definitions_busy(rpc->config.scheduler))
		return;
	LIST_FOREACH(waiter, &rpc->waiters, link)
	waiter->is_due = true;
	while ((waiter = rpc_watch_due(rpc))) {
		struct connection *connection = waiter->connection;

		LIST_REMOVE(waiter, link);
		rpc_watch_answer(rpc, waiter);
		cJSON_Delete(waiter->id);
		free(waiter);
		connection_set_busy(connection, false);
	}
}

void rpc_on_closed(struct rpc *rpc, struct connection *connection)
{
	struct rpc_watch *watch, *next_watch;
	struct rpc_waiter *waiter, *next_waiter;

	rpc_quarantine_on_closed(rpc, connection);
	for (watch = LIST_FIRST(&rpc->watches); watch; watch = next_watch) {
		next_watch = LIST_NEXT(watch, link);
		if (watch->connection == connection)
			rpc_watch_drop(rpc, watch);
	}
	for (waiter = LIST_FIRST(&rpc->waiters); waiter; waiter = next_waiter) {
		next_waiter = LIST_NEXT(waiter, link);
		if (waiter->connection == connection) {
			LIST_REMOVE(waiter, link);
			cJSON_Delete(waiter->id);
			free(waiter);
		}
	}
	rpc_follow_drop(rpc, connection);
}
