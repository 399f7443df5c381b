/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * user-dirs.dirs is a shell fragment of one form only (its own header says
 * so): XDG_xxx_DIR="$HOME/yyy" or XDG_xxx_DIR="/yyy", with backslash escapes.
 * It is the owner's file, so what it names is looked at like any other path a
 * user may choose, with no more trust.
 */
#include "home.h"

#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>

void home_list_deinit(struct home_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->paths[i]);
	free(list->paths);
	*list = (struct home_list)HOME_LIST_NULL;
}

static int home_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void home_list_unique(struct home_list *list)
{
	size_t n = 0;

	if (list->n == 0)
		return;
	qsort(list->paths, list->n, sizeof(*list->paths), home_compare);
	for (size_t i = 0; i < list->n; i++) {
		if (n > 0 && strcmp(list->paths[n - 1], list->paths[i]) == 0)
			free(list->paths[i]);
		else
			list->paths[n++] = list->paths[i];
	}
	list->n = n;
}

static int home_list_add(struct home_list *list, const char *path)
{
	char **paths;

	if (path[0] != '/' || path[1] == '\0')
		return 0;
	if ((list->n & (list->n + 1)) == 0) {
		paths = realloc(list->paths, (2 * list->n + 2) * sizeof(*paths));
		if (!paths)
			return -ENOMEM;
		list->paths = paths;
	}
	list->paths[list->n] = strdup(path);
	if (!list->paths[list->n])
		return -ENOMEM;
	list->n++;
	return 0;
}

int home_list_read(struct home_list *list)
{
	int r = home_list_add(list, "/root");

	setpwent();
	while (r == 0 && list->n < HOME_MAX) {
		/* NOLINTNEXTLINE(concurrency-mt-unsafe): before the first thread */
		const struct passwd *user = getpwent();

		if (!user)
			break;
		r = home_list_add(list, user->pw_dir);
	}
	endpwent();
	home_list_unique(list);
	return r;
}

/* Copy the quoted value without its escapes. */
static size_t home_unquote(struct span value, char *buf, size_t n_buf)
{
	const char *text = value.data;
	size_t n = 0;

	for (size_t i = 0; i < value.n && text[i] != '"'; i++) {
		if (text[i] == '\\' && i + 1 < value.n)
			i++;
		if (n + 1 >= n_buf)
			return 0;
		buf[n++] = text[i];
	}
	buf[n] = '\0';
	return n;
}

static size_t home_expand(struct span value, struct span home, char *buf, size_t n_buf)
{
	static const char variable[] = "$HOME/";
	size_t n_variable = sizeof(variable) - 1;
	size_t n;

	if (value.n > 0 && *(const char *)value.data == '/')
		return home_unquote(value, buf, n_buf);
	if (value.n < n_variable || memcmp(value.data, variable, n_variable) != 0 ||
		home.n + 2 > n_buf)
		return 0;
	memcpy(buf, home.data, home.n);
	buf[home.n] = '/';
	value.data = (const char *)value.data + n_variable;
	value.n -= n_variable;
	n = home_unquote(value, buf + home.n + 1, n_buf - home.n - 1);
	return n > 0 ? home.n + 1 + n : 0;
}

size_t home_download(struct span text, struct span home, char *buf, size_t n_buf)
{
	static const char key[] = "XDG_DOWNLOAD_DIR=\"";
	size_t n_key = sizeof(key) - 1;
	const char *at = text.data;
	const char *end = at + text.n;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end;

		while (at < stop && (*at == ' ' || *at == '\t'))
			at++;
		if ((size_t)(stop - at) > n_key && memcmp(at, key, n_key) == 0)
			return home_expand(
				(struct span){.data = at + n_key, .n = (size_t)(stop - at) - n_key},
				home, buf, n_buf);
		at = newline ? newline + 1 : end;
	}
	return 0;
}
