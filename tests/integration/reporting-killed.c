/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that appends, follows and signs is killed at a random moment, many
 * times over the same directories. What it acknowledged (told its parent after
 * the commit) is there, once, in the store and in the JSON lines; the log
 * verifies; nothing is reported as diverged.
 *
 * A killed process, not a power cut: the page cache survives. That a commit is
 * flushed is SQLite's synchronous=FULL, set in store_schema.c.
 */
#include "clock.h"
#include "logworld.h"
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { N_ROUNDS = 30 };

static void child_step(struct logworld *world, unsigned i, int fd)
{
	char fields[64];
	struct event_record event = {.action_type = "Test", .fields_json = fields};
	uint64_t sequence = 0;
	bool is_batch = i % 3 == 0;
	int r;

	(void)snprintf(fields, sizeof(fields), "{\"pid\":%d,\"n\":%u}", (int)getpid(), i);
	if (is_batch && store_begin(world->store, NULL) != 0)
		_exit(2);
	for (int k = 0; k < (is_batch ? 5 : 1); k++)
		if (store_event_append(world->store, &event, &sequence, NULL) != 0)
			_exit(3);
	if (is_batch && store_commit(world->store, NULL) != 0)
		_exit(4);
	if (write(fd, &sequence, sizeof(sequence)) != (ssize_t)sizeof(sequence))
		_exit(5);
	do {
		/* Every tick makes a checkpoint: a second of the keeper's each. */
		r = log_keeper_tick(world->keeper, world->store, (i + 1) * UINT64_C(1000000000),
			clock_unix_ms(), NULL);
	} while (r == LOG_KEEPER_E_MORE);
	if (r != 0)
		_exit(6);
}

static void child_main(struct logworld *world, int fd)
{
	const struct log_keeper_config config = {
		.log_dir = world->log_dir, .state_dir = world->state_dir};

	if (store_open(world->state_dir, &world->store, NULL) != 0 ||
		log_keeper_open(&config, world->store, &world->keeper, NULL) != 0)
		_exit(1);
	for (unsigned i = 0;; i++)
		child_step(world, i, fd);
}

/* Run it for so long, kill it, and give the last sequence it acknowledged. */
static uint64_t run_and_kill(struct logworld *world, long n_us, uint64_t before)
{
	const struct timespec nap = {.tv_nsec = n_us * 1000};
	uint64_t acknowledged = before;
	uint64_t sequence;
	int fds[2];
	int status = 0;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)close(fds[0]);
		child_main(world, fds[1]);
	}
	(void)close(fds[1]);
	(void)nanosleep(&nap, NULL);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFSIGNALED(status))
		fail_msg("the child ended with %d", WEXITSTATUS(status));
	while (read(fds[0], &sequence, sizeof(sequence)) == (ssize_t)sizeof(sequence))
		acknowledged = sequence;
	(void)close(fds[0]);
	return acknowledged;
}

struct seen {
	uint64_t n;
	unsigned n_diverged;
};

static int see_event(void *arg, const struct event_record *event)
{
	struct seen *seen = arg;

	assert_int_equal(event->sequence, ++seen->n);
	seen->n_diverged += strcmp(event->action_type, "ActionLogDiverged") == 0 ||
			    strcmp(event->action_type, "ActionLogDamaged") == 0;
	return 0;
}

static void expect_whole(struct logworld *world, uint64_t acknowledged)
{
	const struct store_query ascending = {.is_ascending = true};
	struct log_verify_result result;
	struct seen seen = {0};

	if (logworld_verify(world, &result) != 0)
		fail_msg("killed: %s", result.text);
	logworld_open(world);
	logworld_tick(world, true);
	assert_int_equal(store_event_list(world->store, &ascending, see_event, &seen, NULL), 0);
	assert_true(seen.n >= acknowledged);
	assert_int_equal(seen.n_diverged, 0);
	/* As a killed process leaves it, so that the next round finds it like that. */
	logworld_drop(world);
	if (logworld_verify(world, &result) != 0)
		fail_msg("taken up: %s", result.text);
	assert_int_equal(result.lines_first, 1);
	assert_int_equal(result.lines_last, seen.n);
	assert_int_equal(result.n_lines, seen.n);
	assert_int_equal(result.checkpoint_sequence, seen.n);
}

/* Thirty times, from "hardly started" to "in the middle". */
static void killed_at_any_time(void **state)
{
	struct logworld world;
	uint64_t acknowledged = 0;
	unsigned seed = (unsigned)time(NULL);

	(void)state;
	print_message("seed %u\n", seed);
	logworld_init(&world);
	for (int i = 0; i < N_ROUNDS; i++) {
		long n_us = (long)(rand_r(&seed) % (i % 3 == 0 ? 20000 : 120000));

		acknowledged = run_and_kill(&world, n_us, acknowledged);
		if (acknowledged > 0)
			expect_whole(&world, acknowledged);
	}
	print_message("%d kills, %llu records acknowledged\n", N_ROUNDS,
		(unsigned long long)acknowledged);
	assert_true(acknowledged > 0);
	logworld_deinit(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_at_any_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
