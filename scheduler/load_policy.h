/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which scan is limited to which load: DESIGN section 5's table by origin.
 *
 * Pure. Any thread.
 */
#ifndef QS_LOAD_POLICY_H
#define QS_LOAD_POLICY_H

#include "settings.h"
#include "words.h"

#include <stdbool.h>

/** No --load-factor was given with the request. */
#define LOAD_POLICY_NO_OVERRIDE (-1)

struct load_policy_input {
	enum scan_origin origin;
	int override_pct; /**< Of the request, or LOAD_POLICY_NO_OVERRIDE; an action's only lowers. */
	unsigned factor_pct;                 /**< ScanAvgCPULoadFactor: 0, 5 to 100. */
	bool is_throttle_for_scheduled_only; /**< ThrottleForScheduledScanOnly */
	bool is_throttle_off_when_idle;      /**< DisableCpuThrottleOnIdleScans */
	bool is_machine_idle;                /**< Nobody uses the machine now. */
};

/** The load factor in force: 0 (no limit) or 5 to 100. */
unsigned load_policy_factor(const struct load_policy_input *in);

/** The same of the settings, for a scan of this origin and override. */
unsigned load_policy_in_force(const struct settings *settings, enum scan_origin origin,
	int override_pct, bool is_machine_idle);

#endif
