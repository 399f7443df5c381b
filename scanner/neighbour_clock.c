/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock is read first and who it belongs to afterwards: a process that has
 * the number now and began at that time has had it all along.
 */
#include "neighbour_clock.h"

#include "cleanup.h"
#include "clock.h"
#include "full_io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	NEIGHBOUR_CLOCK_TEXT_MAX = 2048, /* stat has some 350 bytes */
	NEIGHBOUR_CLOCK_FIELD = 20,      /* starttime, counted from the one after comm (proc(5)) */
};

int neighbour_clock_parse(const char *text, size_t n, uint64_t *beganp)
{
	char copy[NEIGHBOUR_CLOCK_TEXT_MAX];
	size_t n_copy = n < sizeof(copy) ? n : sizeof(copy) - 1;
	unsigned long long began;
	const char *at;

	if (n_copy > 0)
		memcpy(copy, text, n_copy);
	copy[n_copy] = '\0';
	/* comm is what the process likes, spaces and brackets included; the last one ends it. */
	at = strrchr(copy, ')');
	for (int i = 0; at && i < NEIGHBOUR_CLOCK_FIELD; i++)
		at = strchr(at + 1, ' ');
	/* NOLINTNEXTLINE(cert-err34-c): the kernel's own number, its width fits */
	if (!at || at[1] < '0' || at[1] > '9' || sscanf(at, " %llu", &began) != 1)
		return -EBADMSG;
	*beganp = began;
	return 0;
}

int neighbour_clock_began(int dir_fd, const char *path, uint64_t *beganp)
{
	_cleanup_(cleanup_close) int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char text[NEIGHBOUR_CLOCK_TEXT_MAX];
	size_t n = 0;
	int r = fd < 0 ? -errno : full_read(fd, text, sizeof(text), &n);

	return r < 0 ? r : neighbour_clock_parse(text, n, beganp);
}

int neighbour_clock_read(int proc_fd, pid_t pid, uint64_t began, uint64_t *cpu_nsp)
{
	uint64_t cpu_ns = 0;
	uint64_t found = 0;
	char path[32];
	int r = clock_process_cpu_ns(pid, &cpu_ns);

	if (r < 0)
		return r;
	(void)snprintf(path, sizeof(path), "%d/stat", (int)pid);
	r = neighbour_clock_began(proc_fd, path, &found);
	if (r == -ENOENT || (r == 0 && found != began))
		return -ESRCH;
	if (r == 0)
		*cpu_nsp = cpu_ns;
	return r;
}
