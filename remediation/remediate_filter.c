/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An allow-list, one line a call with its reason; whatever is not in it ends the
 * process. Not in it on purpose: execve, fork, clone, ptrace, process_vm_*,
 * socket, connect, kill, mount, setuid, keyctl, bpf, io_uring; truncate and
 * symlink, because nothing here needs them.
 */
#include "remediate_filter.h"

#include "call_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

static const int remediate_filter_calls[] = {
	/* names */
	SCMP_SYS(faccessat),  /* may the top of a mount be written? */
	SCMP_SYS(faccessat2), /* the same with the ids in effect */
	SCMP_SYS(linkat),     /* a restored file gets its name */
	SCMP_SYS(mkdirat),    /* staging folder */
	SCMP_SYS(openat),     /* all opens but … */
	SCMP_SYS(openat2),    /* … of folders by path, without links */
	SCMP_SYS(readlink),   /* where a folder is */
	SCMP_SYS(readlinkat), /* the same on other machines */
	SCMP_SYS(renameat),   /* file systems without … */
	SCMP_SYS(renameat2),  /* … NOREPLACE */
	SCMP_SYS(unlinkat),   /* staged files, items, staging folder */
	/* looks */
	SCMP_SYS(close),      /* every descriptor */
	SCMP_SYS(fgetxattr),  /* attributes of a file */
	SCMP_SYS(flistxattr), /* their names */
	SCMP_SYS(fstat),      /* is it what was scanned? */
	SCMP_SYS(getdents64), /* the vault's directory */
	SCMP_SYS(lseek),      /* the same */
	SCMP_SYS(newfstatat), /* names, and libc's fstat(3) */
	SCMP_SYS(pread64),    /* content */
	SCMP_SYS(read),       /* libc's streams */
	SCMP_SYS(statx),      /* mounts, chattr's flags */
	/* changes of what is ours or becomes the user's again */
	SCMP_SYS(fallocate),    /* room for an item */
	SCMP_SYS(fchmod),       /* restore */
	SCMP_SYS(fchown),       /* restore */
	SCMP_SYS(fdatasync),    /* journal */
	SCMP_SYS(flock),        /* vault */
	SCMP_SYS(fremovexattr), /* an ACL that a folder gave */
	SCMP_SYS(fsetxattr),    /* restore */
	SCMP_SYS(fsync),        /* before anything is called done */
	SCMP_SYS(ftruncate),    /* journal: what was half written */
	SCMP_SYS(pwrite64),     /* items, restored files */
	SCMP_SYS(utimensat),    /* restore */
	SCMP_SYS(write),        /* journal, standard error */
	SCMP_SYS(writev),       /* libc's last words */
	/* the channel */
	SCMP_SYS(recvmsg), /* requests */
	SCMP_SYS(sendmsg), /* results */
	/* who executes a file: found and looked at by the calls above, and ended */
	SCMP_SYS(pidfd_open), /* hold a process; its signal is below */
	SCMP_SYS(poll),       /* wait for its end … */
	SCMP_SYS(ppoll),      /* … on other machines */
	/* memory and libc */
	SCMP_SYS(brk),             /* malloc */
	SCMP_SYS(clock_gettime),   /* when vDSO has none */
	SCMP_SYS(exit_group),      /* the end */
	SCMP_SYS(futex),           /* libcrypto's locks */
	SCMP_SYS(getegid),         /* libcrypto: does it run set-id? */
	SCMP_SYS(geteuid),         /* whose is the staging folder? */
	SCMP_SYS(getgid),          /* as getegid */
	SCMP_SYS(getpid),          /* log lines, abort(3), who is not to be ended */
	SCMP_SYS(getppid),         /* likewise: the daemon */
	SCMP_SYS(getrandom),       /* ids, keys, malloc */
	SCMP_SYS(gettid),          /* abort(3) */
	SCMP_SYS(getuid),          /* as getegid */
	SCMP_SYS(madvise),         /* malloc */
	SCMP_SYS(mremap),          /* realloc */
	SCMP_SYS(munmap),          /* malloc */
	SCMP_SYS(restart_syscall), /* a wait goes on after SIGCONT */
	SCMP_SYS(rt_sigaction),    /* abort(3) */
	SCMP_SYS(rt_sigprocmask),  /* abort(3) */
	SCMP_SYS(rt_sigreturn),    /* any signal handler */
};

/* Close-on-exec, duplicates, flags; no F_SETOWN, F_SETSIG: those send signals. */
static int remediate_filter_add_fcntl(void *filter)
{
	static const uint32_t commands[] = {
		F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD, F_DUPFD_CLOEXEC};
	int r = call_filter_allow_commands(
		filter, SCMP_SYS(fcntl), commands, sizeof(commands) / sizeof(commands[0]));

	return r;
}

/* A process is ended, or nothing is sent to it. */
static int remediate_filter_add_signal(void *filter)
{
	static const uint32_t signals[] = {SIGKILL};

	return call_filter_allow_commands(filter, SCMP_SYS(pidfd_send_signal), signals, 1);
}

static int remediate_filter_add(void *filter)
{
	int r = remediate_filter_add_fcntl(filter);

	if (r == 0)
		r = remediate_filter_add_signal(filter);
	if (r == 0)
		r = call_filter_allow(filter, remediate_filter_calls,
			sizeof(remediate_filter_calls) / sizeof(remediate_filter_calls[0]));
	/* libc asks whether a stream is a terminal; no device is ours to control. */
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOTTY), SCMP_SYS(ioctl), 0);
	return r;
}

int remediate_filter_load(void)
{
	return call_filter_load(remediate_filter_add);
}
