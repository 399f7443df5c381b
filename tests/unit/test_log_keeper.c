/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keeper: both witnesses keep up, a witness that cannot be written does
 * not stop the other, and what is found wrong becomes an event.
 */
#include "log_keeper.h"

#include "clock.h"
#include "logworld.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int setup(void **state)
{
	struct logworld *world = test_calloc(1, sizeof(*world));

	logworld_init(world);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	logworld_deinit(*state);
	test_free(*state);
	return 0;
}

static unsigned count(const struct logworld *world, const char *name, const char *word)
{
	char *text = scratch_read(&world->scratch, name, NULL);
	unsigned n = 0;

	for (char *at = text; at && (at = strstr(at, word)) != NULL; at++)
		n++;
	free(text);
	return n;
}

/* At most one checkpoint a second, lines at once; all of it at the end. */
static void keeps_up(void **state)
{
	struct logworld *world = *state;
	struct errmsg msg = ERRMSG_NULL;
	struct log_verify_result result;

	logworld_open(world);
	for (unsigned i = 0; i < 10; i++) {
		logworld_append(world, 1);
		assert_int_equal(log_keeper_tick(world->keeper, world->store,
					 UINT64_C(1000000000) + i, clock_unix_ms(), &msg),
			0);
	}
	assert_int_equal(count(world, "log/actions.jsonl", "\"Test\""), 10);
	assert_int_equal(count(world, "log/actions.jsonl", "\"CheckpointKeyCreated\""), 1);
	assert_int_equal(count(world, "log/checkpoints.jsonl", "\"hmac\""), 1);
	logworld_append(world, 600);
	assert_int_equal(log_keeper_tick(world->keeper, world->store, UINT64_C(2000000000),
				 clock_unix_ms(), &msg),
		LOG_KEEPER_E_MORE);
	logworld_append(world, 1);
	logworld_close(world);
	assert_int_equal(count(world, "log/actions.jsonl", "\"Test\""), 611);
	assert_int_equal(count(world, "log/checkpoints.jsonl", "\"hmac\""), 3);
	assert_int_equal(logworld_verify(world, &result), 0);
	assert_int_equal(result.checkpoint_sequence, result.head_sequence);
	assert_int_equal(result.lines_last, result.head_sequence);
}

/* Divergences and damage are recorded once. */
static void tells_the_log(void **state)
{
	struct logworld *world = *state;
	char path[SCRATCH_PATH_SIZE];

	logworld_write(world, 5);
	logworld_sql(world, "UPDATE events SET fields = '{}' WHERE sequence = 7");
	logworld_write(world, 1);
	assert_int_equal(count(world, "log/actions.jsonl", "\"ActionLogDamaged\""), 1);
	logworld_sql(world, "DELETE FROM events WHERE sequence > 4");
	logworld_write(world, 1);
	logworld_write(world, 1);
	assert_int_equal(
		count(world, "log/actions.jsonl", "\"ActionLogDiverged\",\"scanId\":null"), 2);
	assert_int_equal(count(world, "log/actions.jsonl", "\"witness\":\"actions.jsonl\""), 1);
	assert_int_equal(count(world, "log/actions.jsonl", "\"witness\":\"checkpoints.jsonl\""), 1);
	/* While it runs. */
	logworld_open(world);
	assert_int_equal(
		truncate(scratch_path(&world->scratch, "log/actions.jsonl", path), 1000), 0);
	logworld_tick(world, true);
	logworld_close(world);
	assert_int_equal(count(world, "log/actions.jsonl", "\"witness\":\"actions.jsonl\""), 2);
}

/* What an operator must mend is an error at the open. */
static void refused(void **state)
{
	struct logworld *world = *state;
	struct log_keeper_config config = {
		.log_dir = "/nonexistent", .state_dir = world->state_dir};
	struct log_keeper *keeper = NULL;
	struct errmsg msg = ERRMSG_NULL;
	char path[SCRATCH_PATH_SIZE];

	assert_int_equal(store_open(world->state_dir, &world->store, &msg), 0);
	assert_int_equal(log_keeper_open(&config, world->store, &keeper, &msg), -ENOENT);
	assert_string_equal(msg.text, "action log: open /nonexistent: No such file or directory");
	config.log_dir = world->log_dir;
	config.key_path = scratch_path(&world->scratch, "nowhere/key", path);
	assert_int_equal(log_keeper_open(&config, world->store, &keeper, &msg), -ENOENT);
	scratch_write(&world->scratch, "key", "x", 1);
	config.key_path = scratch_path(&world->scratch, "key", path);
	assert_int_equal(log_keeper_open(&config, world->store, &keeper, &msg), -EINVAL);
	assert_null(keeper);
}

/* One witness cannot be written: said, and the other goes on. */
static void one_of_two(void **state)
{
	struct logworld *world = *state;
	struct errmsg msg = ERRMSG_NULL;
	char path[SCRATCH_PATH_SIZE];

	logworld_open(world);
	logworld_tick(world, true);
	(void)scratch_path(&world->scratch, "log/actions.jsonl", path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	logworld_append(world, 1);
	assert_int_equal(log_keeper_tick(world->keeper, world->store, clock_mono_ns(),
				 clock_unix_ms(), &msg),
		-ELOOP);
	assert_non_null(strstr(msg.text, "action log: actions.jsonl: open: "));
	assert_int_equal(count(world, "log/checkpoints.jsonl", "\"sequence\":3,"), 1);
	assert_int_equal(unlink(path), 0);
	logworld_tick(world, true);
	assert_int_equal(count(world, "log/actions.jsonl", "\"Test\""), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keeps_up, setup, teardown),
		cmocka_unit_test_setup_teardown(tells_the_log, setup, teardown),
		cmocka_unit_test_setup_teardown(refused, setup, teardown),
		cmocka_unit_test_setup_teardown(one_of_two, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
