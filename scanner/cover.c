/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The alternative, remembering every directory by device and inode, costs
 * memory with the size of the tree. Trees are few (targets and mounts), so
 * they are kept as paths and turned, once for each walk, into the few places
 * at which that walk has to turn back.
 */
#include "cover.h"

#include <errno.h>
#include <stdlib.h>

static void cover_free(struct cover_tree *trees, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free((void *)trees[i].inner.data);
	free(trees);
}

void cover_deinit(struct cover *cover)
{
	cover_free(cover->trees, cover->n);
	cover_free(cover->holes, cover->n_holes);
	*cover = (struct cover)COVER_NULL;
}

/* base + rest, where rest is empty or begins with a slash; "/" + rest = rest. */
static int cover_join(struct span base, struct span rest, struct span *joinedp)
{
	size_t n_base = base.n == 1 && rest.n > 0 ? 0 : base.n;
	char *joined = malloc(n_base + rest.n + 1);

	if (!joined)
		return -ENOMEM;
	memcpy(joined, base.data, n_base);
	if (rest.n > 0)
		memcpy(joined + n_base, rest.data, rest.n);
	*joinedp = (struct span){.data = joined, .n = n_base + rest.n};
	return 0;
}

/* What @path has beyond @directory: "" or "/…". */
static struct span cover_rest(struct span path, struct span directory)
{
	size_t n = directory.n == 1 ? 0 : directory.n;

	if (path.n == directory.n)
		return (struct span)SPAN_NULL;
	return (struct span){.data = (const char *)path.data + n, .n = path.n - n};
}

int cover_inner(const struct mounttable_mount *mount, struct span path, struct span *innerp)
{
	return cover_join(mount->root, cover_rest(path, mount->point), innerp);
}

/* @inner Taken over, also on failure. */
static int cover_append(
	struct cover_tree **treesp, size_t *np, size_t *n_roomp, dev_t dev, struct span inner)
{
	size_t n_room = *n_roomp ? 2 * *n_roomp : 64;
	struct cover_tree *trees;

	if (*np == *n_roomp) {
		trees = realloc(*treesp, n_room * sizeof(*trees));
		if (!trees) {
			free((void *)inner.data);
			return -ENOMEM;
		}
		*treesp = trees;
		*n_roomp = n_room;
	}
	(*treesp)[(*np)++] = (struct cover_tree){.dev = dev, .inner = inner};
	return 0;
}

int cover_add(struct cover *cover, dev_t dev, struct span inner)
{
	struct span copy;

	if (cover_join(inner, (struct span)SPAN_NULL, &copy) < 0)
		return -ENOMEM;
	return cover_append(&cover->trees, &cover->n, &cover->n_room, dev, copy);
}

int cover_add_hole(struct cover *cover, dev_t dev, struct span inner)
{
	struct span copy;

	if (cover_join(inner, (struct span)SPAN_NULL, &copy) < 0)
		return -ENOMEM;
	return cover_append(&cover->holes, &cover->n_holes, &cover->n_holes_room, dev, copy);
}

/* The length of the longest of them that @inner is at or below; 0: there is none. */
static size_t cover_longest(const struct cover_tree *trees, size_t n, dev_t dev, struct span inner)
{
	size_t longest = 0;

	for (size_t i = 0; i < n; i++)
		if (trees[i].dev == dev && trees[i].inner.n > longest &&
			mounttable_is_below(inner, trees[i].inner))
			longest = trees[i].inner.n;
	return longest;
}

/* What is nearest above it decides; a tree that was walked in a hole fills it. */
static bool cover_has_inner(const struct cover *cover, dev_t dev, struct span inner)
{
	size_t n_tree = cover_longest(cover->trees, cover->n, dev, inner);

	return n_tree > 0 && n_tree >= cover_longest(cover->holes, cover->n_holes, dev, inner);
}

int cover_has(const struct cover *cover, const struct mounttable_mount *mount, struct span path)
{
	struct span inner;
	int has;

	if (cover_inner(mount, path, &inner) < 0)
		return -ENOMEM;
	has = cover_has_inner(cover, mount->dev, inner);
	free((void *)inner.data);
	return has;
}

static int cover_stops_compare(const void *a, const void *b)
{
	return mounttable_compare(*(const struct span *)a, *(const struct span *)b);
}

/* Those of them strictly below @path, as paths of this mount; those that are covered are none. */
static int cover_find(const struct cover *cover, const struct cover_tree *trees, size_t n,
	const struct mounttable_mount *mount, struct span path, struct cover_stops *stops)
{
	*stops = (struct cover_stops){.n = 0};
	stops->paths = calloc(n + 1, sizeof(*stops->paths));
	if (!stops->paths)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct cover_tree *tree = &trees[i];
		struct span stop;

		if (tree->dev != mount->dev || !mounttable_is_below(tree->inner, mount->root) ||
			(cover && cover_has_inner(cover, tree->dev, tree->inner)))
			continue;
		if (cover_join(mount->point, cover_rest(tree->inner, mount->root), &stop) < 0)
			return -ENOMEM;
		if (stop.n > path.n && mounttable_is_below(stop, path))
			stops->paths[stops->n++] = stop;
		else
			free((void *)stop.data);
	}
	qsort(stops->paths, stops->n, sizeof(*stops->paths), cover_stops_compare);
	return 0;
}

int cover_find_stops(const struct cover *cover, const struct mounttable_mount *mount,
	struct span path, struct cover_stops *stops)
{
	return cover_find(NULL, cover->trees, cover->n, mount, path, stops);
}

int cover_find_holes(const struct cover *cover, const struct mounttable_mount *mount,
	struct span path, struct cover_stops *holes)
{
	return cover_find(cover, cover->holes, cover->n_holes, mount, path, holes);
}

void cover_stops_deinit(struct cover_stops *stops)
{
	for (size_t i = 0; i < stops->n; i++)
		free((void *)stops->paths[i].data);
	free(stops->paths);
	*stops = (struct cover_stops){.n = 0};
}

static size_t cover_stops_lower(const struct cover_stops *stops, struct span path)
{
	size_t low = 0;
	size_t high = stops->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (mounttable_compare(stops->paths[middle], path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool cover_stops_at(const struct cover_stops *stops, struct span path)
{
	size_t at = cover_stops_lower(stops, path);

	return at < stops->n && span_equal(stops->paths[at], path);
}

bool cover_stops_below(const struct cover_stops *stops, struct span path)
{
	for (size_t at = cover_stops_lower(stops, path); at < stops->n; at++) {
		struct span stop = stops->paths[at];

		if (stop.n < path.n || memcmp(stop.data, path.data, path.n) != 0)
			return false;
		if (stop.n > path.n && mounttable_is_below(stop, path))
			return true;
	}
	return false;
}
