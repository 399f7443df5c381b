/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every name in exactly one result: a scanner over trees with every kind of
 * file, compared name by name with what find(1) lists. The engine is a puppet;
 * its verdicts are not the matter here.
 */
#include "samples.h"
#include "scannerproc.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

static void names_run(const char *command)
{
	int r = system(command);

	if (r != 0)
		fail_msg("%s: %d", command, r);
}

static void names_write(const char *dir, const char *name, const char *text)
{
	char path[SAMPLES_PATH_SIZE];

	samples_path(path, dir, name);
	samples_write(path, text, strlen(text));
}

static void names_socket(const char *dir)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", dir);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	(void)close(fd);
}

/* One of everything. */
static void names_make_kinds(const char *dir)
{
	char a[SAMPLES_PATH_SIZE];
	char b[SAMPLES_PATH_SIZE];
	int fd;

	names_write(dir, "plain", "plain");
	names_write(dir, "empty", "");
	names_write(dir, "sick", "VIRUS");
	names_write(dir, "with\nnewline", "x");
	names_write(dir, "\xff\xfe invalid \x80", "x");
	names_write(dir, "\"quoted\\back\" \x1b[31m", "VIRUS");
	names_write(dir,
		"\xe2\x80\xae"
		"bidi",
		"x");
	names_write(dir, " ", "x");
	names_write(dir, "link1", "VIRUS with names");
	samples_path(a, dir, "link1");
	for (int i = 2; i < 6; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "link%d", i);
		samples_path(b, dir, name);
		assert_int_equal(link(a, b), 0);
	}
	samples_path(b, dir, "symlink");
	assert_int_equal(symlink("plain", b), 0);
	samples_path(b, dir, "dangling");
	assert_int_equal(symlink("/nowhere", b), 0);
	samples_path(b, dir, "loop");
	assert_int_equal(symlink(".", b), 0);
	samples_path(b, dir, "fifo");
	assert_int_equal(mkfifo(b, 0600), 0);
	names_socket(dir);
	if (geteuid() == 0) {
		samples_path(b, dir, "null");
		assert_int_equal(mknod(b, S_IFCHR | 0600, makedev(1, 3)), 0);
		samples_path(b, dir, "block");
		assert_int_equal(mknod(b, S_IFBLK | 0600, makedev(7, 200)), 0);
	}
	samples_path(b, dir, "sparse");
	fd = open(b, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0 && ftruncate(fd, (off_t)8 << 30) == 0);
	(void)close(fd);
	samples_path(b, dir, "noperm");
	samples_write(b, "x", 1);
	assert_int_equal(chmod(b, 0), 0);
}

static void names_check_kinds(const struct scannerproc *proc, const char *dir)
{
	static const struct {
		const char *name;
		enum file_result result;
		enum reason reason;
	} expected[] = {
		{"plain", FILE_RESULT_CLEAN, REASON_NONE},
		{"empty", FILE_RESULT_CLEAN, REASON_NONE},
		{"sparse", FILE_RESULT_CLEAN, REASON_NONE},
		{"sick", FILE_RESULT_INFECTED, REASON_NONE},
		{"\"quoted\\back\" \x1b[31m", FILE_RESULT_INFECTED, REASON_NONE},
		{"with\nnewline", FILE_RESULT_CLEAN, REASON_NONE},
		{"\xff\xfe invalid \x80", FILE_RESULT_CLEAN, REASON_NONE},
		{"link1", FILE_RESULT_INFECTED, REASON_NONE},
		{"link5", FILE_RESULT_INFECTED, REASON_NONE},
		{"symlink", FILE_RESULT_SKIPPED, REASON_SYMLINK},
		{"dangling", FILE_RESULT_SKIPPED, REASON_SYMLINK},
		{"loop", FILE_RESULT_SKIPPED, REASON_SYMLINK},
		{"fifo", FILE_RESULT_SKIPPED, REASON_SPECIAL},
		{"socket", FILE_RESULT_SKIPPED, REASON_SPECIAL},
	};
	char path[SAMPLES_PATH_SIZE];

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		samples_path(path, dir, expected[i].name);
		scannerproc_expect(proc, path, expected[i].result, expected[i].reason);
	}
	assert_int_equal(proc->n_detections, 7);
	for (size_t i = 0; i < proc->n_detections; i++) {
		assert_string_equal(proc->detections[i].signature, "Puppet.Virus");
		assert_string_equal(proc->detections[i].container, "inner/file");
		assert_int_equal(proc->detections[i].fields.has_hashes, 1);
	}
}

/* Every kind of file on the file system of the temporary directory. */
static void every_kind(void **state)
{
	struct scannerproc proc = {.type = SCAN_TYPE_CUSTOM};
	char dir[SAMPLES_PATH_SIZE];

	(void)state;
	samples_dir(dir);
	names_make_kinds(dir);
	scannerproc_add(&proc, IPC_PATH_TARGET, dir);
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	scannerproc_expect_find(&proc, dir, "");
	names_check_kinds(&proc, dir);
	scannerproc_close(&proc);
	samples_dir_remove(dir);
}

