/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In which mode the service runs: Normal, or Passive beside another antivirus.
 *
 *   PassiveMode on    Passive
 *   PassiveMode off   Normal
 *   PassiveMode auto  Passive at once when another antivirus is seen; Normal again
 *                     when none was seen for PASSIVE_MODE_HOLD_NS, so that a
 *                     restart or an update of the other changes nothing
 *
 * Another antivirus is a known one (known_products.h) that runs, or anybody who
 * has permission marks and is not known to be something else. A program that
 * decides what may run (KNOWN_PRODUCT_CONTROL) is none, though it blocks.
 *
 * Pure. Loop thread only.
 */
#ifndef QS_PASSIVE_MODE_H
#define QS_PASSIVE_MODE_H

#include "neighbours.h"
#include "settings.h"

#include <stdint.h>

/** Three looks of one minute. */
#define PASSIVE_MODE_HOLD_NS UINT64_C(180000000000)

enum { PASSIVE_MODE_REASON_MAX = 512 };

struct passive_mode {
	bool is_passive;
	char reason[PASSIVE_MODE_REASON_MAX]; /**< A sentence. */
	/* state */
	bool is_held;     /**< Another antivirus was seen, the last time at seen_ns. */
	uint64_t seen_ns; /**< CLOCK_MONOTONIC. */
};

#define PASSIVE_MODE_NULL                                                                          \
	{                                                                                          \
		.is_passive = false, .reason = "nothing was looked at yet"                         \
	}

/** "Normal" or "Passive": Defender's AMRunningMode. Static. */
const char *passive_mode_name(bool is_passive);

/** Begin as Passive, because the service was so when it ended. */
void passive_mode_restore(struct passive_mode *mode, uint64_t now_ns);

/**
 * Decide.
 *
 * @setting  PassiveMode.
 * @look     The newest; NULL: none succeeded, which says nothing.
 * @return   Whether the mode changed.
 */
bool passive_mode_step(struct passive_mode *mode, enum settings_passive setting,
	const struct neighbours *look, uint64_t now_ns);

/** The neighbour that makes us passive; NULL. Borrowed from @look. */
const struct neighbour *passive_mode_other(const struct neighbours *look);

/** Whether it is in our way at all: another antivirus, or anybody who blocks. */
bool passive_mode_is_conflicting(const struct neighbour *neighbour);

#endif
