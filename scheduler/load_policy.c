/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An operator far away must never be able to take a machine by a setting that
 * was meant for its own user, so a response action is limited whatever the
 * other settings are, and what it asks for itself can only be less. 100 and 0 both mean "no limit"; one of them is kept.
 */
#include "load_policy.h"

/* Whether @a leaves less than @b; 0 and 100 leave everything. */
static bool load_policy_is_stricter(unsigned a, unsigned b)
{
	return a > 0 && (b == 0 || a < b);
}

unsigned load_policy_factor(const struct load_policy_input *in)
{
	bool is_free = (in->origin == SCAN_ORIGIN_MANUAL && in->is_throttle_for_scheduled_only) ||
		       (in->origin == SCAN_ORIGIN_SCHEDULE && in->is_machine_idle &&
			       in->is_throttle_off_when_idle);
	unsigned factor = is_free ? 0 : in->factor_pct;

	if (in->override_pct != LOAD_POLICY_NO_OVERRIDE &&
		(in->origin != SCAN_ORIGIN_ACTION ||
			load_policy_is_stricter((unsigned)in->override_pct, factor)))
		factor = (unsigned)in->override_pct;
	return factor >= 100 ? 0 : factor;
}

unsigned load_policy_in_force(const struct settings *settings, enum scan_origin origin,
	int override_pct, bool is_machine_idle)
{
	return load_policy_factor(&(struct load_policy_input){
		.origin = origin,
		.override_pct = override_pct,
		.factor_pct = (unsigned)settings->scan_avg_cpu_load_factor_pct,
		.is_throttle_for_scheduled_only = settings->throttle_for_scheduled_scan_only,
		.is_throttle_off_when_idle = settings->disable_cpu_throttle_on_idle_scans,
		.is_machine_idle = is_machine_idle,
	});
}
