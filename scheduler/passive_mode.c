/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Going passive is safe and done at once; going back is not, because two
 * programs that move the same file can lose it. Hence the hold in one direction
 * only. A look that failed or is partial never ends the hold before its time.
 */
#include "passive_mode.h"

#include <stdio.h>

const char *passive_mode_name(bool is_passive)
{
	return is_passive ? "Passive" : "Normal";
}

static void passive_mode_say(struct passive_mode *mode, const char *reason)
{
	(void)snprintf(mode->reason, sizeof(mode->reason), "%s", reason);
}

void passive_mode_restore(struct passive_mode *mode, uint64_t now_ns)
{
	*mode = (struct passive_mode){.is_passive = true, .is_held = true, .seen_ns = now_ns};
	passive_mode_say(mode, "it was so when the service ended");
}

static bool passive_mode_is_other(const struct neighbour *neighbour)
{
	if (!neighbour->is_known)
		return neighbour->n_blocking > 0;
	return neighbour->role == KNOWN_PRODUCT_ANTIVIRUS ||
	       (neighbour->role == KNOWN_PRODUCT_WATCHER && neighbour->n_blocking > 0);
}

bool passive_mode_is_conflicting(const struct neighbour *neighbour)
{
	return neighbour->n_blocking > 0 || passive_mode_is_other(neighbour);
}

/* One that blocks says more than one that is only there. */
const struct neighbour *passive_mode_other(const struct neighbours *look)
{
	const struct neighbour *found = NULL;

	for (size_t i = 0; i < look->n; i++) {
		const struct neighbour *neighbour = &look->list[i];

		if (!passive_mode_is_other(neighbour))
			continue;
		if (neighbour->n_blocking > 0)
			return neighbour;
		if (!found)
			found = neighbour;
	}
	return found;
}

static void passive_mode_say_other(struct passive_mode *mode, const struct neighbour *other)
{
	const char *what = other->n_blocking > 0 ? "decides on access to files" : "is active";

	(void)snprintf(mode->reason, sizeof(mode->reason), "%s (pid %d) %s", other->name,
		(int)other->pid, what);
}

static void passive_mode_auto(
	struct passive_mode *mode, const struct neighbours *look, uint64_t now_ns)
{
	const struct neighbour *other = look ? passive_mode_other(look) : NULL;

	if (other) {
		mode->is_passive = true;
		mode->is_held = true;
		mode->seen_ns = now_ns;
		passive_mode_say_other(mode, other);
		return;
	}
	if (mode->is_held && (!look || now_ns - mode->seen_ns < PASSIVE_MODE_HOLD_NS)) {
		/* Also after the setting was something else meanwhile. */
		if (!mode->is_passive)
			passive_mode_say(mode, "another antivirus was active a moment ago");
		mode->is_passive = true;
		return;
	}
	mode->is_passive = false;
	mode->is_held = false;
	passive_mode_say(mode, look ? "no other antivirus is active" : "nothing was looked at yet");
}

bool passive_mode_step(struct passive_mode *mode, enum settings_passive setting,
	const struct neighbours *look, uint64_t now_ns)
{
	bool was_passive = mode->is_passive;

	passive_mode_auto(mode, look, now_ns);
	if (setting == SETTINGS_PASSIVE_AUTO)
		return mode->is_passive != was_passive;
	mode->is_passive = setting == SETTINGS_PASSIVE_ON;
	passive_mode_say(mode, mode->is_passive ? "PassiveMode is on" : "PassiveMode is off");
	return mode->is_passive != was_passive;
}
