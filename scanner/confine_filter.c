/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An allow-list, one line a call with its reason; whatever is not in it ends
 * the process (KILL_PROCESS), because a scanner that wants to exec, trace, or
 * open a socket is not ours any more. Not in it on purpose: execve, ptrace,
 * process_vm_*, socket, connect, bind, kill, unlink, rename, mkdir, chmod,
 * chown, truncate, setxattr, mount, keyctl, bpf, io_uring.
 *
 * seccomp sees registers, not memory: openat's flags can be judged, openat2's
 * struct cannot, so openat2 does not exist here (ENOSYS). A writable open is
 * answered EACCES rather than death: libraries try such things.
 */
#include "confine_filter.h"

#include "call_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* The bit of O_TMPFILE that is not O_DIRECTORY. */
#define CONFINE_FILTER_TMPFILE (O_TMPFILE & ~O_DIRECTORY)
#define CONFINE_FILTER_WRITES (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | CONFINE_FILTER_TMPFILE)

#ifdef SYS_cachestat
#define CONFINE_FILTER_CACHESTAT SYS_cachestat
#else
#define CONFINE_FILTER_CACHESTAT 451 /* the same on every architecture */
#endif

static const int confine_filter_calls[] = {
	/* the walk and the opener */
	SCMP_SYS(close),      /* every descriptor */
	SCMP_SYS(fstat),      /* before and after a scan */
	SCMP_SYS(fstatfs),    /* totals of a file system */
	SCMP_SYS(getdents64), /* listing */
	SCMP_SYS(lseek),      /* going on with a listing */
	SCMP_SYS(newfstatat), /* libc's fstat(3) */
	SCMP_SYS(readlinkat), /* targets, links of /proc */
	SCMP_SYS(statx),      /* names */
	/* contents */
	CONFINE_FILTER_CACHESTAT, /* what of a file is cached; libseccomp 2.5 has no name */
	SCMP_SYS(fadvise64),      /* dropping what was not */
	SCMP_SYS(mincore),        /* the same as cachestat, page by page */
	SCMP_SYS(pread64),        /* hashes, user-dirs.dirs, the plan's book */
	SCMP_SYS(read),           /* mountinfo, maps, stat of /proc */
	/* the channels, the report, the log */
	SCMP_SYS(poll),     /* lane: worker or tick */
	SCMP_SYS(ppoll),    /* the same on other machines */
	SCMP_SYS(recvmsg),  /* channels */
	SCMP_SYS(sendmsg),  /* channels */
	SCMP_SYS(shutdown), /* giving a dead zygote's channel up */
	SCMP_SYS(write),    /* report file, standard error */
	SCMP_SYS(writev),   /* the plan's book, libc's last words */
	/* threads and waiting */
	SCMP_SYS(clock_gettime),     /* CPU clocks of other processes are no vDSO matter */
	SCMP_SYS(clock_getres),      /* clock_getcpuclockid(3): is there such a clock? */
	SCMP_SYS(clock_nanosleep),   /* short waits */
	SCMP_SYS(exit),              /* a thread ends */
	SCMP_SYS(exit_group),        /* the process ends */
	SCMP_SYS(futex),             /* mutexes, conditions, the grant page */
	SCMP_SYS(gettid),            /* abort(3) */
	SCMP_SYS(getpid),            /* log lines, abort(3) */
	SCMP_SYS(nanosleep),         /* the same on other machines */
	SCMP_SYS(restart_syscall),   /* a wait goes on after SIGCONT */
	SCMP_SYS(rseq),              /* libc, each thread */
	SCMP_SYS(rt_sigaction),      /* abort(3) */
	SCMP_SYS(rt_sigprocmask),    /* pthread_create, abort(3) */
	SCMP_SYS(rt_sigreturn),      /* any signal handler */
	SCMP_SYS(sched_getaffinity), /* libc's malloc counts CPUs for its arenas */
	SCMP_SYS(sched_yield),       /* libc */
	SCMP_SYS(set_robust_list),   /* libc, each thread */
	/* memory */
	SCMP_SYS(brk),       /* malloc */
	SCMP_SYS(madvise),   /* a thread's stack is given back, malloc */
	SCMP_SYS(mremap),    /* realloc */
	SCMP_SYS(munmap),    /* malloc */
	SCMP_SYS(getrandom), /* malloc, libcrypto */
};

static int confine_filter_add_opens(void *filter)
{
	static const int writes[] = {O_CREAT, O_TRUNC, O_APPEND, CONFINE_FILTER_TMPFILE};
	int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
		SCMP_A2(SCMP_CMP_MASKED_EQ, CONFINE_FILTER_WRITES, O_RDONLY));

	for (int mode = O_WRONLY; r == 0 && mode <= O_ACCMODE; mode++)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE, (scmp_datum_t)mode));
	for (size_t i = 0; r == 0 && i < sizeof(writes) / sizeof(writes[0]); i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, (scmp_datum_t)writes[i],
				(scmp_datum_t)writes[i]));
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(openat2), 0);
	return r;
}

/*
 * A thread, not a process: one that outlives the scan would be nobody's. The
 * flags of clone3(2) are in memory; libc falls back to clone(2), whose flags
 * are in a register.
 */
static int confine_filter_add_threads(void *filter)
{
	int r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);

	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
	return r;
}

/* No F_SETOWN, F_SETSIG: they send any signal to any process of the same user. */
static int confine_filter_add_fcntl(void *filter)
{
	static const uint32_t commands[] = {
		F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD, F_DUPFD_CLOEXEC};
	int r = call_filter_allow_commands(
		filter, SCMP_SYS(fcntl), commands, sizeof(commands) / sizeof(commands[0]));

	return r;
}

static int confine_filter_add(void *filter)
{
	int r = confine_filter_add_opens(filter);

	if (r == 0)
		r = confine_filter_add_threads(filter);
	if (r == 0)
		r = confine_filter_add_fcntl(filter);
	if (r == 0)
		r = call_filter_allow(filter, confine_filter_calls,
			sizeof(confine_filter_calls) / sizeof(confine_filter_calls[0]));
	/* Each worker's channel; a pair of our own leads nowhere else. */
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 1,
			SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0));
	/* libc asks whether a stream is a terminal; no device is ours to control. */
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOTTY), SCMP_SYS(ioctl), 0);
	/* malloc and stacks of threads read limits; changing them is refused. */
	if (r == 0)
		r = seccomp_rule_add(
			filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A2(SCMP_CMP_EQ, 0, 0));
	return r;
}

int confine_filter_load(void)
{
	return call_filter_load(confine_filter_add);
}
