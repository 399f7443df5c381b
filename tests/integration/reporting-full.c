/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A full and a read-only disk, on a tmpfs of the test's own: nothing is changed by what fails,
 * everything works again when there is room, and no event is lost or doubled.
 * Needs root to mount; skipped otherwise.
 */
#include "checkpoint.h"
#include "clock.h"
#include "json_lines.h"
#include "line_file.h"
#include "log_keeper.h"
#include "log_verify.h"
#include "scan_report.h"
#include "scratch.h"
#include "store.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

static int append(struct store *store, uint64_t *sequencep, struct errmsg *msg)
{
	char fields[2100];
	struct event_record event = {.action_type = "Test", .fields_json = fields};

	(void)snprintf(fields, sizeof(fields), "{\"pad\":\"%02000d\"}", 0);
	return store_event_append(store, &event, sequencep, msg);
}

static int count_event(void *arg, const struct event_record *event)
{
	uint64_t *n = arg;

	assert_int_equal(event->sequence, *n + 1);
	(*n)++;
	return 0;
}

static uint64_t count(struct store *store)
{
	const struct store_query ascending = {.is_ascending = true};
	uint64_t n = 0;

	assert_int_equal(store_event_list(store, &ascending, count_event, &n, NULL), 0);
	return n;
}

/* The store: -ENOSPC, nothing changed, usable again, also in transactions. */
static void store_full(void **state)
{
	struct scratch scratch;
	struct store *store = NULL;
	struct errmsg msg = ERRMSG_NULL;
	uint64_t acknowledged = 1;
	uint64_t sequence = 0;
	int r;

	(void)state;
	if (!scratch_init_small(&scratch, 2048))
		skip();
	assert_int_equal(store_open(scratch.path, &store, &msg), 0);
	scratch_fill(&scratch);
	while ((r = append(store, &sequence, &msg)) == 0)
		acknowledged = sequence;
	assert_int_equal(r, -ENOSPC);
	assert_non_null(strstr(msg.text, "append to the action log: "));
	assert_int_equal(append(store, &sequence, &msg), -ENOSPC);
	assert_int_equal(count(store), acknowledged);
	assert_int_equal(store_begin(store, &msg), 0);
	r = append(store, &sequence, &msg);
	for (int i = 0; r == 0 && i < 1000; i++)
		r = append(store, &sequence, &msg);
	if (r == 0)
		r = store_commit(store, &msg);
	assert_int_equal(r, -ENOSPC);
	store_rollback(store);
	assert_int_equal(count(store), acknowledged);

	scratch_unfill(&scratch);
	assert_int_equal(append(store, &sequence, &msg), 0);
	assert_int_equal(sequence, acknowledged + 1);
	assert_int_equal(store_begin(store, &msg), 0);
	assert_int_equal(append(store, &sequence, &msg), 0);
	assert_int_equal(store_commit(store, &msg), 0);
	store_close(store);
	assert_int_equal(store_open(scratch.path, &store, &msg), 0);
	assert_int_equal(count(store), acknowledged + 2);
	assert_false(store_is_log_damaged(store));
	store_close(store);
	scratch_deinit(&scratch);
}

/* A store that cannot be made is not half made. */
static void store_not_made(void **state)
{
	struct scratch scratch;
	struct store *store = NULL;
	struct errmsg msg = ERRMSG_NULL;

	(void)state;
	if (!scratch_init_small(&scratch, 512))
		skip();
	scratch_fill(&scratch);
	assert_int_equal(store_open(scratch.path, &store, &msg), -ENOSPC);
	assert_null(store);
	assert_non_null(strstr(msg.text, "store in "));
	scratch_unfill(&scratch);
	assert_int_equal(store_open(scratch.path, &store, &msg), 0);
	assert_int_equal(count(store), 1);
	store_close(store);
	scratch_deinit(&scratch);
}

