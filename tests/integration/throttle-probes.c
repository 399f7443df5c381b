/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probes in a made-up tree of /proc, /sys, /dev and /run, and on this machine. */
#include "unit.h"

#include "clock.h"
#include "idle_probe.h"
#include "pressure_probe.h"
#include "scratch.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SECOND UINT64_C(1000000000)
#define NEAR(got, want) assert_true(fabs((got) - (want)) < 0.001)

static struct scratch tree;

static int setup(void **state)
{
	static const char *const directories[] = {"proc", "proc/pressure", "dev", "dev/pts", "run",
		"run/systemd", "run/systemd/sessions", "sys", "sys/class", "sys/class/drm",
		"sys/class/drm/card0-HDMI-A-1", "sys/class/power_supply",
		"sys/class/power_supply/BAT0", "sys/class/power_supply/AC",
		"sys/class/power_supply/mouse"};

	(void)state;
	scratch_init(&tree);
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
		scratch_mkdir(&tree, directories[i]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	scratch_deinit(&tree);
	return 0;
}

static void put(const char *name, const char *text)
{
	scratch_write(&tree, name, text, strlen(text));
}

static void put_psi(const char *name, unsigned long total_us)
{
	char text[256];

	(void)snprintf(text, sizeof(text),
		"some avg10=1.00 avg60=2.00 avg300=3.00 total=%lu\n"
		"full avg10=0.00 avg60=0.00 avg300=0.00 total=99\n",
		total_us);
	put(name, text);
}

/* A /proc/stat of a large machine: the counts are far behind a long line. */
static void put_stat(unsigned long user, unsigned n_running, unsigned n_blocked)
{
	char *text = malloc(100000);
	size_t n;

	assert_non_null(text);
	n = (size_t)snprintf(text, 200, "cpu  %lu 0 0 500 100 0 0 0 0 0\nintr 12345", user);
	while (n < 50000 + user % 64) /* the cut between pieces is elsewhere each time */
		n += (size_t)snprintf(text + n, 3, " 0");
	n += (size_t)snprintf(text + n, 200,
		"\nctxt 1\nbtime 2\nprocesses 3\nprocs_running %u\nprocs_blocked %u\nsoftirq 0 0\n",
		n_running, n_blocked);
	scratch_write(&tree, "proc/stat", text, n);
	free(text);
}

static void pressure_in_a_tree(void **state)
{
	struct pressure_probe probe;
	struct own_tasks ours = {.n_running = 2, .n_blocked = 1};
	struct pressure_input in = {.now_ns = SECOND};

	(void)state;
	for (unsigned i = 0; i < 64; i++) {
		put_stat(i, 5, 2);
		pressure_probe_open(&probe, tree.path);
		pressure_probe_look(&probe, &ours, &in);
		assert_int_equal(in.running, 2); /* 5 less ours and the caller */
		assert_false(in.has_waiting);    /* no PSI there */
		pressure_probe_close(&probe);
	}
	put_psi("proc/pressure/cpu", 1000000);
	put_psi("proc/pressure/io", 2000000);
	put_psi("proc/pressure/memory", 3000000);
	pressure_probe_open(&probe, tree.path);
	pressure_probe_look(&probe, &ours, &in);
	assert_true(in.has_waiting);
	NEAR(in.waiting, 0); /* the first look has no difference */
	put_psi("proc/pressure/cpu", 1100000);
	put_psi("proc/pressure/io", 2400000);
	put_psi("proc/pressure/memory", 3050000);
	in.now_ns = 2 * SECOND;
	pressure_probe_look(&probe, &ours, &in);
	NEAR(in.waiting, 0.1);
	NEAR(in.io, 0.2); /* one of the two that are blocked is ours */
	NEAR(in.memory, 0.05);
	pressure_probe_close(&probe);
	pressure_probe_close(&probe); /* idempotent */
}

/* PSI that cannot be read, or a text that is none. */
static void pressure_without(void **state)
{
	struct pressure_probe probe;
	struct own_tasks ours = {0};
	struct pressure_input in = {.now_ns = SECOND};

	(void)state;
	put("proc/pressure/cpu", "");
	put("proc/pressure/io", "full avg10=0.00 total=5\n");
	put("proc/pressure/memory", "some avg10=0.00\n");
	pressure_probe_open(&probe, tree.path);
	pressure_probe_look(&probe, &ours, &in);
	assert_false(in.has_waiting);
	NEAR(in.io + in.memory, 0);
	pressure_probe_close(&probe);
	pressure_probe_open(&probe, "/nowhere");
	pressure_probe_look(&probe, &ours, &in);
	NEAR(in.running, 0);
	pressure_probe_close(&probe);
}

static void pressure_of_this_machine(void **state)
{
	struct pressure_probe probe;
	struct own_tasks ours = {0};
	struct pressure_input in = {.now_ns = clock_mono_ns()};

	(void)state;
	pressure_probe_open(&probe, "");
	assert_true(probe.stat_fd >= 0);
	pressure_probe_look(&probe, &ours, &in);
	in.now_ns += SECOND;
	pressure_probe_look(&probe, &ours, &in);
	assert_true(in.waiting >= 0 && in.waiting <= 1 && in.io >= 0 && in.io <= 1);
	pressure_probe_close(&probe);
}

static void look(struct idle_probe *probe, struct idle_input *in, uint64_t ours_ns)
{
	in->now_ns += 10 * SECOND;
	idle_probe_look(probe, 2.0, ours_ns, false, 1000000, in);
}

static void put_disk(unsigned long ms)
{
	char text[512];

	(void)snprintf(text, sizeof(text),
		"   7       0 loop0 9 0 9 9 0 0 0 0 0 999999 9 0 0 0 0 0 0\n"
		" 259       0 nvme0n1 1 2 3 4 5 6 7 8 0 %lu 9 0 0 0 0 0 0\n",
		ms);
	put("proc/diskstats", text);
}

/* Ticks are 10 ms: 2 s of 10 s on two CPUs are 10 %, 1 s of it ours. */
static void idle_cpu_and_disk(void **state)
{
	struct idle_probe probe = {.prefix = tree.path};
	struct idle_input in = {.now_ns = SECOND};

	(void)state;
	put_stat(1000, 1, 0);
	put_disk(5000);
	look(&probe, &in, 0);
	NEAR(in.cpu_share, 0);
	assert_false(in.has_disk);
	put_stat(1200, 1, 0);
	put_disk(8000);
	look(&probe, &in, SECOND);
	NEAR(in.cpu_share, 0.05);
	assert_true(in.has_disk);
	NEAR(in.disk_share, 0.3);
	/* Another scan: our figure begins anew. */
	put_stat(1400, 1, 0);
	look(&probe, &in, SECOND / 2);
	NEAR(in.cpu_share, 0.075);
}

static void touch(const char *name, int64_t accessed_unix_s)
{
	char path[SCRATCH_PATH_SIZE];
	const struct timespec times[2] = {
		{.tv_sec = accessed_unix_s}, {.tv_sec = 999999 /* output is nobody */}};

	put(name, "");
	assert_int_equal(utimensat(AT_FDCWD, scratch_path(&tree, name, path), times, 0), 0);
}

static void idle_terminals(void **state)
{
	struct idle_probe probe = {.prefix = tree.path};
	struct idle_input in = {.now_ns = SECOND};

	(void)state;
	look(&probe, &in, 0);
	assert_true(in.since_input_s == UINT64_MAX);
	touch("dev/tty", 999999); /* everybody's own: no terminal */
	touch("dev/null", 999999);
	touch("dev/tty1", 990000);
	look(&probe, &in, 0);
	assert_int_equal(in.since_input_s, 10000);
	touch("dev/pts/3", 999990);
	look(&probe, &in, 0);
	assert_int_equal(in.since_input_s, 10);
	touch("dev/pts/3", 1000050); /* a clock that was set back */
	look(&probe, &in, 0);
	assert_int_equal(in.since_input_s, 0);
}

static bool is_lit(const char *session, const char *status, const char *enabled, const char *dpms)
{
	struct idle_probe probe = {.prefix = tree.path};
	struct idle_input in = {.now_ns = SECOND};

	put("run/systemd/sessions/2", session);
	put("sys/class/drm/card0-HDMI-A-1/status", status);
	put("sys/class/drm/card0-HDMI-A-1/enabled", enabled);
	put("sys/class/drm/card0-HDMI-A-1/dpms", dpms);
	look(&probe, &in, 0);
	return in.is_screen_lit;
}

static void idle_screens(void **state)
{
	static const char user[] =
		"# This is private data. Do not parse.\nUID=1000\nSTATE=active\nTYPE=wayland\n"
		"CLASS=user\n";
	static const char away[] = "#\nSTATE=online\nTYPE=wayland\nCLASS=user\n";
	static const char login[] = "#\nSTATE=active\nTYPE=x11\nCLASS=greeter\n";
	static const char text[] = "#\nSTATE=active\nTYPE=tty\nCLASS=user\n";

	(void)state;
	assert_true(is_lit(user, "connected\n", "enabled\n", "On\n"));
	assert_false(is_lit(user, "connected\n", "enabled\n", "Off\n"));
	assert_false(is_lit(user, "connected\n", "disabled\n", "On\n"));
	assert_false(is_lit(user, "disconnected\n", "enabled\n", "On\n"));
	assert_false(is_lit(away, "connected\n", "enabled\n", "On\n"));
	assert_false(is_lit(login, "connected\n", "enabled\n", "On\n"));
	assert_false(is_lit(text, "connected\n", "enabled\n", "On\n"));
}

static void power(void **state)
{
	(void)state;
	assert_false(idle_probe_on_battery(tree.path));
	put("sys/class/power_supply/mouse/type", "Battery\n");
	put("sys/class/power_supply/mouse/scope", "Device\n");
	put("sys/class/power_supply/mouse/status", "Discharging\n");
	assert_false(idle_probe_on_battery(tree.path));
	put("sys/class/power_supply/BAT0/type", "Battery\n");
	put("sys/class/power_supply/BAT0/status", "Discharging\n");
	assert_true(idle_probe_on_battery(tree.path));
	put("sys/class/power_supply/AC/type", "Mains\n");
	put("sys/class/power_supply/AC/online", "1\n");
	assert_false(idle_probe_on_battery(tree.path));
	put("sys/class/power_supply/AC/online", "0\n");
	assert_true(idle_probe_on_battery(tree.path));
	put("sys/class/power_supply/BAT0/status", "Charging\n");
	assert_false(idle_probe_on_battery(tree.path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(pressure_in_a_tree, setup, teardown),
		cmocka_unit_test_setup_teardown(pressure_without, setup, teardown),
		cmocka_unit_test_setup_teardown(pressure_of_this_machine, setup, teardown),
		cmocka_unit_test_setup_teardown(idle_cpu_and_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(idle_terminals, setup, teardown),
		cmocka_unit_test_setup_teardown(idle_screens, setup, teardown),
		cmocka_unit_test_setup_teardown(power, setup, teardown),
	};

	return cmocka_run_group_tests_name("probes", tests, NULL, NULL);
}
