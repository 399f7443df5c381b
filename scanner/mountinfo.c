/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel writes blank, tab, newline, backslash and '#' of a name as \ooo
 * (seq_escape), so fields are split at single blanks first and decoded then.
 * The number of optional fields varies; a lone "-" ends them.
 *
 *   36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
 */
#include "mountinfo.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/sysmacros.h>

struct mountinfo_cursor {
	char *at;
	char *end;
};

/* The next field; empty at the end and for two blanks in a row. */
static struct span mountinfo_field(struct mountinfo_cursor *cursor)
{
	char *begin = cursor->at;

	while (cursor->at < cursor->end && *cursor->at != ' ')
		cursor->at++;
	size_t n = (size_t)(cursor->at - begin);

	if (cursor->at < cursor->end)
		cursor->at++;
	return (struct span){.data = begin, .n = n};
}

static bool mountinfo_is_octal(const char *at, size_t n)
{
	return n >= 4 && at[0] == '\\' && at[1] >= '0' && at[1] <= '3' && at[2] >= '0' &&
	       at[2] <= '7' && at[3] >= '0' && at[3] <= '7';
}

static void mountinfo_decode(struct span *field)
{
	char *text = (char *)field->data;
	size_t n = 0;

	for (size_t i = 0; i < field->n; i++) {
		if (mountinfo_is_octal(text + i, field->n - i)) {
			text[n++] = (char)((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
					   (text[i + 3] - '0'));
			i += 3;
		} else {
			text[n++] = text[i];
		}
	}
	field->n = n;
}

static int mountinfo_number(struct span field, int *valuep)
{
	long value = 0;

	if (field.n == 0 || field.n > 10)
		return -EBADMSG;
	for (size_t i = 0; i < field.n; i++) {
		char c = ((const char *)field.data)[i];

		if (c < '0' || c > '9')
			return -EBADMSG;
		value = value * 10 + (c - '0');
	}
	*valuep = (int)value;
	return 0;
}

static int mountinfo_device(struct span field, dev_t *devp)
{
	const char *colon = field.n > 0 ? memchr(field.data, ':', field.n) : NULL;
	int major_number;
	int minor_number;

	if (!colon)
		return -EBADMSG;
	size_t n = (size_t)(colon - (const char *)field.data);

	if (mountinfo_number((struct span){.data = field.data, .n = n}, &major_number) < 0 ||
		mountinfo_number(
			(struct span){.data = colon + 1, .n = field.n - n - 1}, &minor_number) < 0)
		return -EBADMSG;
	*devp = makedev((unsigned)major_number, (unsigned)minor_number);
	return 0;
}

int mountinfo_parse(char *line, size_t n_line, struct mountinfo *info)
{
	struct mountinfo_cursor cursor = {.at = line, .end = line + n_line};
	struct span field;

	if (mountinfo_number(mountinfo_field(&cursor), &info->id) < 0 ||
		mountinfo_number(mountinfo_field(&cursor), &info->parent) < 0 ||
		mountinfo_device(mountinfo_field(&cursor), &info->dev) < 0)
		return -EBADMSG;
	info->root = mountinfo_field(&cursor);
	info->point = mountinfo_field(&cursor);
	(void)mountinfo_field(&cursor); /* options of the mount */
	do {
		if (cursor.at == cursor.end)
			return -EBADMSG;
		field = mountinfo_field(&cursor);
	} while (!span_equal(field, span_str("-")));
	info->type = mountinfo_field(&cursor);
	info->source = mountinfo_field(&cursor);
	mountinfo_decode(&info->root);
	mountinfo_decode(&info->point);
	mountinfo_decode(&info->type);
	mountinfo_decode(&info->source);
	if (info->point.n == 0 || *(const char *)info->point.data != '/' || info->type.n == 0)
		return -EBADMSG;
	return 0;
}
