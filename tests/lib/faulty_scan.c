/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An engine that fails on demand: linked with --wrap=cl_scandesc_callback into
 * an otherwise unchanged quietscan-engine, it looks at the first bytes of a file
 * and, when they are one of these, does what a parser that was hit by hostile
 * bytes might do. Every other file goes to libclamav.
 *
 *   QSFAULT:crash    writes to an address in the first page
 *   QSFAULT:abort    abort(), as glibc does on a damaged heap
 *   QSFAULT:exit     ends the process
 *   QSFAULT:hang     waits for ever without using CPU
 *   QSFAULT:nap      waits a third of a second without using CPU, as for a disk, and is clean
 *   QSFAULT:burn     computes for ever
 *   QSFAULT:socket   makes a socket, which the filter punishes
 *   QSFAULT:garbage  sends bytes that are no message over the lane's socket
 *   QSFAULT:twice    sends a verdict of its own before the real one
 *   QSFAULT:litter   leaves a file in the temporary directory, and is clean
 *   QSFAULT:memory   takes all the memory there is, and is clean
 */
#include "channel.h"

#include <clamav.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { FAULTY_SCAN_SOCKET = 3, FAULTY_SCAN_PREFIX = 8 };

#define FAULTY_SCAN_MAGIC "QSFAULT:"

cl_error_t __real_cl_scandesc_callback(int fd, const char *name, const char **virus,
	unsigned long *n_scanned, const struct cl_engine *engine, struct cl_scan_options *options,
	void *context);
cl_error_t __wrap_cl_scandesc_callback(int fd, const char *name, const char **virus,
	unsigned long *n_scanned, const struct cl_engine *engine, struct cl_scan_options *options,
	void *context);

static void faulty_scan_crash(void)
{
	/* Not address 0: clang's sanitizer looks for that, and exits. */
	static int *volatile nowhere = (int *)64;

	*nowhere = 1;
}

static void faulty_scan_exit(void)
{
	_exit(0);
}

static void faulty_scan_hang(void)
{
	static int word;

	for (;;)
		(void)syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0);
}

static void faulty_scan_nap(void)
{
	static int word;
	const struct timespec third = {.tv_nsec = 333000000};

	(void)syscall(SYS_futex, &word, FUTEX_WAIT, 0, &third, NULL, 0);
}

static void faulty_scan_burn(void)
{
	static volatile unsigned long n;

	for (;;)
		n++;
}

static void faulty_scan_socket(void)
{
	(void)socket(AF_INET, SOCK_STREAM, 0);
}

static void faulty_scan_garbage(void)
{
	char bytes[] = "no message of ours";
	struct iovec iov = {bytes, sizeof(bytes)};
	struct msghdr header = {.msg_iov = &iov, .msg_iovlen = 1};

	(void)sendmsg(FAULTY_SCAN_SOCKET, &header, 0);
}

static void faulty_scan_twice(void)
{
	struct ipc_work_verdict lie = {.serial = 1, .code = IPC_WORK_CLEAN};

	(void)channel_send(FAULTY_SCAN_SOCKET, IPC_WORK_VERDICT, &lie, NULL, 0);
}

static void faulty_scan_litter(void)
{
	int fd = open("litter", O_WRONLY | O_CREAT, 0600);

	if (fd >= 0)
		(void)close(fd);
}

static void faulty_scan_memory(void)
{
	while (malloc(1 << 20))
		;
}

static const struct {
	const char *name;
	void (*act)(void);
} faulty_scan_acts[] = {
	{"crash", faulty_scan_crash},
	{"abort", abort},
	{"exit", faulty_scan_exit},
	{"hang", faulty_scan_hang},
	{"nap", faulty_scan_nap},
	{"burn", faulty_scan_burn},
	{"socket", faulty_scan_socket},
	{"garbage", faulty_scan_garbage},
	{"twice", faulty_scan_twice},
	{"litter", faulty_scan_litter},
	{"memory", faulty_scan_memory},
};

cl_error_t __wrap_cl_scandesc_callback(int fd, const char *name, const char **virus,
	unsigned long *n_scanned, const struct cl_engine *engine, struct cl_scan_options *options,
	void *context)
{
	char head[32] = {0};

	if (pread(fd, head, sizeof(head) - 1, 0) > 0 &&
		memcmp(head, FAULTY_SCAN_MAGIC, FAULTY_SCAN_PREFIX) == 0) {
		for (size_t i = 0; i < sizeof(faulty_scan_acts) / sizeof(faulty_scan_acts[0]);
			i++) {
			const char *word = faulty_scan_acts[i].name;

			if (memcmp(head + FAULTY_SCAN_PREFIX, word, strlen(word)) == 0)
				faulty_scan_acts[i].act();
		}
	}
	return __real_cl_scandesc_callback(fd, name, virus, n_scanned, engine, options, context);
}
