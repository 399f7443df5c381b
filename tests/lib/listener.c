/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "listener.h"

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/wait.h>

bool listener_can(const char **whyp)
{
	int fd = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY);

	*whyp = fd < 0 ? strerror(errno) : "";
	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

static bool listener_denies(int fd)
{
	char link[64];
	char path[4096];
	const char *name;
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n < 0 ? 0 : n] = '\0';
	name = strrchr(path, '/');
	return name && strncmp(name, "/deny", 5) == 0;
}

static void listener_serve(int group)
{
	_Alignas(struct fanotify_event_metadata) char buf[8192];

	for (;;) {
		ssize_t n = read(group, buf, sizeof(buf));
		const struct fanotify_event_metadata *event;

		if (n <= 0)
			_exit(1);
		/* Not FAN_EVENT_NEXT(): clang does not like its cast. */
		for (const char *at = buf; event = (const void *)at, FAN_EVENT_OK(event, n);
			n -= event->event_len, at += event->event_len) {
			const struct fanotify_response response = {.fd = event->fd,
				.response = listener_denies(event->fd) ? FAN_DENY : FAN_ALLOW};

			if (event->mask & (FAN_OPEN_PERM | FAN_ACCESS_PERM | FAN_OPEN_EXEC_PERM))
				(void)!write(group, &response, sizeof(response));
			if (event->fd >= 0)
				(void)close(event->fd);
		}
	}
}

static int listener_mark(const struct listener *listener)
{
	static const unsigned forms[] = {
		[FANOTIFY_MARKS_INODE] = FAN_MARK_INODE,
		[FANOTIFY_MARKS_MOUNT] = FAN_MARK_MOUNT,
		[FANOTIFY_MARKS_FILESYSTEM] = FAN_MARK_FILESYSTEM,
	};
	uint64_t mask = listener->is_mute ? FAN_OPEN : FAN_OPEN_PERM;
	int group = fanotify_init(
		FAN_CLOEXEC | (listener->is_mute ? FAN_CLASS_NOTIF : FAN_CLASS_CONTENT),
		O_RDONLY | O_CLOEXEC);

	if (listener->mask)
		mask = listener->mask;
	if (listener->form == FANOTIFY_MARKS_INODE)
		mask |= FAN_EVENT_ON_CHILD;
	if (group < 0 || fanotify_mark(group, FAN_MARK_ADD | forms[listener->form], mask, AT_FDCWD,
				 listener->path) < 0)
		_exit(1);
	return group;
}

void listener_start(struct listener *listener)
{
	int ends[2];
	char word = 0;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	listener->pid = unit_fork();
	assert_true(listener->pid >= 0);
	if (listener->pid == 0) {
		int group = listener_mark(listener);

		(void)!write(ends[1], "x", 1);
		listener_serve(group);
	}
	(void)close(ends[1]);
	if (read(ends[0], &word, 1) != 1)
		fail_msg("the listener could not set its mark on %s", listener->path);
	(void)close(ends[0]);
}

void listener_stop(struct listener *listener)
{
	if (listener->pid <= 0)
		return;
	(void)kill(listener->pid, SIGKILL);
	(void)waitpid(listener->pid, NULL, 0);
	listener->pid = 0;
}
