/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allow-list, default KILL_PROCESS, one line a call with its reason. Found by
 * tracing libclamav over its test files and the machine's own /usr
 * (docs/engine.md), plus what libc and the grant handler need.
 *
 * What is not here is the point: no socket, connect, execve, fork, clone,
 * ptrace, process_vm_*, kill, mount, bpf, io_uring, keyctl, userfaultfd,
 * memfd, chown, chmod, link, symlink, utimensat, and no executable memory:
 * bytecode is compiled before the fork, or interpreted.
 */
#include "sandbox_filter.h"

#include "err.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static const int sandbox_filter_plain[] = {
	SCMP_SYS(read),            /* temporary files, sequential parsers */
	SCMP_SYS(pread64),         /* fmap: the scanned file, page by page */
	SCMP_SYS(readv),           /* Rust's std::io */
	SCMP_SYS(write),           /* temporary files */
	SCMP_SYS(pwrite64),        /* temporary files (UDF, DMG) */
	SCMP_SYS(writev),          /* stdio with large blocks, Rust's std::io */
	SCMP_SYS(lseek),           /* parsers that work on descriptors */
	SCMP_SYS(ftruncate),       /* temporary files that are used again */
	SCMP_SYS(openat),          /* temporary files; the walls decide which */
	SCMP_SYS(close),           /* scanned and temporary files */
	SCMP_SYS(dup),             /* gzdopen and fdopen on a scanned descriptor */
	SCMP_SYS(newfstatat),      /* stat and fstat of glibc */
	SCMP_SYS(fstat),           /* the same, other libc versions */
	SCMP_SYS(statx),           /* Rust's std::fs */
	SCMP_SYS(access),          /* does the temporary file exist */
	SCMP_SYS(faccessat),       /* the same */
	SCMP_SYS(faccessat2),      /* the same */
	SCMP_SYS(readlink),        /* libclamav asks /proc for names; there is none to see */
	SCMP_SYS(readlinkat),      /* the same */
	SCMP_SYS(getcwd),          /* realpath of a temporary path */
	SCMP_SYS(mkdir),           /* a directory per scan and container */
	SCMP_SYS(mkdirat),         /* the same, as our guard makes it */
	SCMP_SYS(rmdir),           /* and away again */
	SCMP_SYS(unlink),          /* temporary files */
	SCMP_SYS(unlinkat),        /* our sweep of what was left */
	SCMP_SYS(getdents64),      /* unpacked directories are walked; our sweep */
	SCMP_SYS(brk),             /* malloc */
	SCMP_SYS(mremap),          /* realloc of large blocks */
	SCMP_SYS(munmap),          /* fmap, malloc */
	SCMP_SYS(madvise),         /* malloc gives pages back */
	SCMP_SYS(getrandom),       /* names of temporary files, malloc's seed */
	SCMP_SYS(futex),           /* grant handler; locks of libraries, never contended */
	SCMP_SYS(timer_settime),   /* grant handler */
	SCMP_SYS(clock_gettime),   /* grant handler and CPU per file (CPU clocks have no vDSO) */
	SCMP_SYS(gettimeofday),    /* without a vDSO */
	SCMP_SYS(time),            /* without a vDSO */
	SCMP_SYS(rt_sigreturn),    /* end of the grant handler */
	SCMP_SYS(rt_sigaction),    /* abort() */
	SCMP_SYS(rt_sigprocmask),  /* abort(), and fdopendir */
	SCMP_SYS(restart_syscall), /* a stopped and continued worker */
	SCMP_SYS(sched_yield),     /* spin locks of libraries */
	SCMP_SYS(getpid),          /* abort(), temporary names */
	SCMP_SYS(gettid),          /* abort() */
	SCMP_SYS(getuid),          /* may I read this temporary file */
	SCMP_SYS(geteuid),         /* the same */
	SCMP_SYS(exit),            /* end */
	SCMP_SYS(exit_group),      /* end */
#ifdef QUIETSCAN_ASAN
	SCMP_SYS(sigaltstack),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(getrusage),
	SCMP_SYS(prctl),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(getpgrp),
#endif
};

static int sandbox_filter_add_plain(scmp_filter_ctx filter)
{
	size_t n = sizeof(sandbox_filter_plain) / sizeof(sandbox_filter_plain[0]);

	for (size_t i = 0; i < n; i++) {
		int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, sandbox_filter_plain[i], 0);

		if (r < 0)
			return err_origin(r);
	}
	return 0;
}

/* Allow a call if one of its arguments is, under a mask, a value. */
static int sandbox_filter_allow_if(
	scmp_filter_ctx filter, int call, unsigned arg, uint64_t mask, uint64_t value)
{
	const struct scmp_arg_cmp is = {
		.arg = arg, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value};

	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &is);
}

/* Calls that are allowed with some arguments only. */
static int sandbox_filter_add_narrow(scmp_filter_ctx filter, int socket_fd)
{
	/* No leases, owners or signals on the scanned file (F_SETLEASE, F_SETOWN). */
	static const int fcntls[] = {F_GETFD, F_SETFD, F_GETFL, F_DUPFD, F_DUPFD_CLOEXEC};
	const struct {
		int call;
		unsigned arg;
		uint64_t mask;
		uint64_t value;
	} narrow[] = {
		/* The lane; nobody else is there to talk to. */
		{SCMP_SYS(sendmsg), 0, UINT32_MAX, (uint64_t)socket_fd},
		{SCMP_SYS(recvmsg), 0, UINT32_MAX, (uint64_t)socket_fd},
		/* No executable memory. */
		{SCMP_SYS(mmap), 2, PROT_EXEC, 0},
		{SCMP_SYS(mprotect), 2, PROT_EXEC, 0},
		/* abort() of an assertion: its own process only. */
		{SCMP_SYS(tgkill), 0, UINT32_MAX, (uint64_t)getpid()},
		/* Reading limits (getrlimit), not setting them. */
		{SCMP_SYS(prlimit64), 2, UINT64_MAX, 0},
	};
	int r = 0;

	for (size_t i = 0; i < sizeof(narrow) / sizeof(narrow[0]); i++)
		r = r
			    ?: sandbox_filter_allow_if(filter, narrow[i].call, narrow[i].arg,
				       narrow[i].mask, narrow[i].value);
	for (size_t i = 0; i < sizeof(fcntls) / sizeof(fcntls[0]); i++)
		r = r
			    ?: sandbox_filter_allow_if(
				       filter, SCMP_SYS(fcntl), 1, UINT32_MAX, (uint64_t)fcntls[i]);
	/* isatty(): nothing here is one. */
	r = r ?: seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOTTY), SCMP_SYS(ioctl), 0);
	/* mkdir 0700 is followed by chmod 0700; outside, chmod would reach past Landlock. */
	r = r ?: seccomp_rule_add(filter, SCMP_ACT_ERRNO(0), SCMP_SYS(chmod), 0);
	return r < 0 ? err_origin(r) : 0;
}

int sandbox_filter_load(int socket_fd)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int r;

	if (!filter)
		return err_origin(-ENOMEM);
	r = sandbox_filter_add_plain(filter);
	r = r ?: sandbox_filter_add_narrow(filter, socket_fd);
	r = r ?: seccomp_load(filter);
	seccomp_release(filter);
	return err_trace(r);
}
