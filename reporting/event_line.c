/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The line is put together from the stored text and not by parsing and
 * printing it, since the hash covers those bytes and no others. For the same
 * reason a reader can check the chain with the file alone: cut the fixed head
 * and tail off and what is left is the fields' text.
 *
 * Reading looks at the fixed ends only, never at a hash anywhere else in the
 * line: fields hold foreign text.
 */
#include "event_line.h"

#include "clock.h"
#include "digest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char event_line_head[] = "{\"sequence\":";
static const char event_line_segment_head[] =
	"{\"format\":\"quietscan-actions\",\"formatVersion\":1,\"machineId\":\"";
static const char event_line_hash_tail[] = ",\"hash\":\"";
static const char event_line_segment_tail[] = ",\"previousHash\":\"";

enum {
	EVENT_LINE_HEX = DIGEST_HEX_SIZE - 1,
	EVENT_LINE_END = EVENT_LINE_HEX + 2, /* the hash's hex, quote, brace */
};

/* A JSON string; ids and types are plain, unless somebody edited the store. */
static void event_line_put_string(FILE *out, const char *text)
{
	(void)fputc('"', out);
	for (const char *c = text; *c; c++) {
		unsigned char byte = (unsigned char)*c;

		if (byte < 0x20 || byte >= 0x7f || byte == '"' || byte == '\\')
			(void)fprintf(out, "\\u%04x", byte);
		else
			(void)fputc(byte, out);
	}
	(void)fputc('"', out);
}

static void event_line_put_id(FILE *out, const char *id)
{
	if (id && id[0] != '\0')
		event_line_put_string(out, id);
	else
		(void)fputs("null", out);
}

/* Whether the fields can stand in a line as they are; we never store others. */
static bool event_line_is_object(const char *fields, size_t n)
{
	if (n < 2 || fields[0] != '{' || fields[n - 1] != '}')
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)fields[i] < 0x20)
			return false;
	return n == 2 || fields[1] == '"';
}

/* The stored object without its braces. */
static void event_line_put_fields(FILE *out, const char *fields)
{
	size_t n = strlen(fields);

	if (!event_line_is_object(fields, n)) {
		(void)fputs(",\"invalidFields\":", out);
		event_line_put_string(out, fields);
	} else if (n > 2) {
		(void)fputc(',', out);
		(void)fwrite(fields + 1, 1, n - 2, out);
	}
}

static void event_line_put_event(FILE *out, const struct event_record *event)
{
	char time[CLOCK_ISO_SIZE];
	char hex[DIGEST_HEX_SIZE];

	clock_iso(event->time_unix_ms, time);
	(void)fprintf(out, "%s%" PRIu64 ",\"time\":\"%s\",\"actionType\":", event_line_head,
		event->sequence, time);
	event_line_put_string(out, event->action_type);
	(void)fputs(",\"scanId\":", out);
	event_line_put_id(out, event->scan_id);
	(void)fputs(",\"actionId\":", out);
	event_line_put_id(out, event->action_id);
	event_line_put_fields(out, event->fields_json);
	digest_hex(event->previous_hash, RECORD_HASH_SIZE, hex);
	(void)fprintf(out, "%s%s\"", event_line_segment_tail, hex);
	digest_hex(event->hash, RECORD_HASH_SIZE, hex);
	(void)fprintf(out, "%s%s\"}\n", event_line_hash_tail, hex);
}

int event_line_write(const struct event_record *event, char **textp, size_t *n_textp)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, n_textp);
	bool is_failed;

	if (!out)
		return err_origin(-ENOMEM);
	event_line_put_event(out, event);
	is_failed = ferror(out) != 0;
	/* glibc shrinks the text at the close; without memory it is gone, and 0 returned. */
	if (fclose(out) != 0 || is_failed || !text) {
		free(text);
		return err_origin(-ENOMEM);
	}
	*textp = text;
	return 0;
}

int event_line_write_segment(const char *machine_id, uint64_t next_sequence,
	const uint8_t previous_hash[RECORD_HASH_SIZE], char **textp, size_t *n_textp)
{
	char hex[DIGEST_HEX_SIZE];
	int n;

	digest_hex(previous_hash, RECORD_HASH_SIZE, hex);
	n = asprintf(textp, "%s%s\",\"nextSequence\":%" PRIu64 "%s%s\"}\n", event_line_segment_head,
		machine_id, next_sequence, event_line_segment_tail, hex);
	if (n < 0)
		return err_origin(-ENOMEM);
	*n_textp = (size_t)n;
	return 0;
}

static bool event_line_skip(struct span *rest, const char *literal)
{
	size_t n = strlen(literal);

	if (rest->n < n || memcmp(rest->data, literal, n) != 0)
		return false;
	rest->data = (const char *)rest->data + n;
	rest->n -= n;
	return true;
}

/* Decimal as we write it: no sign, no leading zero, not beyond 2^63 - 1. */
static bool event_line_skip_number(struct span *rest, uint64_t *valuep)
{
	const char *text = rest->data;
	uint64_t value = 0;
	size_t i = 0;

	for (; i < rest->n && i < 19 && text[i] >= '0' && text[i] <= '9'; i++)
		value = 10 * value + (uint64_t)(text[i] - '0');
	if (i == 0 || (text[0] == '0' && i > 1) || value > INT64_MAX)
		return false;
	rest->data = text + i;
	rest->n -= i;
	*valuep = value;
	return true;
}

/* …"<64 hex>"} at the end, after a fixed text. */
static bool event_line_read_end(struct span text, const char *tail, uint8_t hash[RECORD_HASH_SIZE])
{
	const char *bytes = text.data;
	size_t n_tail = strlen(tail);

	if (text.n < n_tail + EVENT_LINE_END)
		return false;
	bytes += text.n - n_tail - EVENT_LINE_END;
	return memcmp(bytes, tail, n_tail) == 0 &&
	       digest_unhex(bytes + n_tail, RECORD_HASH_SIZE, hash) == 0 &&
	       memcmp(bytes + n_tail + EVENT_LINE_HEX, "\"}", 2) == 0;
}

static bool event_line_read_segment(struct span text, struct event_line *line)
{
	struct span rest = text;

	if (!event_line_skip(&rest, event_line_segment_head) || rest.n < 40)
		return false;
	rest.data = (const char *)rest.data + 40;
	rest.n -= 40;
	return event_line_skip(&rest, "\",\"nextSequence\":") &&
	       event_line_skip_number(&rest, &line->sequence) &&
	       event_line_read_end(text, event_line_segment_tail, line->hash);
}

static bool event_line_read_event(struct span text, struct event_line *line)
{
	struct span rest = text;

	return event_line_skip(&rest, event_line_head) &&
	       event_line_skip_number(&rest, &line->sequence) &&
	       event_line_skip(&rest, ",\"time\":\"") &&
	       event_line_read_end(text, event_line_hash_tail, line->hash);
}

void event_line_read(struct span text, struct event_line *linep)
{
	const char *bytes = text.data;

	*linep = (struct event_line){.kind = EVENT_LINE_FOREIGN};
	if (text.n > 0 && bytes[text.n - 1] == '\n')
		text.n--;
	if (event_line_read_segment(text, linep))
		linep->kind = EVENT_LINE_SEGMENT;
	else if (event_line_read_event(text, linep))
		linep->kind = EVENT_LINE_EVENT;
}
