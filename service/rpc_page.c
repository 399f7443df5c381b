/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page of a list: what all lists take and give. One row more than wanted is
 * asked for, which says whether there is a next page.
 *
 * A client that polls says which revision it has; if that is the present one it
 * is told so and nothing is read at all.
 */
#include "rpc_private.h"

#include "cleanup.h"
#include "err.h"
#include "store_filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const rpc_page_order_fields[] = {"field", "descending"};

static void rpc_page_deinit(struct rpc_page *page)
{
	cJSON_Delete(page->rows);
	free(page->filter);
}

static int rpc_page_take_filter(struct rpc_call *call, struct rpc_page *page, enum store_kind kind,
	struct store_query *query)
{
	const struct store_filter_subject subject = {.kind = kind, .machine = &call->rpc->machine};
	const cJSON *tree = cJSON_GetObjectItemCaseSensitive(call->params, "filter");
	struct errmsg msg = ERRMSG_NULL;
	const char *target = NULL;

	if (!tree || cJSON_IsNull(tree))
		return 0;
	page->filter = malloc(sizeof(*page->filter));
	if (!page->filter)
		return err_origin(-ENOMEM);
	if (store_filter_build(&subject, tree, page->filter, &target, &msg) < 0)
		return rpc_refuse(call, target, &msg);
	query->filter = page->filter;
	return 0;
}

static int rpc_page_take_order(
	struct rpc_call *call, enum store_kind kind, struct store_query *query)
{
	const cJSON *order = NULL;
	struct errmsg msg = ERRMSG_NULL;
	bool is_descending = false;
	const char *field = NULL;
	int r = json_get_object(call->params, "orderBy", &order, &msg);

	if (r == JSON_E_ABSENT)
		return 0;
	if (r == 0)
		r = json_check_fields(order, rpc_page_order_fields, 2, &msg);
	if (r == 0)
		r = json_required(json_get_string(order, "field", RPC_ID_MAX, &field, &msg));
	if (r == 0)
		r = json_optional(json_get_bool(order, "descending", &is_descending, &msg));
	if (r < 0)
		return rpc_refuse(call, "orderBy", &msg);
	query->order = store_field_find(kind, field);
	query->is_ascending = !is_descending;
	if (!query->order)
		return fault_set(&call->fault, FAULT_INVALID_INPUT, field, "no such field");
	return 0;
}

/* 0 with is_unchanged: the client has this revision already. */
static int rpc_page_take_revision(
	struct rpc_call *call, struct rpc_page *page, enum store_kind kind)
{
	int64_t revision = -1;
	int r = rpc_take_number(call, "ifRevision", 0, JSON_INT_EXACT_MAX, &revision);

	page->revision = store_revision(call->rpc->config.store, kind);
	page->is_unchanged = revision >= 0 && (uint64_t)revision == page->revision;
	return r;
}

static int rpc_page_begin(struct rpc_call *call, struct rpc_page *page, enum store_kind kind,
	struct store_query *query)
{
	struct errmsg msg = ERRMSG_NULL;
	int64_t limit = RPC_LIST_DEFAULT;
	int64_t offset = 0;
	int r = rpc_take_number(call, "limit", 1, RPC_LIST_MAX, &limit);

	if (r == 0)
		r = rpc_take_number(call, "offset", 0, INT32_MAX, &offset);
	if (r == 0)
		r = rpc_take_optional(call, "status", RPC_ID_MAX, &query->status);
	if (r == 0 &&
		json_optional(json_get_bool(call->params, "count", &page->is_counted, &msg)) < 0)
		r = rpc_refuse(call, "count", &msg);
	if (r == 0)
		r = rpc_page_take_revision(call, page, kind);
	if (r < 0 || page->is_unchanged)
		return r;
	page->limit = (size_t)limit;
	page->offset = (size_t)offset;
	query->limit = page->limit + 1;
	query->offset = page->offset;
	query->is_bounded = true;
	r = rpc_page_take_filter(call, page, kind, query);
	if (r == 0)
		r = rpc_page_take_order(call, kind, query);
	page->rows = cJSON_CreateArray();
	return r < 0 || page->rows ? r : err_origin(-ENOMEM);
}

/* Bytes of a row's texts; a row is flat but for an array or two. */
static size_t rpc_page_weigh(const cJSON *item)
{
	size_t n = item->valuestring ? strlen(item->valuestring) : 0;
	const cJSON *child;

	cJSON_ArrayForEach(child, item) n += rpc_page_weigh(child);
	return n;
}

int rpc_page_add(struct rpc_page *page, cJSON *row)
{
	size_t n_bytes = page->n_bytes + rpc_page_weigh(row);

	if (!page->is_more && page->n_rows < page->limit &&
		(page->n_rows == 0 || n_bytes <= RPC_LIST_BYTES_MAX)) {
		page->n_bytes = n_bytes;
		page->n_rows++;
		return json_append(page->rows, row);
	}
	page->is_more = true;
	cJSON_Delete(row);
	return RPC_PAGE_E_FULL;
}

static int rpc_page_result(struct rpc_call *call, struct rpc_page *page)
{
	_cleanup_(json_cleanup) cJSON *object = cJSON_CreateObject();
	cJSON *rows = page->rows;
	int r = object ? 0 : -ENOMEM;

	if (r == 0 && page->is_unchanged)
		r = json_add_bool(object, "unchanged", true);
	if (r == 0 && !page->is_unchanged) {
		page->rows = NULL;
		r = json_add_item(object, "value", rows);
		r |= page->is_more
			     ? json_add_uint(object, "nextOffset", page->offset + page->n_rows)
			     : json_add_null(object, "nextOffset");
	}
	if (r == 0 && page->is_counted && !page->is_unchanged)
		r = json_add_uint(object, "count", page->n_count);
	if (r == 0)
		r = json_add_uint(object, "revision", page->revision);
	if (r < 0)
		return err_origin(-ENOMEM);
	call->result = object;
	object = NULL;
	return 0;
}

static int rpc_page_fault(struct rpc_call *call, int r, const struct errmsg *msg)
{
	if (r == -ETIMEDOUT)
		return fault_set(&call->fault, FAULT_INVALID_INPUT, "filter",
			"this takes too long: filter or order by something else");
	return rpc_store_fault(call, r, msg);
}

int rpc_page_answer(
	struct rpc_call *call, enum store_kind kind, struct store_query *query, rpc_page_list list)
{
	struct rpc_page page = {.rpc = call->rpc};
	struct errmsg msg = ERRMSG_NULL;
	int r = rpc_page_begin(call, &page, kind, query);

	if (r == 0 && !page.is_unchanged) {
		r = list(&page, query, &msg);
		if (r >= 0 && page.is_counted)
			r = store_count(call->rpc->config.store, kind, query, &page.n_count, &msg);
		if (r < 0)
			r = rpc_page_fault(call, r, &msg);
	}
	if (r >= 0)
		r = rpc_page_result(call, &page);
	rpc_page_deinit(&page);
	return r;
}
