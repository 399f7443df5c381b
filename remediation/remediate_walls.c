/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bounding set needs CAP_SETPCAP and goes first; the filter last. The uid
 * stays: vault and journal belong to it.
 *
 * CAP_LINUX_IMMUTABLE is not kept: what an administrator has nailed down stays
 * (docs/remediation.md). Nor is CAP_SYS_ADMIN, for trusted.* attributes: it is
 * most of root.
 */
#include "remediate_walls.h"

#include "privileges.h"
#include "remediate_filter.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>

enum { REMEDIATE_WALLS_NOFILE = 256 /* 64 names' folders, and the rest */ };

/* The leak sanitizer looks at its own process at the end, through ptrace. */
#if defined(QUIETSCAN_ASAN) || defined(QUIETSCAN_TSAN)
enum { REMEDIATE_WALLS_IS_DUMPABLE = 1 };
#else
enum { REMEDIATE_WALLS_IS_DUMPABLE = 0 };
#endif

/* Why each: remediate_walls.h. */
#define REMEDIATE_WALLS_KEPT                                                                       \
	(PRIVILEGES_CAP(CAP_CHOWN) | PRIVILEGES_CAP(CAP_DAC_OVERRIDE) |                            \
		PRIVILEGES_CAP(CAP_FOWNER) | PRIVILEGES_CAP(CAP_FSETID) |                          \
		PRIVILEGES_CAP(CAP_SETFCAP) | PRIVILEGES_CAP(CAP_SYS_PTRACE) |                     \
		PRIVILEGES_CAP(CAP_KILL))

static int remediate_walls_process(pid_t parent, int control_fd)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		prctl(PR_SET_DUMPABLE, REMEDIATE_WALLS_IS_DUMPABLE, 0, 0, 0) < 0)
		return err_origin(-errno);
	return privileges_tie(parent, control_fd);
}

int remediate_walls_build(pid_t parent, int control_fd, struct errmsg *msg)
{
	int r;

	privileges_bound(REMEDIATE_WALLS_KEPT);
	r = privileges_keep(REMEDIATE_WALLS_KEPT);
	if (r == 0)
		r = privileges_limit(RLIMIT_CORE, 0);
	if (r == 0)
		r = privileges_limit(RLIMIT_NOFILE, REMEDIATE_WALLS_NOFILE);
	if (r == 0)
		r = remediate_walls_process(parent, control_fd);
	if (r < 0) {
		errmsg_set(msg, "drop privileges: %s", err_text(r));
		return err_origin(r);
	}
	r = remediate_filter_load();
	if (r < 0)
		errmsg_set(msg, "system call filter: %s", err_text(r));
	return r;
}
