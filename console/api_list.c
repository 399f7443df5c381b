/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    query → cache? → page, page, … → answer, cached.
 * Unchanged:     the daemon says so to this client → the cached body.
 * Failure modes: the query is wrong → ODataError; a call fails → its error.
 *
 * With evidence a page is held back while each of its alerts is asked for its
 * detections, one after another.
 */
#include "api_list.h"

#include "api_cache.h"
#include "api_envelope.h"
#include "cleanup.h"
#include "filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct api_list {
	struct api_request *request;
	const struct api_list_kind *kind;
	struct odata_query query;
	bool is_count_only;
	char *key; /* of the cache */
	/* state */
	struct text_buffer body;
	uint64_t revision; /* of the first page */
	unsigned tries;
	int64_t n_rows;
	int64_t count; /* of all that fits; -1: not known */
	int64_t next;  /* offset of the next page, relative to skip; -1: there is none */
	cJSON *page;   /* rows that wait for their evidence */
	cJSON *row;    /* of these, the one that is asked for */
};

static void api_list_ask(struct api_list *list);
static void api_list_evidence(struct api_list *list);

static void api_list_free(void *arg)
{
	struct api_list *list = arg;

	odata_query_deinit(&list->query);
	text_buffer_deinit(&list->body);
	cJSON_Delete(list->page);
	free(list->key);
	free(list);
}

/* Rows that may still follow. */
static int64_t api_list_room(const struct api_list *list)
{
	int64_t max = list->query.top >= 0 ? list->query.top : ODATA_TOP_MAX;

	return max - list->n_rows;
}

static void api_list_finish(struct api_list *list)
{
	struct api_request *request = list->request;
	_cleanup_(cleanup_free) char *next = NULL;
	int64_t top = list->query.top;
	int r = 0;

	/* Who asked for so many rows and has them gets no link; who got fewer does. */
	if (list->next >= 0 && (top < 0 || list->n_rows < top))
		r = odata_next_query(request->http->query, top < 0 ? top : top - list->n_rows,
			list->query.skip + list->n_rows, &next);
	if (r == 0)
		api_envelope_end(&list->body, request, next);
	if (r < 0 || list->body.is_failed) {
		api_answer_error(request, API_ERROR_INTERNAL, "%s", err_text(-ENOMEM));
		return;
	}
	if (list->tries < API_LIST_TRIES)
		api_cache_put(request->api->cache, list->key, list->revision,
			text_buffer_span(&list->body));
	api_answer(request, 200, "application/json; charset=utf-8", NULL,
		text_buffer_span(&list->body));
}

static void api_list_row(struct api_list *list, const cJSON *row, const cJSON *evidence)
{
	cJSON *shaped = list->kind->shape ? list->kind->shape(row, evidence) : NULL;

	if (list->n_rows++ > 0)
		text_buffer_str(&list->body, ",");
	text_buffer_json(&list->body, list->kind->shape ? shaped : row);
	cJSON_Delete(shaped);
}

/* After a page: the next one, or the end. */
static void api_list_go_on(struct api_list *list)
{
	if (list->next >= 0 && api_list_room(list) > 0 && list->body.n < API_LIST_BYTES_MAX &&
		!list->body.is_failed)
		api_list_ask(list);
	else
		api_list_finish(list);
}

static void api_list_on_evidence(struct api_request *request, const cJSON *result)
{
	struct api_list *list = request->state;

	api_list_row(list, list->row, cJSON_GetObjectItemCaseSensitive(result, "value"));
	list->row = list->row->next;
	api_list_evidence(list);
}

static void api_list_evidence(struct api_list *list)
{
	cJSON *params;
	const char *id = "";
	int r;

	if (!list->row || list->body.n >= API_LIST_BYTES_MAX || list->body.is_failed) {
		if (list->row)
			list->next = list->query.skip + list->n_rows; /* full: the rest is a page */
		cJSON_Delete(list->page);
		list->page = NULL;
		api_list_go_on(list);
		return;
	}
	params = cJSON_CreateObject();
	(void)json_get_string(list->row, "id", 64, &id, NULL);
	r = json_add_string(params, "alertId", id);
	r |= json_add_int(params, "limit", API_LIST_EVIDENCE_MAX);
	if (r < 0) {
		cJSON_Delete(params);
		params = NULL;
	}
	api_call(list->request, "detection.list", params, api_list_on_evidence);
}

/* The first page tells the revision; a later one of another revision begins it all anew. */
static bool api_list_is_stale(struct api_list *list, const cJSON *result, bool is_first)
{
	uint64_t revision = 0;

	(void)json_get_uint(result, "revision", &revision, NULL);
	if (is_first) {
		list->revision = revision;
		return false;
	}
	if (revision == list->revision)
		return false;
	if (++list->tries < API_LIST_TRIES)
		return true;
	list->revision = revision; /* it changes faster than it can be read: take it as it is */
	return false;
}

static bool api_list_from_cache(struct api_list *list, const cJSON *result)
{
	struct console_api *api = list->request->api;
	struct span body;
	uint64_t revision;

	if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(result, "unchanged")))
		return false;
	if (api_cache_find(api->cache, list->key, &revision, &body)) {
		api->counters.unchanged++;
		api_answer(list->request, 200, "application/json; charset=utf-8", NULL, body);
	} else {
		list->tries++; /* it went meanwhile */
		api_list_ask(list);
	}
	return true;
}

