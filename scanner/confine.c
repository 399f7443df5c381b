/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Order matters. The bounding set needs CAP_SETPCAP and goes first; then the
 * ids, with KEEPCAPS so that the permitted set survives; then the capability
 * sets; then PDEATHSIG, which a change of credentials clears; the filter last.
 */
#include "confine.h"

#include "confine_filter.h"
#include "privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
	/* 128 on the trail, 256 in the queue, 19 for each of 64 lanes (16 of them wait to be
	 * dropped from the page cache), and the rest. */
	CONFINE_NOFILE = 4096,
	CONFINE_CAP_CHECKPOINT_RESTORE = 40, /* Linux 5.9 */
};

/* Why each: reading every file; /proc/PID of other users; /proc/PID/map_files;
 * a lease on a file while it is scanned (verdict cache); O_NOATIME and what of
 * a file is in the page cache. */
#define CONFINE_KEPT                                                                               \
	(PRIVILEGES_CAP(CAP_DAC_READ_SEARCH) | PRIVILEGES_CAP(CAP_SYS_PTRACE) |                    \
		PRIVILEGES_CAP(CONFINE_CAP_CHECKPOINT_RESTORE) | PRIVILEGES_CAP(CAP_LEASE) |       \
		PRIVILEGES_CAP(CAP_FOWNER))

static int confine_ids(const struct confine_config *config)
{
	if (!config->has_ids)
		return 0;
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setgroups(0, NULL) < 0 ||
		setresgid(config->gid, config->gid, config->gid) < 0 ||
		setresuid(config->uid, config->uid, config->uid) < 0)
		return -errno;
	return prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0 ? -errno : 0;
}

static int confine_process(const struct confine_config *config)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_origin(-errno);
	return privileges_tie(config->parent, config->control_fd);
}

int confine_self(const struct confine_config *config, struct errmsg *msg)
{
	int r;

	privileges_bound(CONFINE_KEPT);
	r = confine_ids(config);
	if (r < 0) {
		errmsg_set(
			msg, "change to uid %u, gid %u: %s", config->uid, config->gid, err_text(r));
		return err_origin(r);
	}
	r = privileges_keep(CONFINE_KEPT);
	if (r == 0)
		r = privileges_limit(RLIMIT_CORE, 0);
	if (r == 0)
		r = privileges_limit(RLIMIT_NOFILE, CONFINE_NOFILE);
	if (r == 0)
		r = confine_process(config);
	if (r < 0) {
		errmsg_set(msg, "drop privileges: %s", err_text(r));
		return err_origin(r);
	}
	r = confine_filter_load();
	if (r < 0)
		errmsg_set(msg, "system call filter: %s", err_text(r));
	return r;
}
