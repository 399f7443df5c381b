/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A directory is read in batches; the names of its subdirectories wait in the
 * frame while the walk is below them. Reading on after that happens on the
 * same descriptor, or, when it had to be closed, on a new one at the cookie of
 * the last entry: file systems that can be exported by NFS keep such cookies
 * valid. Most directories are read to their end before the walk goes down, so
 * that only huge ones that are also deep depend on it.
 */
#include "trail.h"

#include "check.h"
#include "cleanup.h"
#include "err.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int trail_open_directory(int dir_fd, const char *name)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	int fd = openat(dir_fd, name, flags | O_NOATIME);

	if (fd < 0 && errno == EPERM)
		fd = openat(dir_fd, name, flags);
	return fd < 0 ? -errno : fd;
}

static void trail_free_top(struct trail *trail)
{
	struct trail_frame *frame = &trail->frames[trail->depth - 1];

	place_unref(frame->place);
	trail->n_names -= frame->n_names;
	free(frame->names);
	trail->depth--;
}

void trail_deinit(struct trail *trail)
{
	while (trail->depth > 0)
		trail_free_top(trail);
	free(trail->frames);
	free(trail->path);
	*trail = (struct trail)TRAIL_NULL;
}

struct trail_frame *trail_top(struct trail *trail)
{
	PRE(trail->depth > 0);
	return &trail->frames[trail->depth - 1];
}

struct span trail_path(const struct trail *trail)
{
	PRE(trail->depth > 0);
	return (struct span){.data = trail->path, .n = trail->frames[trail->depth - 1].n_path};
}

static int trail_path_reserve(struct trail *trail, size_t n)
{
	char *path;

	if (n <= trail->n_path_room)
		return 0;
	path = realloc(trail->path, 2 * n);
	if (!path)
		return -ENOMEM;
	trail->path = path;
	trail->n_path_room = 2 * n;
	return 0;
}

struct span trail_path_of(struct trail *trail, struct span name)
{
	size_t n = trail_top(trail)->n_path;

	if (trail_path_reserve(trail, n + 1 + name.n) < 0)
		return (struct span)SPAN_NULL;
	if (trail->path[n - 1] != '/')
		trail->path[n++] = '/';
	memcpy(trail->path + n, name.data, name.n);
	return (struct span){.data = trail->path, .n = n + name.n};
}

static int trail_reserve(struct trail *trail)
{
	size_t n_room = trail->n_room ? 2 * trail->n_room : 64;
	struct trail_frame *frames;

	if (trail->depth < trail->n_room)
		return 0;
	frames = realloc(trail->frames, n_room * sizeof(*frames));
	if (!frames)
		return -ENOMEM;
	trail->frames = frames;
	trail->n_room = n_room;
	return 0;
}

/* Write the path of the next frame; 0 without memory. */
static size_t trail_child_path(struct trail *trail, struct span name)
{
	if (trail->depth > 0)
		return trail_path_of(trail, name).n;
	if (trail_path_reserve(trail, name.n) < 0)
		return 0;
	memcpy(trail->path, name.data, name.n);
	return name.n;
}

int trail_push(struct trail *trail, int fd, struct span name, const struct inode *inode)
{
	struct trail_frame frame = {.dev = inode->dev, .ino = inode->ino};

	frame.n_path = trail_child_path(trail, name);
	if (frame.n_path == 0 || trail_reserve(trail) < 0) {
		(void)close(fd);
		return -ENOMEM;
	}
	if (trail->depth > 0) {
		const struct trail_frame *top = trail_top(trail);

		frame.reason = top->reason;
		frame.has_mounts = top->has_mounts;
		frame.has_stops = top->has_stops;
	}
	frame.place = place_new(fd, (struct span){.data = trail->path, .n = frame.n_path});
	if (!frame.place)
		return -ENOMEM;
	trail->frames[trail->depth++] = frame;
	if (trail->depth > TRAIL_OPEN_MAX + 1) {
		struct trail_frame *far = &trail->frames[trail->depth - 1 - TRAIL_OPEN_MAX];

		place_unref(far->place);
		far->place = NULL;
	}
	return 0;
}