/* The witnesses on a full disk of their own: late, never wrong. */
static void witnesses_full(void **state)
{
	struct scratch small;
	struct scratch large;
	struct store *store = NULL;
	struct log_keeper *keeper = NULL;
	struct errmsg msg = ERRMSG_NULL;
	struct log_verify_result result;
	struct log_keeper_config config = {.log_dir = small.path, .state_dir = large.path};
	const struct log_verify_paths paths = {.state_dir = large.path, .log_dir = small.path};
	uint64_t now_ns = 1;
	int r;

	(void)state;
	scratch_init(&large);
	if (!scratch_init_small(&small, 256)) {
		scratch_deinit(&large);
		skip();
	}
	assert_int_equal(store_open(large.path, &store, &msg), 0);
	scratch_fill(&small);
	/* Full from the beginning: no reason not to start. */
	assert_int_equal(log_keeper_open(&config, store, &keeper, &msg), 0);
	assert_int_equal(append(store, NULL, &msg), 0);
	r = log_keeper_tick(keeper, store, now_ns, clock_unix_ms(), &msg);
	assert_int_equal(r, -ENOSPC);
	assert_non_null(strstr(msg.text, "No space left on device"));
	assert_int_equal(log_verify(&paths, &result, &msg), 0);
	scratch_unfill(&small);
	now_ns += UINT64_C(2000000000);
	assert_int_equal(log_keeper_tick(keeper, store, now_ns, clock_unix_ms(), &msg), 0);
	/* Full in the middle of a batch. */
	for (int i = 0; i < 200; i++)
		assert_int_equal(append(store, NULL, &msg), 0);
	for (int i = 0; i < 5; i++) {
		now_ns += UINT64_C(2000000000);
		r = log_keeper_tick(keeper, store, now_ns, clock_unix_ms(), &msg);
		assert_true(r == -ENOSPC || r == LOG_KEEPER_E_MORE);
	}
	assert_int_equal(r, -ENOSPC);
	assert_int_equal(log_keeper_finish(keeper, store, clock_unix_ms(), &msg), -ENOSPC);
	assert_int_equal(log_verify(&paths, &result, &msg), 0);
	log_keeper_close(keeper);
	store_close(store);
	scratch_deinit(&small);
	scratch_deinit(&large);
}

/* A write that is cut short is undone: whole lines or nothing. */
static void torn_write(void **state)
{
	struct scratch scratch;
	struct line_file file = LINE_FILE_NULL;
	struct errmsg msg = ERRMSG_NULL;
	char *last = NULL;
	size_t n_last = 0;
	size_t n = 1048576;
	char *text = malloc(n);

	(void)state;
	if (!scratch_init_small(&scratch, 64))
		skip();
	file.dir_fd = open(scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	file.name = "log";
	assert_non_null(text);
	memset(text, 'x', n);
	text[n - 1] = '\n';
	assert_int_equal(line_file_open(&file, 0640, &last, &n_last, &msg), 0);
	assert_int_equal(line_file_append(&file, "first\n", 6, &msg), 0);
	assert_int_equal(line_file_append(&file, text, n, &msg), -ENOSPC);
	assert_string_equal(msg.text, "log: write: No space left on device");
	assert_true(line_file_is_current(&file));
	assert_int_equal(line_file_append(&file, "second\n", 7, &msg), 0);
	free(text);
	text = scratch_read(&scratch, "log", NULL);
	assert_string_equal(text, "first\nsecond\n");
	free(text);
	line_file_close(&file);
	(void)close(file.dir_fd);
	scratch_deinit(&scratch);
}

/* No key, no checkpoint: neither is half there. */
static void key_not_made(void **state)
{
	struct scratch scratch;
	struct checkpoint_key key;
	struct errmsg msg = ERRMSG_NULL;
	char path[SCRATCH_PATH_SIZE];

	(void)state;
	if (!scratch_init_small(&scratch, 64))
		skip();
	scratch_fill(&scratch);
	(void)scratch_path(&scratch, "key", path);
	assert_int_equal(checkpoint_key_make(path, &key, &msg), -ENOSPC);
	assert_int_equal(checkpoint_key_load(path, &key, &msg), -ENOENT);
	scratch_unfill(&scratch);
	assert_int_equal(checkpoint_key_make(path, &key, &msg), 0);
	assert_int_equal(checkpoint_key_load(path, &key, &msg), 0);
	scratch_deinit(&scratch);
}

/*
 * A file system that nobody may write: no store, but a log that can be
 * verified, be it that the service ended well or was killed (its WAL is there).
 */
static void read_only(void **state)
{
	struct scratch scratch;
	struct errmsg msg = ERRMSG_NULL;
	const struct log_verify_paths paths = {.state_dir = scratch.path, .log_dir = scratch.path};

	(void)state;
	for (int is_killed = 0; is_killed < 2; is_killed++) {
		struct log_verify_result result;
		struct store *store = NULL;
		pid_t pid;

		if (!scratch_init_small(&scratch, 4096))
			skip();
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			if (store_open(scratch.path, &store, NULL) != 0 ||
				append(store, NULL, NULL) != 0)
				_exit(1);
			if (is_killed)
				(void)kill(getpid(), SIGKILL);
			store_close(store);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		assert_int_equal(mount(NULL, scratch.path, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
		assert_int_equal(store_open(scratch.path, &store, &msg), -EROFS);
		if (log_verify(&paths, &result, &msg) != 0)
			fail_msg("killed %d: %s%s", is_killed, msg.text, result.text);
		assert_int_equal(result.n_events, 2);
		assert_int_equal(store_open_reader(scratch.path, &store, &msg), 0);
		assert_int_equal(append(store, NULL, &msg), -EROFS);
		store_close(store);
		scratch_deinit(&scratch);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_only),
		cmocka_unit_test(store_full),
		cmocka_unit_test(store_not_made),
		cmocka_unit_test(witnesses_full),
		cmocka_unit_test(torn_write),
		cmocka_unit_test(key_not_made),
	};

	if (geteuid() != 0)
		return UNIT_SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
