/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * permlisten MOUNTPOINT [busy|eicar]: another antivirus' permission listener on one mount.
 * It answers every open and every read of a file at once, but for names that
 * ask for something else:
 *
 *   deny-*   denied (EPERM)      delay-*   allowed after 0.3 s
 *   slow-*   allowed after 0.05 s
 *   hang-*   not answered; nothing is any more from then on, as by a listener
 *            that is stuck, until SIGUSR1 (all that waits is allowed)
 *   gone-*   allowed; before that all of that name in MOUNTPOINT are removed
 *
 * With "busy" it computes all the time beside that, in a thread of its own. With
 * "eicar" it is on the whole file system, whatever mount of it is used, in whatever
 * namespace; looks into each file that is opened, read or was written to; denies
 * those that have the EICAR test string in their first MiB, and prints their names.
 *
 * Prints "ready" when the mark is set. Needs CAP_SYS_ADMIN.
 */
#include "permissions.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <unistd.h>

static const char *permlisten_point;
static volatile sig_atomic_t permlisten_is_released;

static void permlisten_on_signal(int number)
{
	(void)number;
	permlisten_is_released = 1;
}

static void permlisten_hang(void)
{
	sigset_t mask, old;

	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, SIGUSR1);
	(void)sigprocmask(SIG_BLOCK, &mask, &old);
	while (!permlisten_is_released)
		(void)sigsuspend(&old);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
}

static bool permlisten_is_named(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* No mark of ours is on directories: nobody is asked for this. */
static void permlisten_remove(void)
{
	DIR *dir = opendir(permlisten_point);
	const struct dirent *entry;

	/* NOLINTNEXTLINE(concurrency-mt-unsafe): a stream of our own */
	while (dir && (entry = readdir(dir)) != NULL)
		if (permlisten_is_named(entry->d_name, "gone-"))
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		(void)closedir(dir);
}

static uint32_t permlisten_judge(int fd, const char *name)
{
	(void)fd;
	if (permlisten_is_named(name, "deny-"))
		return FAN_DENY;
	if (permlisten_is_named(name, "delay-"))
		(void)poll(NULL, 0, 300);
	if (permlisten_is_named(name, "slow-"))
		(void)poll(NULL, 0, 50);
	if (permlisten_is_named(name, "hang-"))
		permlisten_hang();
	if (permlisten_is_named(name, "gone-"))
		permlisten_remove();
	return FAN_ALLOW;
}

/* The group's descriptors raise no events. */
static uint32_t permlisten_look(int fd, const char *name)
{
	/* In two parts, or this very program would be found. */
	static const char *const parts[] = {"EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!"};
	static char content[1024 * 1024];
	ssize_t n = pread(fd, content, sizeof(content), 0);
	const char *end = n > 0 ? content + n : content;

	for (const char *at = content; at < end; at++) {
		size_t n_first = strlen(parts[0]);

		at = memmem(at, (size_t)(end - at), parts[0], n_first);
		if (!at)
			break;
		if ((size_t)(end - at) < n_first + strlen(parts[1]) ||
			memcmp(at + n_first, parts[1], strlen(parts[1])) != 0)
			continue;
		(void)puts(name);
		(void)fflush(stdout);
		return FAN_DENY;
	}
	return FAN_ALLOW;
}

static void *permlisten_compute(void *arg)
{
	(void)arg;
	for (volatile unsigned long i = 0;; i++)
		;
	return NULL;
}

int main(int argc, char **argv)
{
	int group = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY | O_CLOEXEC);
	bool is_busy = argc == 3 && strcmp(argv[2], "busy") == 0;
	bool is_eicar = argc == 3 && strcmp(argv[2], "eicar") == 0;
	pthread_t thread;

	if (argc != 2 && !is_busy && !is_eicar)
		return 64;
	if (group < 0 || fanotify_mark(group,
				 FAN_MARK_ADD | (is_eicar ? FAN_MARK_FILESYSTEM : FAN_MARK_MOUNT),
				 FAN_OPEN_PERM | FAN_ACCESS_PERM | (is_eicar ? FAN_CLOSE_WRITE : 0),
				 AT_FDCWD, argv[1]) < 0)
		return 77;
	if (is_busy && pthread_create(&thread, NULL, permlisten_compute, NULL) != 0)
		return 1;
	permlisten_point = argv[1];
	(void)signal(SIGUSR1, permlisten_on_signal);
	(void)puts("ready");
	(void)fflush(stdout);
	permissions_serve(group, is_eicar ? permlisten_look : permlisten_judge);
	return 1;
}
