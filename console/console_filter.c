/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An allow-list, one line a call with its reason; whatever is not in it ends the
 * process (KILL_PROCESS). Not in it on purpose: execve, fork, ptrace, process_vm_*,
 * bind, listen, kill, mount, chown, setxattr, keyctl, bpf, io_uring, and every
 * socket but AF_UNIX: a console that was taken over can neither start anything nor
 * talk to anybody who did not come to it.
 *
 * Which files may be opened is Landlock's affair; openat2 does not exist here.
 */
#include "console_filter.h"

#include "call_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static const int console_filter_calls[] = {
	/* clients, the daemon, the log, the service manager */
	SCMP_SYS(accept4),     /* clients */
	SCMP_SYS(close),       /* every descriptor */
	SCMP_SYS(connect),     /* the local socket, NOTIFY_SOCKET; TCP is refused by Landlock */
	SCMP_SYS(getpeername), /* libwebsockets */
	SCMP_SYS(getsockname), /* libuv */
	SCMP_SYS(getsockopt),  /* libuv: did it connect? */
	SCMP_SYS(read),        /* TLS, event descriptors */
	SCMP_SYS(readv),       /* libuv */
	SCMP_SYS(recvfrom),    /* recv(2) */
	SCMP_SYS(recvmsg),     /* libuv */
	SCMP_SYS(sendmsg),     /* libuv */
	SCMP_SYS(sendto),      /* send(2), NOTIFY_SOCKET */
	SCMP_SYS(setsockopt),  /* TCP_NODELAY */
	SCMP_SYS(shutdown),    /* libwebsockets */
	SCMP_SYS(write),       /* TLS, standard error, event descriptors */
	SCMP_SYS(writev),      /* libuv */
	/* the loop */
	SCMP_SYS(epoll_create1),   /* a second loop in a thread of libuv's pool */
	SCMP_SYS(epoll_ctl),       /* libuv */
	SCMP_SYS(epoll_pwait),     /* libuv */
	SCMP_SYS(epoll_wait),      /* libuv */
	SCMP_SYS(eventfd2),        /* libuv: uv_async_t */
	SCMP_SYS(poll),            /* libwebsockets */
	SCMP_SYS(ppoll),           /* the same on other machines */
	SCMP_SYS(pipe2),           /* libuv */
	SCMP_SYS(clock_gettime),   /* where it is no vDSO matter */
	SCMP_SYS(clock_getres),    /* libuv */
	SCMP_SYS(clock_nanosleep), /* short waits */
	SCMP_SYS(nanosleep),       /* the same on other machines */
	SCMP_SYS(gettimeofday),    /* where it is no vDSO matter */
	SCMP_SYS(restart_syscall), /* a wait goes on after SIGCONT */
	/* the state directory */
	SCMP_SYS(access),     /* is there a file? */
	SCMP_SYS(faccessat2), /* the same */
	SCMP_SYS(fchmod),     /* 0600 */
	SCMP_SYS(fdatasync),  /* before a rename */
	SCMP_SYS(flock),      /* clients.json: one writer */
	SCMP_SYS(fstat),      /* sizes, has it changed? */
	SCMP_SYS(fsync),      /* before a rename */
	SCMP_SYS(ftruncate),  /* a file that is written anew */
	SCMP_SYS(getdents64), /* listing */
	SCMP_SYS(lseek),      /* stdio */
	SCMP_SYS(mkdirat),    /* in it */
	SCMP_SYS(newfstatat), /* has it changed? */
	SCMP_SYS(open),       /* old libraries */
	SCMP_SYS(openat),     /* where Landlock lets it */
	SCMP_SYS(pread64),    /* contents */
	SCMP_SYS(pwrite64),   /* contents */
	SCMP_SYS(rename),     /* written aside, then renamed */
	SCMP_SYS(renameat),   /* the same */
	SCMP_SYS(renameat2),  /* the same */
	SCMP_SYS(stat),       /* has it changed? */
	SCMP_SYS(statx),      /* libuv */
	SCMP_SYS(unlink),     /* what was written aside */
	SCMP_SYS(unlinkat),   /* the same */
	/* threads and signals */
	SCMP_SYS(exit),              /* a thread ends */
	SCMP_SYS(exit_group),        /* the process ends */
	SCMP_SYS(futex),             /* mutexes, conditions */
	SCMP_SYS(getpid),            /* log lines, OpenSSL's fork detection */
	SCMP_SYS(gettid),            /* abort(3) */
	SCMP_SYS(getuid),            /* OpenSSL: secure_getenv(3) */
	SCMP_SYS(geteuid),           /* the same */
	SCMP_SYS(getgid),            /* the same */
	SCMP_SYS(getegid),           /* the same */
	SCMP_SYS(rseq),              /* libc, each thread */
	SCMP_SYS(rt_sigaction),      /* libuv, abort(3) */
	SCMP_SYS(rt_sigprocmask),    /* libuv, pthread_create */
	SCMP_SYS(rt_sigreturn),      /* any signal handler */
	SCMP_SYS(sched_getaffinity), /* libc's malloc counts CPUs for its arenas */
	SCMP_SYS(sched_yield),       /* libc */
	SCMP_SYS(set_robust_list),   /* libc, each thread */
	SCMP_SYS(uname),             /* libraries */
	/* memory */
	SCMP_SYS(brk),       /* malloc */
	SCMP_SYS(madvise),   /* malloc, stacks */
	SCMP_SYS(mremap),    /* realloc */
	SCMP_SYS(munmap),    /* malloc */
	SCMP_SYS(getrandom), /* keys, ids, malloc */
};

