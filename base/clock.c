/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The per-process CPU clock id is computed by libc from the pid
 * (clock_getcpuclockid); the kernel asks for no permission to read it, which
 * is why the daemon can govern workers that run under another uid.
 */
#include "clock.h"

#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

static uint64_t clock_read(clockid_t id)
{
	struct timespec ts = {0};
	int r = clock_gettime(id, &ts);

	POST(r == 0);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

uint64_t clock_mono_ns(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

int64_t clock_unix_ms(void)
{
	return (int64_t)(clock_read(CLOCK_REALTIME) / 1000000u);
}

uint64_t clock_self_cpu_ns(void)
{
	return clock_read(CLOCK_PROCESS_CPUTIME_ID);
}

uint64_t clock_thread_cpu_ns(void)
{
	return clock_read(CLOCK_THREAD_CPUTIME_ID);
}

int clock_process_cpu_ns(pid_t pid, uint64_t *cpu_nsp)
{
	clockid_t id;
	struct timespec ts;

	PRE(pid > 0);
	if (clock_getcpuclockid(pid, &id) != 0 || clock_gettime(id, &ts) != 0)
		return -ESRCH;
	*cpu_nsp = (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
	return 0;
}

void clock_iso(int64_t unix_ms, char text[CLOCK_ISO_SIZE])
{
	time_t seconds = (time_t)(unix_ms / 1000);
	int ms = (int)(unix_ms % 1000);
	struct tm tm;
	char day[24];

	if (ms < 0) {
		ms += 1000;
		seconds -= 1;
	}
	if (!gmtime_r(&seconds, &tm) || strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm) == 0) {
		(void)snprintf(text, CLOCK_ISO_SIZE, "0001-01-01T00:00:00.0000000Z");
		return;
	}
	(void)snprintf(text, CLOCK_ISO_SIZE, "%s.%03d0000Z", day, ms);
}
