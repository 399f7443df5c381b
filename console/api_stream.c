/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    behind → timeline.list after the cursor → events sent, cursor
 *                moved → behind still? once more.
 * Many events:   a page that was not full → the next pull is due after
 *                API_STREAM_PULL_MS; the caller's timer looks.
 * Slow client:   a send is refused → the rest of the page is let go of; when
 *                there is room, the last states that it missed, and on from
 *                the cursor.
 * Failure modes: the call fails → the next advance pulls again.
 *                the client goes → on_closed, gone.
 */
#include "api_stream.h"

#include "cleanup.h"

#include <errno.h>
#include <stdlib.h>

enum { API_STREAM_PAGE = 200, API_STREAM_PULL_MS = 500 };

struct api_stream {
	struct api_streams *streams;
	struct http_stream *http;
	struct token_claims principal;
	bool is_page;
	uint64_t cursor; /* sequence of the last event sent */
	uint64_t asked;  /* newest one when the pull under way began */
	bool is_blocked; /* the client takes nothing now */
	bool has_missed[API_STREAM_TOPICS_N];
	struct upstream_call *ticket; /* the pull under way */
	uint64_t pulled_ms;           /* when it, or the last one, began; 0: none did */
	struct text_buffer text;
	struct api_stream *previous, *next;
};

static void api_stream_pull(struct api_stream *stream);
static void api_stream_advance(struct api_stream *stream);

static void api_stream_free(struct api_stream *stream)
{
	if (stream->ticket)
		upstream_cancel(stream->ticket);
	if (stream->previous)
		stream->previous->next = stream->next;
	else
		stream->streams->first = stream->next;
	if (stream->next)
		stream->next->previous = stream->previous;
	stream->streams->n--;
	text_buffer_deinit(&stream->text);
	free(stream);
}

static void api_stream_on_closed(void *arg)
{
	api_stream_free(arg);
}

/* One event as text: name, id (0: none) and data on one line. */
static struct span api_stream_format(
	struct text_buffer *text, const char *name, uint64_t id, struct span data)
{
	text_buffer_clear(text);
	text_buffer_format(text, "event: %s\n", name);
	if (id > 0)
		text_buffer_format(text, "id: %llu\n", (unsigned long long)id);
	text_buffer_str(text, "data: ");
	text_buffer_add(text, data);
	text_buffer_str(text, "\n\n");
	return text_buffer_span(text);
}

/* 0 when it was taken. */
static int api_stream_send(struct api_stream *stream, struct span text)
{
	int r = stream->text.is_failed ? -ENOMEM
				       : http_stream_send(stream->http, text.data, text.n);

	if (r == -EAGAIN)
		stream->is_blocked = true;
	return r;
}

/* What was told last, now or when there is room. */
static void api_stream_tell(struct api_stream *stream, enum api_stream_topic topic)
{
	stream->text.is_failed = false;
	stream->has_missed[topic] =
		stream->is_blocked ||
		api_stream_send(stream, text_buffer_span(&stream->streams->last[topic])) < 0;
}

static void api_stream_on_writable(void *arg)
{
	struct api_stream *stream = arg;

	stream->is_blocked = false;
	for (int topic = 0; topic < API_STREAM_TOPICS_N; topic++)
		if (stream->has_missed[topic])
			api_stream_tell(stream, (enum api_stream_topic)topic);
	api_stream_pull(stream);
}

static const struct http_stream_hooks api_stream_hooks = {
	.on_writable = api_stream_on_writable,
	.on_closed = api_stream_on_closed,
};

static int api_stream_send_row(struct api_stream *stream, const cJSON *row)
{
	_cleanup_(cleanup_free) char *line = NULL;
	uint64_t sequence = 0;
	size_t n = 0;
	int r = json_required(json_get_uint(row, "sequence", &sequence, NULL));

	if (r == 0)
		r = json_print(row, &line, &n);
	if (r == 0)
		r = api_stream_send(stream, api_stream_format(&stream->text, "timeline", sequence,
						    (struct span){line, n}));
	if (r == 0)
		stream->cursor = sequence;
	return r;
}

static void api_stream_on_page(void *arg, const struct upstream_reply *reply)
{
	struct api_stream *stream = arg;
	const cJSON *rows = cJSON_GetObjectItemCaseSensitive(reply->result, "value");
	int n = 0;
	int r = 0;

	stream->ticket = NULL;
	if (!reply->result)
		return; /* what is to come is asked for at the next advance */
	/* Events that are on record no more: there is nothing up to there to wait for. */
	if (!rows || !rows->child)
		stream->cursor = stream->asked;
	for (const cJSON *row = rows ? rows->child : NULL; row && r == 0; row = row->next, n++)
		r = api_stream_send_row(stream, row);
	if (r == 0 && n >= API_STREAM_PAGE)
		api_stream_pull(stream); /* far behind: page after page */
	else if (r == 0)
		api_stream_advance(stream);
}

