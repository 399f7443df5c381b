/* SPDX-License-Identifier: GPL-2.0-or-later */
/* glob: Defender's meaning of * and ?, over raw bytes, in bounded time. */
#include "unit.h"

#include "clock.h"
#include "glob.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
	const char *pattern;
	const char *path;
	bool is_match;
} glob_rows[] = {
	/* a plain path: itself and all below, nothing beside it */
	{"/var/log", "/var/log", true},
	{"/var/log", "/var/log/a", true},
	{"/var/log", "/var/log/a/b/c", true},
	{"/var/log", "/var/logs", false},
	{"/var/log", "/var/lo", false},
	{"/var/log", "/var", false},
	{"/var/log", "/srv/var/log", false},
	{"/Var", "/var", false},
	/* a slash at the end: only what is below */
	{"/var/log/", "/var/log", false},
	{"/var/log/", "/var/log/a", true},
	{"/", "/anything", true},
	{"/", "/a/b", true},
	/* a star in the middle is one component */
	{"/home/*/cache", "/home/a/cache", true},
	{"/home/*/cache", "/home/a/cache/x/y", true},
	{"/home/*/cache", "/home/a/b/cache", false},
	{"/home/*/cache", "/home/cache", false},
	{"/home/*/cache", "/home/a/caches", false},
	{"/*/*/x", "/a/b/x", true},
	{"/*/*/x", "/a/x", false},
	{"/*/*/x", "/a/b/c/x", false},
	{"/home/a*z/x", "/home/abcz/x", true},
	{"/home/a*z/x", "/home/az/x", true},
	{"/home/a*z/x", "/home/a/z/x", false},
	{"/var/*/", "/var/a", false},
	{"/var/*/", "/var/a/b", true},
	{"/var/*.log", "/var/x.log", true},
	{"/var/*.log", "/var/a/x.log", false},
	/* a star at the end is everything from there on */
	{"/var/log/*", "/var/log", false},
	{"/var/log/*", "/var/log/a", true},
	{"/var/log/*", "/var/log/a/b", true},
	{"/var/log*", "/var/log", true},
	{"/var/log*", "/var/logs/x", true},
	{"/var/log*", "/var/lo", false},
	{"/*", "/a", true},
	{"/*", "/a/b/c", true},
	{"/a/**/b", "/a/x/b", true},
	{"/a/**/b", "/a/x/y/b", false},
	{"/a/b*c*d", "/a/bxcycd", true},
	{"/a/b*c*d", "/a/bxdyc", false},
	/* a question mark is one character */
	{"/t/file?.log", "/t/file1.log", true},
	{"/t/file?.log", "/t/file.log", false},
	{"/t/file?.log", "/t/file12.log", false},
	{"/t?x", "/t/x", false},
	{"/t/?", "/t/\xc3\xa9", true},
	{"/t/??", "/t/\xc3\xa9", false},
	{"/t/?", "/t/\xff", true},
	{"/t/?\xff", "/t/\xfe\xff", true},
	{"/t/*\xff", "/t/ab\xff", true},
	/* names are taken as they are */
	{"/t/[a]", "/t/a", false},
	{"/t/[a]", "/t/[a]", true},
	{"/t/a\\b", "/t/a\\b", true},
	{"/t/new\nline", "/t/new\nline", true},
	{"/t/*", "/t/*", true},
	/* what can never match */
	{"", "/a", false},
	{"a", "/a", false},
	{"*", "/a", false},
};

static void path_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(glob_rows) / sizeof(glob_rows[0]); i++) {
		bool got = glob_match_path(
			span_str(glob_rows[i].pattern), span_str(glob_rows[i].path));

		if (got != glob_rows[i].is_match)
			fail_msg("\"%s\" and \"%s\": got %d", glob_rows[i].pattern,
				glob_rows[i].path, got);
	}
}

