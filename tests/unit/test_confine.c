/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scanner's walls: what it may not do ends it or fails, what it must do
 * works. Each case in a process of its own.
 */
#include "confine.h"
#include "filehash.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Run @act confined; its wait status. */
static int confined(int (*act)(void), bool has_ids)
{
	pid_t parent = getpid();
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		struct confine_config config = {.has_ids = has_ids,
			.uid = 65534,
			.gid = 65534,
			.parent = parent,
			.control_fd = -1};
		struct errmsg msg = ERRMSG_NULL;
		int r = filehash_prepare();

		if (r == 0)
			r = confine_self(&config, &msg);
		if (r < 0) {
			(void)fprintf(stderr, "confine: %s\n", msg.text);
			_exit(99);
		}
		_exit(act());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int act_exec(void)
{
	(void)execl("/bin/true", "true", NULL);
	return 1;
}

static int act_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static int act_inet_pair(void)
{
	int fds[2];

	return socketpair(AF_INET, SOCK_STREAM, 0, fds);
}

static int act_ptrace(void)
{
	return (int)ptrace(PTRACE_ATTACH, 1, NULL, NULL);
}

static int act_read_memory(void)
{
	char byte;
	struct iovec iov = {.iov_base = &byte, .iov_len = 1};

	return (int)process_vm_readv(1, &iov, 1, &iov, 1, 0);
}

static int act_kill(void)
{
	return kill(1, 0);
}

static int act_unlink(void)
{
	return unlink("/tmp/quietscan-nothing");
}

static int act_rename(void)
{
	return rename("/tmp/quietscan-nothing", "/tmp/quietscan-more");
}

static int act_chmod(void)
{
	return chmod("/tmp/quietscan-nothing", 0);
}

static int act_fork(void)
{
	return (int)syscall(SYS_fork);
}

/* What fork(3) of libc is. */
static int act_clone(void)
{
	return (int)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static int act_signal_by_file(void)
{
	return fcntl(0, F_SETOWN, getppid());
}

static int act_code(void)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
	return (int)syscall(SYS_mmap, 0, 4096, 7 /* RWX */, 0x22 /* private, anonymous */, -1, 0);
}

/* Ends by SIGSYS. */
static void forbidden(void **state)
{
	static int (*const acts[])(void) = {act_exec, act_socket, act_inet_pair, act_ptrace,
		act_read_memory, act_kill, act_unlink, act_rename, act_chmod, act_fork, act_clone,
		act_signal_by_file, act_code};

	(void)state;
#if defined(QUIETSCAN_ASAN) || defined(QUIETSCAN_TSAN)
	skip();
#endif
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		int status = confined(acts[i], false);

		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			fail_msg("case %zu: status %#x", i, (unsigned)status);
	}
}

static int act_clone3(void)
{
	uint64_t arguments[8] = {0, 0, 0, 0, SIGCHLD};

	return syscall(SYS_clone3, arguments, sizeof(arguments)) == -1 && errno == ENOSYS ? 0 : 1;
}

/* clone3, whose flags a filter cannot see, does not exist; threads do (below). */
static void no_clone3(void **state)
{
	(void)state;
#if defined(QUIETSCAN_ASAN) || defined(QUIETSCAN_TSAN)
	skip();
#endif
	assert_int_equal(confined(act_clone3, false), 0);
}

static int act_writable_opens(void)
{
	static const int flags[] = {O_WRONLY, O_RDWR, O_ACCMODE, O_RDONLY | O_CREAT,
		O_RDONLY | O_TRUNC, O_WRONLY | O_APPEND, O_RDWR | O_TMPFILE,
		O_WRONLY | O_CREAT | O_EXCL};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (open("/tmp", flags[i], 0600) >= 0 || errno != EACCES)
			return 1 + (int)i;
	if (syscall(SYS_openat2, AT_FDCWD, "/tmp", NULL, 0) != -1 || errno != ENOSYS)
		return 20;
	return 0;
}

/* No file can be opened for writing, by any combination of flags. */
static void no_writable_open(void **state)
{
	(void)state;
#if defined(QUIETSCAN_ASAN) || defined(QUIETSCAN_TSAN)
	skip();
#endif
	assert_int_equal(confined(act_writable_opens, false), 0);
}

