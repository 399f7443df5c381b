/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the CPU clocks of those neighbours that are another antivirus, or work
 * for one that is there.
 *
 * Hands (/proc, CPU clocks); some 20 µs for each of them. Any thread.
 */
#ifndef QS_NEIGHBOUR_METER_H
#define QS_NEIGHBOUR_METER_H

#include "neighbours.h"
#include "other_cpu.h"

/**
 * Whether a neighbour's CPU time is that of another antivirus: it is in our way
 * (passive_mode_is_conflicting()), or known to work for one that is. Pure.
 */
bool neighbour_meter_is_counted(const struct neighbours *look, const struct neighbour *neighbour);

/**
 * Read.
 *
 * @look     NULL: nobody is known.
 * @return   Readings written; who is gone has none.
 */
size_t neighbour_meter_read(
	const struct neighbours *look, struct other_cpu_reading readings[NEIGHBOURS_MAX]);

#endif
