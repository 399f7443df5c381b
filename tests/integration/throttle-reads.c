/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The limit on reads with real processes and a real disk. What is measured is
 * what the readers themselves have read; bounds are ratios to the limit, or to
 * the same without one.
 */
#include "unit.h"

#include "burner.h"
#include "clock.h"
#include "diskreader.h"
#include "governorrig.h"
#include "read_meter.h"

#ifndef QUIETSCAN_TSAN
#include "faultfs.h"
#endif

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB 1048576.0

enum { READS_LIMIT_MIB = 32, READS_MEASURE_MS = 4000, READS_PATIENCE_MS = 10000 };

static struct {
	struct scratch scratch;
	struct diskreader reader;
	bool is_disk;
} reads;

static int reads_setup(void **state)
{
	if (governorrig_setup(state) != 0)
		return -1;
	scratch_init(&reads.scratch);
	reads.reader = (struct diskreader){.page = ((struct governorrig *)*state)->page};
	reads.is_disk = diskreader_open(&reads.reader, &reads.scratch);
	return 0;
}

static int reads_teardown(void **state)
{
	diskreader_close(&reads.reader);
	scratch_deinit(&reads.scratch);
	return governorrig_teardown(state);
}

static pid_t reads_start(struct governorrig *f, enum diskreader_kind kind, uint32_t generation)
{
	pid_t pid;

	reads.reader.kind = kind;
	reads.reader.slot = GRANT_SLOT_LANE0;
	reads.reader.generation = generation;
	pid = diskreader_start(&reads.reader);
	assert_int_equal(governor_add(f->gov, GRANT_SLOT_LANE0, generation, pid), 0);
	return pid;
}

static void reads_end(struct governorrig *f, pid_t pid, uint32_t generation)
{
	uint64_t cpu_ns = burner_kill(pid);

	assert_int_equal(governor_remove(f->gov, GRANT_SLOT_LANE0, generation, cpu_ns), 0);
}

/* MiB a second that the reader reads from now on. */
static double reads_pace(unsigned ms)
{
	uint64_t from_ns = clock_mono_ns();
	uint64_t from_bytes = diskreader_n_bytes(&reads.reader);

	burner_sleep_ms(ms);
	return (double)(diskreader_n_bytes(&reads.reader) - from_bytes) / MIB * 1e9 /
	       (double)(clock_mono_ns() - from_ns);
}

/* Until the credit of the start is gone. */
static void reads_await_hold(struct governorrig *f)
{
	struct governor_reading r = {0};

	for (unsigned ms = 0; ms < READS_PATIENCE_MS && r.read_held_ns == 0; ms += 5) {
		burner_sleep_ms(5);
		governor_read(f->gov, &r);
	}
	assert_true(r.read_held_ns > 0);
}

/* What a reader of this kind gets now when nothing limits its reads. */
static double reads_free_pace(struct governorrig *f, enum diskreader_kind kind, unsigned factor_pct)
{
	double pace;
	pid_t pid;

	governor_set_read_rate(f->gov, 0);
	assert_int_equal(governor_begin(f->gov, factor_pct, 1), 0);
	pid = reads_start(f, kind, 100);
	pace = reads_pace(500);
	reads_end(f, pid, 100);
	governor_end(f->gov, NULL);
	return pace;
}

