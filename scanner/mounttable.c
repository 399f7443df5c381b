/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mountinfo lists mounts that nobody can reach: those under a later mount. A
 * mount is hidden by a sibling (same parent mount) whose point is an ancestor
 * of its own, or by a child that is mounted on its very root; had the other
 * one come first, the kernel would have made it the parent. In the first case
 * everything on it is hidden as well, whatever is piled up there; in the second
 * everything but that child.
 */
#include "mounttable.h"

#include "cleanup.h"
#include "err.h"
#include "mountinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define MOUNTTABLE_CHUNK ((size_t)64 * 1024)

bool mounttable_is_below(struct span path, struct span directory)
{
	if (path.n < directory.n || memcmp(path.data, directory.data, directory.n) != 0)
		return false;
	return path.n == directory.n || directory.n == 1 ||
	       ((const char *)path.data)[directory.n] == '/';
}

int mounttable_compare(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int r = n > 0 ? memcmp(a.data, b.data, n) : 0;

	if (r != 0)
		return r;
	return (a.n > b.n) - (a.n < b.n);
}

/* A later sibling above it: the way to its point leads elsewhere. */
static bool mounttable_is_cut_off_by(
	const struct mounttable_mount *mount, const struct mounttable_mount *other)
{
	return mount->id != other->id && other->parent == mount->parent &&
	       mount->parent != mount->id && !span_equal(mount->point, other->point) &&
	       mounttable_is_below(mount->point, other->point);
}

/* A child on its root: the way leads to it and on. */
static bool mounttable_is_topped_by(
	const struct mounttable_mount *mount, const struct mounttable_mount *other)
{
	return mount->id != other->id && other->parent == mount->id &&
	       span_equal(other->point, mount->point);
}

/* Whether it is in such a relation to any of the table. */
static bool mounttable_is_any(const struct mounttable *table, const struct mounttable_mount *mount,
	bool (*is)(const struct mounttable_mount *mount, const struct mounttable_mount *other))
{
	for (size_t i = 0; i < table->n_mounts; i++)
		if (is(mount, &table->mounts[i]))
			return true;
	return false;
}

/* Which no way leads to, as yet in is_visible: cut off, or on one that is. */
static void mounttable_find_reachable(struct mounttable *table)
{
	bool has_moved = true;

	for (size_t i = 0; i < table->n_mounts; i++)
		table->mounts[i].is_visible =
			!mounttable_is_any(table, &table->mounts[i], mounttable_is_cut_off_by);
	while (has_moved) {
		has_moved = false;
		for (size_t i = 0; i < table->n_mounts; i++) {
			struct mounttable_mount *mount = &table->mounts[i];
			const struct mounttable_mount *parent =
				mounttable_by_id(table, (uint64_t)mount->parent);

			if (!mount->is_visible || !parent || parent->is_visible)
				continue;
			mount->is_visible = false;
			has_moved = true;
		}
	}
}

/* What is on a topped one is cut off by the top: that is its sibling, and above it. */
static void mounttable_find_visible(struct mounttable *table)
{
	mounttable_find_reachable(table);
	for (size_t i = 0; i < table->n_mounts; i++) {
		struct mounttable_mount *mount = &table->mounts[i];

		if (mount->is_visible)
			mount->is_visible =
				!mounttable_is_any(table, mount, mounttable_is_topped_by);
	}
}

static int mounttable_by_point_compare(const void *a, const void *b, void *data)
{
	const struct mounttable *table = data;

	return mounttable_compare(
		table->mounts[*(const size_t *)a].point, table->mounts[*(const size_t *)b].point);
}

static int mounttable_index(struct mounttable *table)
{
	mounttable_find_visible(table);
	table->by_point = calloc(table->n_mounts + 1, sizeof(*table->by_point));
	if (!table->by_point)
		return -ENOMEM;
	for (size_t i = 0; i < table->n_mounts; i++)
		if (table->mounts[i].is_visible)
			table->by_point[table->n_by_point++] = i;
	qsort_r(table->by_point, table->n_by_point, sizeof(*table->by_point),
		mounttable_by_point_compare, table);
	return 0;
}

static void mounttable_add_line(struct mounttable *table, char *line, size_t n_line)
{
	struct mounttable_mount *mount = &table->mounts[table->n_mounts];
	struct mountinfo info;

	if (mountinfo_parse(line, n_line, &info) < 0)
		return;
	*mount = (struct mounttable_mount){.id = info.id,
		.parent = info.parent,
		.dev = info.dev,
		.root = info.root,
		.point = info.point,
		.type = info.type,
		.class = mountrule_classify(info.type)};
	table->n_mounts++;
}

int mounttable_parse(char *bytes, size_t n_bytes, struct mounttable **tablep)
{
	struct mounttable *table = calloc(1, sizeof(*table));
	size_t n_lines = 1;
	int r;

	if (!table) {
		free(bytes);
		return -ENOMEM;
	}
	table->bytes = bytes;
	for (size_t i = 0; i < n_bytes; i++)
		n_lines += bytes[i] == '\n';
	table->mounts = calloc(n_lines, sizeof(*table->mounts));
	if (!table->mounts) {
		mounttable_free(table);
		return -ENOMEM;
	}
	for (size_t at = 0; at < n_bytes;) {
		char *end = memchr(bytes + at, '\n', n_bytes - at);
		size_t n = end ? (size_t)(end - (bytes + at)) : n_bytes - at;

		mounttable_add_line(table, bytes + at, n);
		at += n + 1;
	}
	r = mounttable_index(table);
	if (r < 0) {
		mounttable_free(table);
		return r;
	}
	*tablep = table;
	return 0;
}

