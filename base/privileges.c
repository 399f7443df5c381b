/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * capget(2) and capset(2) as they are: two structs do not deserve a library.
 */
#include "privileges.h"

#include "channel.h"
#include "err.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

void privileges_bound(uint64_t kept)
{
	for (unsigned cap = 0; cap < 64; cap++)
		if (!(kept & PRIVILEGES_CAP(cap)))
			(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

int privileges_keep(uint64_t kept)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data) < 0)
		return err_origin(-errno);
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		/* What it does not have it cannot keep: any user may run this. */
		data[i].permitted &= (uint32_t)(kept >> (32 * i));
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &header, data) < 0 ? err_origin(-errno) : 0;
}

int privileges_limit(__rlimit_resource_t resource, rlim_t value)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) < 0)
		return err_origin(-errno);
	limit.rlim_cur = value < limit.rlim_max ? value : limit.rlim_max;
	limit.rlim_max = limit.rlim_cur;
	return setrlimit(resource, &limit) < 0 ? err_origin(-errno) : 0;
}

int privileges_tie(pid_t parent, int channel_fd)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return err_origin(-errno);
	return getppid() == parent && channel_is_open(channel_fd) ? 0 : err_origin(-ESRCH);
}
