/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file follows the store: every event once and in order, whatever became
 * of the file or the process in between. Full disks: integration/store-full.c;
 * killed processes: integration/store-killed.c.
 */
#include "json_lines.h"

#include "event_line.h"
#include "logworld.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct world {
	struct logworld log;
	struct json_lines *sink;
	struct errmsg msg;
};

static int open_sink(struct world *world)
{
	return json_lines_open(world->log.log_dir, world->log.store, &world->sink, &world->msg);
}

static void close_sink(struct world *world)
{
	json_lines_close(world->sink);
	world->sink = NULL;
}

static int setup(void **state)
{
	struct world *world = test_calloc(1, sizeof(*world));

	logworld_init(&world->log);
	assert_int_equal(store_open(world->log.state_dir, &world->log.store, &world->msg), 0);
	assert_int_equal(open_sink(world), 0);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	json_lines_close(world->sink);
	logworld_deinit(&world->log);
	test_free(world);
	return 0;
}

static void follow(struct world *world)
{
	int r;

	do {
		r = json_lines_follow(world->sink, world->log.store, 100, &world->msg);
	} while (r == JSON_LINES_E_MORE);
	if (r != 0)
		fail_msg("%d %s", r, world->msg.text);
}

/* "S1 1 2 3 ": a segment line that says 1 comes next, then events; "?" foreign. */
static void expect_lines(struct world *world, const char *name, const char *want)
{
	char got[1024] = "";
	char *text = scratch_read(&world->log.scratch, name, NULL);
	char *line = text;

	assert_non_null(text);
	for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		struct event_line read;
		size_t n = strlen(got);

		event_line_read((struct span){.data = line, .n = (size_t)(end - line)}, &read);
		if (read.kind == EVENT_LINE_FOREIGN)
			(void)snprintf(got + n, sizeof(got) - n, "? ");
		else
			(void)snprintf(got + n, sizeof(got) - n, "%s%llu ",
				read.kind == EVENT_LINE_SEGMENT ? "S" : "",
				(unsigned long long)read.sequence);
	}
	assert_int_equal(*line, '\0');
	assert_string_equal(got, want);
	free(text);
}