int mounttable_load(int dir_fd, const char *name, struct mounttable **tablep)
{
	_cleanup_(cleanup_close) int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
	_cleanup_(cleanup_free) char *bytes = NULL;
	size_t n = 0;
	size_t n_room = 0;
	char *taken;

	if (fd < 0)
		return err_origin(-errno);
	for (;;) {
		ssize_t got;

		if (n_room - n < MOUNTTABLE_CHUNK) {
			char *more = realloc(bytes, n_room + 2 * MOUNTTABLE_CHUNK);

			if (!more)
				return -ENOMEM;
			bytes = more;
			n_room += 2 * MOUNTTABLE_CHUNK;
		}
		got = read(fd, bytes + n, MOUNTTABLE_CHUNK);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_origin(-errno);
		if (got == 0)
			break;
		n += (size_t)got;
	}
	taken = bytes;
	bytes = NULL;
	return mounttable_parse(taken, n, tablep);
}

int mounttable_complete(struct mounttable *table)
{
	const struct span point = {.data = "/", .n = 1};
	struct mounttable_mount *mounts;
	struct statx root;

	if (mounttable_at(table, point))
		return 0;
	if (statx(AT_FDCWD, "/", AT_SYMLINK_NOFOLLOW, STATX_MNT_ID, &root) < 0)
		return err_origin(-errno); /* UNTESTED: "/" can always be looked at */
	mounts = realloc(table->mounts, (table->n_mounts + 1) * sizeof(*mounts));
	if (!mounts)
		return -ENOMEM;
	table->mounts = mounts;
	mounts[table->n_mounts++] = (struct mounttable_mount){.id = (int)root.stx_mnt_id,
		.dev = makedev(root.stx_dev_major, root.stx_dev_minor),
		.root = point,
		.point = point,
		.type = {.data = "unknown", .n = 7},
		.class = MOUNTRULE_LOCAL};
	free(table->by_point);
	table->by_point = NULL;
	table->n_by_point = 0;
	return mounttable_index(table);
}

void mounttable_free(struct mounttable *table)
{
	if (!table)
		return;
	free(table->by_point);
	free(table->mounts);
	free(table->bytes);
	free(table);
}

/* Index into by_point of the first point that is not before @path. */
static size_t mounttable_lower(const struct mounttable *table, struct span path)
{
	size_t low = 0;
	size_t high = table->n_by_point;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (mounttable_compare(table->mounts[table->by_point[middle]].point, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct mounttable_mount *mounttable_at(const struct mounttable *table, struct span path)
{
	size_t at = mounttable_lower(table, path);

	if (at == table->n_by_point)
		return NULL;
	struct mounttable_mount *mount = &table->mounts[table->by_point[at]];

	return span_equal(mount->point, path) ? mount : NULL;
}

struct mounttable_mount *mounttable_of(const struct mounttable *table, struct span path)
{
	for (;;) {
		struct mounttable_mount *mount = mounttable_at(table, path);
		const char *slash;

		if (mount || path.n <= 1)
			return mount;
		slash = memrchr(path.data, '/', path.n);
		if (!slash)
			return NULL;
		path.n = slash == path.data ? 1 : (size_t)(slash - (const char *)path.data);
	}
}

struct mounttable_mount *mounttable_by_id(const struct mounttable *table, uint64_t id)
{
	for (size_t i = 0; i < table->n_mounts; i++)
		if ((uint64_t)table->mounts[i].id == id)
			return &table->mounts[i];
	return NULL;
}

struct mounttable_mount *mounttable_by_dev(const struct mounttable *table, dev_t dev)
{
	for (size_t i = 0; i < table->n_mounts; i++)
		if (table->mounts[i].dev == dev)
			return &table->mounts[i];
	return NULL;
}

bool mounttable_has_below(const struct mounttable *table, struct span path)
{
	size_t at = mounttable_lower(table, path);

	/* Between "/a" and "/a/b" sorts "/a-x": look on while the bytes agree. */
	for (; at < table->n_by_point; at++) {
		struct span point = table->mounts[table->by_point[at]].point;

		if (point.n < path.n || memcmp(point.data, path.data, path.n) != 0)
			return false;
		if (point.n > path.n && mounttable_is_below(point, path))
			return true;
	}
	return false;
}

/* Whether @a is to be marked before @b: the wider part, then the older mount
 * (the kernel lists them in that order), which is no bind of the other. */
static bool mounttable_is_better(const struct mounttable_mount *a, const struct mounttable_mount *b)
{
	return a->root.n != b->root.n ? a->root.n < b->root.n : a < b;
}

/* Whether a better mount of the superblock already covers it. */
static bool mounttable_is_spare(
	const struct mounttable *table, const struct mounttable_mount *mount, enum scan_type type)
{
	for (size_t i = 0; i < table->n_mounts; i++) {
		const struct mounttable_mount *other = &table->mounts[i];

		if (other == mount || !other->is_visible || other->dev != mount->dev ||
			!mountrule_allows(other->class, type))
			continue;
		if (mounttable_is_below(mount->root, other->root) &&
			mounttable_is_better(other, mount))
			return true;
	}
	return false;
}

void mounttable_select(struct mounttable *table, enum scan_type type)
{
	for (size_t i = 0; i < table->n_mounts; i++) {
		struct mounttable_mount *mount = &table->mounts[i];

		mount->is_selected = mount->is_visible && mountrule_allows(mount->class, type) &&
				     !mounttable_is_spare(table, mount, type);
	}
}
