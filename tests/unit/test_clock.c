/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clock: forms of time, and that CPU clocks count work of this and other processes. */
#include "unit.h"

#include "clock.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void iso(void **state)
{
	static const struct {
		int64_t unix_ms;
		const char *text;
	} rows[] = {{0, "1970-01-01T00:00:00.0000000Z"}, {1, "1970-01-01T00:00:00.0010000Z"},
		{-1, "1969-12-31T23:59:59.9990000Z"}, {-1000, "1969-12-31T23:59:59.0000000Z"},
		{1795492512123, "2026-11-24T03:55:12.1230000Z"},
		{951782400000, "2000-02-29T00:00:00.0000000Z"},
		{253402300799999, "9999-12-31T23:59:59.9990000Z"}};
	char text[CLOCK_ISO_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		clock_iso(rows[i].unix_ms, text);
		assert_string_equal(text, rows[i].text);
	}
	clock_iso(INT64_MAX, text);
	assert_string_equal(text, "0001-01-01T00:00:00.0000000Z");
}

static void burn(uint64_t ns)
{
	uint64_t until = clock_thread_cpu_ns() + ns;

	while (clock_thread_cpu_ns() < until) {
	}
}

/* The clocks of one process agree, and do not count while it sleeps. */
static void own_clocks(void **state)
{
	const struct timespec nap = {.tv_nsec = 30000000};
	uint64_t wall = clock_mono_ns();
	uint64_t cpu = clock_self_cpu_ns();
	uint64_t other = 0;

	(void)state;
	burn(20000000);
	assert_true(clock_self_cpu_ns() - cpu >= 20000000);
	assert_true(clock_mono_ns() - wall >= 20000000);
	assert_int_equal(clock_process_cpu_ns(getpid(), &other), 0);
	assert_true(other <= clock_self_cpu_ns());
	cpu = clock_self_cpu_ns();
	wall = clock_mono_ns();
	(void)nanosleep(&nap, NULL);
	assert_true(clock_mono_ns() - wall >= 30000000);
	assert_true(clock_self_cpu_ns() - cpu < 30000000);
	assert_true(clock_unix_ms() > 1700000000000);
}

/* A child's clock is readable while it runs and while it is a zombie, not after. */
static void clock_of_a_child(void **state)
{
	uint64_t cpu = 0;
	siginfo_t info;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		burn(30000000);
		_exit(0);
	}
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(clock_process_cpu_ns(pid, &cpu), 0);
	assert_true(cpu >= 30000000);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(clock_process_cpu_ns(pid, &cpu), -ESRCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(iso), cmocka_unit_test(own_clocks),
		cmocka_unit_test(clock_of_a_child)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
