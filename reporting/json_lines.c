/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One write for many lines: the lines of a call are gathered and appended
 * together, all or none, so the position in memory never lies between them.
 *
 * Happy path:    the file is current → list events after the position → append.
 * Failure modes: append fails → position stays, the next call tries again.
 *                file gone, replaced or changed by others → it is opened again
 *                and its last line tells the position.
 *                store has another record than that line → diverged.
 */
#include "json_lines.h"

#include "check.h"
#include "cleanup.h"
#include "digest.h"
#include "event_line.h"
#include "line_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	JSON_LINES_MODE = 0640,
	JSON_LINES_BATCH_BYTES = 256 * 1024, /* Then what was gathered is written. */
	JSON_LINES_BATCH_FULL = 3,
};

struct json_lines {
	int dir_fd;
	struct line_file file;
	uint64_t sequence;              /* Last event in the file. */
	uint8_t hash[RECORD_HASH_SIZE]; /* Its hash. */
	uint64_t saved;                 /* As noted in the store. */
	bool is_segment_due;            /* The next line must be a segment line. */
};

/* Lines to be appended together. */
struct json_lines_batch {
	char *text;
	size_t n_text;
	size_t n_room;
	uint64_t sequence; /* Of the last line, with its hash. */
	uint8_t hash[RECORD_HASH_SIZE];
	size_t n_events;
};

static int json_lines_batch_add(struct json_lines_batch *batch, const char *line, size_t n_line)
{
	size_t n_room = batch->n_room ? batch->n_room : 4096;
	char *text;

	while (n_room < batch->n_text + n_line)
		n_room *= 2;
	if (n_room != batch->n_room) {
		text = realloc(batch->text, n_room);
		if (!text)
			return err_origin(-ENOMEM);
		batch->text = text;
		batch->n_room = n_room;
	}
	memcpy(batch->text + batch->n_text, line, n_line);
	batch->n_text += n_line;
	return 0;
}

static int json_lines_batch_event(void *arg, const struct event_record *event)
{
	struct json_lines_batch *batch = arg;
	_cleanup_(cleanup_free) char *line = NULL;
	size_t n_line = 0;
	int r = event_line_write(event, &line, &n_line);

	if (r == 0)
		r = json_lines_batch_add(batch, line, n_line);
	if (r < 0)
		return r;
	batch->sequence = event->sequence;
	memcpy(batch->hash, event->hash, RECORD_HASH_SIZE);
	batch->n_events++;
	return batch->n_text >= JSON_LINES_BATCH_BYTES ? JSON_LINES_BATCH_FULL : 0;
}

static int json_lines_batch_segment(
	const struct json_lines *sink, struct store *store, struct json_lines_batch *batch)
{
	_cleanup_(cleanup_free) char *line = NULL;
	size_t n_line = 0;
	int r = event_line_write_segment(
		store_machine_id(store), sink->sequence + 1, sink->hash, &line, &n_line);

	return r == 0 ? json_lines_batch_add(batch, line, n_line) : r;
}

/* Continue after @sequence, or at the log's end when that is earlier, with a segment line. */
static int json_lines_start_segment(
	struct json_lines *sink, struct store *store, uint64_t sequence, struct errmsg *msg)
{
	uint8_t hash[RECORD_HASH_SIZE];
	int r = store_log_hash(store, sequence, hash, msg);

	if (r == STORE_E_NOT_FOUND)
		r = store_log_head(store, &sequence, hash, msg);
	if (r < 0)
		return r;
	sink->sequence = sequence;
	memcpy(sink->hash, hash, RECORD_HASH_SIZE);
	sink->is_segment_due = true;
	return 0;
}

/*
 * The file has a last line: does the store agree with it, and is it not
 * earlier than what is known to have been there (and to have been flushed)?
 */
static int json_lines_continue(
	struct json_lines *sink, struct store *store, struct span last, struct errmsg *msg)
{
	const uint64_t known = sink->sequence;
	struct event_line line;
	uint8_t hash[RECORD_HASH_SIZE];
	uint64_t sequence;
	int r;

	event_line_read(last, &line);
	if (line.kind == EVENT_LINE_FOREIGN) {
		r = json_lines_start_segment(sink, store, sink->sequence, msg);
		errmsg_set(r == 0 ? msg : NULL, "%s: its last line is not ours", JSON_LINES_NAME);
		return r < 0 ? r : JSON_LINES_E_DIVERGED;
	}
	sequence = line.kind == EVENT_LINE_SEGMENT ? line.sequence - 1 : line.sequence;
	r = store_log_hash(store, sequence, hash, msg);
	if (r < 0)
		return r;
	if (r == 0 && digest_equal(hash, line.hash)) {
		sink->sequence = sequence;
		memcpy(sink->hash, hash, RECORD_HASH_SIZE);
		sink->is_segment_due = sequence < known;
		if (sequence >= known)
			return 0;
		errmsg_set(msg, "%s ends with record %" PRIu64 ", but had record %" PRIu64,
			JSON_LINES_NAME, sequence, known);
		return JSON_LINES_E_DIVERGED;
	}
	r = json_lines_start_segment(sink, store, sequence, msg);
	if (r < 0)
		return r;
	errmsg_set(msg, "%s: its record %" PRIu64 " is not the store's", JSON_LINES_NAME, sequence);
	return JSON_LINES_E_DIVERGED;
}

