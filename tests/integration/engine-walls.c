/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a worker sees and may use, from inside its walls: its own directory up
 * to a size, its memory up to a limit, its socket, and nothing else.
 */
#include "sandbox.h"
#include "sandboxprobe.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WALLS_PATH_SIZE = 4096 };

/* EROFS comes before Landlock is asked; where there are no namespaces it never comes. */
static bool walls_is_shut(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd >= 0)
		return false;
	return errno == EACCES || errno == ENOENT ||
	       (errno == EROFS && (flags & O_ACCMODE) != O_RDONLY && !sandboxprobe.is_plain);
}

/* Files outside cannot be opened, by name, upwards, or through /proc. */
static int probe_paths(void)
{
	static const char *const outside[] = {"/etc/passwd", "/etc", "/", "/proc/self/maps",
		"/proc/1/environ", "/proc/self/root/etc/passwd", "../../../../../../etc/passwd",
		"/dev/null", "/dev/mem", "/usr/bin/env"};

	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
		/* "/" is the private directory itself after a chroot. */
		if (strcmp(outside[i], "/") == 0 && strcmp(sandboxprobe.inside, "/") == 0)
			continue;
		if (!walls_is_shut(outside[i], O_RDONLY))
			return SANDBOXPROBE_BREACH;
	}
	if (!walls_is_shut(sandboxprobe.secret, O_RDONLY) ||
		!walls_is_shut(sandboxprobe.secret, O_WRONLY) ||
		!walls_is_shut(sandboxprobe.secret, O_WRONLY | O_TRUNC))
		return SANDBOXPROBE_BREACH;
	return SANDBOXPROBE_OK;
}

/* Nor made, removed or changed. */
static int probe_changes(void)
{
	char path[SAMPLES_PATH_SIZE + 8];

	(void)snprintf(path, sizeof(path), "%s.new", sandboxprobe.secret);
	if (!walls_is_shut(path, O_WRONLY | O_CREAT) || mkdir(path, 0700) == 0 ||
		unlink(sandboxprobe.secret) == 0)
		return SANDBOXPROBE_BREACH;
	/* chmod pretends: libclamav calls it, and Landlock does not see it. */
	(void)chmod(sandboxprobe.secret, 0777);
	return SANDBOXPROBE_OK;
}

/* Its own directory it can use, up to a size. */
static int probe_own_directory(void)
{
	char path[WALLS_PATH_SIZE + 8];
	char block[4096] = {0};
	size_t n = 0;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/sub", sandboxprobe.inside);
	if (mkdir(path, 0700) < 0 || rmdir(path) < 0)
		return SANDBOXPROBE_BREACH;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		return SANDBOXPROBE_BREACH;
	while (n < 64 * (size_t)SANDBOXPROBE_FILE && write(fd, block, sizeof(block)) > 0)
		n += sizeof(block);
	return n <= SANDBOXPROBE_FILE && unlink(path) == 0 ? SANDBOXPROBE_OK : SANDBOXPROBE_BREACH;
}

/* Many files, each below the size of one, together not above the directory's. */
static int probe_whole_directory(void)
{
	char path[WALLS_PATH_SIZE + 16];
	char block[4096] = {0};
	size_t n = 0;
	size_t n_before;

	if (!sandboxprobe.is_mounted)
		return SANDBOXPROBE_OK;
	for (int i = 0; i < 16; i++) {
		int fd;

		(void)snprintf(path, sizeof(path), "%s/file-%d", sandboxprobe.inside, i);
		fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
		if (fd < 0)
			break;
		n_before = n;
		while (n - n_before < SANDBOXPROBE_FILE / 4 &&
			write(fd, block, sizeof(block)) == sizeof(block))
			n += sizeof(block);
	}
	return n >= SANDBOXPROBE_FILE / 2 && n <= SANDBOXPROBE_FILE ? SANDBOXPROBE_OK
								    : SANDBOXPROBE_BREACH;
}

