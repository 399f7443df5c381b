/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * console_sandbox: within the walls what the console needs works, and what somebody
 * who took it over would want does not. Each attempt in a process of its own.
 */
#include "unit.h"

#include "console_sandbox.h"
#include "landlock.h"
#include "scratch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct scratch scratch;
static int listener = -1; /* open before the walls */

enum { DONE = 0, FAILED = 40, NO_WALLS = 41 };

/* Exit status, or 1000 + signal. */
static int inside(int (*attempt)(void))
{
	int status = 0;
	pid_t pid = unit_fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct errmsg msg = ERRMSG_NULL;

		if (console_sandbox_close(scratch.path, &msg) < 0) {
			(void)fprintf(stderr, "%s\n", msg.text);
			_exit(NO_WALLS);
		}
		_exit(attempt());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static int errno_of(long result)
{
	return result < 0 ? errno : DONE;
}

static int use_state(void)
{
	char path[SCRATCH_PATH_SIZE];
	char to[SCRATCH_PATH_SIZE];
	int fd = open(
		scratch_path(&scratch, "new", path), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, "x", 1) != 1 || fsync(fd) < 0 || fchmod(fd, 0600) < 0)
		return FAILED;
	return rename(path, scratch_path(&scratch, "newer", to)) == 0 && unlink(to) == 0 ? DONE
											 : FAILED;
}

static int read_elsewhere(void)
{
	return errno_of(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}

static int write_elsewhere(void)
{
	return errno_of(open("/tmp/console-sandbox-escaped", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static int local_socket(void)
{
	struct sockaddr_un_ {
		sa_family_t family;
		char path[108];
	} address = {.family = AF_UNIX, .path = "/nonexistent/socket"};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return FAILED;
	return errno_of(connect(fd, (const struct sockaddr *)&address, sizeof(address)));
}

static int network(void)
{
	return errno_of(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int connect_out(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	/* Even with a socket that somebody forgot to close. */
	return errno_of(connect(listener, (const struct sockaddr *)&address, sizeof(address)));
}

static void *in_thread(void *arg)
{
	*(int *)arg = 1;
	return NULL;
}

static int threads(void)
{
	pthread_t thread;
	int was_there = 0;

	if (pthread_create(&thread, NULL, in_thread, &was_there) != 0)
		return FAILED;
	return pthread_join(thread, NULL) == 0 && was_there ? DONE : FAILED;
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* libc asks how much memory there is before it sorts so much. */
static int sorts(void)
{
	static int numbers[100000];
	size_t n = sizeof(numbers) / sizeof(numbers[0]);

	for (size_t i = 0; i < n; i++)
		numbers[i] = (int)(n - i);
	qsort(numbers, n, sizeof(numbers[0]), compare);
	return numbers[0] == 1 && numbers[n - 1] == (int)n ? DONE : FAILED;
}

static int execute(void)
{
	char *argv[] = {NULL};

	return errno_of(execve("/bin/true", argv, argv));
}

static int forks(void)
{
	return errno_of(fork());
}

static int code(void)
{
	void *page = mmap(
		NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? errno : DONE;
}

static int listens(void)
{
	return errno_of(listen(listener, 1));
}

static int traces(void)
{
	return errno_of(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static int kills(void)
{
	return errno_of(kill(getppid(), 0));
}

static int limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_CORE, &limit) < 0 || limit.rlim_max != 0)
		return FAILED;
	return getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_max > 2048 ? FAILED : DONE;
}

static void what_works(void **state)
{
	(void)state;
	assert_int_equal(inside(use_state), DONE);
	assert_int_equal(inside(threads), DONE);
	assert_int_equal(inside(sorts), DONE);
	assert_int_equal(inside(limits), DONE);
	assert_int_equal(inside(local_socket), ENOENT);
}

static void files_elsewhere(void **state)
{
	(void)state;
#if defined(QUIETSCAN_ASAN) || defined(QUIETSCAN_TSAN)
	skip(); /* no Landlock there */
#endif
	if (landlock_abi() == 0)
		skip();
	assert_int_equal(inside(read_elsewhere), EACCES);
	assert_int_equal(inside(write_elsewhere), EACCES);
}

static void what_does_not(void **state)
{
	static int (*const deadly[])(void) = {execute, forks, code, listens, traces, kills};

	(void)state;
#if defined(QUIETSCAN_ASAN) || defined(QUIETSCAN_TSAN)
	skip(); /* no filter there */
#endif
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		assert_int_equal(inside(deadly[i]), 1000 + SIGSYS);
	assert_int_equal(inside(network), EACCES);
	if (landlock_abi() >= 4)
		assert_int_equal(inside(connect_out), EACCES);
}

/* A user that does not exist, a directory that cannot be made. */
static void beginnings(void **state)
{
	struct errmsg msg = ERRMSG_NULL;
	char path[SCRATCH_PATH_SIZE];
	struct stat st;

	(void)state;
	assert_int_equal(console_sandbox_begin(NULL, "/nonexistent/state", &msg), -ENOENT);
	assert_non_null(strstr(msg.text, "/nonexistent/state"));
	if (geteuid() != 0)
		skip();
	assert_int_equal(
		console_sandbox_begin("no-such-user-here", scratch_path(&scratch, "a", path), &msg),
		-ENOENT);
	assert_non_null(strstr(msg.text, "no-such-user-here"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static int become_daemon(void)
{
	struct errmsg msg = ERRMSG_NULL;
	char path[SCRATCH_PATH_SIZE];
	FILE *status;
	char line[256];
	int n_found = 0;

	if (console_sandbox_begin("daemon", scratch_path(&scratch, "b", path), &msg) < 0 ||
		geteuid() == 0 || getuid() != geteuid() || setuid(0) == 0)
		return FAILED;
	/* It still can read what only root may, and bind; after the second step nothing. */
	if (access("/etc/shadow", F_OK) == 0 && open("/etc/shadow", O_RDONLY | O_CLOEXEC) < 0)
		return FAILED;
	status = fopen("/proc/self/status", "re");
	if (!status || console_sandbox_close(path, &msg) < 0)
		return FAILED;
	while (fgets(line, sizeof(line), status)) {
		n_found += strncmp(line, "Cap", 3) == 0 && strstr(line, "0000000000000000") != NULL;
		n_found += strcmp(line, "NoNewPrivs:\t1\n") == 0;
	}
	return n_found == 6 ? DONE : FAILED;
}

static void other_user(void **state)
{
	int status = 0;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	(void)chmod(scratch.path, 0755);
	pid = unit_fork();
	if (pid == 0)
		_exit(become_daemon());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), DONE);
}

static int make(void **state)
{
	(void)state;
	scratch_init(&scratch);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return listener < 0;
}

static int unmake(void **state)
{
	(void)state;
	scratch_deinit(&scratch);
	return close(listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_works),
		cmocka_unit_test(files_elsewhere),
		cmocka_unit_test(what_does_not),
		cmocka_unit_test(beginnings),
		cmocka_unit_test(other_user),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
