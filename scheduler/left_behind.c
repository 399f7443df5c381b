/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looked at when somebody asks, not by handles of the loop: they would keep
 * the loop from ending, or have to be taken down while the process hangs on.
 * A pidfd is readable once its process is a zombie, whoever reaps it.
 */
#include "left_behind.h"

#include <poll.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LEFT_BEHIND_ROOM = 4 * LEFT_BEHIND_MAX };

static int left_behind_fds[LEFT_BEHIND_ROOM];
static unsigned left_behind_n;

static bool left_behind_has_ended(int pidfd)
{
	struct pollfd poll_fd = {.fd = pidfd, .events = POLLIN};

	return poll(&poll_fd, 1, 0) == 1;
}

unsigned left_behind_count(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < left_behind_n; i++) {
		if (left_behind_has_ended(left_behind_fds[i]))
			(void)close(left_behind_fds[i]);
		else
			left_behind_fds[n++] = left_behind_fds[i];
	}
	left_behind_n = n;
	return n;
}

void left_behind_add(int pidfd)
{
	if (pidfd < 0)
		return;
	/* One more than there is room for changes nothing: the bound was reached long ago. */
	if (left_behind_has_ended(pidfd) || left_behind_count() == LEFT_BEHIND_ROOM)
		(void)close(pidfd);
	else
		left_behind_fds[left_behind_n++] = pidfd;
}

void left_behind_add_child(pid_t pid)
{
	left_behind_add((int)syscall(SYS_pidfd_open, pid, 0));
}