/* A reader of this kind under the limit, with a CPU limit and without. */
static void reads_assert_kept(struct governorrig *f, enum diskreader_kind kind)
{
	static const unsigned factors[] = {50, 0};
	struct governor_reading r;
	double free_pace;

	if (!reads.is_disk)
		skip();
	for (uint32_t i = 0; i < 2; i++) {
		double pace;
		pid_t pid;

		free_pace = reads_free_pace(f, kind, factors[i]);
		governor_set_read_rate(f->gov, (uint64_t)READS_LIMIT_MIB * 1048576);
		assert_int_equal(governor_begin(f->gov, factors[i], 1), 0);
		pid = reads_start(f, kind, i + 1);
		reads_await_hold(f);
		pace = reads_pace(READS_MEASURE_MS);
		reads_end(f, pid, i + 1);
		governor_end(f->gov, &r);
		free_pace = fmin(free_pace, reads_free_pace(f, kind, factors[i]));
		print_message("factor %u: %.2f MiB/s of %d (%.0f without), held %.2f of %.2f s, "
			      "load %.1f %%, "
			      "governor %.2f ms, %llu looks\n",
			factors[i], pace, READS_LIMIT_MIB, free_pace, (double)r.read_held_ns / 1e9,
			(double)r.active_ns / 1e9, r.mean_pct, (double)r.governor_ns / 1e6,
			(unsigned long long)r.n_looks);
		governorrig_at_most("pace", pace, 1.15 * READS_LIMIT_MIB);
		assert_int_equal(r.read_error, 0);
		assert_int_equal(r.read_rate_bytes, READS_LIMIT_MIB * 1048576);
		assert_true(r.read_held_ns <= r.active_ns);
		/* Who else uses the disk or the CPUs may leave less than the limit. */
		if (free_pace < 1.5 * READS_LIMIT_MIB)
			continue;
		governorrig_at_least("pace", pace, 0.85 * READS_LIMIT_MIB);
		assert_true(r.read_held_ns > r.active_ns / 4);
	}
}

/* Every byte is fetched: no cache, no read-ahead. */
static void direct_reads_are_kept(void **state)
{
	reads_assert_kept(*state, DISKREADER_DIRECT);
}

/* Through the cache, with its read-ahead. */
static void cache_misses_are_kept(void **state)
{
	reads_assert_kept(*state, DISKREADER_FORGET);
}

/* The setting changes during a scan: on, off, and on again hold at once. */
static void limit_comes_and_goes(void **state)
{
	struct governorrig *f = *state;
	double pace[3];
	pid_t pid;

	if (!reads.is_disk)
		skip();
	assert_int_equal(governor_begin(f->gov, 0, 1), 0);
	pid = reads_start(f, DISKREADER_DIRECT, 1);
	pace[0] = reads_pace(1000);
	governor_set_read_rate(f->gov, (uint64_t)4 * 1048576);
	reads_await_hold(f);
	pace[1] = reads_pace(2000);
	governor_set_read_rate(f->gov, 0);
	pace[2] = reads_pace(1000);
	reads_end(f, pid, 1);
	governor_end(f->gov, NULL);
	print_message("%.1f, %.1f, %.1f MiB/s\n", pace[0], pace[1], pace[2]);
	governorrig_at_most("limited", pace[1], pace[0] / 3);
	governorrig_at_most("limited", pace[1], pace[2] / 3);
}

/* What comes out of the cache is free. */
static void cached_reads_are_free(void **state)
{
	struct governorrig *f = *state;
	struct governor_reading r;
	double free_pace;
	double pace;
	pid_t pid;

	if (!reads.is_disk)
		skip();
	reads.reader.kind = DISKREADER_CACHED;
	diskreader_read_here(&reads.reader, false);
	free_pace = reads_free_pace(f, DISKREADER_CACHED, 0);
	governor_set_read_rate(f->gov, (uint64_t)8 * 1048576);
	assert_int_equal(governor_begin(f->gov, 0, 1), 0);
	pid = reads_start(f, DISKREADER_CACHED, 1);
	pace = reads_pace(2000);
	reads_end(f, pid, 1);
	governor_end(f->gov, &r);
	print_message("%.1f MiB/s, %.1f without a limit\n", pace, free_pace);
	governorrig_at_least("cached", pace, free_pace / 2);
	/* A page that somebody else's need has pushed out comes with a whole read-ahead. */
	assert_true(r.read_bytes < diskreader_n_bytes(&reads.reader) / 8);
	assert_true(r.read_held_ns < r.active_ns / 4);
}

/* A pause in a hold: neither is told as the other, and it goes on afterwards. */
static void pause_in_a_hold(void **state)
{
	struct governorrig *f = *state;
	struct governor_reading before;
	struct governor_reading after;
	pid_t pid;

	if (!reads.is_disk)
		skip();
	governor_set_read_rate(f->gov, 1048576);
	assert_int_equal(governor_begin(f->gov, 0, 1), 0);
	pid = reads_start(f, DISKREADER_DIRECT, 1);
	reads_await_hold(f);
	governor_pause(f->gov);
	governor_read(f->gov, &before);
	burner_sleep_ms(500);
	governor_read(f->gov, &after);
	assert_int_equal(after.read_held_ns, before.read_held_ns);
	governor_resume(f->gov);
	(void)reads_pace(500);
	reads_end(f, pid, 1);
	governor_end(f->gov, &after);
	assert_true(after.read_held_ns <= after.active_ns);
	assert_true(after.paused_ns >= 400 * (uint64_t)BURNER_MS);
}

