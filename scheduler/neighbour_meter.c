/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A look is up to a minute old: whoever has a number of it by now is told by the
 * time it began. A watcher's CPU time is its own affair, unless another
 * antivirus lets it do its work, as clamonacc does with clamd.
 */
#include "neighbour_meter.h"

#include "cleanup.h"
#include "display.h"
#include "neighbour_clock.h"
#include "passive_mode.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

bool neighbour_meter_is_counted(const struct neighbours *look, const struct neighbour *neighbour)
{
	if (passive_mode_is_conflicting(neighbour))
		return true;
	if (!neighbour->works_for[0])
		return false;
	for (size_t i = 0; i < look->n; i++)
		if (passive_mode_is_conflicting(&look->list[i]) &&
			strcmp(look->list[i].name, neighbour->works_for) == 0)
			return true;
	return false;
}

size_t neighbour_meter_read(
	const struct neighbours *look, struct other_cpu_reading readings[NEIGHBOURS_MAX])
{
	_cleanup_(cleanup_close) int proc_fd =
		look && look->n > 0 ? open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	size_t n = 0;

	for (size_t i = 0; proc_fd >= 0 && i < look->n; i++) {
		const struct neighbour *neighbour = &look->list[i];
		struct other_cpu_reading *reading = &readings[n];

		if (neighbour->began == 0 || !neighbour_meter_is_counted(look, neighbour))
			continue;
		*reading = (struct other_cpu_reading){
			.pid = neighbour->pid, .began = neighbour->began};
		if (neighbour_clock_read(
			    proc_fd, neighbour->pid, neighbour->began, &reading->cpu_ns) < 0)
			continue;
		(void)display_write(DISPLAY_TEXT, span_str(neighbour->name), reading->name,
			sizeof(reading->name));
		n++;
	}
	return n;
}