/* The same as another user: what may not be read is said to be so. */
static void without_privilege(void **state)
{
	struct scannerproc proc = {.type = SCAN_TYPE_CUSTOM, .start_uid = "65534"};
	char dir[SAMPLES_PATH_SIZE];
	char path[SAMPLES_PATH_SIZE];

	(void)state;
	if (geteuid() != 0)
		skip();
	samples_dir(dir);
	names_write(dir, "plain", "plain");
	names_write(dir, "secret", "secret");
	samples_path(path, dir, "secret");
	assert_int_equal(chmod(path, 0600), 0);
	samples_path(path, dir, "closed");
	assert_int_equal(mkdir(path, 0700), 0);
	names_write(path, "inner", "x");
	samples_path(path, dir, "listable");
	assert_int_equal(mkdir(path, 0704), 0);
	names_write(path, "inner", "x");
	scannerproc_add(&proc, IPC_PATH_TARGET, dir);
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	samples_path(path, dir, "plain");
	scannerproc_expect(&proc, path, FILE_RESULT_CLEAN, REASON_NONE);
	samples_path(path, dir, "secret");
	scannerproc_expect(&proc, path, FILE_RESULT_INCOMPLETE, REASON_UNREADABLE);
	samples_path(path, dir, "closed");
	scannerproc_expect(&proc, path, FILE_RESULT_INCOMPLETE, REASON_UNLISTABLE);
	assert_string_equal(scannerproc_notice(&proc, IPC_NOTICE_UNLISTABLE)->path, path);
	samples_path(path, dir, "listable/inner");
	scannerproc_expect(&proc, path, FILE_RESULT_INCOMPLETE, REASON_UNREADABLE);
	assert_int_equal(proc.n_lines, 4);
	scannerproc_close(&proc);
	samples_dir_remove(dir);
}

/* With a uid of its own it keeps what it needs to read everything. */
static void with_own_uid(void **state)
{
	struct scannerproc proc = {.type = SCAN_TYPE_CUSTOM, .uid = "65534"};
	char dir[SAMPLES_PATH_SIZE];
	char path[SAMPLES_PATH_SIZE];

	(void)state;
	if (geteuid() != 0)
		skip();
	samples_dir(dir);
	names_make_kinds(dir);
	scannerproc_add(&proc, IPC_PATH_TARGET, dir);
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	scannerproc_expect_find(&proc, dir, "");
	samples_path(path, dir, "noperm");
	scannerproc_expect(&proc, path, FILE_RESULT_CLEAN, REASON_NONE);
	scannerproc_close(&proc);
	samples_dir_remove(dir);
}

/* Go down @levels directories called @name, with a file in every 20th. */
static void names_make_chain(const char *dir, const char *name, int levels)
{
	int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (int i = 0; i < levels; i++) {
		int next;

		assert_int_equal(mkdirat(at, name, 0755), 0);
		if (i % 20 == 0) {
			int fd = openat(at, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

			assert_true(fd >= 0);
			(void)close(fd);
			/* One that is entered after coming back. */
			assert_int_equal(mkdirat(at, "e", 0755), 0);
		}
		next = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(next >= 0);
		(void)close(at);
		at = next;
	}
	(void)close(at);
}

/* A chain of directories deeper than any path may be long, and back again. */
static void deep_tree(void **state)
{
	enum { LEVELS = 10000 };
	struct scannerproc proc = {.type = SCAN_TYPE_CUSTOM};
	char dir[SAMPLES_PATH_SIZE];
	char command[SAMPLES_PATH_SIZE + 16];

	(void)state;
	samples_dir(dir);
	names_make_chain(dir, "d", LEVELS);
	scannerproc_add(&proc, IPC_PATH_TARGET, dir);
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	scannerproc_expect_find(&proc, dir, "");
	assert_int_equal(proc.progress.results[FILE_RESULT_CLEAN], LEVELS / 20);
	assert_int_equal(proc.progress.n_directories, 1 + LEVELS + LEVELS / 20);
	print_message("%d levels: peak RSS of the scanner %llu KiB\n", LEVELS,
		(unsigned long long)proc.peak_rss_kib);
	scannerproc_close(&proc);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	names_run(command);
}

/* Paths longer than the protocol carries: cut, but each file has its result. */
static void endless_paths(void **state)
{
	enum { LEVELS = 400 };
	struct scannerproc proc = {.type = SCAN_TYPE_CUSTOM};
	char dir[SAMPLES_PATH_SIZE];
	char command[SAMPLES_PATH_SIZE + 16];
	char name[251];

	(void)state;
	memset(name, 'n', 250);
	name[250] = '\0';
	samples_dir(dir);
	names_make_chain(dir, name, LEVELS);
	scannerproc_add(&proc, IPC_PATH_TARGET, dir);
	scannerproc_run(&proc);
	assert_int_equal(proc.progress.n_found, LEVELS / 20);
	assert_int_equal(proc.progress.results[FILE_RESULT_CLEAN], LEVELS / 20);
	assert_int_equal(proc.n_lines, LEVELS / 20);
	assert_int_equal(proc.lines[LEVELS / 20 - 1].path.n, IPC_PATH_MAX);
	scannerproc_close(&proc);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	names_run(command);
}

/* Huge flat directories: more entries than buffer and queue hold. */
static void huge_directories(void **state)
{
	enum { FILES = 20000, DIRS = 20000 };
	struct scannerproc proc = {.type = SCAN_TYPE_CUSTOM};
	char dir[SAMPLES_PATH_SIZE];
	int at;

	(void)state;
	samples_dir(dir);
	at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < FILES; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "link %d", i);
		assert_int_equal(symlinkat("x", at, name), 0);
	}
	for (int i = 0; i < DIRS; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "directory %d", i);
		assert_int_equal(mkdirat(at, name, 0755), 0);
	}
	(void)close(at);
	scannerproc_add(&proc, IPC_PATH_TARGET, dir);
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	scannerproc_expect_find(&proc, dir, "");
	assert_int_equal(proc.progress.n_directories, 1 + DIRS);
	scannerproc_close(&proc);
	samples_dir_remove(dir);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind),
		cmocka_unit_test(without_privilege),
		cmocka_unit_test(with_own_uid),
		cmocka_unit_test(deep_tree),
		cmocka_unit_test(endless_paths),
		cmocka_unit_test(huge_directories),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
