/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Report files: made, emptied, read in parts, removed; ids that are none.
 */
#include "scan_report.h"

#include "scratch.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char scan_report_id[] = "01234567-89ab-4cde-8f01-23456789abcd";

struct world {
	struct scratch scratch;
	char dir[SCRATCH_PATH_SIZE];
	struct errmsg msg;
};

static int setup(void **state)
{
	struct world *world = test_calloc(1, sizeof(*world));

	scratch_init(&world->scratch);
	(void)scratch_path(&world->scratch, "reports", world->dir);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	scratch_deinit(&world->scratch);
	test_free(world);
	return 0;
}

static void fill(struct world *world, const char *text, size_t n)
{
	int fd = -1;

	assert_int_equal(scan_report_create(world->dir, scan_report_id, &fd, &world->msg), 0);
	assert_int_equal(write(fd, text, n), (ssize_t)n);
	assert_int_equal(close(fd), 0);
}

static void expect_part(
	struct world *world, uint64_t offset, size_t n_max, const char *text, bool is_end)
{
	struct scan_report_part part;

	assert_int_equal(
		scan_report_read(world->dir, scan_report_id, offset, n_max, &part, &world->msg), 0);
	assert_int_equal(part.n_text, strlen(text));
	assert_memory_equal(part.text, text, part.n_text);
	assert_int_equal(part.next_offset, offset + part.n_text);
	assert_int_equal(part.is_end, is_end);
	free(part.text);
}

/* The folder is made, the file is private, a second start empties it. */
static void create(void **state)
{
	struct world *world = *state;
	struct stat st;
	int fd = -1;

	fill(world, "a\n", 2);
	assert_int_equal(scan_report_create(world->dir, scan_report_id, &fd, &world->msg), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(fcntl(fd, F_GETFL) & O_APPEND);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	(void)close(fd);
}

/* Whole lines only, one at least, and the end is told. */
static void read_parts(void **state)
{
	struct world *world = *state;
	struct scan_report_part part;

	fill(world, "one\ntwo\nthree\nfo", 16);
	expect_part(world, 0, 100, "one\ntwo\nthree\n", true);
	expect_part(world, 0, 9, "one\ntwo\n", false);
	expect_part(world, 8, 1, "three\n", true);
	expect_part(world, 14, 100, "", true);
	assert_int_equal(
		scan_report_read(world->dir, scan_report_id, 3, 9, &part, &world->msg), -EINVAL);
	assert_int_equal(
		scan_report_read(world->dir, scan_report_id, 99, 9, &part, &world->msg), -EINVAL);
	assert_int_equal(
		scan_report_read(world->dir, scan_report_id, UINT64_MAX, 9, &part, &world->msg),
		-EINVAL);
}

/* A line that is longer than any of ours comes in pieces, not in memory. */
static void endless_line(void **state)
{
	struct world *world = *state;
	size_t n = SCAN_REPORT_LINE_MAX + 1000;
	struct scan_report_part part;
	char *text = malloc(n);

	assert_non_null(text);
	memset(text, 'x', n);
	fill(world, text, n);
	free(text);
	assert_int_equal(
		scan_report_read(world->dir, scan_report_id, 0, 10, &part, &world->msg), 0);
	assert_int_equal(part.n_text, SCAN_REPORT_LINE_MAX);
	free(part.text);
}

/* Nothing there; names that would lead elsewhere; something else in its place. */
static void refused(void **state)
{
	static const char *const bad[] = {"", "x", "../../etc/passwd",
		"01234567-89ab-4cde-8f01-23456789abcg", "01234567-89ab-4cde-8f01-23456789abcde",
		"/1234567-89ab-4cde-8f01-23456789abcd"};
	struct world *world = *state;
	struct scan_report_part part;
	char path[SCRATCH_PATH_SIZE];
	int fd = -1;

	assert_int_equal(
		scan_report_read(world->dir, scan_report_id, 0, 9, &part, &world->msg), -ENOENT);
	assert_int_equal(scan_report_remove(world->dir, scan_report_id, &world->msg), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(scan_report_create(world->dir, bad[i], &fd, &world->msg), -EINVAL);
		assert_int_equal(
			scan_report_read(world->dir, bad[i], 0, 9, &part, &world->msg), -EINVAL);
		assert_int_equal(scan_report_remove(world->dir, bad[i], &world->msg), -EINVAL);
	}
	assert_int_equal(fd, -1);
	fill(world, "a\n", 2);
	assert_int_equal(scan_report_remove(world->dir, scan_report_id, &world->msg), 0);
	assert_int_equal(scan_report_remove(world->dir, scan_report_id, &world->msg), 0);
	(void)scratch_path(
		&world->scratch, "reports/01234567-89ab-4cde-8f01-23456789abcd.jsonl", path);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(scan_report_create(world->dir, scan_report_id, &fd, &world->msg), -ELOOP);
	assert_int_equal(
		scan_report_read(world->dir, scan_report_id, 0, 9, &part, &world->msg), -ELOOP);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(
		scan_report_read(world->dir, scan_report_id, 0, 9, &part, &world->msg), -EPERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(create, setup, teardown),
		cmocka_unit_test_setup_teardown(read_parts, setup, teardown),
		cmocka_unit_test_setup_teardown(endless_line, setup, teardown),
		cmocka_unit_test_setup_teardown(refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
