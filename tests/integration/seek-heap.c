/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every allocation of a search and of a stop fails once: each says -ENOMEM or
 * is whole all the same, and the next one works. In a PID namespace: see
 * remediation-seek.c.
 */
#include "faultheap.h"
#include "identity.h"
#include "pidworld.h"
#include "runner.h"
#include "scratch.h"
#include "seek.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { N_MAX = 20000, N_RUNNERS = 2 };

/* The SHA-1 of nothing: no program has it; each is hashed, none matches. */
static const char nothing[] = "da39a3ee5e6b4b0d3255bfef95601890afd80709";

struct heap {
	struct scratch scratch;
	char path[SCRATCH_PATH_SIZE];
	char sha256[65];
	uint64_t size; /* what is larger is none of the test's business */
	size_t n;
};

static int note(void *data, const struct seek_file *file)
{
	struct heap *heap = data;

	heap->n = file->n_pids;
	memcpy(heap->sha256, file->sha256, sizeof(heap->sha256));
	return 0;
}

static int search(struct heap *heap, const char *hash)
{
	const struct seek_config config = {
		.hash = hash, .size_max = heap->size, .on_found = note, .data = heap};
	struct seek_totals totals;

	heap->n = 0;
	return seek_processes(&config, &totals);
}

/* By another program. */
static void sum_of(const char *path, char sha256[65])
{
	char command[2 * SCRATCH_PATH_SIZE];
	FILE *sum;

	(void)snprintf(command, sizeof(command), "sha256sum %s", path);
	sum = popen(command, "r");
	assert_int_equal(fread(sha256, 1, 64, sum), 64);
	sha256[64] = '\0';
	(void)pclose(sum);
}

static void searching(void **state)
{
	struct runner runners[N_RUNNERS] = {{.pid = 0}};
	struct heap heap = {.n = 0};
	struct stat status;
	unsigned long n = 0;
	bool has_failed = true;

	(void)state;
	scratch_init(&heap.scratch);
	runner_copy("/bin/cat", scratch_path(&heap.scratch, "program", heap.path), 'h');
	sum_of(heap.path, heap.sha256);
	assert_int_equal(stat(heap.path, &status), 0);
	heap.size = (uint64_t)status.st_size;
	for (size_t i = 0; i < N_RUNNERS; i++)
		runner_start(&runners[i], heap.path);
	assert_int_equal(search(&heap, nothing), 0);
	assert_int_equal(heap.n, 0);
	for (; has_failed; n++) {
		char hash[65];
		int r;

		assert_true(n < N_MAX);
		memcpy(hash, heap.sha256, sizeof(hash));
		faultheap_arm(n);
		r = search(&heap, hash);
		has_failed = faultheap_disarm();
		assert_true(r == 0 || (r == -ENOMEM && has_failed));
		assert_int_equal(heap.n, r == 0 ? N_RUNNERS : 0);
	}
	assert_true(n > 3);
	for (size_t i = 0; i < N_RUNNERS; i++)
		runner_end(&runners[i]);
	scratch_deinit(&heap.scratch);
}

static void count(void *data, pid_t pid, enum seek_stop_end end, int error)
{
	(void)pid;
	assert_int_equal(end, SEEK_STOP_ENDED);
	assert_int_equal(error, 0);
	++*(size_t *)data;
}

/* @is_touched  Its times are not those it was found with, so that it is read. */
static void stop_without_memory(bool is_touched)
{
	struct scratch scratch;
	char sha256[65];
	char path[SCRATCH_PATH_SIZE];
	bool has_failed = true;
	unsigned long n = 0;

	scratch_init(&scratch);
	runner_copy("/bin/cat", scratch_path(&scratch, "program", path), 's');
	sum_of(path, sha256);
	for (; has_failed; n++) {
		struct runner runner = {.pid = 0};
		struct stat status;
		size_t n_told = 0;
		int r;

		assert_true(n < N_MAX);
		runner_start(&runner, path);
		assert_int_equal(stat(path, &status), 0);
		{
			const struct seek_stop_config config = {.dev = status.st_dev,
				.ino = status.st_ino,
				.size = (uint64_t)status.st_size,
				.mtime_ns = identity_ns(status.st_mtim) - is_touched,
				.ctime_ns = identity_ns(status.st_ctim),
				.sha256 = sha256,
				.wait_ms = 30000,
				.on_process = count,
				.data = &n_told};

			faultheap_arm(n);
			r = seek_stop(&config);
			has_failed = faultheap_disarm();
		}
		assert_true(r == 0 || (r == -ENOMEM && has_failed));
		assert_int_equal(n_told, r == 0 ? 1 : 0);
		runner_end(&runner);
	}
	assert_true(n > (is_touched ? 3 : 1));
	scratch_deinit(&scratch);
}

/* Without memory for its answer it has killed all the same: told is nobody. */
static void stopping(void **state)
{
	(void)state;
	stop_without_memory(false);
}

/* Without memory to read what it is to stop it stops nobody. */
static void stopping_touched(void **state)
{
	(void)state;
	stop_without_memory(true);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(searching),
		cmocka_unit_test(stopping),
		cmocka_unit_test(stopping_touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return pidworld_run(run);
}
