/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    call → a line on the connection with the fewest calls → its answer
 *                → done.
 * Failure modes: no connection → refused at once; no answer in time → -ETIMEDOUT, the
 *                late answer is dropped; the connection breaks → -ECONNRESET; an
 *                answer that is none → -EBADMSG; no answer for three deadlines →
 *                the connection is made anew.
 * On close:      calls under way hear -ECONNRESET, links close, then the memory goes.
 *
 * The daemon answers a connection's requests in order, so the answer belongs to the
 * first call in the queue: its id is compared all the same. A call that nobody
 * waits for any more keeps its place in the queue until its answer has come.
 */
#include "upstream.h"

#include "log.h"
#include "upstream_link.h"
#include "upstream_message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/un.h>

enum {
	UPSTREAM_LINKS = UPSTREAM_CONNECTIONS + 1,
	UPSTREAM_KEPT = UPSTREAM_CONNECTIONS, /* the one for notifications */
	UPSTREAM_SWEEP_MS = 100,
	UPSTREAM_STUCK = 3, /* deadlines without any answer */
};

struct upstream_call {
	TAILQ_ENTRY(upstream_call) link;
	struct upstream *upstream;
	int64_t id;
	upstream_done done; /* NULL: cancelled, or it has had its answer */
	void *arg;
	uint64_t sent_ms;
};

struct upstream_slot {
	struct upstream_link link;
	TAILQ_HEAD(, upstream_call) calls; /* in the order of the requests */
	size_t n_calls;
};

struct upstream {
	struct upstream_config config;
	const struct upstream_hooks *hooks;
	void *arg;
	/* state */
	struct upstream_slot slots[UPSTREAM_LINKS];
	uv_timer_t timer;
	size_t n_calls;
	size_t n_open; /* handles' owners that are not closed yet */
	int64_t serial;
	bool is_closing;
};

static struct upstream_slot *upstream_slot_of(struct upstream_link *link)
{
	return (struct upstream_slot *)link; /* its first member */
}

/* The end of a call. Afterwards it is gone. */
static void upstream_finish(
	struct upstream_slot *slot, struct upstream_call *call, const struct upstream_reply *reply)
{
	struct upstream *upstream = call->upstream;
	upstream_done done = call->done;
	void *arg = call->arg;

	TAILQ_REMOVE(&slot->calls, call, link);
	slot->n_calls--;
	upstream->n_calls--;
	free(call);
	if (upstream->n_calls == 0 && !upstream->is_closing)
		(void)uv_timer_stop(&upstream->timer);
	if (done)
		done(arg, reply);
}

static void upstream_fail_all(struct upstream_slot *slot)
{
	const struct upstream_reply reply = upstream_message_failure(-ECONNRESET);
	struct upstream_call *call;

	while ((call = TAILQ_FIRST(&slot->calls)))
		upstream_finish(slot, call, &reply);
}

/* What comes. */

static void upstream_answer(struct upstream_slot *slot, const struct upstream_message *message)
{
	struct upstream_call *call = TAILQ_FIRST(&slot->calls);

	if (!call || message->id != call->id) {
		log_warn("upstream", "an answer to nothing that was asked");
		upstream_link_reset(&slot->link);
		return;
	}
	upstream_finish(slot, call, &message->reply);
}

static void upstream_on_line(struct upstream_link *link, const char *line, size_t n)
{
	struct upstream *upstream = link->arg;
	struct upstream_message message;
	struct errmsg msg = ERRMSG_NULL;

	if (upstream_message_read(line, n, &message, &msg) < 0) {
		log_warn("upstream", "the service sent no message: %s", msg.text);
		upstream_link_reset(link);
	} else if (!message.method) {
		upstream_answer(upstream_slot_of(link), &message);
	} else if (upstream->hooks && upstream->hooks->on_notification) {
		upstream->hooks->on_notification(upstream->arg, message.method, message.params);
	}
	upstream_message_deinit(&message);
}

/* Connections. */

static bool upstream_is_kept(const struct upstream_link *link)
{
	const struct upstream *upstream = link->arg;

	return link == &upstream->slots[UPSTREAM_KEPT].link;
}

