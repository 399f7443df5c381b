/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Order matters, as in the scanner's confine.c: the bounding set needs CAP_SETPCAP
 * and goes first, then the ids, with KEEPCAPS for what starting still needs; at the
 * end the capability sets, no_new_privs, Landlock, the filter.
 */
#include "console_sandbox.h"

#include "cleanup.h"
#include "console_filter.h"
#include "landlock.h"
#include "log.h"
#include "privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	CONSOLE_SANDBOX_NOFILE = 2048, /* 512 clients, five connections up, and the rest */
};

/*
 * The leak sanitizer looks at its own process at the end: through ptrace, and in
 * /proc. Such builds are for finding faults, not for running anywhere.
 */
#if defined(QUIETSCAN_ASAN) || defined(QUIETSCAN_TSAN)
enum { CONSOLE_SANDBOX_IS_OPEN = 1 };
#else
enum { CONSOLE_SANDBOX_IS_OPEN = 0 };
#endif

/* A port below 1024; a key that is root's. */
#define CONSOLE_SANDBOX_STARTING                                                                   \
	(PRIVILEGES_CAP(CAP_NET_BIND_SERVICE) | PRIVILEGES_CAP(CAP_DAC_READ_SEARCH))

static int console_sandbox_become(const char *name, uid_t uid, gid_t gid)
{
	privileges_bound(0);
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || initgroups(name, gid) < 0 ||
		setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0 ||
		prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0)
		return err_origin(-errno);
	return privileges_keep(CONSOLE_SANDBOX_STARTING);
}

static int console_sandbox_directory(const char *state_dir, struct errmsg *msg)
{
	if (mkdir(state_dir, 0700) < 0 && errno != EEXIST) {
		int r = -errno;

		errmsg_set(msg, "state directory %s: %s", state_dir, err_text(r));
		return err_origin(r);
	}
	return 0;
}

int console_sandbox_begin(const char *user, const char *state_dir, struct errmsg *msg)
{
	const char *name = user ? user : CONSOLE_SANDBOX_USER;
	char text[4096];
	struct passwd entry;
	struct passwd *found = NULL;
	int r = console_sandbox_directory(state_dir, msg);

	if (r < 0 || geteuid() != 0)
		return r;
	if (getpwnam_r(name, &entry, text, sizeof(text), &found) != 0 || !found) {
		if (!user) {
			log_warn("console", "there is no user %s: staying root, without its powers",
				name);
			return 0;
		}
		errmsg_set(msg, "--user %s: there is no such user", user);
		return err_origin(-ENOENT);
	}
	if (chown(state_dir, found->pw_uid, found->pw_gid) < 0)
		r = err_origin(-errno);
	if (r == 0)
		r = console_sandbox_become(name, found->pw_uid, found->pw_gid);
	if (r < 0)
		errmsg_set(msg, "become %s: %s", name, err_text(r));
	return r;
}

static int console_sandbox_landlock(const char *state_dir)
{
	_cleanup_(cleanup_close) int dir = open(state_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct landlock_rule rule = {.dir_fd = dir};
	int r;

	if (dir < 0)
		return err_origin(-errno);
	r = landlock_restrict(&rule, 1);
	if (r != -EOPNOTSUPP)
		return err_trace(r);
	log_warn("console", "this kernel has no Landlock: files are not walled off");
	return 0;
}

int console_sandbox_close(const char *state_dir, struct errmsg *msg)
{
	int r;

	privileges_bound(0);
	r = privileges_keep(0);
	if (r == 0)
		r = privileges_limit(RLIMIT_CORE, 0);
	if (r == 0)
		r = privileges_limit(RLIMIT_NOFILE, CONSOLE_SANDBOX_NOFILE);
	if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = err_origin(-errno);
	if (r == 0 && prctl(PR_SET_DUMPABLE, CONSOLE_SANDBOX_IS_OPEN, 0, 0, 0) < 0)
		r = err_origin(-errno);
	if (r < 0) {
		errmsg_set(msg, "drop privileges: %s", err_text(r));
		return r;
	}
	r = CONSOLE_SANDBOX_IS_OPEN ? 0 : console_sandbox_landlock(state_dir);
	if (r < 0) {
		errmsg_set(msg, "Landlock: %s", err_text(r));
		return r;
	}
	r = console_filter_load();
	if (r < 0)
		errmsg_set(msg, "system call filter: %s", err_text(r));
	return r;
}