/* Give a frame its descriptor back if it leads to the directory it was. */
static int trail_reopen(
	struct trail *trail, struct trail_frame *frame, int dir_fd, const char *name)
{
	struct inode inode;
	int fd = trail_open_directory(dir_fd, name);

	if (fd < 0)
		return TRAIL_E_LOST;
	if (inode_of(fd, "", &inode) < 0 || inode.dev != frame->dev || inode.ino != frame->ino ||
		(!frame->is_end && lseek(fd, frame->cookie, SEEK_SET) < 0)) {
		(void)close(fd);
		return TRAIL_E_LOST;
	}
	frame->place = place_new(fd, (struct span){.data = trail->path, .n = frame->n_path});
	return frame->place ? 0 : -ENOMEM;
}

void trail_pop(struct trail *trail)
{
	struct trail_frame *top = trail_top(trail);

	if (trail->depth > 1) {
		struct trail_frame *parent = top - 1;

		/* A failure is found out by trail_open_top(). */
		if (!parent->place && top->place)
			(void)trail_reopen(trail, parent, top->place->fd, "..");
	}
	trail_free_top(trail);
}

static void trail_name_of(const struct trail *trail, size_t level, char name[INODE_NAME_MAX + 1])
{
	size_t begin = trail->frames[level - 1].n_path;
	size_t end = trail->frames[level].n_path;

	if (trail->path[begin] == '/')
		begin++;
	INVARIANT(end > begin && end - begin <= INODE_NAME_MAX);
	memcpy(name, trail->path + begin, end - begin);
	name[end - begin] = '\0';
}

/* Go down by names from the root of the walk, which is always open. */
static int trail_find_top(struct trail *trail)
{
	char name[INODE_NAME_MAX + 1];
	_cleanup_(cleanup_close) int fd = -1;

	for (size_t level = 1; level + 1 < trail->depth; level++) {
		int from = fd >= 0 ? fd : trail->frames[0].place->fd;
		int next;

		trail_name_of(trail, level, name);
		next = openat(from, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return TRAIL_E_LOST;
		if (fd >= 0)
			(void)close(fd);
		fd = next;
	}
	trail_name_of(trail, trail->depth - 1, name);
	return trail_reopen(
		trail, trail_top(trail), fd >= 0 ? fd : trail->frames[0].place->fd, name);
}

int trail_open_top(struct trail *trail)
{
	if (trail_top(trail)->place)
		return 0;
	INVARIANT(trail->depth > 1);
	return trail_find_top(trail);
}

int trail_add_name(struct trail *trail, struct span name)
{
	struct trail_frame *top = trail_top(trail);

	if (top->n_names + name.n + 1 > top->n_room) {
		size_t n_room = top->n_room ? 2 * top->n_room : 128;
		char *names;

		while (n_room < top->n_names + name.n + 1)
			n_room *= 2;
		names = realloc(top->names, n_room);
		if (!names)
			return -ENOMEM;
		top->names = names;
		top->n_room = n_room;
	}
	memcpy(top->names + top->n_names, name.data, name.n);
	top->names[top->n_names + name.n] = '\0';
	top->n_names += name.n + 1;
	trail->n_names += name.n + 1;
	return 0;
}

const char *trail_next_name(struct trail *trail)
{
	struct trail_frame *top = trail_top(trail);
	const char *name;

	if (top->at_name < top->n_names) {
		name = top->names + top->at_name;
		top->at_name += strlen(name) + 1;
		return name;
	}
	/* Used up: the next batch begins with empty hands. */
	trail->n_names -= top->n_names;
	free(top->names);
	top->names = NULL;
	top->n_names = top->n_room = top->at_name = 0;
	return NULL;
}
