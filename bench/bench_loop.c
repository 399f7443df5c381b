/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A foreground job, to feel what a scan does to it:
 *
 *   bench-loop calibrate WORK_US FILE           prints ROUNDS and the CPU time of
 *                                               one request, microseconds
 *   bench-loop run ROUNDS GAP_US SEED FILE      serves requests until its standard
 *                                               input ends
 *
 * A request reads 4 KiB at a random place of FILE from the disk (O_DIRECT, so
 * the page cache does not answer) and computes over a buffer that fits the
 * second-level cache, as a small web request does. Requests come at instants
 * drawn beforehand (GAP_US on average, half of it to one and a half of it), not
 * when the one before is done, and the time that counts is from the instant a
 * request was due to its end: a loop that waits for itself would not see the
 * queue that a stall makes. At 30 % utilisation without a scan no request ever
 * waits for another, so all waiting is the scan's.
 *
 * The work of one request is ROUNDS, a number of steps, not a time: on a machine
 * that is slowed down it takes longer, which is what is measured.
 *
 * Prints at its end "# cpu_ns N direct 0|1", then a line a request: the instant it was
 * due (CLOCK_MONOTONIC) and how long it took, nanoseconds.
 *
 * Hands (clock, disk). Exit: 0, 1 on an error named on stderr, 64 usage.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	BENCH_LOOP_BLOCK = 4096,
	BENCH_LOOP_WORDS = 32768,   /**< 256 KiB of 8 bytes: half of a common second-level cache. */
	BENCH_LOOP_N_MAX = 1 << 20, /**< Requests of one run: two hours at 150 a second. */
	BENCH_LOOP_N_TRIALS = 40,   /**< Of the calibration; the fastest counts. */
	BENCH_LOOP_USAGE = 64,
};

struct bench_loop {
	int fd;
	bool is_direct;
	uint64_t n_blocks;
	uint64_t random;
	unsigned char *block;
	uint64_t *words;
};

/** What became of one request. */
struct bench_loop_request {
	uint64_t due_ns;
	uint64_t took_ns;
};

static uint64_t bench_loop_clock(clockid_t clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now) < 0)
		return 0;
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/** xorshift64*, seeded by the caller: two runs get the same requests. */
static uint64_t bench_loop_random(struct bench_loop *loop)
{
	loop->random ^= loop->random >> 12;
	loop->random ^= loop->random << 25;
	loop->random ^= loop->random >> 27;
	return loop->random * 0x2545F4914F6CDD1DULL;
}

/** The computing part; the result goes into the buffer so that nothing is optimised away. */
static void bench_loop_compute(struct bench_loop *loop, uint64_t rounds)
{
	uint64_t sum = loop->words[0];

	for (uint64_t i = 0; i < rounds; i++) {
		uint64_t *word = &loop->words[(i * 8 + (i >> 12)) % BENCH_LOOP_WORDS];

		sum = (sum ^ *word) * 0x9E3779B97F4A7C15ULL;
		*word = sum;
	}
	loop->words[0] = sum;
}

/** One request. @return whether the disk gave its block. */
static bool bench_loop_serve(struct bench_loop *loop, uint64_t rounds)
{
	uint64_t at = (bench_loop_random(loop) >> 16) % loop->n_blocks * BENCH_LOOP_BLOCK;

	if (pread(loop->fd, loop->block, BENCH_LOOP_BLOCK, (off_t)at) != BENCH_LOOP_BLOCK)
		return false;
	loop->words[1] ^= loop->block[0];
	bench_loop_compute(loop, rounds);
	return true;
}

static void bench_loop_deinit(struct bench_loop *loop)
{
	if (loop->fd >= 0)
		close(loop->fd);
	free(loop->block);
	free(loop->words);
}

/** Open the file and get the buffers. @return false with errno set when that failed. */
static bool bench_loop_init(struct bench_loop *loop, const char *path, uint64_t seed)
{
	struct stat status;

	loop->random = seed * 2 + 1;
	loop->fd = open(path, O_RDONLY | O_CLOEXEC | O_DIRECT);
	loop->is_direct = loop->fd >= 0;
	if (loop->fd < 0)
		loop->fd = open(path, O_RDONLY | O_CLOEXEC); /* tmpfs has no O_DIRECT. */
	if (loop->fd < 0 || fstat(loop->fd, &status) < 0)
		return false;
	loop->n_blocks = (uint64_t)status.st_size / BENCH_LOOP_BLOCK;
	loop->block = aligned_alloc(BENCH_LOOP_BLOCK, BENCH_LOOP_BLOCK);
	loop->words = calloc(BENCH_LOOP_WORDS, sizeof(*loop->words));
	if (!loop->block || !loop->words)
		return false;
	memset(loop->block, 0, BENCH_LOOP_BLOCK);
	errno = ENODATA; /* If it is shorter than a block. */
	return loop->n_blocks > 0;
}

