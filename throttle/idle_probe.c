/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Somebody at a terminal. The kernel sets a terminal's access time when a
 * program reads what was typed (to eight seconds, so that keystrokes cannot be
 * timed); w(1) shows the same. Its modification time is output, which is nobody.
 *
 * Somebody at a screen. Input devices tell nobody when they were used but who
 * reads them, and a service that reads keyboards is not wanted. Desktops switch
 * the screen off when nobody touches anything, and not while a film is shown, so
 * the screen is asked: a connected display that is on, while logind knows an
 * active graphical session of a user. A login screen is nobody, and a machine
 * without logind has no graphical session as far as we can know.
 *
 * /run/systemd/sessions holds a file for each session. systemd calls it private,
 * and sd-login(3) reads the same lines; TYPE, CLASS and STATE have been there,
 * so spelled, since there is logind.
 */
#include "idle_probe.h"

#include "cleanup.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	IDLE_PROBE_TEXT_SIZE = 4096,
	IDLE_PROBE_DISKS_MAX = 16,
};

static void idle_probe_close(DIR **dirp)
{
	if (*dirp)
		(void)closedir(*dirp);
}

/* Read a small file, cut at size - 1; "" when it cannot be read. */
static const char *idle_probe_read(const char *path, char text[IDLE_PROBE_TEXT_SIZE])
{
	_cleanup_(cleanup_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, IDLE_PROBE_TEXT_SIZE - 1) : 0;

	text[n > 0 ? n : 0] = '\0';
	return text;
}

/* Whether a file of few words says @word and nothing else. */
static bool idle_probe_says(const char *directory, const char *name, const char *word)
{
	char path[PATH_MAX * 2];
	char text[IDLE_PROBE_TEXT_SIZE];

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	(void)idle_probe_read(path, text);
	text[strcspn(text, "\n")] = '\0';
	return strcmp(text, word) == 0;
}

/* Call @visit with the path of each entry, until it says true. */
static bool idle_probe_any(const char *prefix, const char *directory,
	bool (*visit)(const char *path, void *arg), void *arg)
{
	_cleanup_(idle_probe_close) DIR *dir = NULL;
	const struct dirent *entry;
	char path[PATH_MAX];
	size_t n;

	n = (size_t)snprintf(path, sizeof(path), "%s%s", prefix, directory);
	dir = n < sizeof(path) ? opendir(path) : NULL;
	while (dir && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path + n, sizeof(path) - n, "/%s", entry->d_name);
		if (visit(path, arg))
			return true;
	}
	return false;
}

/* Terminals. */

static bool idle_probe_terminal(const char *path, void *arg)
{
	int64_t *newest_s = arg;
	struct stat st;

	if (lstat(path, &st) == 0 && !S_ISLNK(st.st_mode) && st.st_atim.tv_sec > *newest_s)
		*newest_s = st.st_atim.tv_sec;
	return false;
}

/* /dev/tty1 and so on, /dev/ttyS0; not /dev/tty, which is everybody's own. */
static bool idle_probe_device(const char *path, void *arg)
{
	const char *name = strrchr(path, '/') + 1;

	if (strncmp(name, "tty", 3) == 0 && name[3] != '\0')
		(void)idle_probe_terminal(path, arg);
	return false;
}

static uint64_t idle_probe_since_input(const char *prefix, int64_t unix_s)
{
	int64_t newest_s = 0;

	(void)idle_probe_any(prefix, "/dev/pts", idle_probe_terminal, &newest_s);
	(void)idle_probe_any(prefix, "/dev", idle_probe_device, &newest_s);
	if (newest_s == 0)
		return UINT64_MAX;
	return newest_s < unix_s ? (uint64_t)(unix_s - newest_s) : 0;
}

/* Screens. */

static bool idle_probe_graphical(const char *path, void *arg)
{
	char text[IDLE_PROBE_TEXT_SIZE];

	(void)arg;
	(void)idle_probe_read(path, text);
	return strstr(text, "\nSTATE=active\n") && strstr(text, "\nCLASS=user\n") &&
	       (strstr(text, "\nTYPE=x11\n") || strstr(text, "\nTYPE=wayland\n") ||
		       strstr(text, "\nTYPE=mir\n"));
}

static bool idle_probe_lit(const char *path, void *arg)
{
	(void)arg;
	return idle_probe_says(path, "status", "connected") &&
	       idle_probe_says(path, "dpms", "On") && idle_probe_says(path, "enabled", "enabled");
}

/* CPUs and disks. */

