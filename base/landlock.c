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
#include "landlock.h"

#include "cleanup.h"
#include "err.h"

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	LANDLOCK_VERSION = 1 << 0, /* LANDLOCK_CREATE_RULESET_VERSION */
	LANDLOCK_BENEATH = 1,      /* LANDLOCK_RULE_PATH_BENEATH */
};

/* LANDLOCK_ACCESS_FS_*, bit by bit. */
enum {
	LANDLOCK_WRITE_FILE = 1 << 1,
	LANDLOCK_READ_FILE = 1 << 2,
	LANDLOCK_READ_DIR = 1 << 3,
	LANDLOCK_REMOVE_DIR = 1 << 4,
	LANDLOCK_REMOVE_FILE = 1 << 5,
	LANDLOCK_MAKE_DIR = 1 << 7,
	LANDLOCK_MAKE_REG = 1 << 8,
	LANDLOCK_ABI1 = (1 << 13) - 1, /* execute … make_sym */
	LANDLOCK_REFER = 1 << 13,      /* ABI 2 */
	LANDLOCK_TRUNCATE = 1 << 14,   /* ABI 3 */
	LANDLOCK_IOCTL_DEV = 1 << 15,  /* ABI 5 */
};

enum {
	LANDLOCK_NET_TCP = 3, /* bind and connect; ABI 4 */
	LANDLOCK_SCOPED = 3,  /* abstract UNIX sockets and signals; ABI 6 */
};

struct landlock_ruleset {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
	uint64_t scoped;
};

struct landlock_beneath {
	uint64_t allowed_access;
	int32_t parent_fd;
} __attribute__((packed));

int landlock_abi(void)
{
	long abi =
		syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, (uint32_t)LANDLOCK_VERSION);

	return abi < 0 ? 0 : (int)abi;
}

static size_t landlock_handle(int abi, struct landlock_ruleset *rules)
{
	rules->handled_access_fs = LANDLOCK_ABI1;
	if (abi >= 2)
		rules->handled_access_fs |= LANDLOCK_REFER;
	if (abi >= 3)
		rules->handled_access_fs |= LANDLOCK_TRUNCATE;
	if (abi >= 5)
		rules->handled_access_fs |= LANDLOCK_IOCTL_DEV;
	rules->handled_access_net = abi >= 4 ? LANDLOCK_NET_TCP : 0;
	rules->scoped = abi >= 6 ? LANDLOCK_SCOPED : 0;
	return sizeof(*rules);
}

static int landlock_add(int ruleset, int abi, const struct landlock_rule *rule)
{
	struct landlock_beneath beneath = {.parent_fd = rule->dir_fd,
		.allowed_access = LANDLOCK_READ_FILE | LANDLOCK_READ_DIR};

	if (!rule->is_read_only)
		beneath.allowed_access |= LANDLOCK_WRITE_FILE | LANDLOCK_REMOVE_DIR |
					  LANDLOCK_REMOVE_FILE | LANDLOCK_MAKE_DIR |
					  LANDLOCK_MAKE_REG;
	if (!rule->is_read_only && abi >= 3)
		beneath.allowed_access |= LANDLOCK_TRUNCATE;
	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_BENEATH, &beneath, (uint32_t)0) < 0
		       ? err_origin(-errno)
		       : 0;
}

int landlock_restrict(const struct landlock_rule rules[], size_t n_rules)
{
	int abi = landlock_abi();
	struct landlock_ruleset ruleset;
	_cleanup_(cleanup_close) int fd = -1;

	if (abi < 1)
		return -EOPNOTSUPP;
	fd = (int)syscall(
		SYS_landlock_create_ruleset, &ruleset, landlock_handle(abi, &ruleset), (uint32_t)0);
	if (fd < 0)
		return err_origin(-errno);
	for (size_t i = 0; i < n_rules; i++) {
		int r = landlock_add(fd, abi, &rules[i]);

		if (r < 0)
			return r;
	}
	if (syscall(SYS_landlock_restrict_self, fd, (uint32_t)0) < 0)
		return err_origin(-errno);
	return 0;
}
