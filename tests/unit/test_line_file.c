/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Appending, torn lines, files that are taken away, hostile files. Full disks:
 * integration/store-full.c.
 */
#include "line_file.h"

#include "scratch.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct world {
	struct scratch scratch;
	struct line_file file;
	struct errmsg msg;
	char *last;
	size_t n_last;
};

static int setup(void **state)
{
	struct world *world = test_calloc(1, sizeof(*world));

	scratch_init(&world->scratch);
	world->file = (struct line_file)LINE_FILE_NULL;
	world->file.dir_fd = open(world->scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	world->file.name = "log";
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	line_file_close(&world->file);
	line_file_close(&world->file);
	(void)close(world->file.dir_fd);
	free(world->last);
	scratch_deinit(&world->scratch);
	test_free(world);
	return 0;
}

static int open_it(struct world *world)
{
	free(world->last);
	world->last = NULL;
	return line_file_open(&world->file, 0640, &world->last, &world->n_last, &world->msg);
}

/* A new file has the mode asked for whatever the umask, and no last line. */
static void fresh(void **state)
{
	struct world *world = *state;
	mode_t old = umask(0777);
	struct stat st;

	assert_int_equal(open_it(world), 0);
	(void)umask(old);
	assert_null(world->last);
	assert_int_equal(fstat(world->file.fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(line_file_append(&world->file, "a\nbc\n", 5, &world->msg), 0);
	assert_int_equal(line_file_flush(&world->file, &world->msg), 0);
	assert_true(line_file_is_current(&world->file));
	assert_int_equal(open_it(world), 0);
	assert_string_equal(world->last, "bc");
}

/*
 * The name of a new file is flushed with its directory. A descriptor that
 * cannot be flushed (O_PATH) makes that fail, and then there is no file that
 * the next open would take for a safe one; a file that exists is not affected.
 */
static void directory_is_flushed(void **state)
{
	struct world *world = *state;
	int dir_fd = world->file.dir_fd;

	world->file.dir_fd = open(world->scratch.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(world->file.dir_fd >= 0);
	assert_int_equal(open_it(world), -EBADF);
	assert_non_null(strstr(world->msg.text, "flush its directory"));
	assert_int_equal(faccessat(dir_fd, "log", F_OK, 0), -1);
	scratch_write(&world->scratch, "log", "a\n", 2);
	assert_int_equal(open_it(world), 0);
	(void)close(world->file.dir_fd);
	world->file.dir_fd = dir_fd;
}

/* What the end of a file can look like after a crash. */
static void ends(void **state)
{
	static const struct {
		const char *before;
		const char *after;
		const char *last;
	} cases[] = {
		{"", "", NULL},
		{"torn", "", NULL},
		{"a\n", "a\n", "a"},
		{"a\ntorn", "a\n", "a"},
		{"\n", "\n", ""},
		{"a\n\n", "a\n\n", ""},
		{"a\n\ntorn", "a\n\n", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world *world = *state;
		char *now;

		scratch_write(&world->scratch, "log", cases[i].before, strlen(cases[i].before));
		assert_int_equal(open_it(world), 0);
		if (cases[i].last)
			assert_string_equal(world->last, cases[i].last);
		else
			assert_null(world->last);
		now = scratch_read(&world->scratch, "log", NULL);
		assert_string_equal(now, cases[i].after);
		free(now);
	}
}

/* Lines longer than one chunk, torn or whole; beyond the limit: the empty line. */
static void long_lines(void **state)
{
	struct world *world = *state;
	size_t n = LINE_FILE_LINE_MAX + 100000;
	char *text = malloc(n);
	struct line_reader reader;
	struct span line;

	assert_non_null(text);
	memset(text, 'x', n);
	text[1] = '\n';
	scratch_write(&world->scratch, "log", text, 300000);
	assert_int_equal(open_it(world), 0);
	assert_string_equal(world->last, "x");
	text[299999] = '\n';
	scratch_write(&world->scratch, "log", text, 300000);
	assert_int_equal(open_it(world), 0);
	assert_int_equal(world->n_last, 300000 - 3);
	text[299999] = 'x';
	text[n - 1] = '\n';
	scratch_write(&world->scratch, "log", text, n);
	assert_int_equal(open_it(world), 0);
	assert_int_equal(world->n_last, 0);
	assert_int_equal(line_reader_open(&reader, world->file.dir_fd, "log", &world->msg), 0);
	assert_int_equal(line_reader_next(&reader, &line), 1);
	assert_int_equal(line.n, 1);
	assert_int_equal(line_reader_next(&reader, &line), 1);
	assert_int_equal(line.n, 0);
	assert_int_equal(line_reader_next(&reader, &line), 0);
	line_reader_close(&reader);
	line_reader_close(&reader);
	free(text);
}

/* Renamed, removed, replaced, truncated, written by others: not current. */
static void taken_away(void **state)
{
	struct world *world = *state;
	char path[SCRATCH_PATH_SIZE];
	char other[SCRATCH_PATH_SIZE];
	int fd;

	(void)scratch_path(&world->scratch, "log", path);
	(void)scratch_path(&world->scratch, "log.1", other);
	assert_int_equal(open_it(world), 0);
	assert_int_equal(line_file_append(&world->file, "a\n", 2, &world->msg), 0);
	assert_int_equal(rename(path, other), 0);
	assert_false(line_file_is_current(&world->file));
	assert_int_equal(open_it(world), 0);
	assert_null(world->last);
	assert_true(line_file_is_current(&world->file));
	assert_int_equal(unlink(path), 0);
	assert_false(line_file_is_current(&world->file));
	assert_int_equal(open_it(world), 0);
	assert_int_equal(line_file_append(&world->file, "a\nb\n", 4, &world->msg), 0);
	assert_int_equal(truncate(path, 0), 0);
	assert_false(line_file_is_current(&world->file));
	assert_int_equal(open_it(world), 0);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(write(fd, "z\n", 2), 2);
	(void)close(fd);
	assert_false(line_file_is_current(&world->file));
	assert_int_equal(line_file_append(&world->file, "y\n", 2, &world->msg), 0);
	assert_int_equal(open_it(world), 0);
	assert_string_equal(world->last, "y");
}

/* Links, a FIFO, a directory, two names, no directory. */
static void planted(void **state)
{
	struct world *world = *state;
	char path[SCRATCH_PATH_SIZE];
	char other[SCRATCH_PATH_SIZE];
	struct line_reader reader;

	(void)scratch_path(&world->scratch, "log", path);
	(void)scratch_path(&world->scratch, "other", other);
	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(open_it(world), -ELOOP);
	assert_non_null(strstr(world->msg.text, "log: open: "));
	assert_int_equal(world->file.fd, -1);
	assert_int_equal(line_reader_open(&reader, world->file.dir_fd, "log", &world->msg), -ELOOP);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(open_it(world), -EPERM);
	assert_int_equal(line_reader_open(&reader, world->file.dir_fd, "log", &world->msg), -EPERM);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(open_it(world), -EISDIR);
	assert_int_equal(rmdir(path), 0);
	scratch_write(&world->scratch, "other", "", 0);
	assert_int_equal(link(other, path), 0);
	assert_int_equal(open_it(world), -EPERM);
	assert_string_equal(world->msg.text, "log: not a regular file with one name");
	assert_int_equal(
		line_reader_open(&reader, world->file.dir_fd, "none", &world->msg), -ENOENT);
	line_reader_close(&reader);
}

/* What is appended after the open is not read, nor an unfinished line. */
static void reader(void **state)
{
	struct world *world = *state;
	struct line_reader lines;
	struct span line;
	char *text;

	scratch_write(&world->scratch, "log", "a\n\n\0b\nto", 8);
	assert_int_equal(line_reader_open(&lines, world->file.dir_fd, "log", &world->msg), 0);
	text = scratch_read(&world->scratch, "log", NULL);
	free(text);
	scratch_write(&world->scratch, "log", "a\n\n\0b\nto be\n", 12);
	assert_int_equal(line_reader_next(&lines, &line), 1);
	assert_int_equal(line.n, 1);
	assert_int_equal(line_reader_next(&lines, &line), 1);
	assert_int_equal(line.n, 0);
	assert_int_equal(line_reader_next(&lines, &line), 1);
	assert_int_equal(line.n, 2);
	assert_memory_equal(line.data, "\0b", 2);
	assert_int_equal(lines.n_lines, 3);
	assert_int_equal(line_reader_next(&lines, &line), 0);
	line_reader_close(&lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(fresh, setup, teardown),
		cmocka_unit_test_setup_teardown(directory_is_flushed, setup, teardown),
		cmocka_unit_test_setup_teardown(ends, setup, teardown),
		cmocka_unit_test_setup_teardown(long_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(taken_away, setup, teardown),
		cmocka_unit_test_setup_teardown(planted, setup, teardown),
		cmocka_unit_test_setup_teardown(reader, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
