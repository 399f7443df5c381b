/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    connected → machine.show → timeline.follow → timeline.advanced, … → streams.
 * Progress:      while somebody listens: something happened → is a scan at
 *                work? → its state twice a second until it has ended.
 * Failure modes: the daemon goes → streams wait; it is back → followed anew,
 *                each stream goes on from its cursor.
 * On close:      streams end, both timers close, then the memory goes.
 */
#include "api_events.h"

#include "api_handlers.h"
#include "api_stream.h"
#include "cleanup.h"
#include "clock.h"
#include "log.h"
#include "words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct api_events {
	struct console_api *api;
	struct api_streams streams;
	uv_timer_t progress_timer;
	uv_timer_t keep_timer;
	/* state */
	bool is_following;
	uint64_t revision;
	char scan_id[64]; /* at work; "" when none is known */
	bool is_look_due; /* something happened since the last look for one */
	char *progress;   /* last that was told */
	struct upstream_call *follow;
	struct upstream_call *look; /* for a scan, or at it */
	unsigned n_open;            /* timers */
};

/* The timeline is where {"sequence","revision"} says. */
static void api_events_advance(struct api_events *events, const cJSON *params)
{
	uint64_t revision = events->revision;
	char text[64];

	(void)json_get_uint(params, "sequence", &events->streams.newest, NULL);
	(void)json_get_uint(params, "revision", &revision, NULL);
	events->is_look_due = true;
	api_stream_advance_all(&events->streams);
	if (revision == events->revision)
		return;
	events->revision = revision;
	(void)snprintf(text, sizeof(text), "{\"revision\":%llu}", (unsigned long long)revision);
	api_stream_tell_all(&events->streams, API_STREAM_CHANGED, span_str(text));
}

static void api_events_on_follow(void *arg, const struct upstream_reply *reply)
{
	struct api_events *events = arg;

	events->follow = NULL;
	if (!reply->result) {
		log_warn("console", "the timeline cannot be followed: %s",
			reply->transport ? err_text(reply->transport) : reply->fault_message);
		return; /* the keep-alive timer tries again */
	}
	events->is_following = true;
	(void)json_get_uint(reply->result, "sequence", &events->streams.newest, NULL);
	api_stream_rebase_all(&events->streams);
	api_events_advance(events, reply->result);
}

static void api_events_follow_daemon(struct api_events *events)
{
	cJSON *params = cJSON_CreateObject();

	if (params && !events->follow && !events->is_following)
		(void)upstream_follow(events->api->config.upstream, "timeline.follow", params, NULL,
			api_events_on_follow, events, &events->follow);
	else
		cJSON_Delete(params);
}

/* Known first, since "hello" tells it. Without it things go on as well. */
static void api_events_on_machine(void *arg, const struct upstream_reply *reply)
{
	struct api_events *events = arg;

	events->follow = NULL;
	if (reply->result)
		api_take_machine(events->api, reply->result);
	api_events_follow_daemon(events);
}

static void api_events_on_connected(void *arg)
{
	struct api_events *events = arg;
	cJSON *params = events->follow ? NULL : cJSON_CreateObject();

	events->api->machine_id[0] = '\0'; /* its name may have changed */
	events->api->machine_name[0] = '\0';
	if (!params || upstream_follow(events->api->config.upstream, "machine.show", params, NULL,
			       api_events_on_machine, events, &events->follow) < 0)
		api_events_follow_daemon(events);
}

static void api_events_on_lost(void *arg)
{
	struct api_events *events = arg;

	events->is_following = false;
	events->scan_id[0] = '\0';
}

static void api_events_on_notification(void *arg, const char *method, const cJSON *params)
{
	if (strcmp(method, "timeline.advanced") == 0)
		api_events_advance(arg, params);
}

static const struct upstream_hooks api_events_hooks = {
	.on_connected = api_events_on_connected,
	.on_lost = api_events_on_lost,
	.on_notification = api_events_on_notification,
};

/* Tell a scan's state, unless it was told already. */
static void api_events_tell_progress(struct api_events *events, const cJSON *scan)
{
	char *text = NULL;
	size_t n = 0;

	if (json_print(scan, &text, &n) < 0)
		return;
	if (!events->progress || strcmp(events->progress, text) != 0)
		api_stream_tell_all(&events->streams, API_STREAM_PROGRESS, (struct span){text, n});
	free(events->progress);
	events->progress = text;
}

static void api_events_on_scan(void *arg, const struct upstream_reply *reply)
{
	struct api_events *events = arg;
	const char *name = "";
	enum run_status status;

	events->look = NULL;
	if (!reply->result) {
		events->scan_id[0] = '\0';
		events->is_look_due = true;
		return;
	}
	api_events_tell_progress(events, reply->result);
	(void)json_get_string(reply->result, "status", 32, &name, NULL);
	if (run_status_parse(name, &status) < 0 || run_status_is_final(status)) {
		events->scan_id[0] = '\0';
		events->is_look_due = true; /* another may have begun */
	}
}

static void api_events_on_running(void *arg, const struct upstream_reply *reply)
{
	struct api_events *events = arg;
	const cJSON *rows = cJSON_GetObjectItemCaseSensitive(reply->result, "value");
	const char *id = "";

	events->look = NULL;
	events->scan_id[0] = '\0';
	if (!reply->result)
		events->is_look_due = true; /* whether there is one is not known yet */
	if (rows && json_get_string(rows->child, "id", sizeof(events->scan_id) - 1, &id, NULL) == 0)
		(void)snprintf(events->scan_id, sizeof(events->scan_id), "%s", id);
}

