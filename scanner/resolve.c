/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two strings: what is done (canonical) and what is to do. A link's text is
 * put before what is to do. openat2(2) could refuse links and mounts, but not
 * by file system type, and its flags cannot be filtered by seccomp, so the
 * scanner does without it. Each component is opened with O_PATH, which
 * triggers no automount and waits for no FIFO.
 */
#include "resolve.h"

#include "apart.h"
#include "cleanup.h"
#include "waits.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct resolve_todo {
	char *text; /* NUL-terminated, RESOLVE_PATH_MAX bytes */
	size_t at;
	unsigned n_links;
};

void resolve_deinit(struct resolve *resolve)
{
	if (resolve->fd >= 0)
		(void)close(resolve->fd);
	if (resolve->dir_fd >= 0)
		(void)close(resolve->dir_fd);
	free(resolve->path);
	*resolve = (struct resolve)RESOLVE_NULL;
}

static int resolve_to_root(struct resolve *result)
{
	int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (result->fd >= 0)
		(void)close(result->fd);
	if (result->dir_fd >= 0)
		(void)close(result->dir_fd);
	result->fd = fd;
	result->dir_fd = -1;
	memcpy(result->path, "/", 2);
	result->n_path = 1;
	return inode_of(fd, "", &result->inode);
}

/* One up: the path of a directory without links has its parent before it. */
static int resolve_up(struct resolve *result)
{
	int fd;

	if (result->n_path == 1)
		return 0;
	fd = openat(result->fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	(void)close(result->fd);
	result->fd = fd;
	if (result->dir_fd >= 0)
		(void)close(result->dir_fd);
	result->dir_fd = -1;
	while (result->n_path > 1 && result->path[result->n_path - 1] != '/')
		result->n_path--;
	if (result->n_path > 1)
		result->n_path--;
	result->path[result->n_path] = '\0';
	if (result->n_path > 1) {
		result->dir_fd = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (result->dir_fd < 0)
			return -errno;
	}
	return inode_of(fd, "", &result->inode);
}

/* Put the text of the link @fd before what is to do. */
static int resolve_follow(struct resolve *result, struct resolve_todo *todo, int fd)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(fd, "", text, sizeof(text));
	size_t n_rest = strlen(todo->text + todo->at);

	if (n < 0)
		return -errno;
	if (++todo->n_links > RESOLVE_LINKS_MAX)
		return -ELOOP;
	if (n == sizeof(text) || (size_t)n + 1 + n_rest + 1 > RESOLVE_PATH_MAX)
		return -ENAMETOOLONG;
	memmove(todo->text + n + 1, todo->text + todo->at, n_rest + 1);
	memcpy(todo->text, text, (size_t)n);
	todo->text[n] = '/';
	todo->at = 0;
	return text[0] == '/' ? resolve_to_root(result) : 0;
}

static bool resolve_is_last(const struct resolve_todo *todo)
{
	return todo->text[todo->at + strspn(todo->text + todo->at, "/")] == '\0';
}

/* The way may lead over the kernel's own file systems (/dev/shm): they do not
 * hang. The end may not lie on them. */
static bool resolve_may_pass(const struct mounttable_mount *mount, enum scan_type type)
{
	return mount->class == MOUNTRULE_PSEUDO || mountrule_allows(mount->class, type);
}

/* Whether the mount may be touched. @return 0; RESOLVE_E_MOUNT; RESOLVE_E_APART. */
static int resolve_meet(struct resolve *result, struct mounttable_mount *mount, enum scan_type type)
{
	if (!mount)
		return 0;
	if (!resolve_may_pass(mount, type)) {
		result->mount = mount;
		return RESOLVE_E_MOUNT;
	}
	if (apart_risk_of(mount) != APART_TOUCH)
		return 0;
	if (!result->apart)
		result->apart = mount;
	return result->halts ? RESOLVE_E_APART : 0;
}

/* Add the name to the path and ask the mount table before anything else. */
static int resolve_append(struct resolve *result, const struct mounttable *table, struct span name,
	enum scan_type type)
{
	if (result->n_path + name.n + 2 > RESOLVE_PATH_MAX)
		return -ENAMETOOLONG;
	if (result->path[result->n_path - 1] != '/')
		result->path[result->n_path++] = '/';
	memcpy(result->path + result->n_path, name.data, name.n);
	result->n_path += name.n;
	result->path[result->n_path] = '\0';
	waits_at(resolve_span(result));
	return resolve_meet(result, mounttable_at(table, resolve_span(result)), type);
}

static int resolve_down(struct resolve *result, struct resolve_todo *todo,
	const struct mounttable *table, struct span component, enum scan_type type)
{
	_cleanup_(cleanup_close) int fd = -1;
	size_t n_before = result->n_path;
	char name[INODE_NAME_MAX + 1];
	struct inode inode;
	int r;

	if (component.n > INODE_NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, component.data, component.n);
	name[component.n] = '\0';
	if (!S_ISDIR(result->inode.mode))
		return -ENOTDIR;
	r = resolve_append(result, table, component, type);
	if (r != 0)
		return r;
	fd = openat(result->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = inode_of(fd, "", &inode);
	if (r < 0)
		return r;
	if (S_ISLNK(inode.mode)) {
		result->n_path = n_before;
		result->path[n_before] = '\0';
		result->is_link = result->is_link || resolve_is_last(todo);
		return resolve_follow(result, todo, fd);
	}
	if (result->dir_fd >= 0)
		(void)close(result->dir_fd);
	result->dir_fd = result->fd;
	result->fd = take_fd(&fd);
	result->inode = inode;
	return 0;
}

static int resolve_run(const struct mounttable *table, struct resolve_todo *todo,
	enum scan_type type, struct resolve *result)
{
	int r = resolve_to_root(result);

	while (r == 0) {
		const char *begin = todo->text + todo->at + strspn(todo->text + todo->at, "/");
		struct span component = {.data = begin, .n = strcspn(begin, "/")};

		if (component.n == 0)
			break;
		todo->at = (size_t)(begin - todo->text) + component.n;
		if (span_equal(component, span_str(".")))
			continue;
		if (span_equal(component, span_str("..")))
			r = resolve_up(result);
		else
			r = resolve_down(result, todo, table, component, type);
	}
	return r;
}

int resolve_path(const struct mounttable *table, struct span path, enum scan_type type,
	struct resolve *result)
{
	struct resolve_todo todo = {.text = NULL};
	int r;

	if (path.n == 0 || *(const char *)path.data != '/')
		return -EINVAL;
	if (path.n >= RESOLVE_PATH_MAX)
		return -ENAMETOOLONG;
	todo.text = malloc(RESOLVE_PATH_MAX);
	result->path = malloc(RESOLVE_PATH_MAX);
	if (!todo.text || !result->path) {
		free(todo.text);
		return -ENOMEM;
	}
	memcpy(todo.text, path.data, path.n);
	todo.text[path.n] = '\0';
	memcpy(result->path, "/", 2);
	result->n_path = 1;
	r = resolve_meet(result, mounttable_at(table, resolve_span(result)), type);
	if (r == 0)
		r = resolve_run(table, &todo, type, result);
	free(todo.text);
	if (r != 0)
		return r;
	result->mount = mounttable_of(table, resolve_span(result));
	return result->mount && !mountrule_allows(result->mount->class, type) ? RESOLVE_E_MOUNT : 0;
}