static void *act_thread(void *arg)
{
	return arg;
}

static int act_work(void)
{
	uint8_t sha256[FILEHASH_SHA256_BYTES];
	uint8_t sha1[FILEHASH_SHA1_BYTES];
	struct gate gate;
	pthread_t thread;
	int fds[2];
	int fd = open("/proc/self/status", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	void *block = malloc(64 << 20);

	gate_init(&gate, NULL, 0);
	if (fd < 0 || !block || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) < 0)
		return 1;
	if (pthread_create(&thread, NULL, act_thread, NULL) != 0 || pthread_join(thread, NULL) != 0)
		return 2;
	if (filehash_compute(fd, 10, &gate, sha256, sha1) != 0)
		return 3;
	free(block);
	return 0;
}

/* What it needs still works. */
static void allowed(void **state)
{
	(void)state;
	assert_int_equal(confined(act_work, false), 0);
}

static int act_look(void)
{
	char line[256];
	unsigned long long value;
	unsigned good = 0;
	const unsigned long long kept = (1ull << CAP_DAC_READ_SEARCH) | (1ull << CAP_SYS_PTRACE) |
					(1ull << 40) | (1ull << CAP_LEASE) | (1ull << CAP_FOWNER);
	struct rlimit limit;
	FILE *status = fopen("/proc/self/status", "re");

	while (status && fgets(line, sizeof(line), status)) {
		if (sscanf(line, "CapPrm: %llx", &value) == 1)
			good += (value & ~kept) == 0 && (value & (1ull << CAP_DAC_READ_SEARCH));
		if (sscanf(line, "CapEff: %llx", &value) == 1)
			good += (value & ~kept) == 0;
		if (sscanf(line, "CapInh: %llx", &value) == 1)
			good += value == 0;
		if (sscanf(line, "CapAmb: %llx", &value) == 1)
			good += value == 0;
		if (sscanf(line, "CapBnd: %llx", &value) == 1)
			good += (value & ~kept) == 0;
		if (sscanf(line, "NoNewPrivs: %llu", &value) == 1)
			good += value == 1;
		if (sscanf(line, "Uid: %llu", &value) == 1 ||
			sscanf(line, "Gid: %llu", &value) == 1)
			good += value == 65534;
		if (strncmp(line, "Groups:", 7) == 0)
			good += strspn(line + 7, " \t\n") == strlen(line + 7);
	}
	if (good != 9)
		return 1;
	if (getrlimit(RLIMIT_CORE, &limit) < 0 || limit.rlim_max != 0)
		return 2;
	return open("/etc/shadow", O_RDONLY | O_CLOEXEC) >= 0 ? 0 : 3;
}

/* As another user, with five capabilities and no way to more. */
static void own_uid(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
#if defined(QUIETSCAN_ASAN) || defined(QUIETSCAN_TSAN)
	skip();
#endif
	assert_int_equal(confined(act_look, true), 0);
}

/* Whoever may not change its user cannot be confined as another. */
static void not_permitted(void **state)
{
	pid_t pid;
	int status;

	(void)state;
	if (geteuid() != 0)
		skip();
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct confine_config config = {
			.has_ids = true, .uid = 1, .gid = 1, .parent = getppid(), .control_fd = -1};
		struct errmsg msg = ERRMSG_NULL;

		if (setresuid(65534, 65534, 65534) < 0)
			_exit(98);
		_exit(confine_self(&config, &msg) == -EPERM && strstr(msg.text, "uid 1") ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* A parent that is gone already is noticed. */
static void orphan(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		struct confine_config config = {.parent = 1 + getppid(), .control_fd = -1};
		struct errmsg msg = ERRMSG_NULL;

		_exit(confine_self(&config, &msg) == -ESRCH ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forbidden),
		cmocka_unit_test(no_clone3),
		cmocka_unit_test(no_writable_open),
		cmocka_unit_test(allowed),
		cmocka_unit_test(own_uid),
		cmocka_unit_test(not_permitted),
		cmocka_unit_test(orphan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
