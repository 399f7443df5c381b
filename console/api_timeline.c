/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine's timeline. Pages are told apart by sequence, never by offset: what
 * happens meanwhile moves nothing.
 */
#include "api_handlers.h"
#include "api_envelope.h"
#include "odata.h"

#include "cleanup.h"
#include "percent.h"

#include <stdlib.h>
#include <strings.h>

enum { API_TIMELINE_PAGE = 100, API_TIMELINE_MAX = 1000 };

static const struct odata_field api_timeline_fields[] = {
	{"sequence", NULL, ODATA_NUMBER},
	{"time", NULL, ODATA_TIME},
	{"actionType", NULL, ODATA_TEXT},
	{"scanId", NULL, ODATA_TEXT},
	{"actionId", NULL, ODATA_TEXT},
};
static const struct odata_resource api_timeline_resource = {
	api_timeline_fields, sizeof(api_timeline_fields) / sizeof(api_timeline_fields[0]), false};

static const char *const api_timeline_texts[] = {"actionType", "scanId", "actionId", "order"};
static const char *const api_timeline_sequences[] = {"afterSequence", "beforeSequence"};

/* As api_query_value(), with a sentence about what cannot be read. */
static int api_timeline_value(const struct api_request *request, const char *name, char *text,
	size_t n_text, struct api_fault *fault)
{
	int r = api_query_value(request, name, text, n_text);

	if (r < 0)
		return api_fault_set(fault, API_ERROR_INVALID_INPUT,
			"%s is not text, or longer than %zu bytes", name, n_text - 1);
	return r;
}

static int api_timeline_add_text(
	const struct api_request *request, const char *name, cJSON *params, struct api_fault *fault)
{
	char text[128];
	int r = api_timeline_value(request, name, text, sizeof(text), fault);

	return r > 0 ? json_add_string(params, name, text) : r;
}

static int api_timeline_add_sequence(
	const struct api_request *request, const char *name, cJSON *params, struct api_fault *fault)
{
	char text[32];
	size_t n;
	int r = api_timeline_value(request, name, text, sizeof(text), fault);

	if (r <= 0)
		return r;
	n = strlen(text);
	if (n == 0 || n > 15 || strspn(text, "0123456789") != n)
		return api_fault_set(
			fault, API_ERROR_INVALID_INPUT, "%s must be a whole number", name);
	return json_add_int(params, name, strtoll(text, NULL, 10));
}

/* Parameters of timeline.list; names of the query are those of the daemon. */
static int api_timeline_params(
	const struct api_request *request, cJSON *params, struct api_fault *fault)
{
	struct odata_query query = ODATA_QUERY_NULL;
	int r = odata_query_parse(
		&api_timeline_resource, request->http->query, &query, &fault->msg);

	if (r < 0)
		fault->error = API_ERROR_ODATA;
	if (r == 0 && (query.top > API_TIMELINE_MAX || query.top == 0 || query.order ||
			      query.skip || query.is_count))
		r = api_fault_set(fault, API_ERROR_ODATA,
			"The timeline takes $top from 1 to %d and $filter; afterSequence or "
			"beforeSequence instead of $skip, order instead of $orderby",
			API_TIMELINE_MAX);
	if (r == 0)
		r = json_add_int(params, "limit", query.top > 0 ? query.top : API_TIMELINE_PAGE);
	if (r == 0 && query.filter) {
		r = json_add_item(params, "filter", query.filter);
		query.filter = NULL;
	}
	odata_query_deinit(&query);
	for (size_t i = 0; i < sizeof(api_timeline_texts) / sizeof(char *) && r == 0; i++)
		r = api_timeline_add_text(request, api_timeline_texts[i], params, fault);
	for (size_t i = 0; i < sizeof(api_timeline_sequences) / sizeof(char *) && r == 0; i++)
		r = api_timeline_add_sequence(request, api_timeline_sequences[i], params, fault);
	return r;
}

/* This page's query but for its own bound, and from where the next one goes on. */
static int api_timeline_next(const char *query, bool is_ascending, uint64_t last, char **nextp)
{
	const char *bound = is_ascending ? "afterSequence" : "beforeSequence";
	struct text_buffer next = TEXT_BUFFER_NULL;
	struct span rest = span_str(query);
	struct percent_pair pair;
	char name[64];

	while (percent_next(&rest, &pair)) {
		if (percent_decode(pair.name, PERCENT_FORM, name, sizeof(name)) == 0 &&
			strcasecmp(name, bound) == 0)
			continue;
		text_buffer_add(&next, pair.whole);
		text_buffer_str(&next, "&");
	}
	text_buffer_format(&next, "%s=%llu", bound, (unsigned long long)last);
	if (next.is_failed) {
		text_buffer_deinit(&next);
		return err_origin(-ENOMEM);
	}
	*nextp = next.text;
	return 0;
}

static void api_timeline_on_page(struct api_request *request, const cJSON *result)
{
	_cleanup_(text_buffer_deinit) struct text_buffer body = TEXT_BUFFER_NULL;
	_cleanup_(cleanup_free) char *next = NULL;
	const cJSON *rows = cJSON_GetObjectItemCaseSensitive(result, "value");
	char order[16] = "";
	uint64_t last = 0;
	int64_t offset;
	int n = 0;
	int r = 0;

	api_envelope_begin(&body, request, "Timeline", -1);
	for (const cJSON *row = rows ? rows->child : NULL; row; row = row->next) {
		if (n++ > 0)
			text_buffer_str(&body, ",");
		text_buffer_json(&body, row);
		(void)json_get_uint(row, "sequence", &last, NULL);
	}
	(void)api_query_value(request, "order", order, sizeof(order));
	if (n > 0 && json_get_int(result, "nextOffset", 0, INT64_MAX, &offset, NULL) == 0)
		r = api_timeline_next(request->http->query, strcmp(order, "asc") == 0, last, &next);
	api_envelope_end(&body, request, next);
	if (r < 0 || body.is_failed)
		api_answer_json(request, 200, NULL);
	else
		api_answer(request, 200, "application/json; charset=utf-8", NULL,
			text_buffer_span(&body));
}

void api_timeline_list(struct api_request *request)
{
	struct api_fault fault = API_FAULT_NULL;
	cJSON *params = cJSON_CreateObject();
	int r = params ? api_timeline_params(request, params, &fault) : -ENOMEM;

	if (r < 0) {
		cJSON_Delete(params);
		api_answer_fault(request, r, &fault);
		return;
	}
	api_call(request, "timeline.list", params, api_timeline_on_page);
}
