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

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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
	((UINT64_C(1) << CAP_NET_BIND_SERVICE) | (UINT64_C(1) << CAP_DAC_READ_SEARCH))

static int console_sandbox_keep(uint64_t mask)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data) < 0)
		return err_origin(-errno);
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		data[i].permitted &= (uint32_t)(mask >> (32 * i));
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &header, data) < 0 ? err_origin(-errno) : 0;
}

static void console_sandbox_bound(void)
{
	for (unsigned cap = 0; cap < 64; cap++)
		(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

static int console_sandbox_become(const char *name, uid_t uid, gid_t gid)
{
	console_sandbox_bound();
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || initgroups(name, gid) < 0 ||
		setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0 ||
		prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0)
		return err_origin(-errno);
	return console_sandbox_keep(CONSOLE_SANDBOX_STARTING);
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

static int console_sandbox_limit(__rlimit_resource_t resource, rlim_t value)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) < 0)
		return err_origin(-errno);
	limit.rlim_cur = value < limit.rlim_max ? value : limit.rlim_max;
	limit.rlim_max = limit.rlim_cur;
	return setrlimit(resource, &limit) < 0 ? err_origin(-errno) : 0;
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

	console_sandbox_bound();
	r = console_sandbox_keep(0);
	if (r == 0)
		r = console_sandbox_limit(RLIMIT_CORE, 0);
	if (r == 0)
		r = console_sandbox_limit(RLIMIT_NOFILE, CONSOLE_SANDBOX_NOFILE);
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
