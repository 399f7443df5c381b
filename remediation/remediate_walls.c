/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bounding set needs CAP_SETPCAP and goes first; the filter last. The uid
 * stays: vault and journal belong to it.
 *
 * CAP_LINUX_IMMUTABLE is not kept: what an administrator has nailed down stays
 * (docs/remediation.md).
 */
#include "remediate_walls.h"

#include "remediate_filter.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { REMEDIATE_WALLS_NOFILE = 256 /* 64 names' folders, and the rest */ };

/* The leak sanitizer looks at its own process at the end, through ptrace. */
#if defined(QUIETSCAN_ASAN) || defined(QUIETSCAN_TSAN)
enum { REMEDIATE_WALLS_IS_DUMPABLE = 1 };
#else
enum { REMEDIATE_WALLS_IS_DUMPABLE = 0 };
#endif

#define REMEDIATE_WALLS_KEPT                                                                       \
	((UINT64_C(1) << CAP_CHOWN) | (UINT64_C(1) << CAP_DAC_OVERRIDE) |                          \
		(UINT64_C(1) << CAP_FOWNER))

/* Without CAP_SETPCAP it cannot be done, and no_new_privs has to do. */
static void remediate_walls_bound(void)
{
	for (unsigned cap = 0; cap < 64; cap++)
		if (!(REMEDIATE_WALLS_KEPT & (UINT64_C(1) << cap)))
			(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

static int remediate_walls_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		data[i].permitted &= (uint32_t)(REMEDIATE_WALLS_KEPT >> (32 * i));
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

static int remediate_walls_limit(__rlimit_resource_t resource, rlim_t value)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) < 0)
		return -errno;
	limit.rlim_cur = value < limit.rlim_max ? value : limit.rlim_max;
	limit.rlim_max = limit.rlim_cur;
	return setrlimit(resource, &limit) < 0 ? -errno : 0;
}

static int remediate_walls_process(pid_t parent)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		prctl(PR_SET_DUMPABLE, REMEDIATE_WALLS_IS_DUMPABLE, 0, 0, 0) < 0 ||
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return -errno;
	/* It may have gone before the line above. */
	return getppid() == parent ? 0 : -ESRCH;
}

int remediate_walls_build(pid_t parent, struct errmsg *msg)
{
	int r;

	remediate_walls_bound();
	r = remediate_walls_capabilities();
	if (r == 0)
		r = remediate_walls_limit(RLIMIT_CORE, 0);
	if (r == 0)
		r = remediate_walls_limit(RLIMIT_NOFILE, REMEDIATE_WALLS_NOFILE);
	if (r == 0)
		r = remediate_walls_process(parent);
	if (r < 0) {
		errmsg_set(msg, "drop privileges: %s", err_text(r));
		return err_origin(r);
	}
	r = remediate_filter_load();
	if (r < 0)
		errmsg_set(msg, "system call filter: %s", err_text(r));
	return r;
}
