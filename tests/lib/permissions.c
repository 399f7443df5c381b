/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "permissions.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <unistd.h>

/* Of what cannot be asked for its name anything is allowed. */
static uint32_t permissions_judge(int fd, uint32_t (*judge)(int fd, const char *name))
{
	char link[32];
	char path[PATH_MAX];
	const char *slash;
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return FAN_ALLOW;
	path[n] = '\0';
	slash = strrchr(path, '/');
	return judge(fd, slash ? slash + 1 : path);
}

static void permissions_answer(int group, const struct fanotify_event_metadata *event,
	uint32_t (*judge)(int fd, const char *name))
{
	struct fanotify_response response = {.fd = event->fd};

	if (event->fd < 0)
		return;
	response.response = permissions_judge(event->fd, judge);
	if (event->mask & (FAN_OPEN_PERM | FAN_ACCESS_PERM | FAN_OPEN_EXEC_PERM))
		(void)!write(group, &response, sizeof(response));
	(void)close(event->fd);
}

void permissions_serve(int group, uint32_t (*judge)(int fd, const char *name))
{
	_Alignas(struct fanotify_event_metadata) char buf[8192];

	for (;;) {
		ssize_t n = read(group, buf, sizeof(buf));
		const struct fanotify_event_metadata *event;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		/* Not FAN_EVENT_NEXT(): clang does not like its cast. */
		for (const char *at = buf; event = (const void *)at, FAN_EVENT_OK(event, n);
			n -= event->event_len, at += event->event_len)
			permissions_answer(group, event, judge);
	}
}
