/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mountinfo is read for each heartbeat, because the walker's table is the
 * walker's; it is short, and nobody waits most of the time.
 */
#include "heartbeat.h"

#include "clock.h"
#include "mounttable.h"

#include <fcntl.h>

/* Shorter waits are daily life. */
#define HEARTBEAT_MIN_NS UINT64_C(500000000)

void heartbeat_send(struct waits *waits, struct outbox *outbox)
{
	static char path[IPC_PATH_MAX];
	const struct mounttable_mount *mount = NULL;
	struct mounttable *table = NULL;
	struct waits_report report;
	struct ipc_scan_wait wait = {.n_lanes = 0};

	if (!waits_look(waits, clock_mono_ns(), HEARTBEAT_MIN_NS, path, &report))
		return;
	if (mounttable_load(AT_FDCWD, "/proc/self/mountinfo", &table) == 0)
		mount = mounttable_of(table, report.path);
	if (mount && mount->point.n <= IPC_PATH_MAX && mount->type.n <= IPC_NAME_MAX) {
		wait.point = mount->point;
		wait.type = mount->type;
	}
	wait.is_walk_waiting = report.is_walk_waiting;
	wait.n_lanes = (uint16_t)report.n_lanes;
	wait.waited_ns = report.waited_ns;
	wait.path = report.path;
	(void)outbox_send(outbox, IPC_SCAN_WAIT, &wait);
	mounttable_free(table);
}
