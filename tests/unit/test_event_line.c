/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines: written, read back, and what is not ours.
 */
#include "event_line.h"

#include "json.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *line_of(const struct event_record *event)
{
	char *text = NULL;
	size_t n = 0;

	assert_int_equal(event_line_write(event, &text, &n), 0);
	assert_int_equal(strlen(text), n);
	return text;
}

/* The whole text, byte for byte: a format that others read. */
static void whole_line(void **state)
{
	struct event_record event = {.sequence = 7,
		.time_unix_ms = 1764000000123,
		.action_type = "X",
		.scan_id = "s",
		.action_id = "",
		.fields_json = "{\"a\":\"b\"}",
		.previous_hash = {0xab},
		.hash = {0xcd}};
	char *text = line_of(&event);

	(void)state;
	assert_string_equal(text,
		"{\"sequence\":7,\"time\":\"2025-11-24T16:00:00.1230000Z\",\"actionType\":\"X\","
		"\"scanId\":\"s\",\"actionId\":null,\"a\":\"b\",\"previousHash\":\""
		"ab00000000000000000000000000000000000000000000000000000000000000\",\"hash\":\""
		"cd00000000000000000000000000000000000000000000000000000000000000\"}\n");
	free(text);
}

/* A line says its sequence and hash; also without fields, and with foreign ones. */
static void read_back(void **state)
{
	static const char *const fields[] = {"{}", "{\"a\":1}",
		"{\"hash\":\"00\",\"previousHash\":\"\"}", "nothing", "{\n}", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct event_record event = {.sequence = INT64_MAX,
			.action_type = "odd\"type\\\n\xff",
			.fields_json = fields[i],
			.hash = {1, 2}};
		struct event_line line;
		char *text = line_of(&event);
		cJSON *item = NULL;

		event_line_read(span_str(text), &line);
		assert_int_equal(line.kind, EVENT_LINE_EVENT);
		assert_true(line.sequence == INT64_MAX);
		assert_memory_equal(line.hash, event.hash, RECORD_HASH_SIZE);
		assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
		assert_int_equal(json_parse(text, strlen(text), &item, NULL), 0);
		cJSON_Delete(item);
		free(text);
	}
}

/* The segment line. */
static void segment(void **state)
{
	static const uint8_t hash[RECORD_HASH_SIZE] = {5};
	struct event_line line;
	char *text = NULL;
	size_t n = 0;

	(void)state;
	assert_int_equal(event_line_write_segment(
				 "0123456789012345678901234567890123456789", 42, hash, &text, &n),
		0);
	event_line_read((struct span){.data = text, .n = n}, &line);
	assert_int_equal(line.kind, EVENT_LINE_SEGMENT);
	assert_int_equal(line.sequence, 42);
	assert_memory_equal(line.hash, hash, sizeof(hash));
	for (size_t i = 0; i + 1 < n; i++) {
		event_line_read((struct span){.data = text, .n = i}, &line);
		assert_int_equal(line.kind, EVENT_LINE_FOREIGN);
	}
	free(text);
}

/* Cut, empty, or with numbers that we would not write. */
static void foreign(void **state)
{
	struct event_record event = {.sequence = 7, .action_type = "X", .fields_json = "{}"};
	static const char *const numbers[] = {"07", "-1", "9223372036854775808", "", "1e3"};
	struct event_line line;
	char *text = line_of(&event);
	size_t n = strlen(text);

	(void)state;
	for (size_t i = 0; i + 1 < n; i++) {
		event_line_read((struct span){.data = text, .n = i}, &line);
		assert_int_equal(line.kind, EVENT_LINE_FOREIGN);
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		char other[1024];

		(void)snprintf(
			other, sizeof(other), "{\"sequence\":%s%s", numbers[i], strchr(text, ','));
		event_line_read(span_str(other), &line);
		assert_int_equal(line.kind, EVENT_LINE_FOREIGN);
	}
	text[n - 4] = 'x';
	event_line_read(span_str(text), &line);
	assert_int_equal(line.kind, EVENT_LINE_FOREIGN);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_line),
		cmocka_unit_test(read_back),
		cmocka_unit_test(segment),
		cmocka_unit_test(foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