/*
 * The kernel: who waits for a child gets its figures. A "zygote" forks a reader
 * that is gone before anybody has looked; its bytes are counted all the same,
 * once.
 */
static int reads_zygote(void *arg)
{
	int *pipes = arg;
	char byte;

	for (;;) {
		int status;
		pid_t child;

		if (read(pipes[0], &byte, 1) != 1)
			return 0;
		child = diskreader_start(&reads.reader);
		if (write(pipes[3], &child, sizeof(child)) != sizeof(child) ||
			read(pipes[0], &byte, 1) != 1 || waitpid(child, &status, 0) != child ||
			write(pipes[3], &byte, 1) != 1)
			return 1;
	}
}

static pid_t reads_ask_fork(const int pipes[4])
{
	pid_t child = 0;

	assert_int_equal(write(pipes[1], "f", 1), 1);
	assert_int_equal(read(pipes[2], &child, sizeof(child)), sizeof(child));
	return child;
}

static void reads_ask_wait(const int pipes[4])
{
	char byte;

	assert_int_equal(write(pipes[1], "w", 1), 1);
	assert_int_equal(read(pipes[2], &byte, 1), 1);
}

static void worker_takes_nothing_with_it(void **state)
{
	struct read_meter rm = {0};
	int pipes[4];
	uint64_t n_seen;
	pid_t zygote;
	pid_t worker;

	(void)state;
	if (!reads.is_disk)
		skip();
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	assert_int_equal(pipe2(pipes + 2, O_CLOEXEC), 0);
	reads.reader.kind = DISKREADER_IDLE;
	zygote = burner_fork(reads_zygote, pipes);
	assert_int_equal(read_meter_add(&rm, GRANT_SLOT_ZYGOTE, zygote, true), 0);
	(void)read_meter_take(&rm);

	/* One that is seen while it lives. */
	worker = reads_ask_fork(pipes);
	assert_int_equal(read_meter_add(&rm, GRANT_SLOT_LANE0, worker, true), 0);
	for (n_seen = 0; n_seen < DISKREADER_FILE; n_seen += read_meter_take(&rm))
		burner_sleep_ms(2);
	reads_ask_wait(pipes);
	n_seen += read_meter_take(&rm);
	read_meter_remove(&rm, GRANT_SLOT_LANE0);
	n_seen += read_meter_take(&rm);
	assert_in_range(n_seen, DISKREADER_FILE, DISKREADER_FILE + 1048576);

	/* One that nobody has heard of. */
	(void)reads_ask_fork(pipes);
	reads_ask_wait(pipes);
	assert_in_range(read_meter_take(&rm), DISKREADER_FILE, DISKREADER_FILE + 1048576);

	/* One that ends with its zygote, and is removed first: nothing is left as credit. */
	worker = reads_ask_fork(pipes);
	assert_int_equal(read_meter_add(&rm, GRANT_SLOT_LANE0, worker, true), 0);
	for (n_seen = 0; n_seen < DISKREADER_FILE; n_seen += read_meter_take(&rm))
		burner_sleep_ms(2);
	read_meter_remove(&rm, GRANT_SLOT_LANE0);

	/* Who is no child of the zygote's stays, and what was taken of it is not taken again. */
	assert_int_equal(read_meter_add(&rm, GRANT_SLOT_REMEDIATE, getpid(), true), 0);
	(void)read_meter_take(&rm);

	/* With the zygote all else is forgotten, and the next one begins anew. */
	(void)burner_kill(zygote);
	read_meter_remove(&rm, GRANT_SLOT_ZYGOTE);
	assert_int_equal(rm.taken, rm.sources[GRANT_SLOT_REMEDIATE].n_bytes);
	read_meter_remove(&rm, GRANT_SLOT_REMEDIATE);
	assert_int_equal(rm.taken, 0);
	assert_int_equal(rm.error, 0);
	read_meter_reset(&rm);
	for (size_t i = 0; i < 4; i++)
		(void)close(pipes[i]);
}

