/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a scan may begin now, and whether one that runs must end: policy by
 * origin. Only scheduled scans ever wait; what an operator asks for begins at
 * once.
 *
 * Pure. Any thread.
 */
#ifndef QS_START_POLICY_H
#define QS_START_POLICY_H

#include "words.h"

#include <stdbool.h>
#include <stdint.h>

struct start_policy_input {
	enum scan_origin origin;
	enum scan_type type;
	int64_t waited_ms;       /**< Since it was asked for. */
	bool is_only_if_idle;    /**< ScanOnlyIfIdleEnabled */
	bool is_full_on_battery; /**< EnableFullScanOnBatteryPower */
	bool is_machine_idle;    /**< Nobody uses the machine now. */
	bool is_on_battery;      /**< It runs on battery. */
};

enum start_policy {
	START_POLICY_NOW,
	START_POLICY_WAIT_IDLE,  /**< Until nobody uses the machine, a day at most. */
	START_POLICY_WAIT_POWER, /**< Until it has mains; its own time-out ends that. */
};

/** What to do with a scan that has not begun. */
enum start_policy start_policy_decide(const struct start_policy_input *in);

/** Whether one that runs must end: a scheduled full scan on battery. */
bool start_policy_must_end(const struct start_policy_input *in);

/** "waits until nobody uses the machine" and the like; "" for NOW. Static. */
const char *start_policy_text(enum start_policy policy);

#endif
