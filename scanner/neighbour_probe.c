/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All is asked of one descriptor of /proc/PID, which stands for that process
 * and no other: when it ends, reads fail with ESRCH and do not tell of whoever
 * has its number next.
 *
 * Who owns /proc/PID says nothing: the kernel gives it to root when a process
 * makes itself undumpable, which everybody may. Hence the uids of status.
 */
#include "neighbour_probe.h"

#include "cleanup.h"
#include "err.h"
#include "full_io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	NEIGHBOUR_PROBE_TEXT_MAX = 8192,   /* status has about 1500 bytes */
	NEIGHBOUR_PROBE_LINKS_MAX = 65536, /* descriptors of one process that are looked at */
};

static const char neighbour_probe_link[] = "anon_inode:[fanotify]";

/* Up to n_buf bytes of a small file below /proc/PID. */
static int neighbour_probe_read(int dir_fd, const char *name, char *buf, size_t n_buf, size_t *np)
{
	_cleanup_(cleanup_close) int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -errno : full_read(fd, buf, n_buf, np);
}

/* What follows "NAME:\t" at the start of a line; NULL. @text is NUL-terminated. */
static const char *neighbour_probe_line(const char *text, const char *name)
{
	size_t n = strlen(name);

	while (strncmp(text, name, n) != 0) {
		text = strchr(text, '\n');
		if (!text)
			return NULL;
		text++;
	}
	return text + n;
}

int neighbour_probe_status(const char *text, size_t n, struct neighbour_probe *probe)
{
	char copy[NEIGHBOUR_PROBE_TEXT_MAX];
	const char *name, *parent, *uids;
	size_t n_copy = n < sizeof(copy) ? n : sizeof(copy) - 1;
	unsigned uid, effective_uid;
	int ppid;

	if (n_copy > 0)
		memcpy(copy, text, n_copy);
	copy[n_copy] = '\0';
	name = neighbour_probe_line(copy, "Name:\t");
	parent = neighbour_probe_line(copy, "PPid:\t");
	uids = neighbour_probe_line(copy, "Uid:\t");
	/* NOLINTNEXTLINE(cert-err34-c): the kernel's own numbers, widths fit */
	if (!name || !parent || !uids || sscanf(parent, "%d", &ppid) != 1 ||
		sscanf(uids, "%u %u", &uid, &effective_uid) != 2) /* NOLINT(cert-err34-c) */
		return -EBADMSG;
	(void)snprintf(probe->comm, sizeof(probe->comm), "%.*s", (int)strcspn(name, "\n"), name);
	probe->parent = ppid;
	probe->uid = uid;
	probe->effective_uid = effective_uid;
	return 0;
}

/* "/system.slice/a.slice/mdatp.service/x": the first unit that is a service. */
static bool neighbour_probe_unit(const char *path, char service[NEIGHBOUR_PROBE_SERVICE_MAX])
{
	static const char slice[] = "/system.slice/";
	static const char suffix[] = ".service";
	const size_t n_suffix = sizeof(suffix) - 1;

	if (strncmp(path, slice, sizeof(slice) - 1) != 0)
		return false;
	for (path += sizeof(slice) - 1; *path; path += strspn(path, "/")) {
		size_t n = strcspn(path, "/\n");

		if (n > n_suffix && n - n_suffix < NEIGHBOUR_PROBE_SERVICE_MAX &&
			memcmp(path + n - n_suffix, suffix, n_suffix) == 0) {
			(void)snprintf(service, NEIGHBOUR_PROBE_SERVICE_MAX, "%.*s",
				(int)(n - n_suffix), path);
			return true;
		}
		path += n;
		if (*path == '\n')
			return false;
	}
	return false;
}

void neighbour_probe_service(const char *text, size_t n, char service[NEIGHBOUR_PROBE_SERVICE_MAX])
{
	char copy[NEIGHBOUR_PROBE_TEXT_MAX];
	size_t n_copy = n < sizeof(copy) ? n : sizeof(copy) - 1;
	const char *line = copy;

	service[0] = '\0';
	if (n_copy > 0)
		memcpy(copy, text, n_copy);
	copy[n_copy] = '\0';
	/* "0::PATH" (cgroup v2) or "1:name=systemd:PATH". */
	while (line) {
		const char *controllers = strchr(line, ':');
		const char *path = controllers ? strchr(controllers + 1, ':') : NULL;

		if (!path)
			return;
		if ((path == controllers + 1 || strncmp(controllers, ":name=systemd:", 14) == 0) &&
			neighbour_probe_unit(path + 1, service))
			return;
		line = strchr(path, '\n');
		line = line ? line + 1 : NULL;
	}
}

