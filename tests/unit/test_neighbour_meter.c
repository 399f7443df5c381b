/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose CPU time is that of another antivirus, and the clocks of real processes. */
#include "unit.h"

#include "neighbour_clock.h"
#include "neighbour_meter.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define STAT(comm, began) "4711 (" comm ") S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 1 0 " began " 9"

static struct neighbours look; /* too large for a stack */
static struct other_cpu_reading readings[NEIGHBOURS_MAX];

static struct neighbour *add(const char *name, enum known_product_role role)
{
	struct neighbour *neighbour = &look.list[look.n++];

	*neighbour = (struct neighbour){.is_known = true, .role = role, .began = 1};
	(void)snprintf(neighbour->name, sizeof(neighbour->name), "%s", name);
	return neighbour;
}

/* The field is found behind any name; what is no such text is refused. */
static void parse(void **state)
{
	static const char *const bad[] = {"", "4711", "4711 (x", "4711 (x) S 1 2", "nonsense)",
		STAT("x", "-5"), STAT("x", "x")};
	static const char good[] = STAT("a b", "815");
	static const char tricky[] = STAT(") S 1 (", "18446744073709551615");
	char large[8192];
	uint64_t began = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(neighbour_clock_parse(bad[i], strlen(bad[i]), &began), -EBADMSG);
	memset(large, ')', sizeof(large));
	assert_int_equal(neighbour_clock_parse(large, sizeof(large), &began), -EBADMSG);
	assert_int_equal(began, 7);
	assert_int_equal(neighbour_clock_parse(good, strlen(good), &began), 0);
	assert_int_equal(began, 815);
	assert_int_equal(neighbour_clock_parse(tricky, strlen(tricky), &began), 0);
	assert_true(began == UINT64_MAX);
}

/* Antivirus, and who decides on access; a watcher only while it works for one that is there. */
static void who_counts(void **state)
{
	struct neighbour *watcher;
	struct neighbour *other;

	(void)state;
	look = (struct neighbours){.n = 0};
	other = add("Other", KNOWN_PRODUCT_ANTIVIRUS);
	assert_true(neighbour_meter_is_counted(&look, other));
	assert_false(neighbour_meter_is_counted(&look, add("Audit", KNOWN_PRODUCT_WATCHER)));
	assert_false(neighbour_meter_is_counted(&look, add("Control", KNOWN_PRODUCT_CONTROL)));
	watcher = add("Engine", KNOWN_PRODUCT_WATCHER);
	assert_false(neighbour_meter_is_counted(&look, watcher));
	(void)strcpy(watcher->works_for, "Other");
	assert_true(neighbour_meter_is_counted(&look, watcher));
	(void)strcpy(watcher->works_for, "Oth");
	assert_false(neighbour_meter_is_counted(&look, watcher));
	(void)strcpy(watcher->works_for, "Other");
	other->role = KNOWN_PRODUCT_WATCHER;
	assert_false(neighbour_meter_is_counted(&look, watcher));
	other->n_blocking = 1;
	assert_true(neighbour_meter_is_counted(&look, watcher));
}

static pid_t start(void)
{
	pid_t pid = unit_fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		for (volatile unsigned long i = 0;; i++)
			;
	}
	return pid;
}

/* Real processes: their time grows; who has ended, or is another one by now, has none. */
static void real_processes(void **state)
{
	int proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct neighbour *neighbour;
	uint64_t cpu_ns = 0;
	char path[32];
	pid_t pid = start();

	(void)state;
	look = (struct neighbours){.n = 0};
	assert_int_equal(neighbour_meter_read(NULL, readings), 0);
	assert_int_equal(neighbour_meter_read(&look, readings), 0);
	neighbour = add("Other\x1b", KNOWN_PRODUCT_ANTIVIRUS);
	neighbour->pid = pid;
	(void)snprintf(path, sizeof(path), "%d/stat", (int)pid);
	assert_int_equal(neighbour_clock_began(proc_fd, path, &neighbour->began), 0);
	while (neighbour_meter_read(&look, readings) == 1 && readings[0].cpu_ns < 20000000)
		(void)usleep(1000);
	assert_true(readings[0].cpu_ns >= 20000000);
	assert_string_equal(readings[0].name, "Other\\x1b");
	neighbour->began++;
	assert_int_equal(neighbour_meter_read(&look, readings), 0);
	assert_int_equal(neighbour_clock_read(proc_fd, pid, neighbour->began, &cpu_ns), -ESRCH);
	neighbour->began = 0; /* could not be read */
	assert_int_equal(neighbour_meter_read(&look, readings), 0);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	assert_int_equal(neighbour_clock_read(proc_fd, pid, 1, &cpu_ns), -ESRCH);
	assert_int_equal(neighbour_clock_began(proc_fd, path, &neighbour->began), -ENOENT);
	assert_int_equal(cpu_ns, 0);
	(void)close(proc_fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse),
		cmocka_unit_test(who_counts),
		cmocka_unit_test(real_processes),
	};

	return cmocka_run_group_tests_name("neighbour_meter", tests, NULL, NULL);
}
