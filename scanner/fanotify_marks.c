/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel writes the text, but what is marked is chosen by whoever holds the
 * group, and the format has grown with every few versions: fields are found by
 * name, unknown ones are passed over, and a number that does not fit its field
 * makes the line one that is left out.
 *
 * A product may mark every directory of a disk by its inode; such marks are
 * added up for each superblock, so that memory does not grow with the tree.
 */
#include "fanotify_marks.h"

#include <sys/fanotify.h>
#include <sys/sysmacros.h>

/* From Linux 6.14 on; not in the headers of Debian 12. */
#define FANOTIFY_MARKS_PRE_ACCESS UINT32_C(0x100000)

#define FANOTIFY_MARKS_CLASSES ((uint32_t)(FAN_CLASS_CONTENT | FAN_CLASS_PRE_CONTENT))

/* include/linux/kdev_t.h: the low 20 bits are the minor number. */
#define FANOTIFY_MARKS_MINOR_BITS 20

static const uint32_t fanotify_marks_permission =
	FAN_OPEN_PERM | FAN_ACCESS_PERM | FAN_OPEN_EXEC_PERM | FANOTIFY_MARKS_PRE_ACCESS;

static int fanotify_marks_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The value of " NAME:HEX" in a line, up to 32 bits. */
static bool fanotify_marks_field(struct span line, const char *name, uint32_t *valuep)
{
	const char *at = line.data;
	const char *end = at + line.n;
	size_t n_name = strlen(name);
	uint32_t value = 0;
	size_t n_digits = 0;

	while ((at = memchr(at, ' ', (size_t)(end - at))) != NULL) {
		at++;
		if ((size_t)(end - at) >= n_name && memcmp(at, name, n_name) == 0)
			break;
	}
	if (!at)
		return false;
	for (at += n_name; at < end && *at != ' '; at++) {
		int digit = fanotify_marks_digit(*at);

		if (digit < 0 || ++n_digits > 8)
			return false;
		value = value << 4 | (uint32_t)digit;
	}
	if (n_digits == 0)
		return false;
	*valuep = value;
	return true;
}

static void fanotify_marks_add(struct fanotify_marks *marks, enum fanotify_marks_form form,
	uint32_t id, uint32_t permissions)
{
	size_t i = 0;

	while (i < marks->n_places && (marks->places[i].form != form || marks->places[i].id != id))
		i++;
	if (i == FANOTIFY_MARKS_PLACES_MAX) {
		marks->is_cut = true;
		return;
	}
	if (i == marks->n_places) {
		marks->places[i] = (struct fanotify_marks_place){.form = form, .id = id};
		marks->n_places++;
	}
	marks->places[i].mask |= permissions;
	marks->places[i].n_marks++;
}

static void fanotify_marks_line(struct fanotify_marks *marks, struct span line)
{
	static const char start[] = "fanotify ";
	enum fanotify_marks_form form = FANOTIFY_MARKS_FILESYSTEM;
	uint32_t id = 0;
	uint32_t mask = 0;

	if (line.n < sizeof(start) - 1 || memcmp(line.data, start, sizeof(start) - 1) != 0)
		return;
	marks->is_group = true;
	if (fanotify_marks_field(line, "flags:", &marks->flags))
		return;
	if (!fanotify_marks_field(line, "mask:", &mask))
		return;
	if (fanotify_marks_field(line, "mnt_id:", &id))
		form = FANOTIFY_MARKS_MOUNT;
	else if (!fanotify_marks_field(line, "sdev:", &id))
		return;
	else if (((const char *)line.data)[sizeof(start) - 1] == 'i')
		form = FANOTIFY_MARKS_INODE; /* ino: is up to 64 bits wide, and not needed */
	marks->n_marks++;
	if ((mask & fanotify_marks_permission) == 0)
		return;
	marks->n_blocking++;
	fanotify_marks_add(marks, form, id, mask & fanotify_marks_permission);
}

void fanotify_marks_parse(const char *text, size_t n, struct fanotify_marks *marks)
{
	const char *end = text + n;
	const char *newline;

	*marks = (struct fanotify_marks){.is_group = false};
	for (const char *at = text;
		at < end && (newline = memchr(at, '\n', (size_t)(end - at))) != NULL;
		at = newline + 1)
		fanotify_marks_line(marks, (struct span){.data = at, .n = (size_t)(newline - at)});
}

bool fanotify_marks_may_block(const struct fanotify_marks *marks)
{
	return (marks->flags & FANOTIFY_MARKS_CLASSES) != 0;
}

dev_t fanotify_marks_dev(uint32_t sdev)
{
	return makedev(sdev >> FANOTIFY_MARKS_MINOR_BITS,
		sdev & ((UINT32_C(1) << FANOTIFY_MARKS_MINOR_BITS) - 1));
}
