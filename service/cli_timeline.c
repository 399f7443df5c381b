/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pages go by sequence number, not by offset: the log only grows at its end,
 * so nothing is read twice or missed, also while it grows. Only with --limit
 * the end is asked for first, and turned around.
 */
#include "cli_timeline.h"

#include "cleanup.h"
#include "cli_format.h"
#include "cli_print.h"
#include "cli_view.h"

#include <poll.h>

enum {
	CLI_TIMELINE_PAGE = 1000,
	CLI_TIMELINE_FOLLOW_MS = 1000,
	CLI_TIMELINE_FOLLOW_FIRST = 10, /* as tail(1) begins */
};

struct cli_timeline {
	struct cli *cli;
	uint64_t sequence; /* last one written */
	uint64_t n_items;  /* written */
};

static void cli_timeline_write(struct cli_timeline *t, const cJSON *event)
{
	struct cli *cli = t->cli;
	_cleanup_(cleanup_free) char *text = NULL;

	t->sequence = cli_format_number(event, "sequence");
	if (!cli->is_json) {
		cli_view_event(cli->out, event);
	} else if (json_print(event, &text, NULL) == 0) {
		if (!cli_options_has(cli->options, CLI_OPTION_FOLLOW))
			(void)fputs(t->n_items ? ",\n" : "", cli->out);
		cli_print_text(cli->out, text);
		if (cli_options_has(cli->options, CLI_OPTION_FOLLOW))
			(void)fputc('\n', cli->out);
	}
	t->n_items++;
}

/* @offset  Of a listing that begins with the newest. */
static cJSON *cli_timeline_params(
	const struct cli_timeline *t, bool is_ascending, uint64_t limit, uint64_t offset)
{
	cJSON *params = cli_params();
	int r = params ? 0 : -ENOMEM;

	if (r == 0) {
		r |= json_add_string(params, "order", is_ascending ? "asc" : "desc");
		r |= json_add_uint(params, "limit", limit);
		if (is_ascending)
			r |= json_add_uint(params, "afterSequence", t->sequence);
		else if (offset > 0)
			r |= json_add_uint(params, "offset", offset);
		r |= cli_params_option(t->cli, params, "scanId", CLI_OPTION_SCAN);
		r |= cli_params_option(t->cli, params, "actionId", CLI_OPTION_ACTION);
		r |= cli_params_option(t->cli, params, "actionType", CLI_OPTION_TYPE);
	}
	if (r == 0)
		return params;
	cJSON_Delete(params);
	return NULL;
}

/* Everything after the last one written. 0 or CLI_EXIT_ERROR. */
static int cli_timeline_forward(struct cli_timeline *t)
{
	const cJSON *event;
	uint64_t next = 0;
	bool is_more;

	do {
		_cleanup_(json_cleanup) cJSON *page = NULL;
		const cJSON *value;
		int r = cli_call(t->cli, "timeline.list",
			cli_timeline_params(t, true, CLI_TIMELINE_PAGE, 0), &page);

		if (r != 0)
			return r;
		value = cJSON_GetObjectItemCaseSensitive(page, "value");
		is_more = json_get_uint(page, "nextOffset", &next, NULL) == 0;
		cJSON_ArrayForEach(event, value) cli_timeline_write(t, event);
	} while (is_more && !ferror(t->cli->out));
	return 0;
}

/* Move a page's events behind those that are newer; one that came twice is left. */
static int cli_timeline_take(cJSON *events, cJSON *page)
{
	cJSON *value = cJSON_GetObjectItemCaseSensitive(page, "value");

	while (value && value->child) {
		cJSON *event = cJSON_DetachItemViaPointer(value, value->child);
		const cJSON *last = events->child ? events->child->prev : NULL;
		int r = 0;

		if (last &&
			cli_format_number(event, "sequence") >= cli_format_number(last, "sequence"))
			cJSON_Delete(event);
		else
			r = json_append(events, event);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The last n_max, written oldest first. 0 or CLI_EXIT_ERROR. */
static int cli_timeline_tail(struct cli_timeline *t, uint64_t n_max)
{
	_cleanup_(json_cleanup) cJSON *events = cJSON_CreateArray();
	const cJSON *event;
	uint64_t offset = 0;
	bool is_more = true;

	while (events && is_more && (uint64_t)cJSON_GetArraySize(events) < n_max) {
		_cleanup_(json_cleanup) cJSON *page = NULL;
		uint64_t n_left = n_max - (uint64_t)cJSON_GetArraySize(events);
		int r = cli_call(t->cli, "timeline.list",
			cli_timeline_params(t, false, n_left, offset), &page);

		if (r != 0)
			return r;
		is_more = json_get_uint(page, "nextOffset", &offset, NULL) == 0;
		if (cli_timeline_take(events, page) < 0)
			return cli_fail(t->cli, "%s", err_text(-ENOMEM));
	}
	if (!events)
		return cli_fail(t->cli, "%s", err_text(-ENOMEM));
	/* The first child's prev is the last one: that is how cJSON finds it. */
	event = events->child ? events->child->prev : NULL;
	while (event) {
		cli_timeline_write(t, event);
		event = event == events->child ? NULL : event->prev;
	}
	return 0;
}

static int cli_timeline_follow(struct cli_timeline *t)
{
	for (;;) {
		int r = cli_timeline_forward(t);

		if (r != 0)
			return r;
		if (fflush(t->cli->out) != 0)
			return CLI_EXIT_ERROR;
		(void)poll(NULL, 0, CLI_TIMELINE_FOLLOW_MS);
	}
}

static int cli_timeline_run(struct cli_timeline *t, bool is_following)
{
	uint64_t limit = cli_options_limit(t->cli->options);
	int r = 0;

	if (limit == 0 && is_following)
		limit = CLI_TIMELINE_FOLLOW_FIRST;
	if (limit > 0)
		r = cli_timeline_tail(t, limit);
	if (r == 0 && is_following)
		r = cli_timeline_follow(t);
	else if (r == 0 && limit == 0)
		r = cli_timeline_forward(t);
	return r;
}

int cli_timeline(struct cli *cli)
{
	struct cli_timeline t = {.cli = cli};
	bool is_following = cli_options_has(cli->options, CLI_OPTION_FOLLOW);
	bool is_array = cli->is_json && !is_following;
	int r = cli_connect(cli);

	if (r != 0)
		return r;
	if (cli_options_limit(cli->options) > CLI_TIMELINE_PAGE) {
		(void)cli_fail(cli, "--limit is at most %d here; without it, all is listed",
			CLI_TIMELINE_PAGE);
		return CLI_EXIT_USAGE;
	}
	if (is_array)
		(void)fputs("[", cli->out);
	r = cli_timeline_run(&t, is_following);
	if (is_array)
		(void)fputs("]\n", cli->out);
	else if (r == 0 && t.n_items == 0)
		(void)fputs("No events.\n", cli->out);
	return r == 0 ? CLI_EXIT_CLEAN : r;
}