/** CPU time of the cheapest of some trials, nanoseconds; 0 when the disk failed. */
static uint64_t bench_loop_cost(struct bench_loop *loop, uint64_t rounds)
{
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < BENCH_LOOP_N_TRIALS; i++) {
		uint64_t start = bench_loop_clock(CLOCK_THREAD_CPUTIME_ID), cost;

		if (!bench_loop_serve(loop, rounds))
			return 0;
		cost = bench_loop_clock(CLOCK_THREAD_CPUTIME_ID) - start;
		least = cost < least ? cost : least;
	}
	return least ? least : 1;
}

static int bench_loop_calibrate(struct bench_loop *loop, uint64_t work_ns)
{
	uint64_t rounds = 100000, cost = 0;

	/* Twice, because the first guess is far off and cost is not quite linear. */
	for (int i = 0; i < 3; i++) {
		cost = bench_loop_cost(loop, rounds);
		if (cost == 0) {
			fprintf(stderr, "bench-loop: read: %m\n");
			return 1;
		}
		rounds = rounds * work_ns / cost;
	}
	cost = bench_loop_cost(loop, rounds);
	printf("%" PRIu64 " %" PRIu64 "\n", rounds, cost / 1000);
	return 0;
}

static int bench_loop_print(
	const struct bench_loop *loop, const struct bench_loop_request requests[], size_t n)
{
	printf("# cpu_ns %" PRIu64 " direct %d\n", bench_loop_clock(CLOCK_PROCESS_CPUTIME_ID),
		loop->is_direct);
	for (size_t i = 0; i < n; i++)
		printf("%" PRIu64 " %" PRIu64 "\n", requests[i].due_ns, requests[i].took_ns);
	return fflush(stdout) == 0 ? 0 : 1;
}

/** Wait for an instant. @return false when standard input ended meanwhile. */
static bool bench_loop_wait(uint64_t due_ns)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	uint64_t now_ns = bench_loop_clock(CLOCK_MONOTONIC);
	struct timespec wait = {0};

	if (now_ns < due_ns) {
		wait.tv_sec = (time_t)((due_ns - now_ns) / 1000000000U);
		wait.tv_nsec = (long)((due_ns - now_ns) % 1000000000U);
	}
	return ppoll(&input, 1, &wait, NULL) == 0;
}

static int bench_loop_run(struct bench_loop *loop, uint64_t rounds, uint64_t gap_ns)
{
	struct bench_loop_request *requests = calloc(BENCH_LOOP_N_MAX, sizeof(*requests));
	uint64_t due_ns = bench_loop_clock(CLOCK_MONOTONIC);
	size_t n = 0;

	if (!requests)
		return 1;
	while (n < BENCH_LOOP_N_MAX) {
		due_ns += gap_ns / 2 + (bench_loop_random(loop) >> 16) % (gap_ns + 1);
		if (!bench_loop_wait(due_ns))
			break;
		if (!bench_loop_serve(loop, rounds)) {
			fprintf(stderr, "bench-loop: read: %m\n");
			free(requests);
			return 1;
		}
		requests[n].due_ns = due_ns;
		requests[n++].took_ns = bench_loop_clock(CLOCK_MONOTONIC) - due_ns;
	}
	n = (size_t)bench_loop_print(loop, requests, n);
	free(requests);
	return (int)n;
}

int main(int argc, char **argv)
{
	struct bench_loop loop = {.fd = -1, .n_blocks = 1};
	bool is_run = argc == 6 && strcmp(argv[1], "run") == 0;
	bool is_calibrate = argc == 4 && strcmp(argv[1], "calibrate") == 0;
	uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
	uint64_t gap_us = is_run ? strtoull(argv[3], NULL, 10) : 1;
	int status = 1;

	if (!(is_run || is_calibrate) || first == 0 || gap_us == 0) {
		fprintf(stderr, "usage: bench-loop calibrate WORK_US FILE\n"
				"       bench-loop run ROUNDS GAP_US SEED FILE\n");
		return BENCH_LOOP_USAGE;
	}
	if (!bench_loop_init(&loop, argv[argc - 1], is_run ? strtoull(argv[4], NULL, 10) : 1))
		fprintf(stderr, "bench-loop: %s: %m\n", argv[argc - 1]);
	else if (is_run)
		status = bench_loop_run(&loop, first, gap_us * 1000);
	else
		status = bench_loop_calibrate(&loop, first * 1000);
	bench_loop_deinit(&loop);
	return status;
}