static void upstream_on_connected(struct upstream_link *link)
{
	struct upstream *upstream = link->arg;

	if (!upstream_is_kept(link))
		return;
	log_info("upstream", "connected to %s", link->path);
	if (upstream->hooks && upstream->hooks->on_connected)
		upstream->hooks->on_connected(upstream->arg);
}

static void upstream_on_lost(struct upstream_link *link)
{
	struct upstream *upstream = link->arg;

	upstream_fail_all(upstream_slot_of(link));
	if (!upstream_is_kept(link) || upstream->is_closing)
		return;
	log_warn("upstream", "lost the connection to %s", link->path);
	if (upstream->hooks && upstream->hooks->on_lost)
		upstream->hooks->on_lost(upstream->arg);
}

static void upstream_reclaim(struct upstream *upstream)
{
	if (--upstream->n_open == 0)
		free(upstream);
}

static void upstream_on_link_closed(struct upstream_link *link)
{
	upstream_reclaim(link->arg);
}

static void upstream_on_timer_closed(uv_handle_t *handle)
{
	upstream_reclaim(handle->data);
}

static const struct upstream_link_events upstream_events = {
	.on_connected = upstream_on_connected,
	.on_lost = upstream_on_lost,
	.on_line = upstream_on_line,
	.on_closed = upstream_on_link_closed,
};

/* Deadlines. */

/* The first call that is due and has somebody who waits. */
static struct upstream_call *upstream_due(const struct upstream_slot *slot, uint64_t before_ms)
{
	struct upstream_call *call;

	TAILQ_FOREACH(call, &slot->calls, link)
	{
		if (call->sent_ms > before_ms)
			return NULL;
		if (call->done)
			return call;
	}
	return NULL;
}

static void upstream_expire(struct upstream *upstream, struct upstream_slot *slot, uint64_t now_ms)
{
	const struct upstream_reply reply = upstream_message_failure(-ETIMEDOUT);
	uint64_t deadline_ms = upstream->config.deadline_ms;
	struct upstream_call *call;

	while (now_ms >= deadline_ms && (call = upstream_due(slot, now_ms - deadline_ms))) {
		upstream_done done = call->done;

		call->done = NULL; /* its answer still takes its place in the order */
		done(call->arg, &reply);
	}
	call = TAILQ_FIRST(&slot->calls);
	if (call && now_ms - call->sent_ms >= UPSTREAM_STUCK * deadline_ms)
		upstream_link_reset(&slot->link);
}

static void upstream_on_timer(uv_timer_t *timer)
{
	struct upstream *upstream = timer->data;

	for (size_t i = 0; i < UPSTREAM_LINKS && !upstream->is_closing; i++)
		upstream_expire(upstream, &upstream->slots[i], uv_now(upstream->config.loop));
}

/* Calls. */

static int upstream_put(struct upstream *upstream, struct upstream_slot *slot, char *line, size_t n,
	struct upstream_call **callp)
{
	struct upstream_call *call = calloc(1, sizeof(*call));
	int r;

	if (!call) {
		free(line);
		return err_origin(-ENOMEM);
	}
	r = upstream_link_send(&slot->link, line, n);
	if (r < 0) {
		free(call);
		return r;
	}
	call->upstream = upstream;
	call->id = ++upstream->serial;
	call->sent_ms = uv_now(upstream->config.loop);
	TAILQ_INSERT_TAIL(&slot->calls, call, link);
	slot->n_calls++;
	if (upstream->n_calls++ == 0)
		(void)uv_timer_start(
			&upstream->timer, upstream_on_timer, UPSTREAM_SWEEP_MS, UPSTREAM_SWEEP_MS);
	*callp = call;
	return 0;
}

/* What is asked; lets the public functions have six parameters. */
struct upstream_request {
	const char *method;
	const struct upstream_caller *caller;
	upstream_done done;
	void *arg;
};

