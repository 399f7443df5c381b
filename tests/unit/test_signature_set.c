/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signature sets: what belongs to one, what identifies it, and that a copy is
 * whole or not there. Root's tests use another owner, which stands for clamav.
 */
#include "signature_set.h"

#include "samples.h"
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEST_OTHER_UID = 65534 };

static struct {
	char dir[SAMPLES_PATH_SIZE];
	char parent[SAMPLES_PATH_SIZE];
	char path[SAMPLES_PATH_SIZE];
	struct signature_set_info info;
	struct errmsg msg;
} test;

static const char *test_path(const char *dir, const char *name)
{
	samples_path(test.path, dir, name);
	return test.path;
}

static int test_setup(void **state)
{
	(void)state;
	memset(&test, 0, sizeof(test));
	samples_dir(test.dir);
	samples_dir(test.parent);
	return 0;
}

static int test_teardown(void **state)
{
	(void)state;
	samples_dir_remove(test.dir);
	samples_dir_remove(test.parent);
	return 0;
}

static void test_put(const char *name, const char *text)
{
	samples_write(test_path(test.dir, name), text, strlen(text));
}

static size_t test_count(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	size_t n = 0;

	assert_non_null(d);
	while ((entry = readdir(d)))
		n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	(void)closedir(d);
	return n;
}

static void suffixes(void **state)
{
	static const char *const yes[] = {"main.cvd", "daily.cld", "x.hdb", "X.HDB", "a.b.ndb",
		"rules.yar", "rules.yara", "z.ign2", "t.cbc", "w.wdb"};
	static const char *const no[] = {"freshclam.dat", "main.cvd.tmp", ".hdb", ".hidden.hdb",
		"README", "hdb", "mirrors.dat", "main.cvd.sign"};

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_true(signature_set_is_database(yes[i]));
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_false(signature_set_is_database(no[i]));
}

static void nothing_there(void **state)
{
	(void)state;
	assert_int_equal(
		signature_set_look(test.dir, &test.info, &test.msg), SIGNATURE_SET_E_EMPTY);
	assert_non_null(strstr(test.msg.text, test.dir));
	test_put("freshclam.dat", "x");
	assert_int_equal(
		signature_set_fingerprint(test.dir, &test.info, &test.msg), SIGNATURE_SET_E_EMPTY);
	assert_int_equal(signature_set_snapshot(test.dir, test.parent, &test.info, &test.msg),
		SIGNATURE_SET_E_EMPTY);
	assert_string_equal(test.info.fingerprint, "");
	assert_int_equal(test_count(test.parent), 0);
	assert_int_equal(
		signature_set_look("/nonexistent-directory", &test.info, &test.msg), -ENOENT);
	assert_non_null(strstr(test.msg.text, "/nonexistent-directory"));
}

/* Contents and names decide the fingerprint; times and other files do not. */
static void fingerprint(void **state)
{
	struct signature_set_info first;

	(void)state;
	test_put("a.hdb", "aa");
	test_put("b.ndb", "bb");
	assert_int_equal(signature_set_fingerprint(test.dir, &first, &test.msg), 0);
	assert_int_equal(strlen(first.fingerprint), 64);
	assert_int_equal(first.n_files, 2);
	assert_int_equal(first.n_bytes, 4);
	test_put("other.txt", "no database");
	test_put("a.hdb", "aa");
	assert_int_equal(signature_set_fingerprint(test.dir, &test.info, &test.msg), 0);
	assert_string_equal(test.info.fingerprint, first.fingerprint);
	test_put("a.hdb", "ab");
	assert_int_equal(signature_set_fingerprint(test.dir, &test.info, &test.msg), 0);
	assert_string_not_equal(test.info.fingerprint, first.fingerprint);
	test_put("a.hdb", "aa");
	assert_int_equal(unlink(test_path(test.dir, "a.hdb")), 0);
	test_put("c.hdb", "aa");
	assert_int_equal(signature_set_fingerprint(test.dir, &test.info, &test.msg), 0);
	assert_string_not_equal(test.info.fingerprint, first.fingerprint);
}