static void path_rules(void **state)
{
	static const struct {
		const char *pattern;
		const char *word;
	} bad[] = {{"", "begin with a slash"}, {"var", "begin with a slash"},
		{"*", "begin with a slash"}, {"/a//b", "two slashes"}, {"/a/./b", "\"..\""},
		{"/..", "\"..\""}, {"/a/..", "\"..\""}};
	static const char *const good[] = {
		"/", "/a", "/a/", "/a/*", "/*/b", "/a/...", "/a/.b", "/a/\xff", "/a b"};
	char *large = malloc(GLOB_PATTERN_MAX + 2);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct errmsg msg = ERRMSG_NULL;

		assert_int_equal(glob_check_path(span_str(bad[i].pattern), &msg), -EINVAL);
		assert_non_null(strstr(msg.text, bad[i].word));
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(glob_check_path(span_str(good[i]), NULL), 0);
	assert_int_equal(glob_check_path((struct span){"/a\0b", 4}, NULL), -EINVAL);
	memset(large, 'a', GLOB_PATTERN_MAX + 2);
	large[0] = '/';
	assert_int_equal(glob_check_path((struct span){large, GLOB_PATTERN_MAX}, NULL), 0);
	assert_int_equal(
		glob_check_path((struct span){large, GLOB_PATTERN_MAX + 1}, NULL), -EINVAL);
	free(large);
}

static const struct {
	const char *extension;
	const char *name;
	bool is_match;
} extension_rows[] = {
	{"log", "a.log", true},
	{".log", "a.log", true},
	{"LOG", "a.log", true},
	{"log", "A.LoG", true},
	{"log", "/var/x/a.log", true},
	{"log", "alog", false},
	{"log", ".log", false},
	{"log", "/var/.log", false},
	{"log", "a.log.1", false},
	{"log", "a.xlog", false},
	{"log", "", false},
	{"tar.gz", "a.tar.gz", true},
	{"gz", "a.tar.gz", true},
	{"log", "dir.log/file", false},
	{"\xc3\x89", "a.\xc3\xa9", false},
	{"\xff", "a.\xff", true},
	{"", "a.", false},
	{".", "a.", false},
};

static void extension_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(extension_rows) / sizeof(extension_rows[0]); i++) {
		bool got = glob_match_extension(
			span_str(extension_rows[i].extension), span_str(extension_rows[i].name));

		if (got != extension_rows[i].is_match)
			fail_msg("\"%s\" and \"%s\": got %d", extension_rows[i].extension,
				extension_rows[i].name, got);
	}
}

static void extension_rules(void **state)
{
	static const struct {
		const char *extension;
		const char *word;
	} bad[] = {{"", "empty"}, {".", "empty"}, {"a/b", "slash"}, {"*.log", "not \"*.log\""},
		{"lo?", "wildcards"}};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct errmsg msg = ERRMSG_NULL;

		assert_int_equal(glob_check_extension(span_str(bad[i].extension), &msg), -EINVAL);
		assert_non_null(strstr(msg.text, bad[i].word));
	}
	assert_int_equal(glob_check_extension(span_str("tar.gz"), NULL), 0);
	assert_int_equal(glob_check_extension((struct span){"a\0", 2}, NULL), -EINVAL);
}

/* The pattern that makes naive matchers take for ever costs n times m steps. */
static void many_stars_stay_cheap(void **state)
{
	char pattern[512] = "/";
	char path[512] = "/";
	uint64_t before = clock_thread_cpu_ns();

	(void)state;
	for (int i = 0; i < 100; i++)
		strcat(pattern, "*a");
	strcat(pattern, "b");
	memset(path + 1, 'a', 255);
	for (int i = 0; i < 100; i++)
		assert_false(glob_match_path(span_str(pattern), span_str(path)));
	/* 100 x 200 x 256 steps; a second is far above, exponential far beyond. */
	assert_true(clock_thread_cpu_ns() - before < UINT64_C(5000000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(path_table),
		cmocka_unit_test(path_rules), cmocka_unit_test(extension_table),
		cmocka_unit_test(extension_rules), cmocka_unit_test(many_stars_stay_cheap)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
