/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Order matters: chroot needs its capability, so it comes before the drop;
 * Landlock needs no_new_privs; the filter comes last, since building the
 * others takes calls it does not allow.
 *
 * chroot alone is no wall against root with capabilities; against a process
 * without any, without a descriptor of a directory outside, and without the
 * calls to get one, it is. Landlock alone leaves stat() and readlink() of
 * paths outside. Both together leave nothing, hence AUTO.
 */
#include "sandbox.h"

#include "cleanup.h"
#include "landlock.h"
#include "privileges.h"
#include "sandbox_caps.h"
#include "sandbox_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

int sandbox_walls_parse(const char *name, enum sandbox_walls *wallsp)
{
	static const char *const names[] = {"auto", "landlock", "chroot"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0) {
			*wallsp = (enum sandbox_walls)i;
			return 0;
		}
	}
	return -EINVAL;
}

static int sandbox_chroot(const struct sandbox_config *config)
{
	int r = sandbox_caps_use_chroot();

	if (r < 0)
		return r;
	if (chroot(config->dir) < 0 || chdir("/") < 0)
		return err_origin(-errno);
	return 0;
}

/* Hide the file systems; *is_rootedp tells whether config->dir is "/" now. */
static int sandbox_hide(const struct sandbox_config *config, bool *is_rootedp, struct errmsg *msg)
{
	_cleanup_(cleanup_close) int dir = open(config->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r_chroot = -EOPNOTSUPP;
	int r_landlock = -EOPNOTSUPP;
	int r;

	if (dir < 0) {
		errmsg_set(msg, "%s: %s", config->dir, err_text(-errno));
		return err_origin(-errno);
	}
	if (config->walls != SANDBOX_WALLS_LANDLOCK)
		r_chroot = sandbox_chroot(config);
	r = sandbox_caps_drop();
	if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = err_origin(-errno);
	if (r < 0) {
		errmsg_set(msg, "drop privileges: %s", err_text(r));
		return r;
	}
	if (config->walls != SANDBOX_WALLS_CHROOT)
		r_landlock = landlock_restrict(&(struct landlock_rule){.dir_fd = dir}, 1);
	*is_rootedp = r_chroot == 0;
	if (r_chroot == 0 || r_landlock == 0)
		return 0;
	errmsg_set(msg, "neither Landlock (%s)", err_text(r_landlock));
	errmsg_prefix(msg, "no chroot (%s)", err_text(r_chroot));
	return err_origin(r_landlock);
}

static uint64_t sandbox_address_space(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	char line[64] = "";

	if (!f)
		return 0;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	(void)fclose(f);
	return strtoull(line, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static int sandbox_limits(const struct sandbox_config *config, uint64_t address_space)
{
	int r = privileges_limit(RLIMIT_CORE, 0);

	r = r ?: privileges_limit(RLIMIT_FSIZE, config->file_bytes);
	r = r ?: privileges_limit(RLIMIT_NOFILE, config->n_fds_max);
	r = r ?: privileges_limit(RLIMIT_NPROC, 0);
	r = r ?: privileges_limit(RLIMIT_MEMLOCK, 0);
#ifndef QUIETSCAN_ASAN
	/* A sanitizer reserves terabytes of address space. */
	r = r ?: privileges_limit(RLIMIT_AS, address_space + config->memory_bytes);
#else
	(void)address_space;
#endif
	/* A write past RLIMIT_FSIZE is EFBIG, which is noted, and not a death. */
	if (r == 0 && signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
		r = err_origin(-errno);
	return r;
}

int sandbox_enter(const struct sandbox_config *config, const char **insidep, struct errmsg *msg)
{
	uint64_t address_space = sandbox_address_space();
	bool is_rooted = false;
	int r;

	if (address_space == 0) {
		errmsg_set(msg, "cannot read /proc/self/statm");
		return err_origin(-EIO);
	}
	r = sandbox_hide(config, &is_rooted, msg);
	if (r < 0)
		return r;
	r = sandbox_limits(config, address_space);
	if (r < 0) {
		errmsg_set(msg, "resource limits: %s", err_text(r));
		return r;
	}
	*insidep = is_rooted ? "/" : config->dir;
	r = sandbox_filter_load(config->socket_fd);
	if (r < 0)
		errmsg_set(msg, "seccomp: %s", err_text(r));
	return r;
}
