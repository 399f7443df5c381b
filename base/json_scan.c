/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cJSON takes raw control characters in strings, ends a string at \u0000, so
 * that "a\u0000b" is checked as "a" and means something else to the next
 * reader, and passes invalid UTF-8 through. It also limits nesting only at
 * compile time, at 1000, which is more stack than a daemon should spend.
 * One small state machine over the bytes answers all of that, and finds lines.
 */
#include "json_scan.h"

#include "utf8.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct json_scan {
	bool is_string;
	bool is_escape;
	size_t depth;
	bool is_name;   /* depth 1: the next string is a member's name */
	size_t n_names; /* members of the outermost object begun so far */
};

struct json_place json_scan_place(const char *text, size_t n, size_t at)
{
	struct json_place place = {.line = 1, .column = 1};

	for (size_t i = 0; i < at && i < n; i++) {
		place.column++;
		if (text[i] == '\n') {
			place.line++;
			place.column = 1;
		}
	}
	return place;
}

/* Outside of strings; returns whether a name of the outermost object begins. */
static bool json_scan_outside(struct json_scan *scan, char c)
{
	switch (c) {
	case '{':
	case '[':
		scan->depth++;
		scan->is_name = scan->depth == 1 && c == '{';
		break;
	case '}':
	case ']':
		if (scan->depth > 0)
			scan->depth--;
		break;
	case ',':
		scan->is_name = scan->depth == 1 && scan->n_names > 0;
		break;
	case '"':
		scan->is_string = true;
		if (scan->depth == 1 && scan->is_name) {
			scan->is_name = false;
			scan->n_names++;
			return true;
		}
		break;
	default:
		break;
	}
	return false;
}

static bool json_scan_step(struct json_scan *scan, char c)
{
	if (!scan->is_string)
		return json_scan_outside(scan, c);
	if (scan->is_escape)
		scan->is_escape = false;
	else if (c == '\\')
		scan->is_escape = true;
	else if (c == '"')
		scan->is_string = false;
	return false;
}

static int json_scan_refuse(
	const char *text, size_t n, size_t at, const char *why, struct errmsg *msg)
{
	struct json_place place = json_scan_place(text, n, at);

	errmsg_set(msg, "line %zu, column %zu: %s", place.line, place.column, why);
	return -EBADMSG;
}

int json_scan_check(const char *text, size_t n, size_t depth_max, struct errmsg *msg)
{
	struct json_scan scan = {0};
	size_t at = 0;

	while (at < n) {
		uint32_t code;
		size_t length = utf8_next((const uint8_t *)text + at, n - at, &code);
		bool was_escape = scan.is_escape;

		if (length == 0)
			return json_scan_refuse(text, n, at, "not valid UTF-8", msg);
		if (code == 0)
			return json_scan_refuse(text, n, at, "NUL byte", msg);
		if (scan.is_string && code < 0x20)
			return json_scan_refuse(text, n, at,
				"control character in a string, write it as \\uNNNN", msg);
		if (was_escape && n - at >= 5 && memcmp(text + at, "u0000", 5) == 0)
			return json_scan_refuse(text, n, at, "\\u0000 in a string", msg);
		(void)json_scan_step(&scan, text[at]);
		if (scan.depth > depth_max)
			return json_scan_refuse(text, n, at, "nested too deeply", msg);
		at += length;
	}
	return 0;
}

struct json_place json_scan_member(const char *text, size_t n, size_t index)
{
	struct json_scan scan = {0};

	for (size_t at = 0; at < n; at++)
		if (json_scan_step(&scan, text[at]) && scan.n_names == index + 1)
			return json_scan_place(text, n, at);
	return (struct json_place){0, 0};
}