/* The cheap look notices a file that was replaced by one of the same size. */
static void look(void **state)
{
	struct signature_set_info first;
	char other[SAMPLES_PATH_SIZE];

	(void)state;
	test_put("a.hdb", "aa");
	assert_int_equal(signature_set_look(test.dir, &first, &test.msg), 0);
	assert_string_equal(first.fingerprint, "");
	assert_int_equal(signature_set_look(test.dir, &test.info, &test.msg), 0);
	assert_string_equal(test.info.stat_print, first.stat_print);
	samples_path(other, test.dir, "new");
	samples_write(other, "bb", 2);
	assert_int_equal(rename(other, test_path(test.dir, "a.hdb")), 0);
	assert_int_equal(signature_set_look(test.dir, &test.info, &test.msg), 0);
	assert_string_not_equal(test.info.stat_print, first.stat_print);
}

static void snapshot(void **state)
{
	struct signature_set_info original;
	char set[SAMPLES_PATH_SIZE];
	struct stat st, copy;

	(void)state;
	test_put("a.hdb", "aa");
	test_put("b.ndb", "bb");
	test_put("other.txt", "not copied");
	assert_int_equal(signature_set_fingerprint(test.dir, &original, &test.msg), 0);
	for (int i = 0; i < 2; i++) { /* The second time it is there already. */
		assert_int_equal(
			signature_set_snapshot(test.dir, test.parent, &test.info, &test.msg), 0);
		assert_string_equal(test.info.fingerprint, original.fingerprint);
		assert_int_equal(test_count(test.parent), 1);
	}
	samples_path(set, test.parent, test.info.name);
	assert_int_equal(test_count(set), 2);
	assert_int_equal(stat(set, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(stat(test_path(test.dir, "b.ndb"), &st), 0);
	assert_int_equal(stat(test_path(set, "b.ndb"), &copy), 0);
	assert_int_equal(copy.st_mode & 07777, 0644);
	assert_int_equal(copy.st_mtim.tv_sec, st.st_mtim.tv_sec);
	/* The fingerprint is the snapshot's too. */
	assert_int_equal(signature_set_fingerprint(set, &test.info, &test.msg), 0);
	assert_string_equal(test.info.fingerprint, original.fingerprint);
}

static void prune(void **state)
{
	struct signature_set_info second;
	const char *keep[] = {NULL, "", second.name};

	(void)state;
	test_put("a.hdb", "one");
	assert_int_equal(signature_set_snapshot(test.dir, test.parent, &test.info, &test.msg), 0);
	test_put("a.hdb", "two");
	assert_int_equal(signature_set_snapshot(test.dir, test.parent, &second, &test.msg), 0);
	assert_int_equal(mkdir(test_path(test.parent, ".new-1-1"), 0700), 0);
	samples_write(test_path(test.parent, ".new-1-1/half.hdb"), "h", 1);
	samples_write(test_path(test.parent, "not-ours"), "x", 1);
	assert_int_equal(test_count(test.parent), 4);
	assert_int_equal(signature_set_prune(test.parent, keep, 3), 0);
	assert_int_equal(test_count(test.parent), 2);
	assert_int_equal(access(test_path(test.parent, second.name), F_OK), 0);
	assert_int_equal(signature_set_prune(test.parent, NULL, 0), 0);
	assert_int_equal(test_count(test.parent), 1);
	assert_int_equal(signature_set_prune("/nonexistent-directory", NULL, 0), -ENOENT);
}

/* A FIFO with a database's name neither hangs nor passes. */
static void no_regular_file(void **state)
{
	(void)state;
	test_put("a.hdb", "aa");
	assert_int_equal(mkfifo(test_path(test.dir, "b.hdb"), 0644), 0);
	assert_int_equal(
		signature_set_snapshot(test.dir, test.parent, &test.info, &test.msg), -EINVAL);
	assert_non_null(strstr(test.msg.text, "b.hdb"));
	assert_int_equal(test_count(test.parent), 0);
}

/* Links in a directory of another user would make us copy what that user cannot read. */
static void links_of_others(void **state)
{
	char target[SAMPLES_PATH_SIZE];

	(void)state;
	if (geteuid() != 0)
		skip();
	samples_path(target, test.parent, "secret");
	samples_write(target, "secret", 6);
	test_put("a.hdb", "aa");
	/* Root's own link in root's directory is followed. */
	assert_int_equal(symlink(target, test_path(test.dir, "b.hdb")), 0);
	assert_int_equal(signature_set_fingerprint(test.dir, &test.info, &test.msg), 0);
	assert_int_equal(test.info.n_files, 2);
	/* The other user's is not. */
	assert_int_equal(chown(test.dir, TEST_OTHER_UID, TEST_OTHER_UID), 0);
	assert_int_equal(lchown(test_path(test.dir, "b.hdb"), TEST_OTHER_UID, TEST_OTHER_UID), 0);
	assert_int_equal(signature_set_fingerprint(test.dir, &test.info, &test.msg), -EPERM);
	assert_non_null(strstr(test.msg.text, "b.hdb"));
	/* Nor a hard link of it. */
	assert_int_equal(unlink(test_path(test.dir, "b.hdb")), 0);
	assert_int_equal(link(target, test_path(test.dir, "b.hdb")), 0);
	assert_int_equal(signature_set_fingerprint(test.dir, &test.info, &test.msg), -EPERM);
	assert_non_null(strstr(test.msg.text, "b.hdb"));
}

/* No room for the copy: said so, and nothing left behind. */
static void disk_is_full(void **state)
{
	char text[65536];

	(void)state;
	/* In a mount namespace of our own: nothing is left mounted, whatever happens. */
	if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0 ||
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("none", test.parent, "tmpfs", 0, "size=16k") < 0)
		skip();
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	test_put("big.hdb", text);
	assert_int_equal(
		signature_set_snapshot(test.dir, test.parent, &test.info, &test.msg), -ENOSPC);
	assert_non_null(strstr(test.msg.text, "big.hdb"));
	assert_int_equal(test_count(test.parent), 0);
	assert_int_equal(umount(test.parent), 0);
}

/* Somebody writes while we read: told, and nothing is kept. */
static void changes_meanwhile(void **state)
{
	enum { TEST_BYTES = 32 << 20 };
	unsigned char *noise = samples_noise(TEST_BYTES, 1);
	char path[SAMPLES_PATH_SIZE];
	pid_t pid;
	int r;

	(void)state;
	samples_path(path, test.dir, "a.hdb");
	samples_write(path, noise, TEST_BYTES);
	pid = unit_fork();
	if (pid == 0) {
		for (;;) {
			(void)utimensat(AT_FDCWD, path, NULL, 0);
			(void)poll(NULL, 0, 1);
		}
	}
	r = signature_set_snapshot(test.dir, test.parent, &test.info, &test.msg);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	free(noise);
	assert_int_equal(r, SIGNATURE_SET_E_CHANGED);
	assert_non_null(strstr(test.msg.text, "changed"));
	assert_int_equal(test_count(test.parent), 0);
}

static void parent_is_not_there(void **state)
{
	(void)state;
	test_put("a.hdb", "aa");
	assert_int_equal(
		signature_set_snapshot(test.dir, "/nonexistent-directory", &test.info, &test.msg),
		-ENOENT);
	assert_non_null(strstr(test.msg.text, "/nonexistent-directory"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_setup, test_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(suffixes),
		TEST(nothing_there),
		TEST(fingerprint),
		TEST(look),
		TEST(snapshot),
		TEST(prune),
		TEST(no_regular_file),
		TEST(links_of_others),
		TEST(changes_meanwhile),
		TEST(disk_is_full),
		TEST(parent_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