/* A file from the first record on, with the mode log readers need. */
static void from_the_start(void **state)
{
	struct world *world = *state;
	char path[SCRATCH_PATH_SIZE];
	struct stat st;

	logworld_append(&world->log, 2);
	follow(world);
	expect_lines(world, "log/actions.jsonl", "S1 1 2 3 ");
	follow(world);
	expect_lines(world, "log/actions.jsonl", "S1 1 2 3 ");
	assert_int_equal(json_lines_sequence(world->sink), 3);
	assert_int_equal(
		stat(scratch_path(&world->log.scratch, "log/actions.jsonl", path), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
}

/* A call does no more than it was asked for. */
static void bounded(void **state)
{
	struct world *world = *state;

	logworld_append(&world->log, 4);
	assert_int_equal(json_lines_follow(world->sink, world->log.store, 2, &world->msg),
		JSON_LINES_E_MORE);
	expect_lines(world, "log/actions.jsonl", "S1 1 2 ");
	assert_int_equal(json_lines_follow(world->sink, world->log.store, 2, &world->msg),
		JSON_LINES_E_MORE);
	assert_int_equal(json_lines_follow(world->sink, world->log.store, 2, &world->msg), 0);
	expect_lines(world, "log/actions.jsonl", "S1 1 2 3 4 5 ");
}

/* Closed without a word, at a torn line, without a noted position. */
static void after_a_crash(void **state)
{
	struct world *world = *state;
	char *text;
	size_t n = 0;

	logworld_append(&world->log, 2);
	follow(world);
	close_sink(world);
	text = scratch_read(&world->log.scratch, "log/actions.jsonl", &n);
	for (size_t cut = 0; cut <= n; cut += 97) {
		scratch_write(&world->log.scratch, "log/actions.jsonl", text, n - cut);
		assert_int_equal(open_sink(world), 0);
		follow(world);
		expect_lines(world, "log/actions.jsonl", "S1 1 2 3 ");
		close_sink(world);
	}
	free(text);
}

/* logrotate by renaming: the new file begins where the old one ended. */
static void rotated(void **state)
{
	struct world *world = *state;
	char from[SCRATCH_PATH_SIZE];
	char to[SCRATCH_PATH_SIZE];

	follow(world);
	assert_int_equal(rename(scratch_path(&world->log.scratch, "log/actions.jsonl", from),
				 scratch_path(&world->log.scratch, "log/actions.jsonl.1", to)),
		0);
	logworld_append(&world->log, 2);
	follow(world);
	expect_lines(world, "log/actions.jsonl.1", "S1 1 ");
	expect_lines(world, "log/actions.jsonl", "S2 2 3 ");
	/* With "copytruncate". */
	assert_int_equal(truncate(from, 0), 0);
	follow(world);
	expect_lines(world, "log/actions.jsonl", "S4 ");
	logworld_append(&world->log, 1);
	follow(world);
	expect_lines(world, "log/actions.jsonl", "S4 4 ");
}

/* Rotated while the service was down: the noted position tells. */
static void rotated_while_down(void **state)
{
	struct world *world = *state;
	char path[SCRATCH_PATH_SIZE];

	logworld_append(&world->log, 2);
	follow(world);
	assert_int_equal(json_lines_save(world->sink, world->log.store, &world->msg), 0);
	assert_int_equal(json_lines_save(world->sink, world->log.store, &world->msg), 0);
	close_sink(world);
	assert_int_equal(unlink(scratch_path(&world->log.scratch, "log/actions.jsonl", path)), 0);
	assert_int_equal(open_sink(world), 0);
	logworld_append(&world->log, 1);
	follow(world);
	expect_lines(world, "log/actions.jsonl", "S4 4 ");
}

/* The file lost lines that were there: marked, and written again. */
static void lost_lines(void **state)
{
	struct world *world = *state;
	char *text;

	logworld_append(&world->log, 2);
	follow(world);
	text = scratch_read(&world->log.scratch, "log/actions.jsonl", NULL);
	*strstr(text, "{\"sequence\":3") = '\0';
	scratch_write(&world->log.scratch, "log/actions.jsonl", text, strlen(text));
	free(text);
	assert_int_equal(json_lines_follow(world->sink, world->log.store, 9, &world->msg),
		JSON_LINES_E_DIVERGED);
	assert_string_equal(world->msg.text, "actions.jsonl ends with record 2, but had record 3");
	follow(world);
	expect_lines(world, "log/actions.jsonl", "S1 1 2 S3 3 ");
}

/* The store is older than the file, or another: the file goes on after both. */
static void older_store(void **state)
{
	struct world *world = *state;

	logworld_append(&world->log, 3);
	follow(world);
	close_sink(world);
	logworld_drop(&world->log);
	logworld_sql(&world->log, "DELETE FROM events WHERE sequence > 2");
	assert_int_equal(store_open(world->log.state_dir, &world->log.store, &world->msg), 0);
	assert_int_equal(open_sink(world), JSON_LINES_E_DIVERGED);
	assert_string_equal(world->msg.text, "actions.jsonl: its record 4 is not the store's");
	logworld_append(&world->log, 1);
	follow(world);
	expect_lines(world, "log/actions.jsonl", "S1 1 2 3 4 S3 3 ");
}

/* A last line that is not ours is left alone. */
static void foreign_line(void **state)
{
	struct world *world = *state;
	char path[SCRATCH_PATH_SIZE];
	FILE *out;

	follow(world);
	out = fopen(scratch_path(&world->log.scratch, "log/actions.jsonl", path), "a");
	assert_non_null(out);
	(void)fputs("hello\n", out);
	assert_int_equal(fclose(out), 0);
	logworld_append(&world->log, 1);
	assert_int_equal(json_lines_follow(world->sink, world->log.store, 9, &world->msg),
		JSON_LINES_E_DIVERGED);
	follow(world);
	expect_lines(world, "log/actions.jsonl", "S1 1 ? S2 2 ");
}

/* No directory; a link in the file's place; a store that cannot be read. */
static void failures(void **state)
{
	struct world *world = *state;
	struct json_lines *sink = NULL;
	char path[SCRATCH_PATH_SIZE];

	assert_int_equal(
		json_lines_open("/nonexistent", world->log.store, &sink, &world->msg), -ENOENT);
	assert_string_equal(world->msg.text, "open /nonexistent: No such file or directory");
	follow(world);
	(void)scratch_path(&world->log.scratch, "log/actions.jsonl", path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(json_lines_follow(world->sink, world->log.store, 9, &world->msg), -ELOOP);
	assert_int_equal(
		json_lines_open(world->log.log_dir, world->log.store, &sink, &world->msg), -ELOOP);
	assert_null(sink);
	assert_int_equal(unlink(path), 0);
	logworld_append(&world->log, 1);
	follow(world);
	expect_lines(world, "log/actions.jsonl", "S2 2 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(from_the_start, setup, teardown),
		cmocka_unit_test_setup_teardown(bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(after_a_crash, setup, teardown),
		cmocka_unit_test_setup_teardown(rotated, setup, teardown),
		cmocka_unit_test_setup_teardown(rotated_while_down, setup, teardown),
		cmocka_unit_test_setup_teardown(lost_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(older_store, setup, teardown),
		cmocka_unit_test_setup_teardown(foreign_line, setup, teardown),
		cmocka_unit_test_setup_teardown(failures, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
