/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walls, from inside: each probe is a child that builds the worker's
 * sandbox around itself and then does what a worker that was taken over would
 * try. Every probe runs for each kind of wall this machine has and for each kind
 * of user.
 */
#include "cleanup.h"
#include "engine_charsets.h"
#include "sandbox.h"
#include "sandbox_landlock.h"
#include "samples.h"
#include "unit.h"
#include "zygote_home.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	SANDBOX_UID = 65534,
	SANDBOX_MEMORY = 64 << 20,
	SANDBOX_FILE = 1 << 20,
	SANDBOX_SOCKET = 3,
	/* What a probe exits with; below 100, above what any tool uses. */
	SANDBOX_OK = 42,
	SANDBOX_BREACH = 43,
	SANDBOX_NO_WALLS = 44,
};

enum sandbox_user {
	SANDBOX_USER_ROOT,    /* Stays uid 0, without capabilities. */
	SANDBOX_USER_CHANGED, /* Root becomes another user, as the service does. */
	SANDBOX_USER_OTHER,   /* Started as another user, as in development. */
	SANDBOX_USER_N,
};

static struct {
	char temp[SAMPLES_PATH_SIZE];
	char dir[SAMPLES_PATH_SIZE];
	char secret[SAMPLES_PATH_SIZE];
	pid_t sibling;
	enum sandbox_walls walls;
	enum sandbox_user user;
	const char *inside;
} sandbox;

typedef int (*sandbox_probe)(void);

static void sandbox_become_other(void)
{
	if (setresgid(SANDBOX_UID, SANDBOX_UID, SANDBOX_UID) < 0 ||
		setresuid(SANDBOX_UID, SANDBOX_UID, SANDBOX_UID) < 0 ||
		prctl(PR_SET_DUMPABLE, 1) < 0)
		_exit(SANDBOX_NO_WALLS);
}

/* In the child: live like the zygote does, then confine like a worker. */
static void sandbox_move_in(void)
{
	struct zygote_home_config home = {.temp_dir = sandbox.temp,
		.temp_bytes = SANDBOX_FILE,
		.n_lanes = 1,
		.has_ids = sandbox.user == SANDBOX_USER_CHANGED,
		.uid = SANDBOX_UID,
		.gid = SANDBOX_UID,
		.walls = sandbox.walls};
	static char lane[ZYGOTE_HOME_PATH_SIZE];
	struct sandbox_config config = {.dir = lane,
		.socket_fd = SANDBOX_SOCKET,
		.memory_bytes = SANDBOX_MEMORY,
		.file_bytes = SANDBOX_FILE,
		.n_fds_max = 64,
		.walls = sandbox.walls};
	struct errmsg msg = ERRMSG_NULL;
	bool is_mounted;
	int r;

	if (sandbox.user == SANDBOX_USER_OTHER)
		sandbox_become_other();
	r = zygote_home_enter(&home, &is_mounted, &msg);
	if (r == 0) {
		zygote_home_lane(sandbox.temp, 0, lane);
		(void)syscall(SYS_close_range, 4U, ~0U, 0U);
		r = sandbox_enter(&config, &sandbox.inside, &msg);
	}
	if (r < 0) {
		dprintf(STDERR_FILENO, "walls: %s\n", msg.text);
		_exit(SANDBOX_NO_WALLS);
	}
}

static int sandbox_run(sandbox_probe probe)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		sandbox_move_in();
		_exit(probe());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == SANDBOX_NO_WALLS)
		fail_msg("the walls could not be built");
	return status;
}

static void sandbox_for_each(sandbox_probe probe, void (*check)(int status))
{
	for (int user = 0; user < SANDBOX_USER_N; user++) {
		for (int walls = SANDBOX_WALLS_AUTO; walls <= SANDBOX_WALLS_CHROOT; walls++) {
			if (walls == SANDBOX_WALLS_LANDLOCK && sandbox_landlock_abi() == 0)
				continue;
			sandbox.walls = (enum sandbox_walls)walls;
			sandbox.user = (enum sandbox_user)user;
			check(sandbox_run(probe));
		}
	}
}

