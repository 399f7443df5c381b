/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of quietscan-engine: what is taken, and what is refused with which words. */
#include "engine_args.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

enum { TEST_ARGS_MAX = 48 };

#define TEST_REQUIRED                                                                              \
	"--control-fd", "3", "--grants-fd", "5", "--signatures", "/s", "--temp-dir", "/t",         \
		"--max-file-size", "104857600", "--max-scan-size", "419430400", "--max-recursion", \
		"17", "--max-files", "10000", "--memory-limit", "1073741824", "--temp-size",       \
		"536870912"

static int test_parse(const char *const extra[], struct engine_args *args, struct errmsg *msg)
{
	const char *argv[TEST_ARGS_MAX] = {"quietscan-engine", TEST_REQUIRED};
	int argc = 0;

	while (argv[argc])
		argc++;
	for (; *extra; extra++)
		argv[argc++] = *extra;
	return engine_args_parse(argc, (char **)(uintptr_t)argv, args, msg);
}

static void defaults(void **state)
{
	const char *const none[] = {NULL};
	struct errmsg msg = ERRMSG_NULL;
	struct engine_args args;

	(void)state;
	assert_int_equal(test_parse(none, &args, &msg), 0);
	assert_int_equal(args.control_fd, 3);
	assert_int_equal(args.fork_fd, -1);
	assert_int_equal(args.grants_fd, 5);
	assert_int_equal(args.generation, 1);
	assert_string_equal(args.signatures, "/s");
	assert_string_equal(args.temp_dir, "/t");
	assert_false(args.has_ids);
	assert_int_equal(args.max_file_size, 104857600);
	assert_int_equal(args.max_recursion, 17);
	assert_int_equal(args.temp_size, 536870912);
	assert_int_equal(args.walls, SANDBOX_WALLS_AUTO);
	assert_int_equal(args.log_level, LOG_LEVEL_WARN);
}

static void everything(void **state)
{
	const char *const all[] = {"--fork-fd", "4", "--generation", "7", "--uid", "100", "--gid",
		"101", "--walls", "landlock", "--log-level", "debug", NULL};
	struct errmsg msg = ERRMSG_NULL;
	struct engine_args args;

	(void)state;
	assert_int_equal(test_parse(all, &args, &msg), 0);
	assert_int_equal(args.fork_fd, 4);
	assert_int_equal(args.generation, 7);
	assert_true(args.has_ids);
	assert_int_equal(args.uid, 100);
	assert_int_equal(args.gid, 101);
	assert_int_equal(args.walls, SANDBOX_WALLS_LANDLOCK);
	assert_int_equal(args.log_level, LOG_LEVEL_DEBUG);
}

static void refused(void **state)
{
	static const struct {
		const char *extra[5];
		const char *words;
	} cases[] = {
		{{"--max-recursion", "0"}, "--max-recursion 0: not a number from 1 to 100"},
		{{"--max-recursion", "101"}, "--max-recursion"},
		{{"--max-file-size", "4294967296"}, "--max-file-size"},
		{{"--max-files", "-1"}, "--max-files"},
		{{"--max-files", "ten"}, "--max-files"},
		{{"--max-files", "10x"}, "--max-files"},
		{{"--temp-size", ""}, "--temp-size"},
		{{"--control-fd", "2"}, "--control-fd"},
		{{"--memory-limit", "99999999999999999999999"}, "--memory-limit"},
		{{"--uid", "5"}, "--uid and --gid"},
		{{"--gid", "5"}, "--uid and --gid"},
		{{"--walls", "paper"}, "paper"},
		{{"--log-level", "loud"}, "loud"},
		{{"--no-such-option", "5"}, "--no-such-option"},
		{{"--fork-fd"}, "--fork-fd"},
		{{"operand"}, "operand"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct errmsg msg = ERRMSG_NULL;
		struct engine_args args = {.control_fd = 99};

		assert_int_equal(test_parse(cases[i].extra, &args, &msg), -EINVAL);
		if (!strstr(msg.text, cases[i].words))
			fail_msg("\"%s\" instead of \"%s\"", msg.text, cases[i].words);
		assert_int_equal(args.control_fd, 99);
	}
}

static void missing(void **state)
{
	char *argv[] = {(char *)(uintptr_t) "quietscan-engine", NULL};
	struct errmsg msg = ERRMSG_NULL;
	struct engine_args args;

	(void)state;
	assert_int_equal(engine_args_parse(1, argv, &args, &msg), -EINVAL);
	assert_string_equal(msg.text, "--control-fd is missing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(everything),
		cmocka_unit_test(refused),
		cmocka_unit_test(missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
