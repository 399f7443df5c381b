/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loops count in a volatile, so that no compiler takes them out.
 *
 * ThreadSanitizer holds signals back until a thread makes a system call, and
 * has a thread of its own in every process. A loop pays there, as a scanner
 * does, and standing still is relative. It also cannot make threads in a child
 * that was forked beside some: there is one payer then.
 */
#include "burner.h"

#include "unit.h"

#include "clock.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BURNER_N_PAYERS = 3, BURNER_PATIENCE_MS = 20000 };

#ifdef QUIETSCAN_TSAN
enum { BURNER_HAS_SIGNALS = 0 };
#else
enum { BURNER_HAS_SIGNALS = 1 };
#endif

struct burner {
	const struct grant_page *page;
	size_t slot;
	uint32_t generation;
	enum burner_kind kind;
};

static volatile uint64_t burner_sink;

void burner_sleep_ms(long ms)
{
	struct timespec ts = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * BURNER_MS};

	while (nanosleep(&ts, &ts) != 0)
		;
}

static void *burner_pay(void *arg)
{
	const struct burner *b = arg;

	for (;;) {
		for (int i = 0; i < 300000; i++)
			burner_sink++;
		grant_pay(b->page, b->slot, b->generation, NULL);
	}
	return NULL;
}

static int burner_run_payers(struct burner *b)
{
	pthread_t threads[BURNER_N_PAYERS];

	for (size_t i = 0; i < BURNER_N_PAYERS; i++) {
		if (pthread_create(&threads[i], NULL, burner_pay, b) != 0)
			return 1;
	}
	(void)pthread_join(threads[0], NULL);
	return 1;
}

static _Noreturn void burner_run_bursts(void)
{
	for (;;) {
		uint64_t end = clock_self_cpu_ns() + 7 * BURNER_MS;

		while (clock_self_cpu_ns() < end) {
			for (int i = 0; i < 10000; i++)
				burner_sink++;
		}
		burner_sleep_ms(3);
	}
}

static int burner_run(void *arg)
{
	struct burner *b = arg;

	if (BURNER_HAS_SIGNALS && b->kind == BURNER_PAYERS)
		return burner_run_payers(b);
	if (b->kind != BURNER_DEAF && b->kind != BURNER_PAYERS &&
		grant_timer_start(b->page, b->slot, b->generation) != 0)
		return 1;
	if (b->kind == BURNER_BURSTS)
		burner_run_bursts();
	if (!BURNER_HAS_SIGNALS && (b->kind == BURNER_LOOP || b->kind == BURNER_PAYERS))
		(void)burner_pay(b);
	for (;;)
		burner_sink++;
}

pid_t burner_fork(int (*body)(void *arg), void *arg)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* As the daemon's children: its priority is its own. Not beside a build. */
		if (!getenv("QUIETSCAN_TEST_ONE_SESSION"))
			(void)setsid();
		_exit(getppid() == parent ? body(arg) : 1);
	}
	return pid;
}

pid_t burner_start(
	const struct grant_page *page, size_t slot, uint32_t generation, enum burner_kind kind)
{
	struct burner b = {.page = page, .slot = slot, .generation = generation, .kind = kind};

	return burner_fork(burner_run, &b);
}

int burner_wait(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

uint64_t burner_kill(pid_t pid)
{
	struct rusage usage;
	int status;

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(wait4(pid, &status, 0, &usage), pid);
	assert_true(WIFSIGNALED(status));
	return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 * BURNER_MS +
	       (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
}

uint64_t burner_cpu_ns(pid_t pid)
{
	uint64_t ns = 0;

	assert_int_equal(clock_process_cpu_ns(pid, &ns), 0);
	return ns;
}

uint64_t burner_queued_ns(pid_t pid)
{
	uint64_t ns = UINT64_MAX;
	char path[64];
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return ns;
	if (fscanf(f, "%*u %" SCNu64, &ns) != 1)
		ns = UINT64_MAX;
	(void)fclose(f);
	return ns;
}

void burner_await_cpu(pid_t pid, uint64_t ns)
{
	uint64_t deadline = clock_mono_ns() + (uint64_t)BURNER_PATIENCE_MS * BURNER_MS;

	while (burner_cpu_ns(pid) < ns) {
		assert_true(clock_mono_ns() < deadline);
		burner_sleep_ms(2);
	}
}

/* 'R' when it has or wants a CPU, 'S' when it sleeps; all its threads for a single one. */
static char burner_state(pid_t pid)
{
	char path[64];
	char state = '?';
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return state;
	if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = '?';
	(void)fclose(f);
	return state;
}

bool burner_stands(pid_t pid)
{
	uint64_t deadline = clock_mono_ns() + (uint64_t)BURNER_PATIENCE_MS * BURNER_MS;

	/* What it had left it may use first, and on a busy machine that takes its time. */
	while (clock_mono_ns() < deadline) {
		uint64_t before = burner_cpu_ns(pid);

		burner_sleep_ms(150);
		if (burner_state(pid) == 'S' && burner_cpu_ns(pid) - before <= BURNER_STILL_NS)
			return true;
	}
	return false;
}