static void sandbox_check_ok(int status)
{
	if (!WIFEXITED(status) || WEXITSTATUS(status) != SANDBOX_OK)
		print_error("walls %d, user %d: status %#x\n", sandbox.walls, sandbox.user,
			(unsigned)status);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), SANDBOX_OK);
}

static void sandbox_check_killed(int status)
{
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
		print_error("walls %d, user %d: status %#x\n", sandbox.walls, sandbox.user,
			(unsigned)status);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

static bool sandbox_is_shut(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	return fd < 0 && (errno == EACCES || errno == ENOENT);
}

/* Files outside cannot be opened, by name, upwards, or through /proc. */
static int probe_paths(void)
{
	static const char *const outside[] = {"/etc/passwd", "/etc", "/", "/proc/self/maps",
		"/proc/1/environ", "/proc/self/root/etc/passwd", "../../../../../../etc/passwd",
		"/dev/null", "/dev/mem", "/usr/bin/env"};

	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
		/* "/" is the private directory itself after a chroot. */
		if (strcmp(outside[i], "/") == 0 && strcmp(sandbox.inside, "/") == 0)
			continue;
		if (!sandbox_is_shut(outside[i], O_RDONLY))
			return SANDBOX_BREACH;
	}
	if (!sandbox_is_shut(sandbox.secret, O_RDONLY) ||
		!sandbox_is_shut(sandbox.secret, O_WRONLY) ||
		!sandbox_is_shut(sandbox.secret, O_WRONLY | O_TRUNC))
		return SANDBOX_BREACH;
	return SANDBOX_OK;
}

/* Nor made, removed or changed. */
static int probe_changes(void)
{
	char path[SAMPLES_PATH_SIZE + 8];

	(void)snprintf(path, sizeof(path), "%s.new", sandbox.secret);
	if (!sandbox_is_shut(path, O_WRONLY | O_CREAT) || mkdir(path, 0700) == 0 ||
		unlink(sandbox.secret) == 0)
		return SANDBOX_BREACH;
	/* chmod pretends: libclamav calls it, and Landlock does not see it. */
	(void)chmod(sandbox.secret, 0777);
	return SANDBOX_OK;
}

/* Its own directory it can use, up to a size. */
static int probe_own_directory(void)
{
	char path[ZYGOTE_HOME_PATH_SIZE + 8];
	char block[4096] = {0};
	size_t n = 0;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/sub", sandbox.inside);
	if (mkdir(path, 0700) < 0 || rmdir(path) < 0)
		return SANDBOX_BREACH;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		return SANDBOX_BREACH;
	while (n < 64 * (size_t)SANDBOX_FILE && write(fd, block, sizeof(block)) > 0)
		n += sizeof(block);
	return n <= SANDBOX_FILE && unlink(path) == 0 ? SANDBOX_OK : SANDBOX_BREACH;
}

