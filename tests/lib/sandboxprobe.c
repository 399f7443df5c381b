/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In the child: the user first, then the zygote's home, then the worker's
 * sandbox, as in the service. Systems without namespaces are made by a filter
 * that refuses unshare(2).
 */
#include "sandboxprobe.h"

#include "engine_charsets.h"
#include "log.h"
#include "landlock.h"
#include "unit.h"
#include "zygote_home.h"

#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct sandboxprobe sandboxprobe;

static void sandboxprobe_become_other(void)
{
	if (setresgid(SANDBOXPROBE_UID, SANDBOXPROBE_UID, SANDBOXPROBE_UID) < 0 ||
		setresuid(SANDBOXPROBE_UID, SANDBOXPROBE_UID, SANDBOXPROBE_UID) < 0 ||
		prctl(PR_SET_DUMPABLE, 1) < 0)
		_exit(SANDBOXPROBE_NO_WALLS);
}

/* unshare(2) refused, as such systems do. */
static void sandboxprobe_forbid_namespaces(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (!filter || seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0) < 0 ||
		seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 0) < 0 ||
		seccomp_load(filter) < 0)
		_exit(SANDBOXPROBE_NO_WALLS);
	seccomp_release(filter);
}

/* In the child: live like the zygote does, then confine like a worker. */
static void sandboxprobe_move_in(void)
{
	struct zygote_home_config home = {.temp_dir = sandboxprobe.temp,
		.temp_bytes = SANDBOXPROBE_FILE,
		.n_lanes = 1,
		.has_ids = sandboxprobe.user == SANDBOXPROBE_USER_CHANGED,
		.uid = SANDBOXPROBE_UID,
		.gid = SANDBOXPROBE_UID,
		.walls = sandboxprobe.walls};
	static char lane[ZYGOTE_HOME_PATH_SIZE];
	struct sandbox_config config = {.dir = lane,
		.socket_fd = SANDBOXPROBE_SOCKET,
		.memory_bytes = SANDBOXPROBE_MEMORY,
		.file_bytes = SANDBOXPROBE_FILE,
		.n_fds_max = 64,
		.walls = sandboxprobe.walls};
	struct errmsg msg = ERRMSG_NULL;
	int r;

	if (sandboxprobe.is_plain)
		sandboxprobe_forbid_namespaces();
	if (sandboxprobe.user == SANDBOXPROBE_USER_OTHER)
		sandboxprobe_become_other();
	r = zygote_home_enter(&home, &sandboxprobe.is_mounted, &msg);
	if (r == 0) {
		zygote_home_lane(sandboxprobe.temp, 0, lane);
		(void)syscall(SYS_close_range, 4U, ~0U, 0U);
		r = sandbox_enter(&config, &sandboxprobe.inside, &msg);
	}
	if (r < 0) {
		dprintf(STDERR_FILENO, "walls: %s\n", msg.text);
		_exit(SANDBOXPROBE_NO_WALLS);
	}
}

int sandboxprobe_run(sandboxprobe_fn probe)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		sandboxprobe_move_in();
		_exit(probe());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == SANDBOXPROBE_NO_WALLS)
		fail_msg("the walls could not be built");
	return status;
}

/* What there is no way to: no Landlock, or no right to chroot for a mere user. */
static bool sandboxprobe_is_impossible(void)
{
	if (sandboxprobe.walls == SANDBOX_WALLS_CHROOT)
		return sandboxprobe.is_plain && sandboxprobe.user == SANDBOXPROBE_USER_OTHER;
	return sandboxprobe.walls == SANDBOX_WALLS_LANDLOCK && landlock_abi() == 0;
}

void sandboxprobe_for_each(sandboxprobe_fn probe, void (*check)(int status))
{
	const int n_walls = SANDBOX_WALLS_CHROOT + 1;

	for (int i = 0; i < 2 * SANDBOXPROBE_USER_N * n_walls; i++) {
		sandboxprobe.walls = (enum sandbox_walls)(i % n_walls);
		sandboxprobe.user = (enum sandboxprobe_user)(i / n_walls % SANDBOXPROBE_USER_N);
		sandboxprobe.is_plain = i / n_walls / SANDBOXPROBE_USER_N;
		if (!sandboxprobe_is_impossible())
			check(sandboxprobe_run(probe));
	}
	sandboxprobe.is_plain = false;
}

void sandboxprobe_check_ok(int status)
{
	if (!WIFEXITED(status) || WEXITSTATUS(status) != SANDBOXPROBE_OK)
		print_error("walls %d, user %d, plain %d: status %#x\n", sandboxprobe.walls,
			sandboxprobe.user, sandboxprobe.is_plain, (unsigned)status);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), SANDBOXPROBE_OK);
}

void sandboxprobe_check_killed(int status)
{
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
		print_error("walls %d, user %d, plain %d: status %#x\n", sandboxprobe.walls,
			sandboxprobe.user, sandboxprobe.is_plain, (unsigned)status);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

int sandboxprobe_setup(void **state)
{
	int pair[2];

	(void)state;
	samples_dir(sandboxprobe.temp);
	/* The private directories of a mere user are in a directory of his. */
	assert_int_equal(chown(sandboxprobe.temp, SANDBOXPROBE_UID, SANDBOXPROBE_UID), 0);
	samples_dir(sandboxprobe.dir);
	samples_path(sandboxprobe.secret, sandboxprobe.dir, "secret");
	samples_write(sandboxprobe.secret, "secret", 6);
	assert_int_equal(chmod(sandboxprobe.secret, 0666), 0);
	log_set_level(LOG_LEVEL_ERROR);
	(void)engine_charsets_load();
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	if (pair[0] != SANDBOXPROBE_SOCKET)
		assert_int_equal(dup2(pair[0], SANDBOXPROBE_SOCKET), SANDBOXPROBE_SOCKET);
	sandboxprobe.sibling = fork();
	if (sandboxprobe.sibling == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			(void)pause();
	}
	return sandboxprobe.sibling > 0 ? 0 : -1;
}

int sandboxprobe_teardown(void **state)
{
	(void)state;
	(void)kill(sandboxprobe.sibling, SIGKILL);
	(void)waitpid(sandboxprobe.sibling, NULL, 0);
	samples_dir_remove(sandboxprobe.dir);
	samples_dir_remove(sandboxprobe.temp);
	return 0;
}
