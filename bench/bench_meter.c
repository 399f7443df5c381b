/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Read CPU clocks at fixed distances: bench-meter INTERVAL_MS SOURCE...
 *
 * bench/governor judges loads by windows of one second, so each reading carries
 * the instant at which it was taken: a reading that comes late on a busy machine
 * is still true. It is a program of its own, in C, because what measures must
 * cost next to nothing (some 20 microseconds a reading) and must not run inside
 * what it measures.
 *
 * SOURCE is one of
 *   usage:FILE  a file with one number, nanoseconds (cgroup v1 cpuacct.usage)
 *   stat:FILE   cgroup v2 cpu.stat, its usage_usec line
 *   tree:PID    a process and its descendants, by their CPU clocks; for machines
 *               without cgroups. What a process uses between the last reading
 *               and its death is missed.
 *
 * The kernel charges a running thread at its next scheduler tick, so a reading
 * can lag by one tick a CPU (4 ms at 250 Hz): 0.4 points in a window of a second.
 * It is the same for everybody who is measured.
 *
 * Prints a line a reading: CLOCK_MONOTONIC and each source, all nanoseconds.
 * Ends when its standard input ends, so it never outlives who started it.
 *
 * Hands (cgroup files, /proc, clocks). Exit: 0, 1 on an error named on stderr,
 * 64 usage.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
	BENCH_METER_N_SOURCES = 8,
	BENCH_METER_N_PROCESSES = 4096, /**< Of one tree, the dead ones included. */
	BENCH_METER_DEPTH_MAX = 16,     /**< Of a tree; ours has 3 levels. */
	BENCH_METER_OUT_BYTES =
		1 << 20, /**< Written out rarely: writing is not what is measured. */
	BENCH_METER_USAGE = 64,
};

/** One process of a tree; it stays when the process has died. */
struct bench_meter_process {
	pid_t pid;
	uint64_t used_ns;
};

struct bench_meter_source {
	enum { BENCH_METER_USAGE_FILE, BENCH_METER_STAT_FILE, BENCH_METER_TREE } kind;
	int fd;    /**< Of a file. */
	pid_t pid; /**< Root of a tree. */
	struct bench_meter_process *processes;
	size_t n_processes;
};

static uint64_t bench_meter_clock(clockid_t clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now) < 0)
		return 0;
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/** Number behind @key in a file that is kept open. @return whether it was there. */
static bool bench_meter_read_file(int fd, const char *key, uint64_t *valuep)
{
	char text[4096];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	const char *at;

	if (n < 0)
		return false;
	text[n] = '\0';
	at = key[0] ? strstr(text, key) : text;
	if (!at)
		return false;
	*valuep = strtoull(at + strlen(key), NULL, 10);
	return true;
}

/** Fold a reading of one process in; a clock that fell is a pid used again. */
static void bench_meter_note(struct bench_meter_source *source, pid_t pid, uint64_t used_ns)
{
	struct bench_meter_process *process;

	for (size_t i = source->n_processes; i > 0; i--) {
		process = &source->processes[i - 1];
		if (process->pid == pid && process->used_ns <= used_ns) {
			process->used_ns = used_ns;
			return;
		}
	}
	if (source->n_processes == BENCH_METER_N_PROCESSES)
		return;
	process = &source->processes[source->n_processes++];
	process->pid = pid;
	process->used_ns = used_ns;
}

/* NOLINTNEXTLINE(misc-no-recursion): a process tree, bounded in depth. */
static void bench_meter_walk(struct bench_meter_source *source, pid_t pid, int depth)
{
	char path[64], text[8192];
	clockid_t clock;
	int fd;
	ssize_t n;
	char *at, *end;

	if (clock_getcpuclockid(pid, &clock) == 0)
		bench_meter_note(source, pid, bench_meter_clock(clock));
	if (depth == BENCH_METER_DEPTH_MAX)
		return;
	/* Children of the main thread: nobody measured here forks elsewhere. */
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	for (at = text;; at = end) {
		long child = strtol(at, &end, 10);

		if (end == at)
			return;
		bench_meter_walk(source, (pid_t)child, depth + 1);
	}
}