/* As a pull, but only some a second: what happens meanwhile comes with the next one. */
static void api_stream_advance(struct api_stream *stream)
{
	uint64_t now_ms = uv_now(stream->streams->api->config.loop);

	if (stream->pulled_ms == 0 || now_ms - stream->pulled_ms >= API_STREAM_PULL_MS)
		api_stream_pull(stream);
}

static void api_stream_pull(struct api_stream *stream)
{
	const char *names[ROLES_N];
	struct upstream_caller caller = {.name = stream->principal.app_name,
		.roles = names,
		.n_roles = roles_names(stream->principal.roles, names),
		.source = stream->is_page ? "Portal" : "PublicApi"};
	cJSON *params;
	int r;

	if (stream->ticket || stream->is_blocked || stream->cursor >= stream->streams->newest)
		return;
	params = cJSON_CreateObject();
	r = json_add_uint(params, "afterSequence", stream->cursor);
	r |= json_add_int(params, "limit", API_STREAM_PAGE);
	r |= json_add_string(params, "order", "asc");
	if (r < 0) {
		cJSON_Delete(params);
		return; /* the next advance tries again */
	}
	stream->asked = stream->streams->newest;
	stream->pulled_ms = uv_now(stream->streams->api->config.loop);
	(void)upstream_call(stream->streams->api->config.upstream, "timeline.list", params, &caller,
		api_stream_on_page, stream, &stream->ticket);
}

static void api_stream_hello(struct api_stream *stream)
{
	cJSON *json = cJSON_CreateObject();
	_cleanup_(cleanup_free) char *line = NULL;
	size_t n = 0;
	int r = json_add_uint(json, "sequence", stream->cursor);

	r |= json_add_string(json, "machineId", stream->streams->api->machine_id);
	if (r == 0)
		r = json_print(json, &line, &n);
	cJSON_Delete(json);
	if (r == 0)
		(void)api_stream_send(stream, api_stream_format(&stream->text, "hello",
						      stream->cursor, (struct span){line, n}));
}

int api_stream_open(
	struct api_streams *streams, struct api_request *request, uint64_t cursor, bool is_fresh)
{
	struct api_stream *stream = calloc(1, sizeof(*stream));
	int r;

	if (!stream)
		return err_origin(-ENOMEM);
	*stream = (struct api_stream){.streams = streams,
		.principal = request->principal,
		.is_page = request->is_page,
		.cursor = cursor};
	r = http_stream_begin(request->exchange, "text/event-stream; charset=utf-8",
		&api_stream_hooks, stream, &stream->http);
	if (r < 0) {
		free(stream);
		return r;
	}
	request->api->counters.requests[2]++;
	api_request_free(request);
	stream->next = streams->first;
	if (stream->next)
		stream->next->previous = stream;
	streams->first = stream;
	streams->n++;
	if (is_fresh)
		api_stream_hello(stream);
	api_stream_pull(stream);
	return 0;
}

unsigned api_stream_count(const struct api_streams *streams, const char *app_id)
{
	unsigned n = 0;

	for (const struct api_stream *stream = streams->first; stream; stream = stream->next)
		n += strcmp(stream->principal.app_id, app_id) == 0;
	return n;
}

void api_stream_advance_all(struct api_streams *streams)
{
	for (struct api_stream *stream = streams->first; stream; stream = stream->next)
		api_stream_advance(stream);
}

void api_stream_rebase_all(struct api_streams *streams)
{
	for (struct api_stream *stream = streams->first; stream; stream = stream->next) {
		if (stream->cursor <= streams->newest)
			continue;
		stream->cursor = streams->newest;
		api_stream_hello(stream);
	}
}

void api_stream_tell_all(struct api_streams *streams, enum api_stream_topic topic, struct span data)
{
	static const char *const names[] = {
		[API_STREAM_CHANGED] = "changed", [API_STREAM_PROGRESS] = "progress"};

	streams->last[topic].is_failed = false;
	(void)api_stream_format(&streams->last[topic], names[topic], 0, data);
	if (streams->last[topic].is_failed)
		text_buffer_clear(&streams->last[topic]); /* no memory: the next one is told */
	for (struct api_stream *stream = streams->first; stream; stream = stream->next)
		api_stream_tell(stream, topic);
}

void api_stream_keep_all(struct api_streams *streams, int64_t now_s)
{
	struct api_stream *next;

	for (struct api_stream *stream = streams->first; stream; stream = next) {
		const struct client *client =
			client_store_find(streams->api->clients, stream->principal.app_id);

		next = stream->next;
		stream->text.is_failed = false;
		if (now_s >= stream->principal.expires_s || !client || client->revoked_unix_ms) {
			http_stream_end(stream->http);
			api_stream_free(stream);
		} else if (!stream->is_blocked) {
			(void)api_stream_send(stream, span_str(": keep-alive\n\n"));
			api_stream_pull(stream); /* a pull that failed is made good here */
		}
	}
}

void api_stream_end_all(struct api_streams *streams)
{
	while (streams->first) {
		struct api_stream *stream = streams->first;

		http_stream_end(stream->http);
		api_stream_free(stream);
	}
	for (int topic = 0; topic < API_STREAM_TOPICS_N; topic++)
		text_buffer_deinit(&streams->last[topic]);
}
