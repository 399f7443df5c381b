/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "a/../b" becomes "b" even where "a" is a symbolic link: the service refuses
 * "..", because its meaning there would depend on links that may change.
 */
#include "cli_path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Append the components of @from to @to, which is absolute without slash at its end. */
static void cli_path_append(char *to, const char *from)
{
	while (*from) {
		size_t n = strcspn(from, "/");
		bool is_dot = n == 1 && from[0] == '.';
		bool is_up = n == 2 && from[0] == '.' && from[1] == '.';

		if (is_up) {
			char *slash = strrchr(to, '/');

			if (slash)
				*slash = '\0';
		} else if (n > 0 && !is_dot) {
			size_t end = strlen(to);

			to[end] = '/';
			memcpy(to + end + 1, from, n);
			to[end + 1 + n] = '\0';
		}
		from += n;
		from += *from == '/';
	}
}

int cli_path_absolute(const char *cwd, const char *path, char **pathp)
{
	bool is_relative = path[0] != '/';
	char *text;

	if (path[0] == '\0' || (is_relative && (!cwd || cwd[0] != '/')))
		return err_origin(-EINVAL);
	text = malloc((is_relative ? strlen(cwd) : 0) + strlen(path) + 4);
	if (!text)
		return err_origin(-ENOMEM);
	text[0] = '\0';
	if (is_relative)
		cli_path_append(text, cwd);
	cli_path_append(text, path);
	if (text[0] == '\0')
		memcpy(text, "/", 2);
	*pathp = text;
	return 0;
}
