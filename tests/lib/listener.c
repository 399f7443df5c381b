/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "listener.h"

#include "permissions.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/mount.h>
#include <sys/wait.h>

int listener_prepare(void)
{
	int fd = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY);

	if (fd < 0) {
		printf("skipped: no fanotify permission marks here: %s\n", strerror(errno));
		return UNIT_SKIPPED;
	}
	(void)close(fd);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
		printf("skipped: no private mounts here: %s\n", strerror(errno));
		return UNIT_SKIPPED;
	}
	return 0;
}

static uint32_t listener_judge(int fd, const char *name)
{
	(void)fd;
	return strncmp(name, "deny", 4) == 0 ? FAN_DENY : FAN_ALLOW;
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
		permissions_serve(group, listener_judge);
		_exit(1);
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