static void api_list_on_page(struct api_request *request, const cJSON *result)
{
	struct api_list *list = request->state;
	const cJSON *rows = cJSON_GetObjectItemCaseSensitive(result, "value");
	bool is_first = list->next < 0;
	int64_t next = -1;

	if (api_list_from_cache(list, result))
		return;
	if (api_list_is_stale(list, result, is_first)) {
		text_buffer_clear(&list->body);
		list->n_rows = 0;
		list->next = -1;
		api_list_ask(list);
		return;
	}
	(void)json_get_int(result, "nextOffset", 0, INT64_MAX, &next, NULL);
	list->next = next;
	if (is_first) {
		(void)json_get_int(result, "count", 0, INT64_MAX, &list->count, NULL);
		api_envelope_begin(&list->body, request, list->kind->context,
			list->query.is_count ? list->count : -1);
	}
	if (list->query.is_expand_evidence && api_list_room(list) > 0) {
		list->page = cJSON_Duplicate(rows, true);
		if (!list->page)
			list->body.is_failed = true;
		list->row = list->page ? list->page->child : NULL;
		api_list_evidence(list);
		return;
	}
	for (const cJSON *row = rows ? rows->child : NULL; row && api_list_room(list) > 0;
		row = row->next)
		api_list_row(list, row, NULL);
	api_list_go_on(list);
}

static void api_list_on_count(struct api_request *request, const cJSON *result)
{
	char text[32];
	int64_t count = 0;

	(void)json_get_int(result, "count", 0, INT64_MAX, &count, NULL);
	(void)snprintf(text, sizeof(text), "%lld", (long long)count);
	api_answer(request, 200, "text/plain", NULL, span_str(text));
}

static int api_list_add_order(cJSON *params, const struct odata_query *query)
{
	cJSON *order;
	int r;

	if (!query->order)
		return 0;
	order = cJSON_CreateObject();
	r = json_add_string(order, "field", query->order);
	r |= json_add_bool(order, "descending", query->is_descending);
	return r | json_add_item(params, "orderBy", order);
}

/* Ask for the page at list->next, or for the first one. */
static void api_list_ask(struct api_list *list)
{
	struct console_api *api = list->request->api;
	int64_t limit = list->is_count_only ? 1 : api_list_room(list);
	bool is_first = list->next < 0;
	cJSON *params = cJSON_CreateObject();
	uint64_t revision;
	struct span body;
	int r = 0;

	if (limit > API_LIST_PAGE)
		limit = API_LIST_PAGE;
	r |= json_add_int(params, "limit", limit > 0 ? limit : 1);
	r |= json_add_int(params, "offset", is_first ? list->query.skip : list->next);
	if (list->query.filter)
		r |= json_add_item(params, "filter", cJSON_Duplicate(list->query.filter, true));
	r |= api_list_add_order(params, &list->query);
	if (is_first && (list->query.is_count || list->is_count_only))
		r |= json_add_bool(params, "count", true);
	if (is_first && !list->is_count_only && list->tries == 0 &&
		api_cache_find(api->cache, list->key, &revision, &body))
		r |= json_add_uint(params, "ifRevision", revision);
	if (r < 0) {
		cJSON_Delete(params);
		params = NULL;
	}
	api_call(list->request, list->kind->method, params,
		list->is_count_only ? api_list_on_count : api_list_on_page);
}

/* No row can fit, or none is wanted. */
static void api_list_empty(struct api_list *list)
{
	if (list->is_count_only) {
		api_answer(list->request, 200, "text/plain", NULL, span_str("0"));
		return;
	}
	api_envelope_begin(
		&list->body, list->request, list->kind->context, list->query.is_count ? 0 : -1);
	list->tries = API_LIST_TRIES; /* there is no revision to cache it with */
	api_list_finish(list);
}

/* The machine is known: what a filter says about it can be worked out. */
static void api_list_start(struct api_request *request)
{
	struct api_list *list = request->state;
	cJSON *known = list->kind->known ? list->kind->known(request->api) : cJSON_CreateObject();
	bool is_nothing = false;

	if (!known) {
		api_answer_error(request, API_ERROR_INTERNAL, "%s", err_text(-ENOMEM));
		return;
	}
	if (list->kind->translate && list->kind->translate(list->query.filter) < 0) {
		cJSON_Delete(known);
		api_answer_error(request, API_ERROR_INTERNAL, "%s", err_text(-ENOMEM));
		return;
	}
	filter_fold(&list->query.filter, known, &is_nothing);
	if (list->query.order && cJSON_GetObjectItemCaseSensitive(known, list->query.order))
		list->query.order = NULL; /* all rows are equal by it */
	cJSON_Delete(known);
	if (is_nothing)
		api_list_empty(list);
	else
		api_list_ask(list);
}

static void api_list_run(
	struct api_request *request, const struct api_list_kind *kind, bool is_count_only)
{
	struct api_list *list = calloc(1, sizeof(*list));
	struct api_fault fault = API_FAULT_NULL;
	char base[API_BASE_SIZE];
	int r;

	if (!list) {
		api_answer_error(request, API_ERROR_INTERNAL, "%s", err_text(-ENOMEM));
		return;
	}
	*list = (struct api_list){.request = request,
		.kind = kind,
		.query = ODATA_QUERY_NULL,
		.is_count_only = is_count_only,
		.count = -1,
		.next = -1};
	request->state = list;
	request->state_free = api_list_free;
	api_base(request, base);
	r = odata_query_parse(&kind->resource, request->http->query, &list->query, &fault.msg);
	fault.error = API_ERROR_ODATA;
	if (r == 0 && asprintf(&list->key, "%s %s?%s", base, request->http->path,
			      request->http->query) < 0) {
		list->key = NULL;
		r = -ENOMEM;
	}
	if (r < 0)
		api_answer_fault(request, r, &fault);
	else
		api_with_machine(request, api_list_start);
}

void api_list_answer(struct api_request *request, const struct api_list_kind *kind)
{
	api_list_run(request, kind, false);
}

void api_list_count(struct api_request *request, const struct api_list_kind *kind)
{
	api_list_run(request, kind, true);
}
