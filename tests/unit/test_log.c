/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log: levels, one line a message, bounded, errno kept. */
#include "unit.h"

#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a call wrote to standard error. */
static const char *captured(void (*call)(void))
{
	static char text[8192];
	int fds[2];
	int saved = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(pipe(fds), 0);
	(void)dup2(fds[1], STDERR_FILENO);
	call();
	assert_int_equal(write(STDERR_FILENO, "|", 1), 1);
	(void)dup2(saved, STDERR_FILENO);
	n = read(fds[0], text, sizeof(text) - 1);
	assert_true(n >= 1);
	text[n - 1] = '\0';
	(void)close(fds[0]);
	(void)close(fds[1]);
	(void)close(saved);
	return text;
}

static void say_all(void)
{
	log_error("m", "e %d", 1);
	log_warn("m", "w");
	log_info("m", "i");
	log_debug("m", "d");
}

static void levels(void **state)
{
	const char *text;

	(void)state;
	log_init("prog", LOG_LEVEL_INFO);
	text = captured(say_all);
	assert_non_null(strstr(text, "prog["));
	assert_non_null(strstr(text, "]: error m: e 1\n"));
	assert_non_null(strstr(text, "]: warn m: w\n"));
	assert_non_null(strstr(text, "]: info m: i\n"));
	assert_null(strstr(text, "debug"));
	log_set_level(LOG_LEVEL_ERROR);
	assert_int_equal(log_level(), LOG_LEVEL_ERROR);
	assert_null(strstr(captured(say_all), "warn"));
}

static void say_lines(void)
{
	log_error("m", "one\ntwo\rthree");
}

static void one_line(void **state)
{
	(void)state;
	assert_non_null(strstr(captured(say_lines), "m: one two three\n"));
}

static void say_much(void)
{
	char large[5000];

	memset(large, 'x', sizeof(large));
	large[sizeof(large) - 1] = '\0';
	errno = EXDEV;
	log_error("m", "%s", large);
	assert_int_equal(errno, EXDEV);
}

static void bounded(void **state)
{
	const char *text = captured(say_much);

	(void)state;
	assert_true(strlen(text) <= 2048);
	assert_int_equal(text[strlen(text) - 1], '\n');
}

static void for_the_journal(void **state)
{
	(void)state;
	assert_int_equal(setenv("JOURNAL_STREAM", "8:1", 1), 0);
	log_init("prog", LOG_LEVEL_INFO);
	assert_int_equal(strncmp(captured(say_all), "<3>prog[", 8), 0);
	assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
	log_init("prog", LOG_LEVEL_WARN);
}

static void names(void **state)
{
	static const char *const good[] = {"error", "warn", "info", "debug"};
	enum log_level level = LOG_LEVEL_WARN;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(log_level_parse(good[i], &level), 0);
	assert_int_equal(level, LOG_LEVEL_DEBUG);
	assert_int_equal(log_level_parse("Error", &level), -EINVAL);
	assert_int_equal(log_level_parse("", &level), -EINVAL);
	assert_int_equal(level, LOG_LEVEL_DEBUG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(levels), cmocka_unit_test(one_line),
		cmocka_unit_test(bounded), cmocka_unit_test(for_the_journal),
		cmocka_unit_test(names)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
