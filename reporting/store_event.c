/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The action log's table. The last sequence and hash are kept in memory: there
 * is one writer (the lock), so the table need not be asked at every append.
 * They move ahead inside a transaction and fall back with it.
 */
#include "store_sql.h"

#include "clock.h"
#include "log_chain.h"

#include <errno.h>
#include <string.h>

const struct store_listing store_event_listing = {
	.select = "SELECT sequence,time_unix_ms,action_type,scan_id,action_id,fields,"
		  "previous_hash,hash",
	.from = " FROM events",
	.order = "sequence",
	.filters = STORE_BY_SCAN_ID | STORE_BY_ACTION_ID | STORE_BY_ACTION_TYPE |
		   STORE_BY_AFTER_SEQUENCE | STORE_BY_BEFORE_SEQUENCE,
};

struct store_event_call {
	store_event_row row;
	void *arg;
};

static int store_event_read_row(const void *call, struct store_column *column)
{
	const struct store_event_call *event_call = call;
	struct event_record event = {0};

	event.sequence = store_column_unsigned(column);
	event.time_unix_ms = store_column_int(column);
	event.action_type = store_column_text(column);
	event.scan_id = store_column_text(column);
	event.action_id = store_column_text(column);
	event.fields_json = store_column_text(column);
	store_column_hash(column, event.previous_hash);
	store_column_hash(column, event.hash);
	if (column->is_failed)
		return err_origin(-ENOMEM);
	return event_call->row(event_call->arg, &event);
}

int store_event_list(struct store *store, const struct store_query *query, store_event_row row,
	void *arg, struct errmsg *msg)
{
	const struct store_event_call call = {.row = row, .arg = arg};

	return store_query_run(
		store, &store_event_listing, query, store_event_read_row, &call, msg);
}

static int store_event_check(const struct event_record *event, struct errmsg *msg)
{
	size_t n = strlen(event->fields_json);

	if (!event->action_type || event->action_type[0] == '\0') {
		errmsg_set(msg, "an event without a type");
		return err_origin(-EINVAL);
	}
	if (n > STORE_FIELDS_MAX) {
		errmsg_set(msg, "%s: fields of %zu bytes", event->action_type, n);
		return err_origin(-E2BIG);
	}
	if (n < 2 || event->fields_json[0] != '{' || event->fields_json[n - 1] != '}' ||
		strpbrk(event->fields_json, "\r\n")) {
		errmsg_set(msg, "%s: fields are not an object on one line", event->action_type);
		return err_origin(-EINVAL);
	}
	return 0;
}

static int store_event_insert(
	struct store *store, const struct event_record *event, struct errmsg *msg)
{
	struct store_bind bind = {0};
	int r = store_sql_take(store, STORE_SQL_EVENT_INSERT, &bind.stmt, msg);

	if (r < 0)
		return r;
	store_bind_unsigned(&bind, event->sequence);
	store_bind_int(&bind, event->time_unix_ms);
	store_bind_text(&bind, event->action_type);
	store_bind_text(&bind, event->scan_id);
	store_bind_text(&bind, event->action_id);
	store_bind_text(&bind, event->fields_json);
	store_bind_blob(&bind, (struct span){.data = event->previous_hash, .n = RECORD_HASH_SIZE});
	store_bind_blob(&bind, (struct span){.data = event->hash, .n = RECORD_HASH_SIZE});
	/* A sequence that is there already means a second writer: fold, do not hide. */
	return err_fold(store_sql_run(store, &bind, msg, "append to the action log"));
}

int store_event_append(struct store *store, const struct event_record *event, uint64_t *sequencep,
	struct errmsg *msg)
{
	struct event_record next = *event;
	int r;

	if (!next.fields_json)
		next.fields_json = "{}";
	r = store_event_check(&next, msg);
	if (r < 0)
		return r;
	next.sequence = store->head.sequence + 1;
	if (next.time_unix_ms == 0)
		next.time_unix_ms = clock_unix_ms();
	memcpy(next.previous_hash, store->head.hash, RECORD_HASH_SIZE);
	r = log_chain_hash(&next, next.hash);
	if (r < 0) {
		errmsg_set(msg, "hash an event: %s", err_text(r));
		return err_trace(r);
	}
	r = store_event_insert(store, &next, msg);
	if (r < 0)
		return r;
	store->head.sequence = next.sequence;
	memcpy(store->head.hash, next.hash, RECORD_HASH_SIZE);
	if (!store->is_in_txn)
		store->committed = store->head;
	(void)store_revision_note(store, STORE_KIND_EVENT, 0);
	if (sequencep)
		*sequencep = next.sequence;
	return 0;
}

static int store_event_take_head(void *arg, const struct event_record *event)
{
	struct store *store = arg;
	uint8_t hash[RECORD_HASH_SIZE];
	int r = log_chain_hash(event, hash);

	if (r < 0)
		return r;
	store->is_head_damaged = memcmp(hash, event->hash, RECORD_HASH_SIZE) != 0;
	store->head.sequence = event->sequence;
	memcpy(store->head.hash, event->hash, RECORD_HASH_SIZE);
	return 0;
}

int store_event_load_head(struct store *store, struct errmsg *msg)
{
	static const struct store_query last = {.limit = 1};
	int r;

	store->head = (struct store_head){0};
	errmsg_set(msg, "read the log's end: %s", err_text(-ENOMEM)); /* Of the call-back. */
	r = store_event_list(store, &last, store_event_take_head, store, msg);
	store->committed = store->head;
	return r;
}

static int store_event_copy_head(void *arg, const struct event_record *event)
{
	struct store_head *head = arg;

	head->sequence = event->sequence;
	memcpy(head->hash, event->hash, RECORD_HASH_SIZE);
	return 0;
}

int store_log_head(struct store *store, uint64_t *sequencep, uint8_t hash[32], struct errmsg *msg)
{
	static const struct store_query last = {.limit = 1};
	struct store_head head = store->head;

	if (store->is_reader) {
		/* The daemon goes on writing; what was read at the open is old. */
		int r;

		head = (struct store_head){0};
		r = store_event_list(store, &last, store_event_copy_head, &head, msg);
		if (r < 0)
			return r;
	}
	*sequencep = head.sequence;
	memcpy(hash, head.hash, RECORD_HASH_SIZE);
	return 0;
}

int store_log_hash(struct store *store, uint64_t sequence, uint8_t hash[32], struct errmsg *msg)
{
	const struct store_query query = {.after_sequence = sequence > 0 ? sequence - 1 : 0,
		.is_ascending = true,
		.limit = 1};
	struct store_head found = {0};
	int r = 0;

	if (sequence > 0)
		r = store_event_list(store, &query, store_event_copy_head, &found, msg);
	if (r < 0)
		return r;
	if (found.sequence != sequence)
		return STORE_E_NOT_FOUND;
	memcpy(hash, found.hash, RECORD_HASH_SIZE);
	return 0;
}
