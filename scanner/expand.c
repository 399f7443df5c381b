/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * glob(3) would stat and list whatever it likes; this lists only directories
 * that resolve.c has found to be on a mount that may be touched.
 */
#include "expand.h"

#include "apart.h"
#include "cleanup.h"
#include "listing.h"
#include "resolve.h"
#include "trail.h"

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>

static int expand_from(const struct expand *expand, const char *pattern);

/* @before "/lib/", @component "*x", @after "/security" or "". */
static int expand_names(const struct expand *expand, struct span before, const char *component,
	const char *after, int fd)
{
	_cleanup_(cleanup_free) struct listing *listing = malloc(sizeof(*listing));
	struct listing_entry entry;
	int r = 0;

	if (!listing)
		return -ENOMEM;
	while (r == 0 && listing_read(listing, fd, LISTING_BUFFER) > 0) {
		while (r == 0 && listing_next(listing, &entry)) {
			char path[PATH_MAX];
			int n;

			if (fnmatch(component, entry.name.data, FNM_PERIOD) != 0)
				continue;
			n = snprintf(path, sizeof(path), "%.*s%s%s", (int)before.n,
				(const char *)before.data, (const char *)entry.name.data, after);
			/* A name with a star of its own must not be expanded again. */
			if (n < (int)sizeof(path))
				r = strchr(after, '*')
					    ? expand_from(expand, path)
					    : expand->on_path(expand->data, span_str(path));
		}
	}
	return r;
}

static int expand_directory(
	const struct expand *expand, struct span before, const char *component, const char *after)
{
	_cleanup_(resolve_deinit) struct resolve resolve = RESOLVE_NULL;
	_cleanup_(cleanup_close) int fd = -1;
	struct mounttable_mount *owner;
	int r = resolve_path(expand->table, before, expand->type, &resolve);

	if (r == -ENOMEM)
		return r;
	if (r != 0)
		return 0;
	owner = resolve.mount ? apart_owner(expand->table, resolve.mount) : NULL;
	if (owner && owner != expand->pass) {
		if (expand->on_apart)
			expand->on_apart(expand->data, owner);
		return 0;
	}
	fd = trail_open_directory(resolve.fd, ".");
	return fd < 0 ? 0 : expand_names(expand, before, component, after, fd);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as a pattern has stars */
static int expand_from(const struct expand *expand, const char *pattern)
{
	const char *star = strchr(pattern, '*');
	char component[NAME_MAX + 1];
	const char *begin;
	size_t n;

	if (!star)
		return expand->on_path(expand->data, span_str(pattern));
	begin = star;
	while (begin[-1] != '/')
		begin--;
	n = strcspn(begin, "/");
	if (n > NAME_MAX)
		return 0;
	memcpy(component, begin, n);
	component[n] = '\0';
	return expand_directory(expand,
		(struct span){.data = pattern, .n = (size_t)(begin - pattern)}, component,
		begin + n);
}

int expand_pattern(const struct expand *expand, const char *pattern)
{
	if (pattern[0] != '~')
		return expand_from(expand, pattern);
	for (size_t i = 0; i < expand->homes->n; i++) {
		char path[PATH_MAX];
		int n = snprintf(path, sizeof(path), "%s%s", expand->homes->paths[i], pattern + 1);
		int r;

		/* A home with a star in its name is no pattern. */
		if (n >= (int)sizeof(path))
			continue;
		r = strchr(pattern, '*') && !strchr(expand->homes->paths[i], '*')
			    ? expand_from(expand, path)
			    : expand->on_path(expand->data, span_str(path));
		if (r < 0)
			return r;
	}
	return 0;
}
