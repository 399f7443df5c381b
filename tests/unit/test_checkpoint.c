/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys, lines, and the file of checkpoints. Full disks:
 * integration/store-full.c.
 */
#include "checkpoint.h"

#include "logworld.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct world {
	struct logworld log;
	struct checkpoint *checkpoint;
	char key_path[SCRATCH_PATH_SIZE];
	struct errmsg msg;
};

static int open_checkpoint(struct world *world)
{
	return checkpoint_open(world->log.log_dir, world->key_path, world->log.store,
		&world->checkpoint, &world->msg);
}

static void close_checkpoint(struct world *world)
{
	checkpoint_close(world->checkpoint);
	world->checkpoint = NULL;
}

static int setup(void **state)
{
	struct world *world = test_calloc(1, sizeof(*world));

	logworld_init(&world->log);
	(void)scratch_path(&world->log.scratch, "state/checkpoint.key", world->key_path);
	assert_int_equal(store_open(world->log.state_dir, &world->log.store, &world->msg), 0);
	assert_int_equal(open_checkpoint(world), 0);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	checkpoint_close(world->checkpoint);
	logworld_deinit(&world->log);
	test_free(world);
	return 0;
}

static void write_one(struct world *world)
{
	assert_int_equal(
		checkpoint_write(world->checkpoint, world->log.store, 1764000000123, &world->msg),
		0);
}

static unsigned count_lines(struct world *world)
{
	char *text = scratch_read(&world->log.scratch, "log/checkpoints.jsonl", NULL);
	unsigned n = 0;

	for (char *at = text; (at = strchr(at, '\n')) != NULL; at++)
		n++;
	free(text);
	return n;
}

