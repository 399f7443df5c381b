/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A change is told in the log: people ask why a scan began, or did not. What our
 * processes use is the governor's figure, which starts anew with each scan; the
 * probe knows that.
 */
#include "idle_watch.h"

#include "clock.h"
#include "log.h"

#define IDLE_WATCH_NS UINT64_C(10000000000)

void idle_watch_init(struct idle_watch *watch, struct governor *governor, double n_online)
{
	*watch = (struct idle_watch){
		.governor = governor,
		.n_online = n_online,
		.idle = IDLE_NULL,
		.probe = {.prefix = ""},
	};
}

bool idle_watch_tick(struct idle_watch *watch, bool is_scanning)
{
	struct idle_input in = {.now_ns = clock_mono_ns()};
	bool was_on_battery = watch->is_on_battery;
	struct governor_reading reading;
	bool is_changed;

	if (in.now_ns < watch->next_ns)
		return false;
	watch->next_ns = in.now_ns + IDLE_WATCH_NS;
	governor_read(watch->governor, &reading);
	idle_probe_look(&watch->probe, watch->n_online, reading.cpu_ns, is_scanning,
		clock_unix_ms() / 1000, &in);
	is_changed = idle_step(&watch->idle, &in);
	if (is_changed)
		log_info("idle_watch", "the machine is %s",
			watch->idle.is_idle ? "idle: nobody uses it" : "in use");
	watch->is_on_battery = idle_probe_on_battery("");
	return is_changed || watch->is_on_battery != was_on_battery;
}