static int upstream_send(struct upstream *upstream, struct upstream_slot *slot, cJSON *params,
	const struct upstream_request *request, struct upstream_call **ticketp)
{
	const struct upstream_caller *caller =
		request->caller ? request->caller : upstream->config.self;
	struct upstream_call *call = NULL;
	char *line = NULL;
	size_t n = 0;
	int r = 0;

	if (!slot || !slot->link.is_connected || upstream->is_closing)
		r = -ECONNREFUSED;
	else if (upstream->n_calls >= UPSTREAM_CALLS_MAX)
		r = -EBUSY;
	if (r < 0) {
		cJSON_Delete(params);
		return r;
	}
	r = upstream_message_request(
		&(struct upstream_message_call){
			.id = upstream->serial + 1, .method = request->method, .caller = caller},
		params, &line, &n);
	if (r == 0)
		r = upstream_put(upstream, slot, line, n, &call);
	if (r != 0 || !call)
		return err_trace(r);
	call->done = request->done;
	call->arg = request->arg;
	if (ticketp)
		*ticketp = call;
	return 0;
}

/* The connection with the fewest calls under way; NULL without any. */
static struct upstream_slot *upstream_choose(struct upstream *upstream)
{
	struct upstream_slot *best = NULL;

	for (size_t i = 0; i < UPSTREAM_CONNECTIONS; i++) {
		struct upstream_slot *slot = &upstream->slots[i];

		if (slot->link.is_connected && (!best || slot->n_calls < best->n_calls))
			best = slot;
	}
	return best;
}

/* NOLINTNEXTLINE(readability-function-size): seven parameters, as the contract has it */
int upstream_call(struct upstream *upstream, const char *method, cJSON *params,
	const struct upstream_caller *caller, upstream_done done, void *arg,
	struct upstream_call **ticketp)
{
	const struct upstream_request request = {
		.method = method, .caller = caller, .done = done, .arg = arg};

	return upstream_send(upstream, upstream_choose(upstream), params, &request, ticketp);
}

/* NOLINTNEXTLINE(readability-function-size): as upstream_call() */
int upstream_follow(struct upstream *upstream, const char *method, cJSON *params,
	const struct upstream_caller *caller, upstream_done done, void *arg,
	struct upstream_call **ticketp)
{
	const struct upstream_request request = {
		.method = method, .caller = caller, .done = done, .arg = arg};

	return upstream_send(upstream, &upstream->slots[UPSTREAM_KEPT], params, &request, ticketp);
}

void upstream_cancel(struct upstream_call *ticket)
{
	ticket->done = NULL;
}

void upstream_set_hooks(struct upstream *upstream, const struct upstream_hooks *hooks, void *arg)
{
	upstream->hooks = hooks;
	upstream->arg = arg;
}

bool upstream_is_connected(const struct upstream *upstream)
{
	for (size_t i = 0; i < UPSTREAM_CONNECTIONS; i++)
		if (upstream->slots[i].link.is_connected)
			return true;
	return false;
}

/* Life. */

int upstream_open(const struct upstream_config *config, struct upstream **upstreamp)
{
	struct upstream *upstream;

	if (strlen(config->path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return err_origin(-ENAMETOOLONG);
	upstream = calloc(1, sizeof(*upstream));
	if (!upstream)
		return err_origin(-ENOMEM);
	upstream->config = *config;
	if (upstream->config.deadline_ms == 0)
		upstream->config.deadline_ms = UPSTREAM_DEADLINE_MS;
	(void)uv_timer_init(config->loop, &upstream->timer);
	upstream->timer.data = upstream;
	upstream->n_open = UPSTREAM_LINKS + 1;
	for (size_t i = 0; i < UPSTREAM_LINKS; i++) {
		struct upstream_slot *slot = &upstream->slots[i];

		TAILQ_INIT(&slot->calls);
		slot->link.events = &upstream_events;
		slot->link.path = config->path;
		slot->link.arg = upstream;
		upstream_link_start(&slot->link, config->loop);
	}
	*upstreamp = upstream;
	return 0;
}

void upstream_close(struct upstream *upstream)
{
	if (!upstream || upstream->is_closing)
		return;
	upstream->is_closing = true;
	upstream->hooks = NULL;
	for (size_t i = 0; i < UPSTREAM_LINKS; i++) {
		upstream_fail_all(&upstream->slots[i]);
		upstream_link_close(&upstream->slots[i].link);
	}
	uv_close((uv_handle_t *)&upstream->timer, upstream_on_timer_closed);
}
