/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The texts come from the kernel, but also from whatever a container runtime
 * has mounted over them: everything is checked, nothing is assumed to end in a
 * newline. A mount point with a blank in it (\040 in mountinfo) is decoded as
 * the kernel encodes it.
 */
#include "cpu_quota.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/** A quota above this is a mistake, not a machine. */
#define CPU_QUOTA_MAX_US 1000000000000LL

/* A decimal number at *textp, which moves behind it. */
static bool cpu_quota_number(const char **textp, long long *valuep)
{
	char *end;

	errno = 0;
	*valuep = strtoll(*textp, &end, 10);
	if (end == *textp || errno != 0 || *valuep < -1 || *valuep > CPU_QUOTA_MAX_US)
		return false;
	*textp = end;
	return true;
}

static bool cpu_quota_is_end(const char *text)
{
	return text[strspn(text, " \t\n")] == '\0';
}

int cpu_quota_parse_max(const char *text, double *cpusp)
{
	long long quota = 0;
	long long period;
	bool is_none = strncmp(text, "max ", 4) == 0;

	if (is_none)
		text += 4;
	else if (!cpu_quota_number(&text, &quota) || *text != ' ' || quota <= 0)
		return -EINVAL;
	if (!cpu_quota_number(&text, &period) || period <= 0 || !cpu_quota_is_end(text))
		return -EINVAL;
	if (is_none)
		return CPU_QUOTA_E_NONE;
	*cpusp = (double)quota / (double)period;
	return 0;
}

int cpu_quota_parse_cfs(const char *quota, const char *period, double *cpusp)
{
	long long quota_us;
	long long period_us;

	if (!cpu_quota_number(&quota, &quota_us) || !cpu_quota_is_end(quota) ||
		!cpu_quota_number(&period, &period_us) || !cpu_quota_is_end(period))
		return -EINVAL;
	if (quota_us == -1)
		return CPU_QUOTA_E_NONE;
	if (quota_us <= 0 || period_us <= 0)
		return -EINVAL;
	*cpusp = (double)quota_us / (double)period_us;
	return 0;
}

/* Whether a comma-separated list of @n bytes has the word "cpu". */
static bool cpu_quota_has_cpu(const char *list, size_t n)
{
	while (n > 0) {
		const char *comma = memchr(list, ',', n);
		size_t n_word = comma ? (size_t)(comma - list) : n;

		if (n_word == 3 && memcmp(list, "cpu", 3) == 0)
			return true;
		n_word += comma != NULL;
		list += n_word;
		n -= n_word;
	}
	return false;
}

static int cpu_quota_copy(const char *from, size_t n, char to[CPU_QUOTA_PATH_SIZE])
{
	if (n >= CPU_QUOTA_PATH_SIZE)
		return -ENAMETOOLONG;
	memcpy(to, from, n);
	to[n] = '\0';
	return 0;
}

/* One line of /proc/self/cgroup: "ID:CONTROLLERS:PATH". */
static bool cpu_quota_is_group(
	const char *line, size_t n, enum cpu_quota_kind kind, const char **pathp)
{
	const char *first = memchr(line, ':', n);
	const char *second = first ? memchr(first + 1, ':', n - (size_t)(first + 1 - line)) : NULL;

	if (!second || (size_t)(second - line) + 1 >= n || second[1] != '/')
		return false;
	*pathp = second + 1;
	if (kind == CPU_QUOTA_V2)
		return second == first + 1 && line[0] == '0' && first == line + 1;
	return cpu_quota_has_cpu(first + 1, (size_t)(second - first - 1));
}

int cpu_quota_find_group(const char *text, enum cpu_quota_kind kind, char path[CPU_QUOTA_PATH_SIZE])
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		const char *found;

		if (cpu_quota_is_group(text, n, kind, &found))
			return cpu_quota_copy(found, (size_t)(text + n - found), path);
		text += n + (text[n] == '\n');
	}
	return CPU_QUOTA_E_NONE;
}

/* Blank, tab, newline and backslash are octal in mountinfo. */
static void cpu_quota_decode(char *path)
{
	char *to = path;

	for (const char *from = path; *from; to++) {
		if (from[0] == '\\' && strspn(from + 1, "01234567") >= 3) {
			*to = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/** The fields of a mountinfo line that count here. */
struct cpu_quota_mount {
	const char *root;
	size_t n_root;
	const char *point;
	size_t n_point;
	const char *type;
	size_t n_type;
	const char *options; /**< Of the superblock; the controllers are among them. */
	size_t n_options;
};

/* "ID PARENT MAJ:MIN ROOT POINT OPTIONS [TAGS…] - TYPE SOURCE SUPEROPTIONS" */
static bool cpu_quota_split(const char *line, size_t n, struct cpu_quota_mount *m)
{
	const char *end = line + n;
	size_t field = 0;
	size_t after = 0; /* fields since the dash */

	memset(m, 0, sizeof(*m));
	for (const char *at = line; at < end; field++) {
		const char *blank = memchr(at, ' ', (size_t)(end - at));
		size_t n_field = (size_t)((blank ? blank : end) - at);

		if (field == 3) {
			m->root = at;
			m->n_root = n_field;
		} else if (field == 4) {
			m->point = at;
			m->n_point = n_field;
		} else if (after == 1) {
			m->type = at;
			m->n_type = n_field;
		} else if (after == 3) {
			m->options = at;
			m->n_options = n_field;
		}
		after += after > 0 || (field > 5 && n_field == 1 && *at == '-');
		at += n_field + 1;
	}
	return m->options != NULL;
}

static bool cpu_quota_is_mount(const struct cpu_quota_mount *m, enum cpu_quota_kind kind)
{
	if (kind == CPU_QUOTA_V2)
		return m->n_type == 7 && memcmp(m->type, "cgroup2", 7) == 0;
	return m->n_type == 6 && memcmp(m->type, "cgroup", 6) == 0 &&
	       cpu_quota_has_cpu(m->options, m->n_options);
}

int cpu_quota_find_mount(const char *text, enum cpu_quota_kind kind, char root[CPU_QUOTA_PATH_SIZE],
	char point[CPU_QUOTA_PATH_SIZE])
{
	struct cpu_quota_mount m;
	int r;

	while (*text) {
		size_t n = strcspn(text, "\n");

		if (cpu_quota_split(text, n, &m) && cpu_quota_is_mount(&m, kind)) {
			r = cpu_quota_copy(m.root, m.n_root, root);
			if (r == 0)
				r = cpu_quota_copy(m.point, m.n_point, point);
			if (r < 0)
				return r;
			cpu_quota_decode(root);
			cpu_quota_decode(point);
			return 0;
		}
		text += n + (text[n] == '\n');
	}
	return CPU_QUOTA_E_NONE;
}

void cpu_quota_relative(const char *group, const char *root, char relative[CPU_QUOTA_PATH_SIZE])
{
	size_t n = strcmp(root, "/") == 0 ? 0 : strlen(root);
	size_t n_relative;

	relative[0] = '\0';
	if (strncmp(group, root, n) != 0 || (group[n] != '/' && group[n] != '\0'))
		return;
	n_relative = strlen(group + n);
	if (strcmp(group + n, "/") != 0 && n_relative < CPU_QUOTA_PATH_SIZE)
		memcpy(relative, group + n, n_relative + 1);
}

int cpu_quota_parent(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash)
		return 0;
	*slash = '\0';
	return 1;
}
