/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A day of waiting is enough: a machine that is never idle must be scanned too,
 * and whoever wants no scan must not get there by keeping it busy. It then runs
 * within the load factor, like any other.
 *
 * A battery is something else. It is empty some time, and the scan would not
 * have helped; so a full scan waits as long as an action may (ActionTimeoutDays).
 */
#include "start_policy.h"

#define START_POLICY_IDLE_MAX_MS (INT64_C(24) * 3600 * 1000)

static bool start_policy_lacks_power(const struct start_policy_input *in)
{
	return in->origin == SCAN_ORIGIN_SCHEDULE && in->type == SCAN_TYPE_FULL &&
	       in->is_on_battery && !in->is_full_on_battery;
}

enum start_policy start_policy_decide(const struct start_policy_input *in)
{
	if (in->origin != SCAN_ORIGIN_SCHEDULE)
		return START_POLICY_NOW;
	if (start_policy_lacks_power(in))
		return START_POLICY_WAIT_POWER;
	if (in->is_only_if_idle && !in->is_machine_idle && in->waited_ms < START_POLICY_IDLE_MAX_MS)
		return START_POLICY_WAIT_IDLE;
	return START_POLICY_NOW;
}

bool start_policy_must_end(const struct start_policy_input *in)
{
	return start_policy_lacks_power(in);
}

const char *start_policy_text(enum start_policy policy)
{
	static const char *const texts[] = {
		[START_POLICY_NOW] = "",
		[START_POLICY_WAIT_IDLE] = "waits until nobody uses the machine",
		[START_POLICY_WAIT_POWER] = "waits for mains power",
	};

	return texts[policy];
}
