/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Twenty lines against a library with a compressor in it. The address may be a
 * path or, with '@', an abstract name.
 */
#include "notify.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_un notify_address;
static socklen_t notify_address_size; /* 0: nobody listens */
static uint64_t notify_interval_ms;

void notify_init(void)
{
	const char *path = getenv("NOTIFY_SOCKET"); /* NOLINT(concurrency-mt-unsafe): first thing */
	const char *watchdog = getenv("WATCHDOG_USEC"); /* NOLINT(concurrency-mt-unsafe) */

	notify_address_size = 0;
	if (path && strlen(path) > 1 && strlen(path) < sizeof(notify_address.sun_path)) {
		notify_address = (struct sockaddr_un){.sun_family = AF_UNIX};
		memcpy(notify_address.sun_path, path, strlen(path));
		if (path[0] == '@')
			notify_address.sun_path[0] = '\0';
		notify_address_size =
			(socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	}
	notify_interval_ms = watchdog ? strtoull(watchdog, NULL, 10) / 2000 : 0;
	(void)unsetenv("NOTIFY_SOCKET"); /* NOLINT(concurrency-mt-unsafe) */
	(void)unsetenv("WATCHDOG_USEC"); /* NOLINT(concurrency-mt-unsafe) */
	(void)unsetenv("WATCHDOG_PID");  /* NOLINT(concurrency-mt-unsafe) */
}

void notify_send(const char *state)
{
	int fd;

	if (notify_address_size == 0)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
		(const struct sockaddr *)&notify_address, notify_address_size);
	(void)close(fd);
}

uint64_t notify_watchdog_ms(void)
{
	return notify_address_size ? notify_interval_ms : 0;
}
