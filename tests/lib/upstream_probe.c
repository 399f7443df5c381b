/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drives console/upstream for tests: commands from standard input, what happens to
 * standard output, one JSON object a line.
 *
 *   upstream_probe SOCKET [DEADLINE_MS]
 *
 *   {"call": "method", "params": {…}, "tag": 1, "caller": "name"}   "follow" likewise
 *   {"cancel": 1}   {"close": true}
 */
#include "cleanup.h"
#include "json.h"
#include "log.h"
#include "upstream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TAGS_MAX = 4096 };

static struct probe {
	uv_loop_t loop;
	uv_pipe_t in;
	struct upstream *upstream;
	struct upstream_call *tickets[TAGS_MAX];
	char line[65536 * 32];
	size_t n_line;
} probe;

static void say(cJSON *object)
{
	char *text = NULL;

	if (json_print(object, &text, NULL) < 0)
		abort();
	(void)puts(text);
	(void)fflush(stdout);
	free(text);
	cJSON_Delete(object);
}

static void say_event(const char *event)
{
	cJSON *object = cJSON_CreateObject();

	(void)json_add_string(object, "event", event);
	say(object);
}

static void on_connected(void *arg)
{
	(void)arg;
	say_event("connected");
}

static void on_lost(void *arg)
{
	(void)arg;
	say_event("lost");
}

static void on_notification(void *arg, const char *method, const cJSON *params)
{
	cJSON *object = cJSON_CreateObject();

	(void)arg;
	(void)json_add_string(object, "event", method);
	(void)json_add_item(object, "params", cJSON_Duplicate(params, true));
	say(object);
}

static void on_done(void *arg, const struct upstream_reply *reply)
{
	intptr_t tag = (intptr_t)arg;
	cJSON *object = cJSON_CreateObject();

	probe.tickets[tag] = NULL;
	(void)json_add_int(object, "tag", (int64_t)tag);
	(void)json_add_int(object, "transport", reply->transport);
	(void)json_add_int(object, "number", reply->fault_number);
	(void)json_add_string(object, "code", reply->fault_code);
	(void)json_add_string(object, "message", reply->fault_message);
	(void)json_add_string(object, "target", reply->fault_target);
	if (reply->result)
		(void)json_add_item(object, "result", cJSON_Duplicate(reply->result, true));
	say(object);
}

static void probe_call(const cJSON *command, const char *method, bool is_follow)
{
	static const char *const roles[] = {"Machine.Read.All"};
	struct upstream_caller caller = {.roles = roles, .n_roles = 1, .source = "Portal"};
	const cJSON *params = cJSON_GetObjectItemCaseSensitive(command, "params");
	int64_t tag = 0;
	int r;

	(void)json_get_int(command, "tag", 0, TAGS_MAX - 1, &tag, NULL);
	(void)json_get_string(command, "caller", 1000, &caller.name, NULL);
	r = (is_follow ? upstream_follow : upstream_call)(probe.upstream, method,
		params ? cJSON_Duplicate(params, true) : NULL, caller.name ? &caller : NULL,
		on_done, (void *)(intptr_t)tag, &probe.tickets[tag]);
	if (r < 0) {
		cJSON *object = cJSON_CreateObject();

		(void)json_add_int(object, "tag", tag);
		(void)json_add_int(object, "refused", r);
		say(object);
	}
}

static void probe_close(void)
{
	upstream_close(probe.upstream);
	uv_close((uv_handle_t *)&probe.in, NULL);
}

static void probe_command(const char *line, size_t n)
{
	_cleanup_(json_cleanup) cJSON *command = NULL;
	const char *method = NULL;
	int64_t tag = 0;

	if (json_parse(line, n, &command, NULL) < 0)
		abort();
	if (json_get_string(command, "call", 100, &method, NULL) == 0)
		probe_call(command, method, false);
	else if (json_get_string(command, "follow", 100, &method, NULL) == 0)
		probe_call(command, method, true);
	else if (json_get_int(command, "cancel", 0, TAGS_MAX - 1, &tag, NULL) == 0)
		upstream_cancel(probe.tickets[tag]);
	else
		probe_close();
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	(void)handle;
	(void)suggested;
	*buf = uv_buf_init(
		probe.line + probe.n_line, (unsigned)(sizeof(probe.line) - probe.n_line));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	char *end;

	(void)buf;
	(void)stream;
	if (n < 0) {
		if (!uv_is_closing((uv_handle_t *)&probe.in))
			probe_close();
		return;
	}
	probe.n_line += (size_t)n;
	while ((end = memchr(probe.line, '\n', probe.n_line))) {
		size_t n_used = (size_t)(end + 1 - probe.line);

		probe_command(probe.line, n_used - 1);
		probe.n_line -= n_used;
		memmove(probe.line, end + 1, probe.n_line);
	}
}

int main(int argc, char *argv[])
{
	static const struct upstream_hooks hooks = {on_connected, on_lost, on_notification};
	struct upstream_config config = {.loop = &probe.loop};

	log_init("upstream_probe", LOG_LEVEL_WARN);
	if (argc < 2)
		return 64;
	config.path = argv[1];
	config.deadline_ms = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
	(void)uv_loop_init(&probe.loop);
	if (upstream_open(&config, &probe.upstream) < 0)
		return 1;
	upstream_set_hooks(probe.upstream, &hooks, NULL);
	(void)uv_pipe_init(&probe.loop, &probe.in, 0);
	(void)uv_pipe_open(&probe.in, 0);
	(void)uv_read_start((uv_stream_t *)&probe.in, on_alloc, on_read);
	(void)uv_run(&probe.loop, UV_RUN_DEFAULT);
	return uv_loop_close(&probe.loop) < 0 ? 3 : 0;
}
