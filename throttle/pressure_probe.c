/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why not PSI's averages: "avg10" is over ten seconds and knows nothing of us.
 * The totals are microseconds since the start; their differences are ours to
 * average.
 *
 * Our own part. The run queue is a number, so ours is subtracted. PSI's "some"
 * is the time in which *anybody* waited; how much of it was without us cannot be
 * told. For CPU it therefore only says whether the run queue is to be believed.
 * For a disk it is multiplied by the others' part of the processes that are
 * blocked now: while nobody but us waits it is nothing, however slow the disk.
 * Memory counts whole: whoever reads files is never innocent of it.
 *
 * /proc/stat is some 30 µs on a small machine and a millisecond on a very large
 * one, where that is nothing beside what is governed.
 */
#include "pressure_probe.h"

#include "cleanup.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PRESSURE_PROBE_PIECE = 4096,
	PRESSURE_PROBE_KEPT = 64, /**< "\nprocs_running N" is shorter. */
	PRESSURE_PROBE_PSI_SIZE = 256,
};

static int pressure_probe_open_one(const char *prefix, const char *path)
{
	char whole[PATH_MAX];

	(void)snprintf(whole, sizeof(whole), "%s%s", prefix, path);
	return open(whole, O_RDONLY | O_CLOEXEC);
}

void pressure_probe_open(struct pressure_probe *probe, const char *prefix)
{
	static const char *const paths[PRESSURE_PROBE_N] = {
		[PRESSURE_PROBE_CPU] = "/proc/pressure/cpu",
		[PRESSURE_PROBE_IO] = "/proc/pressure/io",
		[PRESSURE_PROBE_MEMORY] = "/proc/pressure/memory",
	};

	*probe = (struct pressure_probe)PRESSURE_PROBE_NULL;
	probe->stat_fd = pressure_probe_open_one(prefix, "/proc/stat");
	for (size_t i = 0; i < PRESSURE_PROBE_N; i++)
		probe->psi_fds[i] = pressure_probe_open_one(prefix, paths[i]);
}

void pressure_probe_close(struct pressure_probe *probe)
{
	if (probe->stat_fd >= 0)
		(void)close(take_fd(&probe->stat_fd));
	for (size_t i = 0; i < PRESSURE_PROBE_N; i++) {
		if (probe->psi_fds[i] >= 0)
			(void)close(take_fd(&probe->psi_fds[i]));
	}
}

/* The total of a PSI file's "some" line, microseconds; false when it cannot be read. */
static bool pressure_probe_total(int fd, uint64_t *total_usp)
{
	char text[PRESSURE_PROBE_PSI_SIZE];
	const char *at;
	ssize_t n = fd >= 0 ? pread(fd, text, sizeof(text) - 1, 0) : -1;

	if (n <= 0) /* PSI that was switched off at boot fails here with EOPNOTSUPP */
		return false;
	text[n] = '\0';
	at = strncmp(text, "some ", 5) == 0 ? strstr(text, " total=") : NULL;
	return at && sscanf(at, " total=%" SCNu64, total_usp) == 1; /* NOLINT(cert-err34-c) */
}

/* Share of the time since the last look; negative when it is not known. */
static double pressure_probe_share(
	struct pressure_probe *probe, enum pressure_probe_kind kind, uint64_t elapsed_ns)
{
	uint64_t before_us = probe->totals_us[kind];
	uint64_t total_us;

	if (!pressure_probe_total(probe->psi_fds[kind], &total_us))
		return -1;
	probe->totals_us[kind] = total_us;
	if (!probe->has_looked || elapsed_ns == 0 || total_us < before_us)
		return 0;
	return fmin(1.0, (double)(total_us - before_us) * 1000.0 / (double)elapsed_ns);
}

/* The line "NAME N"; 0 when there is none. */
static double pressure_probe_count(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtod(at + strlen(name), NULL) : 0;
}

/*
 * The counts stand behind a line for each CPU and one for all interrupts, which
 * may be very long. Read in pieces, in order (the kernel makes the text anew for
 * whoever jumps); the end of each piece is kept, should a line be cut in two.
 */
static void pressure_probe_counts(
	const struct pressure_probe *probe, double *runningp, double *blockedp)
{
	char text[PRESSURE_PROBE_KEPT + PRESSURE_PROBE_PIECE + 1];
	size_t kept = 0;
	off_t at = 0;
	ssize_t n;

	*runningp = 0;
	*blockedp = 0;
	while (probe->stat_fd >= 0 &&
		(n = pread(probe->stat_fd, text + kept, PRESSURE_PROBE_PIECE, at)) > 0) {
		size_t n_text = kept + (size_t)n;

		text[n_text] = '\0';
		*runningp = fmax(*runningp, pressure_probe_count(text, "\nprocs_running "));
		*blockedp = fmax(*blockedp, pressure_probe_count(text, "\nprocs_blocked "));
		at += n;
		kept = n_text < PRESSURE_PROBE_KEPT ? n_text : PRESSURE_PROBE_KEPT;
		memmove(text, text + n_text - kept, kept);
	}
}

void pressure_probe_look(
	struct pressure_probe *probe, const struct own_tasks *ours, struct pressure_input *in)
{
	uint64_t elapsed_ns = probe->has_looked ? in->now_ns - probe->last_at_ns : 0;
	double waiting = pressure_probe_share(probe, PRESSURE_PROBE_CPU, elapsed_ns);
	double io = pressure_probe_share(probe, PRESSURE_PROBE_IO, elapsed_ns);
	double memory = pressure_probe_share(probe, PRESSURE_PROBE_MEMORY, elapsed_ns);
	double running;
	double blocked;
	double others;

	pressure_probe_counts(probe, &running, &blocked);
	others = fmax(0, blocked - ours->n_blocked);
	in->running = fmax(0, running - ours->n_running - 1);
	in->has_waiting = waiting >= 0;
	in->waiting = fmax(0, waiting);
	in->io = blocked > 0 ? fmax(0, io) * fmin(1.0, others / blocked) : 0;
	in->own_io = ours->n_blocked;
	in->memory = fmax(0, memory);
	probe->has_looked = true;
	probe->last_at_ns = in->now_ns;
}
