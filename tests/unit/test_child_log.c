/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of children: cut, cleaned, counted; arguments put together; exclusions of room. */
#include "unit.h"

#include "argv_builder.h"
#include "child_log.h"

#include <stdio.h>
#include <string.h>

struct seen {
	size_t n;
	enum log_level level;
	char last[CHILD_LOG_LINE_MAX + 64];
};

static void sink(void *arg, enum log_level level, const char *line)
{
	struct seen *seen = arg;

	seen->n++;
	seen->level = level;
	(void)snprintf(seen->last, sizeof(seen->last), "%s", line);
}

static void feed(struct child_log *log, const char *text, uint64_t now_ms)
{
	child_log_feed(log, text, strlen(text), now_ms);
}

/* Lines come whole, however they were read; empty ones are dropped; levels are read. */
static void whole_lines(void **state)
{
	struct seen seen = {0};
	struct child_log log;

	(void)state;
	child_log_init(&log, sink, &seen);
	feed(&log, "quietscan-engine[7]: info x: ha", 0);
	assert_int_equal(seen.n, 0);
	feed(&log, "lf\n\n\nquietscan-engine[7]: error x: bad\nrest", 0);
	assert_int_equal(seen.n, 2);
	assert_string_equal(seen.last, "quietscan-engine[7]: error x: bad");
	assert_int_equal(seen.level, LOG_LEVEL_ERROR);
	child_log_end(&log, 0);
	assert_string_equal(seen.last, "rest");
	assert_int_equal(seen.level, LOG_LEVEL_WARN);
}

/* A terminal cannot be reached through a log line. */
static void only_printable(void **state)
{
	struct seen seen = {0};
	struct child_log log;

	(void)state;
	child_log_init(&log, sink, &seen);
	feed(&log,
		"a\x1b[31m\r\xc2\x9b\x7f"
		"b\n",
		0);
	assert_string_equal(seen.last, "a?[31m????b");
}

/* A line without end is cut into pieces, memory does not grow. */
static void endless_line(void **state)
{
	char text[3000];
	struct seen seen = {0};
	struct child_log log;

	(void)state;
	memset(text, 'x', sizeof(text));
	child_log_init(&log, sink, &seen);
	child_log_feed(&log, text, sizeof(text), 0);
	assert_int_equal(seen.n, sizeof(text) / CHILD_LOG_LINE_MAX);
	assert_int_equal(strlen(seen.last), CHILD_LOG_LINE_MAX);
}

/* A flood is dropped and counted; later lines pass again and tell the count. */
static void flood(void **state)
{
	struct seen seen = {0};
	struct child_log log;

	(void)state;
	child_log_init(&log, sink, &seen);
	for (int i = 0; i < 10 * CHILD_LOG_BURST; i++)
		feed(&log, "line\n", 0);
	assert_int_equal(seen.n, CHILD_LOG_BURST);
	feed(&log, "again\n", 1000);
	assert_int_equal(seen.n, CHILD_LOG_BURST + 2);
	assert_string_equal(seen.last, "again");
	for (int i = 0; i < 10 * CHILD_LOG_BURST; i++)
		feed(&log, "line\n", 1000);
	child_log_end(&log, 1000);
	assert_non_null(strstr(seen.last, "dropped"));
}

/* Arguments in order, NULL at the end. */
static void arguments(void **state)
{
	struct argv_builder builder = ARGV_BUILDER_NULL;

	(void)state;
	argv_builder_add(&builder, "program");
	argv_builder_option(&builder, "--n", "%d", 7);
	assert_false(builder.is_overflown);
	assert_int_equal(builder.n, 3);
	assert_string_equal(builder.argv[0], "program");
	assert_string_equal(builder.argv[2], "7");
	assert_null(builder.argv[3]);
}

/* What does not fit is remembered, never cut. */
static void arguments_overflow(void **state)
{
	static char text[9000];
	struct argv_builder builder = ARGV_BUILDER_NULL;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	argv_builder_option(&builder, "--long", "%s", text);
	assert_true(builder.is_overflown);
	builder = (struct argv_builder)ARGV_BUILDER_NULL;
	for (int i = 0; i < 2; i++)
		argv_builder_add(&builder, text);
	assert_true(builder.is_overflown);
	builder = (struct argv_builder)ARGV_BUILDER_NULL;
	for (int i = 0; i < ARGV_BUILDER_MAX; i++)
		argv_builder_add(&builder, "x");
	assert_true(builder.is_overflown);
	assert_null(builder.argv[builder.n]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_lines),
		cmocka_unit_test(only_printable),
		cmocka_unit_test(endless_line),
		cmocka_unit_test(flood),
		cmocka_unit_test(arguments),
		cmocka_unit_test(arguments_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