/* What was read before counts or does not; who has ended is no failure. */
static void birth_or_now(void **state)
{
	struct read_meter rm = {0};
	pid_t pid;

	(void)state;
	if (!reads.is_disk)
		skip();
	reads.reader.kind = DISKREADER_IDLE;
	pid = diskreader_start(&reads.reader);
	while (diskreader_n_bytes(&reads.reader) < DISKREADER_FILE)
		burner_sleep_ms(2);
	assert_int_equal(read_meter_add(&rm, GRANT_SLOT_LANE0, pid, false), 0);
	assert_int_equal(read_meter_take(&rm), 0);
	assert_int_equal(read_meter_add(&rm, GRANT_SLOT_LANE0, pid, true), 0);
	assert_true(read_meter_take(&rm) >= DISKREADER_FILE);
	assert_int_equal(burner_wait(pid), 0);
	assert_int_equal(read_meter_take(&rm), 0);
	assert_int_equal(read_meter_add(&rm, GRANT_SLOT_LANE0, pid, true), 0);
	assert_int_equal(rm.error, 0);
	read_meter_reset(&rm);
}

/*
 * A file system of a user's process fetches nothing of ours: its reads are not
 * limited, and docs/governor.md says so.
 */
static void fuse_is_not_counted(void **state)
{
	(void)state;
#ifdef QUIETSCAN_TSAN
	skip();
#else
	struct faultfs fs = {.kind = FAULTFS_NONE};
	struct diskreader through = reads.reader;
	uint64_t before;

	if (!reads.is_disk || faultfs_mount(&fs, reads.reader.path) < 0)
		skip();
	(void)snprintf(through.path, sizeof(through.path), "%s", fs.file);
	through.kind = DISKREADER_CACHED;
	before = diskreader_fetched(getpid());
	diskreader_read_here(&through, false);
	before = diskreader_fetched(getpid()) - before;
	faultfs_unmount(&fs);
	assert_int_equal(before, 0);
#endif
}

/* Another uid's figures without CAP_SYS_PTRACE: said once, and the limit holds nobody. */
static void not_ours_to_read(void **state)
{
	struct governorrig *f = *state;
	struct read_meter rm = {0};
	struct governor_reading r;
	int on_add;
	pid_t pid;

	if (geteuid() != 0)
		skip();
	governor_set_read_rate(f->gov, 1048576);
	pid = burner_start(f->page, GRANT_SLOT_LANE0, 1, BURNER_LOOP);
	assert_int_equal(governor_begin(f->gov, 0, 1), 0);
	assert_int_equal(seteuid(65534), 0); /* takes the effective capabilities away */
	on_add = read_meter_add(&rm, GRANT_SLOT_LANE0, pid, true);
	assert_int_equal(governor_add(f->gov, GRANT_SLOT_LANE0, 1, pid), 0);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(on_add, -EACCES);
	assert_int_equal(rm.error, -EACCES);
	assert_int_equal(read_meter_take(&rm), 0);
	burner_await_cpu(pid, burner_cpu_ns(pid) + 100 * (uint64_t)BURNER_MS);
	governor_read(f->gov, &r);
	assert_int_equal(r.read_error, -EACCES);
	assert_int_equal(r.read_held_ns, 0);
	reads_end(f, pid, 1);
	governor_end(f->gov, NULL);
	/* It is known between scans too, until the limit is taken off. */
	governor_read(f->gov, &r);
	assert_int_equal(r.read_error, -EACCES);
	governor_set_read_rate(f->gov, 0);
	governor_read(f->gov, &r);
	assert_int_equal(r.read_error, 0);
}

#define WITH_DISK(test) cmocka_unit_test_setup_teardown(test, reads_setup, reads_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DISK(direct_reads_are_kept),
		WITH_DISK(cache_misses_are_kept),
		WITH_DISK(limit_comes_and_goes),
		WITH_DISK(cached_reads_are_free),
		WITH_DISK(pause_in_a_hold),
		WITH_DISK(worker_takes_nothing_with_it),
		WITH_DISK(birth_or_now),
		WITH_DISK(fuse_is_not_counted),
		WITH_DISK(not_ours_to_read),
	};

	return cmocka_run_group_tests_name("reads", tests, NULL, NULL);
}
