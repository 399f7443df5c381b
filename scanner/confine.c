/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Order matters. The bounding set needs CAP_SETPCAP and goes first; then the
 * ids, with KEEPCAPS so that the permitted set survives; then the capability
 * sets; then PDEATHSIG, which a change of credentials clears; the filter last.
 *
 * capset(2) is called directly: two structs do not deserve a library.
 */
#include "confine.h"

#include "confine_filter.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
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
static const unsigned confine_kept[] = {
	CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CONFINE_CAP_CHECKPOINT_RESTORE, CAP_LEASE, CAP_FOWNER};

static uint64_t confine_kept_mask(void)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < sizeof(confine_kept) / sizeof(confine_kept[0]); i++)
		mask |= UINT64_C(1) << confine_kept[i];
	return mask;
}

/* Nothing executed later could get back what is dropped here; without
 * CAP_SETPCAP it cannot be done, and no_new_privs has to do. */
static void confine_bound(void)
{
	for (unsigned cap = 0; cap < 64; cap++)
		if (!(confine_kept_mask() & (UINT64_C(1) << cap)))
			(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

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

static int confine_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	uint64_t mask = confine_kept_mask();

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		/* What it does not have it cannot keep: any user may run this. */
		data[i].permitted &= (uint32_t)(mask >> (32 * i));
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

static int confine_limit(__rlimit_resource_t resource, rlim_t value)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) < 0)
		return -errno;
	limit.rlim_cur = value < limit.rlim_max ? value : limit.rlim_max;
	limit.rlim_max = limit.rlim_cur;
	return setrlimit(resource, &limit) < 0 ? -errno : 0;
}

static int confine_process(const struct confine_config *config)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return -errno;
	/* It may have gone before the line above. */
	return getppid() == config->parent ? 0 : -ESRCH;
}

int confine_self(const struct confine_config *config, struct errmsg *msg)
{
	int r;

	confine_bound();
	r = confine_ids(config);
	if (r < 0) {
		errmsg_set(
			msg, "change to uid %u, gid %u: %s", config->uid, config->gid, err_text(r));
		return err_origin(r);
	}
	r = confine_capabilities();
	if (r == 0)
		r = confine_limit(RLIMIT_CORE, 0);
	if (r == 0)
		r = confine_limit(RLIMIT_NOFILE, CONFINE_NOFILE);
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