static bool bench_meter_read(struct bench_meter_source *source, uint64_t *valuep)
{
	bool is_read;

	*valuep = 0;
	switch (source->kind) {
	case BENCH_METER_USAGE_FILE:
		return bench_meter_read_file(source->fd, "", valuep);
	case BENCH_METER_STAT_FILE:
		is_read = bench_meter_read_file(source->fd, "usage_usec ", valuep);
		*valuep *= 1000;
		return is_read;
	case BENCH_METER_TREE:
		bench_meter_walk(source, source->pid, 0);
		for (size_t i = 0; i < source->n_processes; i++)
			*valuep += source->processes[i].used_ns;
		return true;
	}
	return false;
}

/** @return 0, -EINVAL for a source of no known kind, other -errno. */
static int bench_meter_open(struct bench_meter_source *source, const char *text)
{
	const char *rest = strchr(text, ':');

	if (!rest)
		return -EINVAL;
	rest++;
	if (strncmp(text, "tree:", 5) == 0) {
		source->kind = BENCH_METER_TREE;
		source->pid = (pid_t)strtol(rest, NULL, 10);
		source->processes = calloc(BENCH_METER_N_PROCESSES, sizeof(*source->processes));
		return source->processes ? 0 : -ENOMEM;
	}
	if (strncmp(text, "usage:", 6) == 0)
		source->kind = BENCH_METER_USAGE_FILE;
	else if (strncmp(text, "stat:", 5) == 0)
		source->kind = BENCH_METER_STAT_FILE;
	else
		return -EINVAL;
	source->fd = open(rest, O_RDONLY | O_CLOEXEC);
	return source->fd < 0 ? -errno : 0;
}

/** Readings until standard input ends, and one more then. @return the exit status. */
static int bench_meter_run(struct bench_meter_source sources[], size_t n, uint64_t interval_ns)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	uint64_t next_ns = bench_meter_clock(CLOCK_MONOTONIC);
	bool is_over = false;

	for (;;) {
		uint64_t before_ns = bench_meter_clock(CLOCK_MONOTONIC), after_ns,
			 values[BENCH_METER_N_SOURCES];
		struct timespec wait;

		for (size_t i = 0; i < n; i++) {
			if (!bench_meter_read(&sources[i], &values[i])) {
				fprintf(stderr, "bench-meter: source %zu is gone\n", i + 1);
				return 1;
			}
		}
		after_ns = bench_meter_clock(CLOCK_MONOTONIC);
		printf("%" PRIu64, before_ns + (after_ns - before_ns) / 2);
		for (size_t i = 0; i < n; i++)
			printf(" %" PRIu64, values[i]);
		putchar('\n');
		if (is_over)
			return fflush(stdout) == 0 ? 0 : 1;
		while (next_ns <= after_ns)
			next_ns += interval_ns;
		wait.tv_sec = (time_t)((next_ns - after_ns) / 1000000000U);
		wait.tv_nsec = (long)((next_ns - after_ns) % 1000000000U);
		is_over = ppoll(&input, 1, &wait, NULL) != 0;
	}
}

/** Open every source and read them until the end. @return the exit status. */
static int bench_meter_all(
	struct bench_meter_source sources[], char **texts, size_t n, long interval_ms)
{
	for (size_t i = 0; i < n; i++) {
		int r = bench_meter_open(&sources[i], texts[i]);

		if (r < 0) {
			errno = -r;
			fprintf(stderr, "bench-meter: %s: %m\n", texts[i]);
			return r == -EINVAL ? BENCH_METER_USAGE : 1;
		}
	}
	return bench_meter_run(sources, n, (uint64_t)interval_ms * 1000000U);
}

int main(int argc, char **argv)
{
	struct bench_meter_source sources[BENCH_METER_N_SOURCES] = {0};
	long interval_ms = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
	size_t n = argc > 2 ? (size_t)(argc - 2) : 0;
	int status;

	if (interval_ms < 1 || interval_ms > 1000 || n == 0 || n > BENCH_METER_N_SOURCES) {
		fprintf(stderr,
			"usage: bench-meter INTERVAL_MS usage:FILE|stat:FILE|tree:PID...\n");
		return BENCH_METER_USAGE;
	}
	setvbuf(stdout, NULL, _IOFBF, BENCH_METER_OUT_BYTES);
	/* Not to be late when the machine is full; without the right to, readings are sparser. */
	(void)setpriority(PRIO_PROCESS, 0, -20);
	status = bench_meter_all(sources, argv + 2, n, interval_ms);
	for (size_t i = 0; i < n; i++)
		free(sources[i].processes);
	return status;
}
