/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line is compared by making it again from the store's event: every byte
 * counts, also those the chain does not cover (how a time is written).
 */
#include "verify_lines.h"

#include "cleanup.h"
#include "digest.h"
#include "json_lines.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* The next line that is looked at in its turn. */
static int verify_lines_advance(struct verify_lines *lines)
{
	int r = line_reader_next(&lines->reader, &lines->text);

	if (r < 0)
		return r;
	if (r == 0) {
		lines->is_over = true;
		return 0;
	}
	lines->is_present = true;
	event_line_read(lines->text, &lines->line);
	return 0;
}

static void verify_lines_found(struct verify_lines *lines, uint64_t sequence, const char *what)
{
	verify_finding_set(&lines->finding, sequence,
		JSON_LINES_NAME " line %" PRIu64 ", record %" PRIu64 ": %s", lines->reader.n_lines,
		sequence, what);
	lines->is_over = true;
}

int verify_lines_open(struct verify_lines *lines, int dir_fd, struct errmsg *msg)
{
	int r;

	if (dir_fd < 0) {
		lines->is_over = true;
		return 0;
	}
	r = line_reader_open(&lines->reader, dir_fd, JSON_LINES_NAME, msg);
	if (r == -ENOENT) {
		lines->is_over = true;
		return 0;
	}
	if (r < 0)
		return r;
	r = verify_lines_advance(lines);
	if (r == 0 && !lines->is_over && lines->line.kind != EVENT_LINE_SEGMENT)
		verify_lines_found(lines, 1, "the file does not begin with a segment line");
	return r;
}

static int verify_lines_is_our_segment(const struct verify_lines *lines, bool *is_ours)
{
	_cleanup_(cleanup_free) char *text = NULL;
	size_t n_text = 0;
	int r = event_line_write_segment(
		lines->machine_id, lines->line.sequence, lines->store_hash, &text, &n_text);

	if (r < 0)
		return r;
	*is_ours = n_text == lines->text.n + 1 && memcmp(text, lines->text.data, n_text - 1) == 0;
	return 0;
}

/*
 * A segment line says after which record and hash it goes on. At this point
 * the store's event seen last is the one before @next. The sink begins one
 * inside of a file only when file and store had parted.
 *
 * 1: its turn has not come; 0: taken, or something was found; -errno.
 */
static int verify_lines_take_segment(struct verify_lines *lines, uint64_t next)
{
	uint64_t sequence = lines->line.sequence;
	bool is_ours = false;
	int r;

	if (lines->expected != 0) {
		verify_lines_found(lines, sequence < lines->expected ? sequence : lines->expected,
			"the file had to begin anew here: it had lost lines, or had others");
		return 0;
	}
	if (sequence > next)
		return 1;
	r = verify_lines_is_our_segment(lines, &is_ours);
	if (r < 0)
		return r;
	if (sequence < next || !is_ours) {
		verify_lines_found(lines, sequence > 1 ? sequence - 1 : 1,
			"the segment goes on after another record than the store's");
		return 0;
	}
	lines->expected = sequence;
	return verify_lines_advance(lines);
}

static int verify_lines_is_same(
	const struct verify_lines *lines, const struct event_record *event, bool *is_samep)
{
	_cleanup_(cleanup_free) char *text = NULL;
	size_t n_text = 0;
	int r = event_line_write(event, &text, &n_text);

	if (r < 0)
		return r;
	*is_samep = n_text == lines->text.n + 1 && memcmp(text, lines->text.data, n_text - 1) == 0;
	return 0;
}

/* The current line is an event's, or should be. */
static int verify_lines_take_event(struct verify_lines *lines, const struct event_record *event)
{
	bool is_same = false;
	int r;

	if (lines->line.kind == EVENT_LINE_FOREIGN) {
		verify_lines_found(lines, lines->expected, "the line is not ours");
		return 0;
	}
	if (lines->line.sequence != lines->expected) {
		verify_lines_found(lines,
			lines->line.sequence < lines->expected ? lines->line.sequence
							       : lines->expected,
			"the line is missing or doubled");
		return 0;
	}
	if (event->sequence > lines->expected) {
		verify_lines_found(lines, lines->expected, "the store does not have it");
		return 0;
	}
	r = verify_lines_is_same(lines, event, &is_same);
	if (r < 0)
		return r;
	if (!is_same) {
		verify_lines_found(
			lines, event->sequence, "the line differs from the store's record");
		return 0;
	}
	if (lines->n_events++ == 0)
		lines->first_sequence = event->sequence;
	lines->last_sequence = event->sequence;
	lines->expected = event->sequence + 1;
	return verify_lines_advance(lines);
}

int verify_lines_compare(struct verify_lines *lines, const struct event_record *event)
{
	int r = 0;

	while (r == 0 && !lines->is_over && lines->line.kind == EVENT_LINE_SEGMENT)
		r = verify_lines_take_segment(lines, lines->store_sequence + 1);
	if (r == 0 && !lines->is_over)
		r = verify_lines_take_event(lines, event);
	lines->store_sequence = event->sequence;
	memcpy(lines->store_hash, event->hash, RECORD_HASH_SIZE);
	return r < 0 ? r : 0;
}

void verify_lines_finish(struct verify_lines *lines)
{
	uint64_t next = lines->store_sequence + 1;

	while (!lines->is_over && lines->line.kind == EVENT_LINE_SEGMENT) {
		if (verify_lines_take_segment(lines, next) != 0)
			break;
	}
	if (!lines->is_over && lines->line.sequence >= next)
		verify_lines_found(lines, next, "the store ends before it");
	else if (!lines->is_over)
		verify_lines_found(lines, lines->expected, "the line is not ours or doubled");
	if (lines->finding.is_set)
		return;
	if (!lines->is_present && lines->noted > 0)
		verify_finding_set(&lines->finding, lines->noted,
			JSON_LINES_NAME " is missing or empty, but had record %" PRIu64
					": removed, or rotated while the service was down",
			lines->noted);
	else if (lines->expected > 0 && lines->noted >= lines->expected)
		verify_finding_set(&lines->finding, lines->expected,
			JSON_LINES_NAME " ends with record %" PRIu64 ", but had record %" PRIu64,
			lines->expected - 1, lines->noted);
}

void verify_lines_deinit(struct verify_lines *lines)
{
	line_reader_close(&lines->reader);
}