static int json_lines_attach(struct json_lines *sink, struct store *store, struct errmsg *msg)
{
	_cleanup_(cleanup_free) char *last = NULL;
	size_t n_last = 0;
	int r = line_file_open(&sink->file, JSON_LINES_MODE, &last, &n_last, msg);

	if (r < 0)
		return r;
	if (last)
		r = json_lines_continue(sink, store, (struct span){.data = last, .n = n_last}, msg);
	else
		r = json_lines_start_segment(sink, store, sink->sequence, msg);
	if (r < 0)
		line_file_close(&sink->file); /* The position is not known: look again. */
	return r;
}

static int json_lines_load_position(
	struct json_lines *sink, struct store *store, struct errmsg *msg)
{
	_cleanup_(cleanup_free) char *text = NULL;
	int r = store_value_get(store, JSON_LINES_POSITION, &text, msg);

	if (r < 0)
		return r;
	if (r == 0)
		sink->sequence = strtoull(text, NULL, 10);
	sink->saved = sink->sequence;
	return 0;
}

int json_lines_open(
	const char *log_dir, struct store *store, struct json_lines **sinkp, struct errmsg *msg)
{
	struct json_lines *sink = calloc(1, sizeof(*sink));
	int r;

	if (!sink)
		return err_origin(-ENOMEM);
	sink->file = (struct line_file)LINE_FILE_NULL;
	sink->dir_fd = open(log_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (sink->dir_fd < 0) {
		r = -errno;
		errmsg_set(msg, "open %s: %s", log_dir, err_text(r));
		json_lines_close(sink);
		return err_origin(r);
	}
	sink->file.dir_fd = sink->dir_fd;
	sink->file.name = JSON_LINES_NAME;
	r = json_lines_load_position(sink, store, msg);
	if (r == 0)
		r = json_lines_attach(sink, store, msg);
	if (r < 0) {
		errmsg_prefix(msg, "%s", log_dir);
		json_lines_close(sink);
		return r;
	}
	*sinkp = sink;
	return r;
}

/* Gather and append one batch. 0 all there is, JSON_LINES_E_MORE, -errno. */
static int json_lines_append(
	struct json_lines *sink, struct store *store, size_t n_events_max, struct errmsg *msg)
{
	struct json_lines_batch batch = {.sequence = sink->sequence};
	const struct store_query query = {
		.after_sequence = sink->sequence, .is_ascending = true, .limit = n_events_max};
	int r = 0;
	int more = 0;

	memcpy(batch.hash, sink->hash, RECORD_HASH_SIZE);
	if (sink->is_segment_due)
		r = json_lines_batch_segment(sink, store, &batch);
	if (r == 0)
		r = store_event_list(store, &query, json_lines_batch_event, &batch, msg);
	if (r == JSON_LINES_BATCH_FULL || (r == 0 && batch.n_events == n_events_max))
		more = JSON_LINES_E_MORE;
	if (r >= 0)
		r = batch.n_text > 0 ? line_file_append(&sink->file, batch.text, batch.n_text, msg)
				     : 0;
	free(batch.text);
	if (r < 0)
		return r;
	sink->is_segment_due = false;
	sink->sequence = batch.sequence;
	memcpy(sink->hash, batch.hash, RECORD_HASH_SIZE);
	return more;
}

int json_lines_follow(
	struct json_lines *sink, struct store *store, size_t n_events_max, struct errmsg *msg)
{
	int r;

	PRE(n_events_max > 0 && !store_is_in_transaction(store));
	if (!line_file_is_current(&sink->file)) {
		r = json_lines_attach(sink, store, msg);
		if (r != 0)
			return r;
	}
	return json_lines_append(sink, store, n_events_max, msg);
}

int json_lines_save(struct json_lines *sink, struct store *store, struct errmsg *msg)
{
	char text[24];
	int r;

	if (sink->sequence == sink->saved || sink->file.fd < 0)
		return 0;
	r = line_file_flush(&sink->file, msg);
	if (r < 0)
		return r;
	(void)snprintf(text, sizeof(text), "%" PRIu64, sink->sequence);
	r = store_value_set(store, JSON_LINES_POSITION, text, msg);
	if (r == 0)
		sink->saved = sink->sequence;
	return r;
}

uint64_t json_lines_sequence(const struct json_lines *sink)
{
	return sink->sequence;
}

void json_lines_close(struct json_lines *sink)
{
	if (!sink)
		return;
	line_file_close(&sink->file);
	if (sink->dir_fd >= 0)
		(void)close(sink->dir_fd);
	free(sink);
}