/* The key is made once, private, and found again. */
static void key(void **state)
{
	struct world *world = *state;
	struct checkpoint_key first;
	struct checkpoint_key again;
	struct stat st;

	assert_true(checkpoint_is_key_new(world->checkpoint));
	assert_int_equal(checkpoint_key_load(world->key_path, &first, &world->msg), 0);
	assert_string_equal(first.id, checkpoint_key_id(world->checkpoint));
	assert_int_equal(stat(world->key_path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	close_checkpoint(world);
	assert_int_equal(open_checkpoint(world), 0);
	assert_false(checkpoint_is_key_new(world->checkpoint));
	assert_int_equal(checkpoint_key_load(world->key_path, &again, &world->msg), 0);
	assert_memory_equal(first.bytes, again.bytes, sizeof(first.bytes));
	assert_int_equal(checkpoint_key_make(world->key_path, &again, &world->msg), -EEXIST);
	assert_int_equal(checkpoint_key_make("/nonexistent/key", &again, &world->msg), -ENOENT);
	assert_non_null(strstr(world->msg.text, "checkpoint key /nonexistent/key: make: "));
}

/* Keys that are none, that others may read, that are links. */
static void bad_keys(void **state)
{
	static const char *const bad[] = {"", "00\n",
		"000000000000000000000000000000000000000000000000000000000000000g\n",
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0000000000000000000000000000000000000000000000000000000000000000\n\n"};
	struct world *world = *state;
	char other[SCRATCH_PATH_SIZE];

	close_checkpoint(world);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		scratch_write(&world->log.scratch, "state/checkpoint.key", bad[i], strlen(bad[i]));
		assert_int_equal(open_checkpoint(world), -EINVAL);
	}
	assert_int_equal(chmod(world->key_path, 0640), 0);
	assert_int_equal(open_checkpoint(world), -EPERM);
	assert_non_null(strstr(world->msg.text, "others than its owner have access"));
	(void)scratch_path(&world->log.scratch, "state/other", other);
	assert_int_equal(rename(world->key_path, other), 0);
	assert_int_equal(symlink(other, world->key_path), 0);
	assert_int_equal(open_checkpoint(world), -ELOOP);
}

/* A line: whole text, read back, genuine; no bit of it can be changed. */
static void line(void **state)
{
	static const char machine_id[] = "0123456789012345678901234567890123456789";
	const struct checkpoint_key key_of = {.bytes = {1}, .id = "0123456789abcdef"};
	const struct checkpoint_key other_key = {.bytes = {2}, .id = "0123456789abcdef"};
	struct checkpoint_line written = {
		.sequence = 7, .time_unix_ms = 1764000000123, .hash = {0xaa}, .previous = {0xbb}};
	struct checkpoint_line read;
	char text[CHECKPOINT_LINE_SIZE];
	size_t n = 0;

	(void)state;
	assert_int_equal(checkpoint_line_write(&written, machine_id, &key_of, text, &n), 0);
	assert_int_equal(text[n - 1], '\n');
	n--;
	checkpoint_line_read((struct span){.data = text, .n = n}, &read);
	assert_int_equal(read.kind, CHECKPOINT_LINE_CHECKPOINT);
	assert_int_equal(read.sequence, 7);
	assert_memory_equal(read.hash, written.hash, DIGEST_BYTES);
	assert_memory_equal(read.previous, written.previous, DIGEST_BYTES);
	assert_int_equal(checkpoint_line_is_genuine(
				 (struct span){.data = text, .n = n}, &read, machine_id, &key_of),
		1);
	assert_int_equal(checkpoint_line_is_genuine((struct span){.data = text, .n = n}, &read,
				 machine_id, &other_key),
		0);
	assert_int_equal(checkpoint_line_is_genuine((struct span){.data = text, .n = n}, &read,
				 machine_id + 1, &key_of),
		0);
	for (size_t i = 0; i < n; i++) {
		text[i] ^= 1;
		checkpoint_line_read((struct span){.data = text, .n = n}, &read);
		if (read.kind == CHECKPOINT_LINE_CHECKPOINT)
			assert_int_equal(
				checkpoint_line_is_genuine((struct span){.data = text, .n = n},
					&read, machine_id, &key_of),
				0);
		text[i] ^= 1;
		checkpoint_line_read((struct span){.data = text, .n = i}, &read);
		assert_int_equal(read.kind, CHECKPOINT_LINE_FOREIGN);
	}
	n = checkpoint_line_write_head(machine_id, &key_of, text);
	checkpoint_line_read((struct span){.data = text, .n = n - 1}, &read);
	assert_int_equal(read.kind, CHECKPOINT_LINE_HEAD);
	assert_string_equal(read.key_id, key_of.id);
}

/* One line for each new end of the log, none for the same. */
static void one_each(void **state)
{
	struct world *world = *state;

	write_one(world);
	assert_int_equal(count_lines(world), 2);
	write_one(world);
	assert_int_equal(count_lines(world), 2);
	logworld_append(&world->log, 3);
	write_one(world);
	assert_int_equal(count_lines(world), 3);
	assert_int_equal(checkpoint_sequence(world->checkpoint), 4);
	close_checkpoint(world);
	assert_int_equal(open_checkpoint(world), 0);
	assert_int_equal(checkpoint_sequence(world->checkpoint), 4);
	write_one(world);
	assert_int_equal(count_lines(world), 3);
}

/* An unfinished line is cut off and written again. */
static void torn(void **state)
{
	struct world *world = *state;
	char *text;
	size_t n = 0;

	write_one(world);
	close_checkpoint(world);
	text = scratch_read(&world->log.scratch, "log/checkpoints.jsonl", &n);
	scratch_write(&world->log.scratch, "log/checkpoints.jsonl", text, n - 10);
	assert_int_equal(open_checkpoint(world), 0);
	assert_int_equal(count_lines(world), 1);
	write_one(world);
	assert_int_equal(count_lines(world), 2);
	free(text);
	/* Down to nothing: a head line comes again. */
	close_checkpoint(world);
	scratch_write(&world->log.scratch, "log/checkpoints.jsonl", "{", 1);
	assert_int_equal(open_checkpoint(world), 0);
	write_one(world);
	assert_int_equal(count_lines(world), 2);
}

/* Lines at the end are gone that were noted; the store is not the signed one. */
static void diverged(void **state)
{
	struct world *world = *state;
	char *text;

	write_one(world);
	logworld_append(&world->log, 1);
	write_one(world);
	assert_int_equal(checkpoint_save(world->checkpoint, world->log.store, &world->msg), 0);
	assert_int_equal(checkpoint_save(world->checkpoint, world->log.store, &world->msg), 0);
	close_checkpoint(world);
	text = scratch_read(&world->log.scratch, "log/checkpoints.jsonl", NULL);
	*strstr(text, "{\"sequence\":2") = '\0';
	scratch_write(&world->log.scratch, "log/checkpoints.jsonl", text, strlen(text));
	free(text);
	assert_int_equal(open_checkpoint(world), CHECKPOINT_E_DIVERGED);
	assert_string_equal(world->msg.text, "checkpoints.jsonl has 1 checkpoints, 2 were noted");
	write_one(world);
	assert_int_equal(count_lines(world), 3);
	close_checkpoint(world);
	logworld_drop(&world->log);
	logworld_sql(&world->log, "DELETE FROM events WHERE sequence > 1");
	assert_int_equal(store_open(world->log.state_dir, &world->log.store, &world->msg), 0);
	assert_int_equal(open_checkpoint(world), CHECKPOINT_E_DIVERGED);
	assert_string_equal(
		world->msg.text, "record 2 of the store is not the one that was signed");
}

/* Taken away while open; no directory; a link in its place. */
static void failures(void **state)
{
	struct world *world = *state;
	struct checkpoint *other = NULL;
	char path[SCRATCH_PATH_SIZE];

	assert_int_equal(checkpoint_open("/nonexistent", world->key_path, world->log.store, &other,
				 &world->msg),
		-ENOENT);
	write_one(world);
	(void)scratch_path(&world->log.scratch, "log/checkpoints.jsonl", path);
	assert_int_equal(unlink(path), 0);
	logworld_append(&world->log, 1);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(
		checkpoint_write(world->checkpoint, world->log.store, 1, &world->msg), -ELOOP);
	assert_int_equal(unlink(path), 0);
	write_one(world);
	assert_int_equal(count_lines(world), 2);
	assert_null(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(key, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_keys, setup, teardown),
		cmocka_unit_test(line),
		cmocka_unit_test_setup_teardown(one_each, setup, teardown),
		cmocka_unit_test_setup_teardown(torn, setup, teardown),
		cmocka_unit_test_setup_teardown(diverged, setup, teardown),
		cmocka_unit_test_setup_teardown(failures, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
