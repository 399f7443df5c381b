/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * capget(2) and capset(2) as they are: three calls are no reason for a library.
 * With no_new_privs and no inheritable set nothing comes back by an exec.
 */
#include "sandbox_caps.h"

#include "err.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SANDBOX_CAPS_CHROOT = 1U << CAP_SYS_CHROOT };

static int sandbox_caps_set(uint32_t permitted, uint32_t effective)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
		{.permitted = permitted, .effective = effective}};

	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

static int sandbox_caps_has_chroot(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	return (data[0].permitted & SANDBOX_CAPS_CHROOT) ? 0 : -EPERM;
}

int sandbox_caps_drop(void)
{
	return err_trace(sandbox_caps_set(0, 0));
}

int sandbox_caps_keep_chroot(void)
{
	int r = sandbox_caps_has_chroot();

	if (r == -EPERM) {
		r = sandbox_caps_set(0, 0);
		return r < 0 ? err_origin(r) : -EPERM;
	}
	return r < 0 ? err_origin(r) : err_trace(sandbox_caps_set(SANDBOX_CAPS_CHROOT, 0));
}

int sandbox_caps_use_chroot(void)
{
	int r = sandbox_caps_has_chroot();

	return r < 0 ? r : err_trace(sandbox_caps_set(SANDBOX_CAPS_CHROOT, SANDBOX_CAPS_CHROOT));
}
