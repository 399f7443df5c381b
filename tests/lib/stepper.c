/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIGKILL takes a process out of a stop; at the one before a system call, the
 * call is not made (ptrace(2), "Syscall-stops").
 */
#include "stepper.h"

#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void stepper_child(int (*work)(void *arg), void *arg)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
		_exit(254);
	(void)raise(SIGSTOP);
	_exit(work(arg));
}

static int stepper_wait(pid_t pid)
{
	int status = 0;
	pid_t got;

	do {
		got = waitpid(pid, &status, 0);
	} while (got < 0 && errno == EINTR);
	assert_int_equal(got, pid);
	return status;
}

static long stepper_number(pid_t pid)
{
	struct __ptrace_syscall_info info = {0};

	assert_true(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) > 0);
	return info.op == PTRACE_SYSCALL_INFO_ENTRY ? (long)info.entry.nr : -1;
}

/* How often memory is asked for depends on what the heap had before. */
static bool stepper_is_memory(long number)
{
	return number == SYS_brk || number == SYS_mmap || number == SYS_munmap ||
	       number == SYS_mprotect || number == SYS_madvise;
}

int stepper_run(int (*work)(void *arg), void *arg,
	bool (*at_stop)(const struct stepper_stop *stop, void *stop_arg), void *stop_arg)
{
	struct stepper_stop stop = {.is_exit = true};
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		stepper_child(work, arg);
	status = stepper_wait(pid);
	assert_true(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	assert_int_equal(
		ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL), 0);
	for (;;) {
		assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
		status = stepper_wait(pid);
		if (WIFEXITED(status))
			return WEXITSTATUS(status);
		if (!WIFSTOPPED(status) || WSTOPSIG(status) != (SIGTRAP | 0x80))
			fail_msg("the child: status %#x", (unsigned)status);
		stop.is_exit = !stop.is_exit;
		if (!stop.is_exit)
			stop.number = stepper_number(pid);
		if (stepper_is_memory(stop.number))
			continue;
		if (at_stop(&stop, stop_arg))
			break;
		stop.n++;
	}
	assert_int_equal(kill(pid, SIGKILL), 0);
	status = stepper_wait(pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return STEPPER_KILLED;
}

bool stepper_kill_at(const struct stepper_stop *stop, void *stop_arg)
{
	return stop->n == *(const unsigned *)stop_arg;
}
