/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Homes, download folders, mappings of processes, path rules, the name set. */
#include "home.h"
#include "nameset.h"
#include "opener.h"
#include "pathrule.h"
#include "procfiles.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

/* The forms a user-dirs.dirs file has, and some it must not have. */
static void downloads(void **state)
{
	static const struct {
		const char *text;
		const char *path;
	} rows[] = {
		{"XDG_DOWNLOAD_DIR=\"$HOME/Downloads\"\n", "/h/u/Downloads"},
		{"# x\nXDG_DESKTOP_DIR=\"$HOME/D\"\n  XDG_DOWNLOAD_DIR=\"$HOME/T\xc3\xa9l\"",
			"/h/u/T\xc3\xa9l"},
		{"XDG_DOWNLOAD_DIR=\"/srv/get\"\n", "/srv/get"},
		{"XDG_DOWNLOAD_DIR=\"$HOME/a\\\"b\\\\c\"\n", "/h/u/a\"b\\c"},
		{"XDG_DOWNLOAD_DIR=\"$HOME/\"\n", ""},
		{"XDG_DOWNLOAD_DIR=\"relative\"\n", ""},
		{"#XDG_DOWNLOAD_DIR=\"$HOME/x\"\n", ""},
		{"", ""},
		{"XDG_DOWNLOAD_DIR=\"$HOME/open", "/h/u/open"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char path[64] = "";
		size_t n =
			home_download(span_str(rows[i].text), span_str("/h/u"), path, sizeof(path));

		assert_int_equal(n, strlen(rows[i].path));
		if (n > 0)
			assert_string_equal(path, rows[i].path);
	}
	{
		char tiny[8];

		assert_int_equal(home_download(span_str("XDG_DOWNLOAD_DIR=\"$HOME/Downloads\""),
					 span_str("/h/u"), tiny, sizeof(tiny)),
			0);
	}
}

/* The user database has root, and no home twice. */
static void homes(void **state)
{
	struct home_list list = HOME_LIST_NULL;
	bool has_root = false;

	(void)state;
	assert_int_equal(home_list_read(&list), 0);
	for (size_t i = 0; i < list.n; i++) {
		assert_true(list.paths[i][0] == '/' && list.paths[i][1] != '\0');
		has_root = has_root || strcmp(list.paths[i], "/root") == 0;
		if (i > 0)
			assert_true(strcmp(list.paths[i - 1], list.paths[i]) < 0);
	}
	assert_true(has_root);
	home_list_deinit(&list);
	home_list_deinit(&list);
}

/* Lines of maps. */
static void maps(void **state)
{
	struct procfiles_map map;

	(void)state;
	assert_int_equal(procfiles_parse("00400000-00452000 r-xp 00001000 08:02 173521      "
					 "/usr/bin/dbus-daemon",
				 &map),
		0);
	assert_int_equal(map.begin, 0x400000);
	assert_int_equal(map.end, 0x452000);
	assert_true(map.is_executable);
	assert_int_equal(map.dev, makedev(8, 2));
	assert_int_equal(map.ino, 173521);
	assert_int_equal(procfiles_parse("7f0-7f1 rw-p 00000000 fd:1a 0 ", &map), 0);
	assert_false(map.is_executable);
	assert_int_equal(map.dev, makedev(0xfd, 0x1a));
	assert_int_equal(procfiles_parse("", &map), -EBADMSG);
	assert_int_equal(procfiles_parse("7f0-7f1 rw-p", &map), -EBADMSG);
}

static enum reason of_file(const struct pathrule *rule, const char *path)
{
	return pathrule_of_file(rule, span_str(path));
}

static int add(struct pathrule *rule, enum ipc_path_kind kind, const char *path)
{
	struct ipc_scan_path message = {.kind = (uint8_t)kind, .path = span_str(path)};

	return pathrule_add(rule, &message);
}

/* Exclusions come before own state; what is no rule is refused. */
static void rules(void **state)
{
	struct pathrule rule = PATHRULE_NULL;

	(void)state;
	assert_int_equal(add(&rule, IPC_PATH_EXCLUDE, "/var/log"), 0);
	assert_int_equal(add(&rule, IPC_PATH_EXCLUDE_EXTENSION, "iso"), 0);
	assert_int_equal(add(&rule, IPC_PATH_OWN, "/var/lib/q/"), 0);
	assert_int_equal(add(&rule, IPC_PATH_TARGET, "/x"), 0);
	assert_int_equal(add(&rule, IPC_PATH_TARGET, "x"), -EINVAL);
	assert_int_equal(add(&rule, IPC_PATH_OWN, ""), -EINVAL);
	assert_int_equal(add(&rule, IPC_PATH_KIND_N, "/x"), -EINVAL);
	{
		struct ipc_scan_path nul = {
			.kind = IPC_PATH_TARGET, .path = {.data = "/a\0b", .n = 4}};

		assert_int_equal(pathrule_add(&rule, &nul), -EINVAL);
	}
	assert_int_equal(of_file(&rule, "/var/log/x"), REASON_EXCLUDED);
	assert_int_equal(of_file(&rule, "/var/logs"), REASON_NONE);
	assert_int_equal(of_file(&rule, "/a/b.iso"), REASON_EXCLUDED);
	assert_int_equal(pathrule_of_directory(&rule, span_str("/a/b.iso")), REASON_NONE);
	assert_int_equal(of_file(&rule, "/var/lib/q/x"), REASON_OWN);
	assert_int_equal(of_file(&rule, "/var/lib/q/x.iso"), REASON_EXCLUDED);
	assert_int_equal(of_file(&rule, "/var/lib/qq"), REASON_NONE);
	pathrule_ignore_exclusions(&rule);
	assert_int_equal(of_file(&rule, "/var/log/x"), REASON_NONE);
	assert_int_equal(of_file(&rule, "/var/lib/q/x.iso"), REASON_OWN);
	assert_int_equal(rule.targets.n, 1);
	pathrule_deinit(&rule);
	pathrule_deinit(&rule);
}

/* Exact, growing, any bytes. */
static void names(void **state)
{
	struct nameset set = NAMESET_NULL;

	(void)state;
	assert_false(nameset_has(&set, span_str("0")));
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 5000; i++) {
			char name[16];

			(void)snprintf(name, sizeof(name), "%d", i);
			assert_int_equal(
				nameset_add(&set, span_str(name)), round ? NAMESET_E_THERE : 0);
		}
	}
	assert_true(nameset_has(&set, span_str("4999")));
	assert_false(nameset_has(&set, span_str("5000")));
	assert_int_equal(nameset_add(&set, (struct span){.data = "a\0b", .n = 3}), 0);
	assert_false(nameset_has(&set, span_str("a")));
	set.n_bytes = NAMESET_BYTES_MAX;
	assert_int_equal(nameset_add(&set, span_str("more")), -ENOSPC);
	assert_false(nameset_has(&set, span_str("more")));
	nameset_deinit(&set);
	nameset_deinit(&set);
}

/* What a failed open means. */
static void opens(void **state)
{
	static const struct {
		int error;
		enum file_result result;
		enum reason reason;
	} rows[] = {
		{ENOENT, FILE_RESULT_CHANGED, REASON_VANISHED},
		{ESTALE, FILE_RESULT_CHANGED, REASON_VANISHED},
		{ELOOP, FILE_RESULT_CHANGED, REASON_REPLACED},
		{EPERM, FILE_RESULT_BLOCKED, REASON_DENIED},
		{EACCES, FILE_RESULT_INCOMPLETE, REASON_UNREADABLE},
		{EIO, FILE_RESULT_INCOMPLETE, REASON_UNREADABLE},
		{EMFILE, FILE_RESULT_INCOMPLETE, REASON_UNREADABLE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct outcome outcome = OUTCOME_NULL;

		opener_explain(rows[i].error, &outcome);
		assert_int_equal(outcome.result, rows[i].result);
		assert_int_equal(outcome.reason, rows[i].reason);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(downloads),
		cmocka_unit_test(homes),
		cmocka_unit_test(maps),
		cmocka_unit_test(rules),
		cmocka_unit_test(names),
		cmocka_unit_test(opens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
