/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What idle.h is told, and whether the machine runs on battery: CPU and disk
 * figures, terminals, graphical sessions, screens, power supplies.
 *
 * Hands (/proc, /sys, /dev, /run/systemd). Loop thread only; some hundred
 * microseconds.
 */
#ifndef QS_IDLE_PROBE_H
#define QS_IDLE_PROBE_H

#include "idle.h"

#include <stdbool.h>
#include <stdint.h>

struct idle_probe {
	const char *prefix; /**< Put before every path, "" in life; borrowed. */
	/* state */
	bool has_looked;
	uint64_t last_at_ns;
	uint64_t busy_ns;     /**< CPU time of everybody. */
	uint64_t ours_ns;     /**< … of us. */
	uint64_t disk_ms[16]; /**< Busy time of each disk. */
};

/**
 * Look. The first look has no shares: they are differences.
 *
 * @probe       Zero-initialised but for prefix.
 * @n_online    CPUs of the machine, > 0.
 * @ours_ns     CPU time our processes have used so far; may start anew.
 * @is_reading  We read files ourselves: the disks' figures are ours.
 * @unix_s      Wall time, for the terminals' access times.
 * @in          now_ns is given; the rest is set.
 */
void idle_probe_look(struct idle_probe *probe, double n_online, uint64_t ours_ns, bool is_reading,
	int64_t unix_s, struct idle_input *in);

/**
 * Whether the machine runs on battery: it has one that discharges and no mains
 * that is on. False on a machine without batteries.
 */
bool idle_probe_on_battery(const char *prefix);

#endif
