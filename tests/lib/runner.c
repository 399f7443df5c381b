/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner.h"

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void runner_copy_to(const char *program, int fd, char mark)
{
	int source = open(program, O_RDONLY | O_CLOEXEC);
	struct stat st;

	assert_true(source >= 0 && fstat(source, &st) == 0);
	assert_int_equal(sendfile(fd, source, NULL, (size_t)st.st_size), st.st_size);
	assert_int_equal(write(fd, &mark, 1), 1); /* behind the end of an ELF file nobody looks */
	(void)close(source);
}

void runner_copy(const char *program, const char *path, char mark)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);

	assert_true(fd >= 0);
	runner_copy_to(program, fd, mark);
	assert_int_equal(fchmod(fd, 0755), 0);
	(void)close(fd);
}

/* @uid 0: as it is. */
static void runner_run(const char *path, uid_t uid, int input)
{
	(void)dup2(input, STDIN_FILENO);
	if (uid != 0 && (setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0))
		return;
	/* Another uid undid what unit_fork() has set. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)execl(path, path, (char *)NULL);
}

void runner_start_as(struct runner *runner, const char *path, uid_t uid)
{
	int input[2];
	int failed[2];
	char byte;

	assert_int_equal(pipe2(input, O_CLOEXEC), 0);
	assert_int_equal(pipe2(failed, O_CLOEXEC), 0);
	runner->pid = unit_fork();
	assert_true(runner->pid >= 0);
	if (runner->pid == 0) {
		runner_run(path, uid, input[0]);
		(void)!write(failed[1], "", 1);
		_exit(127);
	}
	(void)close(input[0]);
	(void)close(failed[1]);
	/* Closed by a successful exec. */
	assert_int_equal(read(failed[0], &byte, 1), 0);
	(void)close(failed[0]);
	runner->input = input[1];
	runner->pid_fd = (int)syscall(SYS_pidfd_open, runner->pid, 0);
	assert_true(runner->pid_fd >= 0);
}

void runner_start(struct runner *runner, const char *path)
{
	runner_start_as(runner, path, 0);
}

void runner_await_leaderless(const struct runner *runner)
{
	const struct timespec wait = {.tv_nsec = 1000000};
	char link[64];
	char text[1];

	(void)snprintf(link, sizeof(link), "/proc/%d/exe", (int)runner->pid);
	/* A path that is too long for an answer is one. */
	for (unsigned i = 0; readlink(link, text, sizeof(text)) >= 0 || errno == ENAMETOOLONG;
		i++) {
		assert_true(i < 30000);
		(void)nanosleep(&wait, NULL);
	}
}

bool runner_is_running(const struct runner *runner)
{
	struct pollfd poll_fd = {.fd = runner->pid_fd, .events = POLLIN};

	return poll(&poll_fd, 1, 0) == 0;
}

int runner_wait(struct runner *runner)
{
	int status = 0;

	assert_int_equal(waitpid(runner->pid, &status, 0), runner->pid);
	(void)close(runner->pid_fd);
	(void)close(runner->input);
	*runner = (struct runner){.pid = 0};
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

void runner_end(struct runner *runner)
{
	if (runner->pid == 0)
		return;
	(void)syscall(SYS_pidfd_send_signal, runner->pid_fd, SIGKILL, NULL, 0);
	(void)runner_wait(runner);
}
