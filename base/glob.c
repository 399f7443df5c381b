/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fnmatch(3) was not used: it works on characters of the locale and fails on
 * names that are not valid in it, it knows brackets and backslashes, and its
 * "*" either crosses every slash or none. A "*" never crosses a slash here
 * (but at the very end), so each component is matched on its own with the two
 * cursor method, and no pattern can make it exponential.
 */
#include "glob.h"

#include "utf8.h"

#include <errno.h>

static struct span glob_tail(struct span s, size_t from)
{
	return (struct span){.data = (const char *)s.data + from, .n = s.n - from};
}

static char glob_at(struct span s, size_t i)
{
	return ((const char *)s.data)[i];
}

/* Bytes up to the next slash. */
static size_t glob_component(struct span s)
{
	const char *slash = s.n ? memchr(s.data, '/', s.n) : NULL;

	return slash ? (size_t)(slash - (const char *)s.data) : s.n;
}

/* Bytes one "?" stands for at the front of @s, which is not empty. */
static size_t glob_character(struct span s)
{
	uint32_t code;
	size_t n = utf8_next(s.data, s.n, &code);

	return n ? n : 1;
}

/* One component of a pattern against one component of a path. */
static bool glob_match_component(struct span pattern, struct span name)
{
	size_t p = 0;
	size_t i = 0;
	size_t star = SIZE_MAX; /* behind the last "*" seen */
	size_t retry = 0;       /* where its rest was tried from */

	while (i < name.n) {
		if (p < pattern.n && glob_at(pattern, p) == '*') {
			star = ++p;
			retry = i;
		} else if (p < pattern.n && glob_at(pattern, p) == '?') {
			p++;
			i += glob_character(glob_tail(name, i));
		} else if (p < pattern.n && glob_at(pattern, p) == glob_at(name, i)) {
			p++;
			i++;
		} else if (star != SIZE_MAX) {
			p = star;
			retry += glob_character(glob_tail(name, retry));
			i = retry;
		} else {
			return false;
		}
	}
	while (p < pattern.n && glob_at(pattern, p) == '*')
		p++;
	return p == pattern.n;
}

int glob_check_path(struct span pattern, struct errmsg *msg)
{
	struct span rest = pattern;
	const char *why = NULL;

	if (pattern.n == 0 || glob_at(pattern, 0) != '/')
		why = "must begin with a slash";
	else if (pattern.n > GLOB_PATTERN_MAX)
		why = "must have at most 4096 bytes";
	else if (memchr(pattern.data, '\0', pattern.n))
		why = "must not hold a NUL byte";
	while (!why && rest.n > 1) {
		struct span name = glob_tail(rest, 1);

		name.n = glob_component(name);
		if (name.n == 0)
			why = "must not have two slashes in a row";
		else if (span_equal(name, span_str(".")) || span_equal(name, span_str("..")))
			why = "must not have \".\" or \"..\" in it";
		rest = glob_tail(rest, name.n + 1);
	}
	if (!why)
		return 0;
	errmsg_set(msg, "a path %s", why);
	return -EINVAL;
}

bool glob_match_path(struct span pattern, struct span path)
{
	while (pattern.n > 0) {
		size_t n_pattern;
		size_t n_path;
		bool is_last;

		if (path.n == 0 || glob_at(pattern, 0) != '/' || glob_at(path, 0) != '/')
			return false;
		pattern = glob_tail(pattern, 1);
		path = glob_tail(path, 1);
		if (pattern.n == 0)
			return path.n > 0;
		n_pattern = glob_component(pattern);
		n_path = glob_component(path);
		is_last = n_pattern == pattern.n;
		/* A "*" at the very end needs at least the name it stands in. */
		if (n_path == 0 || !glob_match_component((struct span){pattern.data, n_pattern},
					   (struct span){path.data, n_path}))
			return false;
		pattern = glob_tail(pattern, n_pattern);
		path = glob_tail(path, n_path);
		if (is_last)
			return true;
	}
	return false;
}

int glob_check_extension(struct span extension, struct errmsg *msg)
{
	const char *why = NULL;

	if (extension.n > 0 && glob_at(extension, 0) == '.')
		extension = glob_tail(extension, 1);
	if (extension.n == 0)
		why = "must not be empty";
	else if (extension.n > 255)
		why = "must have at most 255 bytes";
	else if (memchr(extension.data, '/', extension.n) ||
		 memchr(extension.data, '\0', extension.n))
		why = "must not hold a slash or a NUL byte";
	else if (memchr(extension.data, '*', extension.n) ||
		 memchr(extension.data, '?', extension.n))
		why = "takes no wildcards: write \"log\", not \"*.log\"";
	if (!why)
		return 0;
	errmsg_set(msg, "an excluded extension %s", why);
	return -EINVAL;
}

static int glob_fold(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

bool glob_match_extension(struct span extension, struct span name)
{
	const char *slash = name.n ? memrchr(name.data, '/', name.n) : NULL;
	size_t from;

	if (slash)
		name = glob_tail(name, (size_t)(slash - (const char *)name.data) + 1);
	if (extension.n > 0 && glob_at(extension, 0) == '.')
		extension = glob_tail(extension, 1);
	if (extension.n == 0 || name.n < extension.n + 2)
		return false;
	from = name.n - extension.n;
	if (glob_at(name, from - 1) != '.')
		return false;
	for (size_t i = 0; i < extension.n; i++)
		if (glob_fold(glob_at(extension, i)) != glob_fold(glob_at(name, from + i)))
			return false;
	return true;
}
