/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What ends a worker at once: each probe makes one call that a worker which was
 * taken over would try, and is killed for it, with every kind of wall and user.
 */
#include "sandboxprobe.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static int probe_socket(void)
{
	(void)socket(AF_INET, SOCK_STREAM, 0);
	return SANDBOXPROBE_BREACH;
}

static int probe_unix_socket(void)
{
	(void)socket(AF_UNIX, SOCK_STREAM, 0);
	return SANDBOXPROBE_BREACH;
}

static int probe_exec(void)
{
	char *argv[] = {NULL};

	(void)execve("/bin/true", argv, argv);
	return SANDBOXPROBE_BREACH;
}

static int probe_fork(void)
{
	(void)fork();
	return SANDBOXPROBE_BREACH;
}

static int probe_vfork(void)
{
	(void)syscall(SYS_vfork);
	return SANDBOXPROBE_BREACH;
}

static int probe_clone3(void)
{
	char args[64] = {0};

	(void)syscall(SYS_clone3, args, sizeof(args));
	return SANDBOXPROBE_BREACH;
}

static int probe_ptrace(void)
{
	(void)ptrace(PTRACE_ATTACH, sandboxprobe.sibling, NULL, NULL);
	return SANDBOXPROBE_BREACH;
}

static int probe_read_memory(void)
{
	char byte;
	struct iovec local = {&byte, 1};
	struct iovec remote = {&sandboxprobe, 1};

	(void)process_vm_readv(sandboxprobe.sibling, &local, 1, &remote, 1, 0);
	return SANDBOXPROBE_BREACH;
}

static int probe_kill(void)
{
	(void)kill(sandboxprobe.sibling, SIGKILL);
	return SANDBOXPROBE_BREACH;
}

static int probe_tgkill(void)
{
	(void)syscall(SYS_tgkill, sandboxprobe.sibling, sandboxprobe.sibling, SIGKILL);
	return SANDBOXPROBE_BREACH;
}

static int probe_executable_memory(void)
{
	(void)mmap(
		NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return SANDBOXPROBE_BREACH;
}

static int probe_make_executable(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)mprotect(p, 4096, PROT_READ | PROT_EXEC);
	return SANDBOXPROBE_BREACH;
}

/* Messages only over its own socket. */
static int probe_other_socket(void)
{
	struct msghdr header = {0};

	(void)sendmsg(SANDBOXPROBE_SOCKET + 1, &header, 0);
	return SANDBOXPROBE_BREACH;
}

static int probe_raise_limits(void)
{
	char limit[16] = {0};

	(void)syscall(SYS_prlimit64, 0, 0, limit, NULL);
	return SANDBOXPROBE_BREACH;
}

static int probe_privileges(void)
{
	(void)syscall(SYS_setresuid, 0, 0, 0);
	return SANDBOXPROBE_BREACH;
}

static int probe_unshare(void)
{
	(void)unshare(CLONE_NEWUSER);
	return SANDBOXPROBE_BREACH;
}

static int probe_mount(void)
{
	(void)syscall(SYS_mount, "none", "/", "tmpfs", 0, NULL);
	return SANDBOXPROBE_BREACH;
}

static int probe_chroot(void)
{
	(void)syscall(SYS_chroot, ".");
	return SANDBOXPROBE_BREACH;
}

static int probe_lease(void)
{
	(void)fcntl(SANDBOXPROBE_SOCKET, F_SETOWN, 1);
	return SANDBOXPROBE_BREACH;
}

static int probe_symlink(void)
{
	(void)syscall(SYS_symlink, "/etc/passwd", "link");
	return SANDBOXPROBE_BREACH;
}

/* What ends a worker at once. */
static void killed(void **state)
{
	static const struct {
		const char *name;
		sandboxprobe_fn probe;
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
		sandboxprobe_for_each(probes[i].probe, sandboxprobe_check_killed);
	}
	/* The sibling all that was aimed at still runs. */
	assert_int_equal(kill(sandboxprobe.sibling, 0), 0);
	assert_int_equal(waitpid(sandboxprobe.sibling, NULL, WNOHANG), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed),
	};

	if (geteuid() != 0)
		return UNIT_SKIPPED;
	return cmocka_run_group_tests(tests, sandboxprobe_setup, sandboxprobe_teardown);
}