static int probe_memory(void)
{
	/* Far more than allowed, then piece by piece up to the limit. */
	size_t n = 0;

#ifdef QUIETSCAN_ASAN
	return SANDBOX_OK; /* No memory limit with a sanitizer. */
#endif
	if (mmap(NULL, 8L * SANDBOX_MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0) != MAP_FAILED)
		return SANDBOX_BREACH;
	while (n < 8L * SANDBOX_MEMORY && mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
						  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		n += 1 << 20;
	return n <= SANDBOX_MEMORY ? SANDBOX_OK : SANDBOX_BREACH;
}

/* Nothing but standard descriptors and the socket is open. */
static int probe_descriptors(void)
{
	for (int fd = 4; fd < 64; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return SANDBOX_BREACH;
	return SANDBOX_OK;
}

/* Character sets were loaded before the walls and work behind them. */
static int probe_charsets(void)
{
	static const char *const names[] = {"SHIFT_JIS", "GB18030", "CP1251", "UTF-16LE"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (iconv_open("UTF-16BE", names[i]) == (iconv_t)-1 ||
			iconv_open("UTF-8", names[i]) == (iconv_t)-1)
			return SANDBOX_BREACH;
	return SANDBOX_OK;
}

static int probe_socket(void)
{
	(void)socket(AF_INET, SOCK_STREAM, 0);
	return SANDBOX_BREACH;
}

static int probe_unix_socket(void)
{
	(void)socket(AF_UNIX, SOCK_STREAM, 0);
	return SANDBOX_BREACH;
}

static int probe_exec(void)
{
	char *argv[] = {NULL};

	(void)execve("/bin/true", argv, argv);
	return SANDBOX_BREACH;
}

static int probe_fork(void)
{
	(void)fork();
	return SANDBOX_BREACH;
}

static int probe_vfork(void)
{
	(void)syscall(SYS_vfork);
	return SANDBOX_BREACH;
}

static int probe_clone3(void)
{
	char args[64] = {0};

	(void)syscall(SYS_clone3, args, sizeof(args));
	return SANDBOX_BREACH;
}

static int probe_ptrace(void)
{
	(void)ptrace(PTRACE_ATTACH, sandbox.sibling, NULL, NULL);
	return SANDBOX_BREACH;
}

static int probe_read_memory(void)
{
	char byte;
	struct iovec local = {&byte, 1};
	struct iovec remote = {&sandbox, 1};

	(void)process_vm_readv(sandbox.sibling, &local, 1, &remote, 1, 0);
	return SANDBOX_BREACH;
}

static int probe_kill(void)
{
	(void)kill(sandbox.sibling, SIGKILL);
	return SANDBOX_BREACH;
}

static int probe_tgkill(void)
{
	(void)syscall(SYS_tgkill, sandbox.sibling, sandbox.sibling, SIGKILL);
	return SANDBOX_BREACH;
}

static int probe_executable_memory(void)
{
	(void)mmap(
		NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return SANDBOX_BREACH;
}

static int probe_make_executable(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)mprotect(p, 4096, PROT_READ | PROT_EXEC);
	return SANDBOX_BREACH;
}

/* Messages only over its own socket. */
static int probe_other_socket(void)
{
	struct msghdr header = {0};

	(void)sendmsg(SANDBOX_SOCKET + 1, &header, 0);
	return SANDBOX_BREACH;
}

static int probe_raise_limits(void)
{
	char limit[16] = {0};

	(void)syscall(SYS_prlimit64, 0, 0, limit, NULL);
	return SANDBOX_BREACH;
}

static int probe_privileges(void)
{
	(void)syscall(SYS_setresuid, 0, 0, 0);
	return SANDBOX_BREACH;
}

static int probe_unshare(void)
{
	(void)unshare(CLONE_NEWUSER);
	return SANDBOX_BREACH;
}

static int probe_mount(void)
{
	(void)syscall(SYS_mount, "none", "/", "tmpfs", 0, NULL);
	return SANDBOX_BREACH;
}

static int probe_chroot(void)
{
	(void)syscall(SYS_chroot, ".");
	return SANDBOX_BREACH;
}

static int probe_lease(void)
{
	(void)fcntl(SANDBOX_SOCKET, F_SETOWN, 1);
	return SANDBOX_BREACH;
}

static int probe_symlink(void)
{
	(void)syscall(SYS_symlink, "/etc/passwd", "link");
	return SANDBOX_BREACH;
}

/* What a worker must be able to do, or see nothing of. */
static void allowed_and_denied(void **state)
{
	static const struct {
		const char *name;
		sandbox_probe probe;
	} probes[] = {
		{"paths", probe_paths},
		{"changes", probe_changes},
		{"own directory", probe_own_directory},
		{"memory", probe_memory},
		{"descriptors", probe_descriptors},
		{"charsets", probe_charsets},
	};
	struct stat before, after;

	(void)state;
	assert_int_equal(stat(sandbox.secret, &before), 0);
	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
		print_message("probe: %s\n", probes[i].name);
		sandbox_for_each(probes[i].probe, sandbox_check_ok);
	}
	assert_int_equal(stat(sandbox.secret, &after), 0);
	assert_int_equal(before.st_mode, after.st_mode);
	assert_int_equal(before.st_ctim.tv_nsec, after.st_ctim.tv_nsec);
}

/* What ends a worker at once. */
static void killed(void **state)
{
	static const struct {
		const char *name;
		sandbox_probe probe;
	} probes[] = {
		{"socket", probe_socket},
		{"unix socket", probe_unix_socket},
		{"exec", probe_exec},
		{"fork", probe_fork},
		{"vfork", probe_vfork},
		{"clone3", probe_clone3},
		{"ptrace", probe_ptrace},
		{"process_vm_readv", probe_read_memory},
		{"kill", probe_kill},
		{"tgkill", probe_tgkill},
		{"executable memory", probe_executable_memory},
		{"mprotect to executable", probe_make_executable},
		{"another socket", probe_other_socket},
		{"raise limits", probe_raise_limits},
		{"setresuid", probe_privileges},
		{"unshare", probe_unshare},
		{"mount", probe_mount},
		{"chroot", probe_chroot},
		{"F_SETOWN", probe_lease},
		{"symlink", probe_symlink},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
		print_message("probe: %s\n", probes[i].name);
		sandbox_for_each(probes[i].probe, sandbox_check_killed);
	}
	/* The sibling all that was aimed at still runs. */
	assert_int_equal(kill(sandbox.sibling, 0), 0);
	assert_int_equal(waitpid(sandbox.sibling, NULL, WNOHANG), 0);
}

/* In a chroot even the existence of what is outside cannot be seen. */
static int probe_existence(void)
{
	struct stat st;
	char link[64];

	if (stat(sandbox.secret, &st) == 0 || stat("/etc/passwd", &st) == 0 ||
		readlink("/proc/self/exe", link, sizeof(link)) > 0)
		return SANDBOX_BREACH;
	return SANDBOX_OK;
}

static void nothing_to_see(void **state)
{
	(void)state;
	for (int user = 0; user < SANDBOX_USER_N; user++) {
		sandbox.user = (enum sandbox_user)user;
		sandbox.walls = SANDBOX_WALLS_AUTO;
		sandbox_check_ok(sandbox_run(probe_existence));
	}
}

static int probe_never(void)
{
	return SANDBOX_BREACH;
}

/* Without any wall there is no worker. */
static void no_walls_no_worker(void **state)
{
	struct sandbox_config config = {.dir = "/nonexistent-directory",
		.socket_fd = SANDBOX_SOCKET,
		.memory_bytes = SANDBOX_MEMORY,
		.file_bytes = SANDBOX_FILE,
		.n_fds_max = 64};
	struct errmsg msg = ERRMSG_NULL;
	const char *inside;
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(sandbox_enter(&config, &inside, &msg), -ENOENT);
	assert_non_null(strstr(msg.text, "/nonexistent-directory"));
	/* No right to chroot, and Landlock not wanted. */
	pid = fork();
	if (pid == 0) {
		config.dir = sandbox.temp;
		config.walls = SANDBOX_WALLS_CHROOT;
		if (setresuid(SANDBOX_UID, SANDBOX_UID, SANDBOX_UID) < 0)
			_exit(1);
		if (sandbox_enter(&config, &inside, &msg) == 0)
			_exit(probe_never());
		_exit(strstr(msg.text, "chroot") ? SANDBOX_OK : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	sandbox_check_ok(status);
}

static int sandbox_setup(void **state)
{
	int pair[2];

	(void)state;
	samples_dir(sandbox.temp);
	samples_dir(sandbox.dir);
	samples_path(sandbox.secret, sandbox.dir, "secret");
	samples_write(sandbox.secret, "secret", 6);
	assert_int_equal(chmod(sandbox.secret, 0666), 0);
	(void)engine_charsets_load();
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	if (pair[0] != SANDBOX_SOCKET)
		assert_int_equal(dup2(pair[0], SANDBOX_SOCKET), SANDBOX_SOCKET);
	sandbox.sibling = fork();
	if (sandbox.sibling == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			(void)pause();
	}
	return sandbox.sibling > 0 ? 0 : -1;
}

static int sandbox_teardown(void **state)
{
	(void)state;
	(void)kill(sandbox.sibling, SIGKILL);
	(void)waitpid(sandbox.sibling, NULL, 0);
	samples_dir_remove(sandbox.dir);
	samples_dir_remove(sandbox.temp);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(allowed_and_denied),
		cmocka_unit_test(killed),
		cmocka_unit_test(nothing_to_see),
		cmocka_unit_test(no_walls_no_worker),
	};

	if (geteuid() != 0)
		return UNIT_SKIPPED;
	return cmocka_run_group_tests(tests, sandbox_setup, sandbox_teardown);
}
