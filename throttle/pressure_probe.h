/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the machine suffers from: run queue and blocked processes (/proc/stat),
 * pressure stall information where the kernel has it (/proc/pressure).
 *
 * Hands. Owner's lock.
 */
#ifndef QS_PRESSURE_PROBE_H
#define QS_PRESSURE_PROBE_H

#include "own_tasks.h"
#include "pressure.h"

#include <stdbool.h>
#include <stdint.h>

/** What PSI tells of. */
enum pressure_probe_kind {
	PRESSURE_PROBE_CPU,
	PRESSURE_PROBE_IO,
	PRESSURE_PROBE_MEMORY,
	PRESSURE_PROBE_N,
};

struct pressure_probe {
	int stat_fd;                   /**< -1 = not there. */
	int psi_fds[PRESSURE_PROBE_N]; /**< -1 = not there. */
	/* state */
	bool has_looked;
	uint64_t last_at_ns;
	uint64_t totals_us[PRESSURE_PROBE_N];
};

#define PRESSURE_PROBE_NULL                                                                        \
	{                                                                                          \
		.stat_fd = -1, .psi_fds = { -1, -1, -1 }                                           \
	}

/**
 * Open what there is; nothing is an error.
 *
 * @prefix  Put before every path, "" in life.
 */
void pressure_probe_open(struct pressure_probe *probe, const char *prefix);

/** Close; idempotent. */
void pressure_probe_close(struct pressure_probe *probe);

/**
 * Read. The first look has no stall shares: they are differences.
 *
 * @ours   Our threads now: they are not "others". The caller, who runs, is not
 *         among them and is taken off as well.
 * @in     now_ns is given; running, has_waiting, waiting, io and memory are set.
 */
void pressure_probe_look(
	struct pressure_probe *probe, const struct own_tasks *ours, struct pressure_input *in);

#endif