/* {"filter":["in","status",["InProgress","Paused"]],"limit":1} */
static cJSON *api_events_running_params(void)
{
	static const char *const statuses[] = {"InProgress", "Paused"};
	cJSON *params = cJSON_CreateObject();
	cJSON *filter = cJSON_CreateArray();
	cJSON *list = cJSON_CreateStringArray(statuses, 2);
	int r = json_append(filter, json_new_string("in"));

	r |= json_append(filter, json_new_string("status"));
	r |= json_append(filter, list);
	r |= json_add_item(params, "filter", filter);
	r |= json_add_int(params, "limit", 1);
	if (r == 0)
		return params;
	cJSON_Delete(params);
	return NULL;
}

static void api_events_on_progress_timer(uv_timer_t *timer)
{
	struct api_events *events = timer->data;
	cJSON *params;

	if (!events->is_following)
		return;
	api_stream_advance_all(&events->streams);
	if (events->look || events->streams.n == 0)
		return;
	if (events->scan_id[0] != '\0') {
		params = cJSON_CreateObject();
		if (json_add_string(params, "id", events->scan_id) < 0) {
			cJSON_Delete(params);
			return;
		}
		(void)upstream_call(events->api->config.upstream, "scan.show", params, NULL,
			api_events_on_scan, events, &events->look);
	} else if (events->is_look_due) {
		params = api_events_running_params();
		events->is_look_due =
			!params || upstream_call(events->api->config.upstream, "scan.list", params,
					   NULL, api_events_on_running, events, &events->look) < 0;
	}
}

static void api_events_on_keep_timer(uv_timer_t *timer)
{
	struct api_events *events = timer->data;
	struct errmsg msg = ERRMSG_NULL;

	if (client_store_refresh(events->api->clients, NULL, &msg) < 0)
		log_warn("console", "%s", msg.text);
	(void)machine_shape_read(&events->api->addresses); /* the sandbox may forbid it */
	api_events_follow_daemon(events);
	api_stream_keep_all(&events->streams, clock_unix_ms() / 1000);
}

int api_events_open(struct console_api *api, struct api_events **eventsp)
{
	struct api_events *events = calloc(1, sizeof(*events));
	int r;

	if (!events)
		return err_origin(-ENOMEM);
	events->api = api;
	events->streams.api = api;
	r = uv_timer_init(api->config.loop, &events->progress_timer);
	if (r == 0)
		r = uv_timer_init(api->config.loop, &events->keep_timer);
	if (r < 0) {
		free(events); /* UNTESTED: it cannot fail */
		return err_origin(r);
	}
	events->progress_timer.data = events;
	events->keep_timer.data = events;
	events->n_open = 2;
	(void)uv_timer_start(&events->progress_timer, api_events_on_progress_timer,
		API_EVENTS_PROGRESS_MS, API_EVENTS_PROGRESS_MS);
	(void)uv_timer_start(&events->keep_timer, api_events_on_keep_timer,
		API_EVENTS_KEEP_ALIVE_MS, API_EVENTS_KEEP_ALIVE_MS);
	api->n_holds++;
	upstream_set_hooks(api->config.upstream, &api_events_hooks, events);
	*eventsp = events;
	return 0;
}

static void api_events_on_timer_closed(uv_handle_t *handle)
{
	struct api_events *events = handle->data;
	struct console_api *api = events->api;

	if (--events->n_open > 0)
		return;
	free(events->progress);
	free(events);
	api_release(api);
}

void api_events_close(struct api_events *events)
{
	if (!events)
		return;
	upstream_set_hooks(events->api->config.upstream, NULL, NULL);
	if (events->follow)
		upstream_cancel(events->follow);
	if (events->look)
		upstream_cancel(events->look);
	api_stream_end_all(&events->streams);
	uv_close((uv_handle_t *)&events->progress_timer, api_events_on_timer_closed);
	uv_close((uv_handle_t *)&events->keep_timer, api_events_on_timer_closed);
}

unsigned api_events_n_streams(const struct api_events *events)
{
	return events->streams.n;
}

/* The machine is known; where does the client go on? */
static void api_events_begin(struct api_request *request)
{
	struct api_events *events = request->api->events;
	const char *last = request->http->last_event_id;
	size_t n = strlen(last);
	uint64_t cursor = events->streams.newest;
	bool is_fresh;

	if (n > 0 && (n > 15 || strspn(last, "0123456789") != n)) {
		api_answer_error(request, API_ERROR_INVALID_INPUT,
			"Last-Event-ID must be the id of an event, a whole number");
		return;
	}
	if (!events->is_following) {
		api_answer_error(
			request, API_ERROR_UNAVAILABLE, "The scanning service is not reachable");
		return;
	}
	/* Beyond the newest event: it comes from another store, and begins anew. */
	is_fresh = n == 0 || strtoull(last, NULL, 10) > cursor;
	if (!is_fresh)
		cursor = strtoull(last, NULL, 10);
	free(events->progress); /* the new one knows nothing yet */
	events->progress = NULL;
	events->is_look_due = true;
	if (api_stream_open(&events->streams, request, cursor, is_fresh) < 0)
		api_answer_json(request, 200, NULL);
}

void api_events_follow(struct api_request *request)
{
	static const char *const headers[][2] = {{"Retry-After", "15"}, {NULL, NULL}};
	const struct api_streams *streams = &request->api->events->streams;

	if (request->http->is_head)
		api_answer(request, 200, "text/event-stream; charset=utf-8", NULL,
			(struct span)SPAN_NULL);
	else if (streams->n >= API_EVENTS_STREAMS_MAX ||
		 api_stream_count(streams, request->principal.app_id) >= API_EVENTS_CLIENT_MAX)
		api_answer_limited(request, headers);
	else
		api_with_machine(request, api_events_begin);
}
