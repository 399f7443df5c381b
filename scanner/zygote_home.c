/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All lanes are mounted at once: after the change of uid nothing can be
 * mounted any more, and an empty tmpfs costs a few kilobytes.
 *
 * unshare(2) with a user namespace cannot be undone when the maps cannot be
 * written afterwards (some systems allow the one and forbid the other), so a
 * child tries it first.
 *
 * The mounts need no cleaning up: the namespace, and with it every temporary
 * file, ends with its last process, however that ends.
 */
#include "zygote_home.h"

#include "cleanup.h"
#include "log.h"
#include "sandbox_caps.h"
#include "worker_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	/* A scan unpacks at most MaxFiles members, and libclamav removes them as it goes. */
	ZYGOTE_HOME_INODES = 65536,
};

#define ZYGOTE_HOME_FLAGS (MS_NOSUID | MS_NODEV | MS_NOEXEC)

void zygote_home_lane(const char *temp_dir, unsigned lane, char path[ZYGOTE_HOME_PATH_SIZE])
{
	(void)snprintf(path, ZYGOTE_HOME_PATH_SIZE, "%s/lane-%u", temp_dir, lane);
}

static int zygote_home_write(const char *path, const char *text)
{
	_cleanup_(cleanup_close) int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		return -errno;
	return 0;
}

/* A user namespace in which we are who we are. */
static int zygote_home_map(uid_t uid, gid_t gid)
{
	char text[64];
	int r = zygote_home_write("/proc/self/setgroups", "deny");

	(void)snprintf(text, sizeof(text), "%u %u 1", uid, uid);
	r = r ?: zygote_home_write("/proc/self/uid_map", text);
	(void)snprintf(text, sizeof(text), "%u %u 1", gid, gid);
	return r ?: zygote_home_write("/proc/self/gid_map", text);
}

static int zygote_home_unshare(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int spaces = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWNET;

	if (unshare(uid == 0 ? spaces : spaces | CLONE_NEWUSER) < 0)
		return -errno;
	if (uid != 0) {
		int r = zygote_home_map(uid, gid);

		if (r < 0)
			return r;
	}
	/* Nothing mounted here is seen outside. */
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ? -errno : 0;
}

/*
 * All there is, before our own are mounted. Whoever starts us leaves the machine
 * writable for the one of us that takes files away; we never write to it.
 */
static void zygote_home_read_only(void)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};

	if (mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attr, sizeof(attr)) < 0)
		log_warn("zygote", "what our uid may write stays writable: %s",
			err_text(-errno)); /* UNTESTED: Linux before 5.12 */
}

static int zygote_home_mount(const char *dir, const char *options)
{
	return mount("quietscan", dir, "tmpfs", ZYGOTE_HOME_FLAGS, options) < 0 ? -errno : 0;
}

/* In a child: do namespaces and a tmpfs work here? */
static bool zygote_home_can_mount(const char *dir)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		int r = zygote_home_unshare();

		_exit(r == 0 && zygote_home_mount(dir, "size=4k") == 0 ? 0 : 1);
	}
	if (pid < 0)
		return false;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int zygote_home_mount_lane(const struct zygote_home_config *config, const char *dir)
{
	char options[128];
	uid_t uid = config->has_ids ? config->uid : geteuid();
	gid_t gid = config->has_ids ? config->gid : getegid();

	if (mkdir(dir, 0700) < 0)
		return -errno;
	(void)snprintf(options, sizeof(options),
		"size=%" PRIu64 ",nr_inodes=%d,mode=0700,uid=%u,gid=%u", config->temp_bytes,
		ZYGOTE_HOME_INODES, uid, gid);
	return zygote_home_mount(dir, options);
}

static int zygote_home_plain_lane(const struct zygote_home_config *config, const char *dir)
{
	uid_t uid = config->has_ids ? config->uid : geteuid();
	gid_t gid = config->has_ids ? config->gid : getegid();

	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return -errno;
	/* It may be there since a run under another user. */
	if (geteuid() == 0 && lchown(dir, uid, gid) < 0)
		return -errno;
	return worker_dir_empty(dir, NULL);
}

static int zygote_home_make_lanes(
	const struct zygote_home_config *config, bool is_mounted, struct errmsg *msg)
{
	char path[ZYGOTE_HOME_PATH_SIZE];
	int r = 0;

	if (is_mounted) {
		r = zygote_home_unshare();
		if (r == 0)
			zygote_home_read_only();
		r = r ?: zygote_home_mount(config->temp_dir, "size=1m,mode=0711");
	}
	for (unsigned lane = 0; r == 0 && lane < config->n_lanes; lane++) {
		zygote_home_lane(config->temp_dir, lane, path);
		r = is_mounted ? zygote_home_mount_lane(config, path)
			       : zygote_home_plain_lane(config, path);
	}
	if (r < 0)
		errmsg_set(msg, "private directories in %s: %s", config->temp_dir, err_text(r));
	return err_trace(r);
}

static int zygote_home_become(const struct zygote_home_config *config, struct errmsg *msg)
{
	if (!config->has_ids)
		return 0;
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setgroups(0, NULL) < 0 ||
		setresgid(config->gid, config->gid, config->gid) < 0 ||
		setresuid(config->uid, config->uid, config->uid) < 0) {
		int r = -errno;

		errmsg_set(msg, "become uid %u: %s", config->uid, err_text(r));
		return err_origin(r);
	}
	return 0;
}

static int zygote_home_disarm(const struct zygote_home_config *config, struct errmsg *msg)
{
	const struct rlimit none = {0, 0};
	int r = -EPERM;

	if (config->walls != SANDBOX_WALLS_LANDLOCK)
		r = sandbox_caps_keep_chroot();
	if (r == -EPERM)
		r = sandbox_caps_drop();
	if (r == 0 && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
			      prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
			      setrlimit(RLIMIT_CORE, &none) < 0))
		r = err_origin(-errno);
	if (r < 0)
		errmsg_set(msg, "drop privileges: %s", err_text(r));
	return r;
}

int zygote_home_enter(
	const struct zygote_home_config *config, bool *is_mountedp, struct errmsg *msg)
{
	int r;

	if (mkdir(config->temp_dir, 0700) < 0 && errno != EEXIST) {
		errmsg_set(msg, "%s: %s", config->temp_dir, err_text(-errno));
		return err_origin(-errno);
	}
	(void)umask(077);
	*is_mountedp = zygote_home_can_mount(config->temp_dir);
	if (!*is_mountedp)
		log_warn("zygote", "no mount namespace: temporary files are limited one by one");
	r = zygote_home_make_lanes(config, *is_mountedp, msg);
	r = r ?: zygote_home_become(config, msg);
	return r ?: zygote_home_disarm(config, msg);
}