static void neighbour_probe_executable(struct neighbour_probe *probe)
{
	ssize_t n = readlinkat(probe->fd, "exe", probe->executable, sizeof(probe->executable));

	/* ENOENT: a kernel thread. */
	if (n < 0 && (errno == EACCES || errno == EPERM))
		probe->is_hidden = true;
	probe->n_executable = n < 0 ? 0 : (size_t)n;
}

int neighbour_probe_open(struct neighbour_probe *probe, int proc_fd, pid_t pid)
{
	char text[NEIGHBOUR_PROBE_TEXT_MAX];
	size_t n = 0;
	char name[16];
	int r;

	memset(probe, 0, sizeof(*probe));
	probe->pid = pid;
	(void)snprintf(name, sizeof(name), "%d", (int)pid);
	probe->fd = openat(proc_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (probe->fd < 0)
		return -errno;
	r = neighbour_probe_read(probe->fd, "status", text, sizeof(text), &n);
	if (r == 0)
		r = neighbour_probe_status(text, n, probe);
	if (r < 0) {
		neighbour_probe_close(probe);
		return r;
	}
	neighbour_probe_executable(probe);
	/* Not there without cgroups: then it is in no service. */
	if (neighbour_probe_read(probe->fd, "cgroup", text, sizeof(text), &n) == 0)
		neighbour_probe_service(text, n, probe->service);
	return 0;
}

void neighbour_probe_close(struct neighbour_probe *probe)
{
	if (probe->fd >= 0)
		(void)close(probe->fd);
	probe->fd = -1;
}

static bool neighbour_probe_is_group(int fds_fd, const char *name)
{
	char link[sizeof(neighbour_probe_link)];
	ssize_t n = readlinkat(fds_fd, name, link, sizeof(link));

	return n == (ssize_t)sizeof(link) - 1 && memcmp(link, neighbour_probe_link, (size_t)n) == 0;
}

/* What a group has marked; a text that is longer than we read is cut, and told. */
static bool neighbour_probe_marks(const struct neighbour_probe *probe, const char *name,
	struct neighbour_probe_budget *budget, struct fanotify_marks *marks)
{
	size_t n_max = budget->n_bytes < NEIGHBOUR_PROBE_FDINFO_MAX ? budget->n_bytes
								    : NEIGHBOUR_PROBE_FDINFO_MAX;
	char path[NAME_MAX + 16];
	size_t n = 0;

	(void)snprintf(path, sizeof(path), "fdinfo/%s", name);
	if (n_max == 0) {
		budget->is_spent = true;
		return false;
	}
	if (neighbour_probe_read(probe->fd, path, budget->buffer, n_max, &n) < 0)
		return false;
	budget->n_bytes -= n;
	budget->is_spent |= n == n_max;
	fanotify_marks_parse(budget->buffer, n, marks);
	return marks->is_group;
}

int neighbour_probe_groups(struct neighbour_probe *probe, struct neighbour_probe_budget *budget,
	void (*on_group)(void *data, const struct fanotify_marks *marks), void *data)
{
	int fd = openat(probe->fd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	_cleanup_(cleanup_closedir) DIR *fds = fd < 0 ? NULL : fdopendir(fd);
	size_t n_links = NEIGHBOUR_PROBE_LINKS_MAX;
	const struct dirent *entry;
	struct fanotify_marks marks;

	if (!fds) {
		int r = -errno;

		if (fd >= 0)
			(void)close(fd);
		probe->is_hidden |= r == -EACCES || r == -EPERM;
		return r == -ENOMEM || r == -EMFILE || r == -ENFILE ? err_origin(r) : 0;
	}
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): a stream of our own */
	while ((entry = readdir(fds)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (n_links == 0 || budget->n_links == 0) {
			budget->is_spent = true;
			break;
		}
		n_links--;
		budget->n_links--;
		if (neighbour_probe_is_group(dirfd(fds), entry->d_name) &&
			neighbour_probe_marks(probe, entry->d_name, budget, &marks))
			on_group(data, &marks);
	}
	return 0;
}