/*
 * A thread, not a process: scrypt is computed in libuv's pool. The flags of
 * clone3(2) are in memory; libc falls back to clone(2), whose flags are in a register.
 */
static int console_filter_add_threads(void *filter)
{
	int r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);

	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
	return r;
}

/* No F_SETOWN, F_SETSIG: they send any signal to any process of the same user. */
static int console_filter_add_fcntl(void *filter)
{
	static const uint32_t commands[] = {F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC,
		F_SETLK, F_SETLKW, F_GETLK, F_OFD_SETLK};
	int r = call_filter_allow_commands(
		filter, SCMP_SYS(fcntl), commands, sizeof(commands) / sizeof(commands[0]));

	return r;
}

/* Of ioctl(2) what sockets need; a terminal is answered that it is none. */
static int console_filter_add_ioctl(void *filter)
{
	static const uint32_t requests[] = {FIONBIO, FIONREAD, FIOCLEX};
	int r = call_filter_allow_commands(
		filter, SCMP_SYS(ioctl), requests, sizeof(requests) / sizeof(requests[0]));

	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOTTY), SCMP_SYS(ioctl), 1,
			SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, TCGETS));
	return r;
}

static int console_filter_add_rest(void *filter)
{
	/* The local socket; others are refused, not fatal: libraries try (name services). */
	int r = seccomp_rule_add(
		filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0));

	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(socket), 1,
			SCMP_A0(SCMP_CMP_NE, AF_UNIX, 0));
	/* malloc and stacks of threads read limits; changing them is refused. */
	if (r == 0)
		r = seccomp_rule_add(
			filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A2(SCMP_CMP_EQ, 0, 0));
	/* qsort(3) of much asks how much memory there is; it does without an answer. */
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(sysinfo), 0);
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(openat2), 0);
	return r;
}

static int console_filter_add(void *filter)
{
	int r = console_filter_add_threads(filter);

	if (r == 0)
		r = console_filter_add_fcntl(filter);
	if (r == 0)
		r = console_filter_add_ioctl(filter);
	if (r == 0)
		r = console_filter_add_rest(filter);
	if (r == 0)
		r = call_filter_allow(filter, console_filter_calls,
			sizeof(console_filter_calls) / sizeof(console_filter_calls[0]));
	return r;
}

int console_filter_load(void)
{
	return call_filter_load(console_filter_add);
}