static int probe_memory(void)
{
	/* Far more than allowed, then piece by piece up to the limit. */
	size_t n = 0;

#ifdef QUIETSCAN_ASAN
	return SANDBOXPROBE_OK; /* No memory limit with a sanitizer. */
#endif
	if (mmap(NULL, 8L * SANDBOXPROBE_MEMORY, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		return SANDBOXPROBE_BREACH;
	while (n < 8L * SANDBOXPROBE_MEMORY &&
		mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
			MAP_FAILED)
		n += 1 << 20;
	return n <= SANDBOXPROBE_MEMORY ? SANDBOXPROBE_OK : SANDBOXPROBE_BREACH;
}

/* Nothing but standard descriptors and the socket is open. */
static int probe_descriptors(void)
{
	for (int fd = 4; fd < 64; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return SANDBOXPROBE_BREACH;
	return SANDBOXPROBE_OK;
}

/* Character sets were loaded before the walls and work behind them. */
static int probe_charsets(void)
{
	static const char *const names[] = {"SHIFT_JIS", "GB18030", "CP1251", "UTF-16LE"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (iconv_open("UTF-16BE", names[i]) == (iconv_t)-1 ||
			iconv_open("UTF-8", names[i]) == (iconv_t)-1)
			return SANDBOXPROBE_BREACH;
	return SANDBOXPROBE_OK;
}

/* What a worker must be able to do, or see nothing of. */
static void allowed_and_denied(void **state)
{
	static const struct {
		const char *name;
		sandboxprobe_fn probe;
	} probes[] = {
		{"paths", probe_paths},
		{"changes", probe_changes},
		{"own directory", probe_own_directory},
		{"whole directory", probe_whole_directory},
		{"memory", probe_memory},
		{"descriptors", probe_descriptors},
		{"charsets", probe_charsets},
	};
	struct stat before, after;

	(void)state;
	assert_int_equal(stat(sandboxprobe.secret, &before), 0);
	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
		print_message("probe: %s\n", probes[i].name);
		sandboxprobe_for_each(probes[i].probe, sandboxprobe_check_ok);
	}
	assert_int_equal(stat(sandboxprobe.secret, &after), 0);
	assert_int_equal(before.st_mode, after.st_mode);
	assert_int_equal(before.st_ctim.tv_nsec, after.st_ctim.tv_nsec);
}

/* In a chroot even the existence of what is outside cannot be seen. */
static int probe_existence(void)
{
	struct stat st;
	char link[64];

	if (stat(sandboxprobe.secret, &st) == 0 || stat("/etc/passwd", &st) == 0 ||
		readlink("/proc/self/exe", link, sizeof(link)) > 0)
		return SANDBOXPROBE_BREACH;
	return SANDBOXPROBE_OK;
}

static void nothing_to_see(void **state)
{
	(void)state;
	for (int user = 0; user < SANDBOXPROBE_USER_N; user++) {
		sandboxprobe.user = (enum sandboxprobe_user)user;
		sandboxprobe.walls = SANDBOX_WALLS_AUTO;
		sandboxprobe_check_ok(sandboxprobe_run(probe_existence));
	}
}

static int probe_never(void)
{
	return SANDBOXPROBE_BREACH;
}

/* Without any wall there is no worker. */
static void no_walls_no_worker(void **state)
{
	struct sandbox_config config = {.dir = "/nonexistent-directory",
		.socket_fd = SANDBOXPROBE_SOCKET,
		.memory_bytes = SANDBOXPROBE_MEMORY,
		.file_bytes = SANDBOXPROBE_FILE,
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
		config.dir = sandboxprobe.temp;
		config.walls = SANDBOX_WALLS_CHROOT;
		if (setresuid(SANDBOXPROBE_UID, SANDBOXPROBE_UID, SANDBOXPROBE_UID) < 0)
			_exit(1);
		if (sandbox_enter(&config, &inside, &msg) == 0)
			_exit(probe_never());
		_exit(strstr(msg.text, "chroot") ? SANDBOXPROBE_OK : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	sandboxprobe_check_ok(status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(allowed_and_denied),
		cmocka_unit_test(nothing_to_see),
		cmocka_unit_test(no_walls_no_worker),
	};

	if (geteuid() != 0)
		return UNIT_SKIPPED;
	return cmocka_run_group_tests(tests, sandboxprobe_setup, sandboxprobe_teardown);
}