/* User, system and interrupt time of everybody, from the first line of /proc/stat. */
static uint64_t idle_probe_busy_ns(const char *prefix)
{
	uint64_t ticks[8] = {0};
	char path[PATH_MAX];
	char text[IDLE_PROBE_TEXT_SIZE];
	uint64_t busy = 0;

	(void)snprintf(path, sizeof(path), "%s/proc/stat", prefix);
	/* NOLINTNEXTLINE(cert-err34-c): the kernel's text */
	(void)sscanf(idle_probe_read(path, text),
		"cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
		" %" SCNu64 " %" SCNu64,
		&ticks[0], &ticks[1], &ticks[2], &ticks[3], &ticks[4], &ticks[5], &ticks[6],
		&ticks[7]);
	for (size_t i = 0; i < 8; i++)
		busy += i == 3 || i == 4 ? 0 : ticks[i]; /* idle and waiting for disks */
	return busy * (UINT64_C(1000000000) / (uint64_t)sysconf(_SC_CLK_TCK));
}

/* The busiest disk's share; each disk's busy time is field 13 of /proc/diskstats. */
static double idle_probe_disk(struct idle_probe *probe, uint64_t elapsed_ns)
{
	_cleanup_(cleanup_fclose) FILE *file = NULL;
	char path[PATH_MAX];
	char line[256];
	size_t n = 0;
	double share = 0;

	(void)snprintf(path, sizeof(path), "%s/proc/diskstats", probe->prefix);
	file = fopen(path, "re");
	while (file && n < IDLE_PROBE_DISKS_MAX && fgets(line, sizeof(line), file)) {
		char name[64];
		uint64_t ms;

		/* NOLINTNEXTLINE(cert-err34-c): the kernel's text */
		if (sscanf(line, "%*u %*u %63s %*u %*u %*u %*u %*u %*u %*u %*u %*u %" SCNu64, name,
			    &ms) != 2 ||
			strncmp(name, "loop", 4) == 0 || strncmp(name, "ram", 3) == 0 || ms == 0)
			continue;
		if (probe->has_looked && elapsed_ns > 0 && ms >= probe->disk_ms[n])
			share = fmax(
				share, (double)(ms - probe->disk_ms[n]) * 1e6 / (double)elapsed_ns);
		probe->disk_ms[n++] = ms;
	}
	return fmin(share, 1.0);
}

void idle_probe_look(struct idle_probe *probe, double n_online, uint64_t ours_ns, bool is_reading,
	int64_t unix_s, struct idle_input *in)
{
	uint64_t elapsed_ns = probe->has_looked ? in->now_ns - probe->last_at_ns : 0;
	uint64_t busy_ns = idle_probe_busy_ns(probe->prefix);
	uint64_t ours_before_ns = ours_ns < probe->ours_ns ? 0 : probe->ours_ns;
	double others_ns =
		(double)busy_ns - (double)probe->busy_ns - (double)(ours_ns - ours_before_ns);

	in->cpu_share = elapsed_ns > 0 ? others_ns / ((double)elapsed_ns * n_online) : 0;
	in->cpu_share = fmin(fmax(in->cpu_share, 0), 1.0);
	in->disk_share = idle_probe_disk(probe, elapsed_ns);
	in->has_disk = !is_reading && elapsed_ns > 0;
	in->since_input_s = idle_probe_since_input(probe->prefix, unix_s);
	in->is_screen_lit = idle_probe_any(probe->prefix, "/run/systemd/sessions",
				    idle_probe_graphical, NULL) &&
			    idle_probe_any(probe->prefix, "/sys/class/drm", idle_probe_lit, NULL);
	probe->has_looked = true;
	probe->last_at_ns = in->now_ns;
	probe->busy_ns = busy_ns;
	probe->ours_ns = ours_ns;
}

/* Power. */

static bool idle_probe_mains(const char *path, void *arg)
{
	(void)arg;
	return !idle_probe_says(path, "type", "Battery") && idle_probe_says(path, "online", "1");
}

/* Of a mouse or the like: it has the scope "Device". */
static bool idle_probe_discharging(const char *path, void *arg)
{
	(void)arg;
	return idle_probe_says(path, "type", "Battery") &&
	       idle_probe_says(path, "status", "Discharging") &&
	       !idle_probe_says(path, "scope", "Device");
}

bool idle_probe_on_battery(const char *prefix)
{
	static const char directory[] = "/sys/class/power_supply";

	return idle_probe_any(prefix, directory, idle_probe_discharging, NULL) &&
	       !idle_probe_any(prefix, directory, idle_probe_mains, NULL);
}
