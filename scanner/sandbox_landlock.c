/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Debian 12's headers know ABI 2, the kernel below may know more (or less), so
 * the constants are ours and what is handled is decided at run time. The
 * kernel refuses unknown bits and takes a shorter or longer struct as long as
 * what it does not know is zero (linux/landlock.h, landlock(7)).
 *
 * What Landlock does not handle up to ABI 7: stat, chmod, access, readlink.
 * Therefore chroot as well where possible, and no chmod in the filter.
 */
#include "sandbox_landlock.h"

#include "cleanup.h"
#include "err.h"

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	SANDBOX_LANDLOCK_VERSION = 1 << 0, /* LANDLOCK_CREATE_RULESET_VERSION */
	SANDBOX_LANDLOCK_BENEATH = 1,      /* LANDLOCK_RULE_PATH_BENEATH */
};

/* LANDLOCK_ACCESS_FS_*, bit by bit. */
enum {
	SANDBOX_LANDLOCK_WRITE_FILE = 1 << 1,
	SANDBOX_LANDLOCK_READ_FILE = 1 << 2,
	SANDBOX_LANDLOCK_READ_DIR = 1 << 3,
	SANDBOX_LANDLOCK_REMOVE_DIR = 1 << 4,
	SANDBOX_LANDLOCK_REMOVE_FILE = 1 << 5,
	SANDBOX_LANDLOCK_MAKE_DIR = 1 << 7,
	SANDBOX_LANDLOCK_MAKE_REG = 1 << 8,
	SANDBOX_LANDLOCK_ABI1 = (1 << 13) - 1, /* execute … make_sym */
	SANDBOX_LANDLOCK_REFER = 1 << 13,      /* ABI 2 */
	SANDBOX_LANDLOCK_TRUNCATE = 1 << 14,   /* ABI 3 */
	SANDBOX_LANDLOCK_IOCTL_DEV = 1 << 15,  /* ABI 5 */
};

enum {
	SANDBOX_LANDLOCK_NET_TCP = 3, /* bind and connect; ABI 4 */
	SANDBOX_LANDLOCK_SCOPED = 3,  /* abstract UNIX sockets and signals; ABI 6 */
};

struct sandbox_landlock_ruleset {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
	uint64_t scoped;
};

struct sandbox_landlock_beneath {
	uint64_t allowed_access;
	int32_t parent_fd;
} __attribute__((packed));

int sandbox_landlock_abi(void)
{
	long abi = syscall(
		SYS_landlock_create_ruleset, NULL, (size_t)0, (uint32_t)SANDBOX_LANDLOCK_VERSION);

	return abi < 0 ? 0 : (int)abi;
}

static size_t sandbox_landlock_handle(int abi, struct sandbox_landlock_ruleset *rules)
{
	rules->handled_access_fs = SANDBOX_LANDLOCK_ABI1;
	if (abi >= 2)
		rules->handled_access_fs |= SANDBOX_LANDLOCK_REFER;
	if (abi >= 3)
		rules->handled_access_fs |= SANDBOX_LANDLOCK_TRUNCATE;
	if (abi >= 5)
		rules->handled_access_fs |= SANDBOX_LANDLOCK_IOCTL_DEV;
	rules->handled_access_net = abi >= 4 ? SANDBOX_LANDLOCK_NET_TCP : 0;
	rules->scoped = abi >= 6 ? SANDBOX_LANDLOCK_SCOPED : 0;
	return sizeof(*rules);
}

int sandbox_landlock_restrict(int dir_fd)
{
	int abi = sandbox_landlock_abi();
	struct sandbox_landlock_ruleset rules;
	struct sandbox_landlock_beneath own = {.parent_fd = dir_fd,
		.allowed_access = SANDBOX_LANDLOCK_WRITE_FILE | SANDBOX_LANDLOCK_READ_FILE |
				  SANDBOX_LANDLOCK_READ_DIR | SANDBOX_LANDLOCK_REMOVE_DIR |
				  SANDBOX_LANDLOCK_REMOVE_FILE | SANDBOX_LANDLOCK_MAKE_DIR |
				  SANDBOX_LANDLOCK_MAKE_REG};
	_cleanup_(cleanup_close) int fd = -1;

	if (abi < 1)
		return -EOPNOTSUPP;
	fd = (int)syscall(SYS_landlock_create_ruleset, &rules, sandbox_landlock_handle(abi, &rules),
		(uint32_t)0);
	if (fd < 0)
		return err_origin(-errno);
	if (abi >= 3)
		own.allowed_access |= SANDBOX_LANDLOCK_TRUNCATE;
	if (syscall(SYS_landlock_add_rule, fd, SANDBOX_LANDLOCK_BENEATH, &own, (uint32_t)0) < 0)
		return err_origin(-errno);
	if (syscall(SYS_landlock_restrict_self, fd, (uint32_t)0) < 0)
		return err_origin(-errno);
	return 0;
}
