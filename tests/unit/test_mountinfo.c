/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of mountinfo: what the kernel writes, and what is none. */
#include "mountinfo.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

static int parse(const char *text, char *line, struct mountinfo *info)
{
	(void)strcpy(line, text);
	return mountinfo_parse(line, strlen(line), info);
}

static void assert_span(struct span span, const char *text)
{
	assert_int_equal(span.n, strlen(text));
	assert_memory_equal(span.data, text, span.n);
}

/* The line of the manual page. */
static void manual_page(void **state)
{
	struct mountinfo info;
	char line[256];

	(void)state;
	assert_int_equal(parse("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root "
			       "rw,errors=continue",
				 line, &info),
		0);
	assert_int_equal(info.id, 36);
	assert_int_equal(info.parent, 35);
	assert_int_equal(info.dev, makedev(98, 0));
	assert_span(info.root, "/mnt1");
	assert_span(info.point, "/mnt2");
	assert_span(info.type, "ext3");
	assert_span(info.source, "/dev/root");
}

/* No and many optional fields, a type with a dot, an empty source. */
static void variants(void **state)
{
	struct mountinfo info;
	char line[256];

	(void)state;
	assert_int_equal(parse("1 1 0:2 / / rw - rootfs none rw", line, &info), 0);
	assert_span(info.type, "rootfs");
	assert_int_equal(parse("9 1 0:44 / /m rw shared:1 master:2 propagate_from:3 - fuse.sshfs "
			       "u@h:/ rw",
				 line, &info),
		0);
	assert_span(info.type, "fuse.sshfs");
	assert_span(info.source, "u@h:/");
	assert_int_equal(parse("9 1 0:44 / /m rw - tmpfs  rw", line, &info), 0);
	assert_span(info.source, "");
}

/* Blank, tab, newline and backslash come as octal. */
static void escapes(void **state)
{
	struct mountinfo info;
	char line[256];

	(void)state;
	assert_int_equal(
		parse("9 1 8:1 /a\\040b /x\\011y\\012z\\134\\043 rw - ext4 /dev/a\\040b rw", line,
			&info),
		0);
	assert_span(info.root, "/a b");
	assert_span(info.point, "/x\ty\nz\\#");
	assert_span(info.source, "/dev/a b");
	assert_int_equal(parse("9 1 8:1 / /a\\04 rw - ext4 s rw", line, &info), 0);
	assert_span(info.point, "/a\\04");
	assert_int_equal(parse("9 1 8:1 / /a\\777 rw - ext4 s rw", line, &info), 0);
	assert_span(info.point, "/a\\777");
}

/* What is no such line is refused, every prefix of a good one too. */
static void broken(void **state)
{
	static const char *const lines[] = {"", "x", "1", "1 2 3", "a 1 8:1 / /m rw - ext4 s rw",
		"1 2 8 / /m rw - ext4 s rw", "1 2 8: / /m rw - ext4 s rw",
		"1 2 :1 / /m rw - ext4 s rw", "1 2 8:1 / m rw - ext4 s rw",
		"1 2 8:1 / /m rw shared:1", "99999999999 2 8:1 / /m rw - ext4 s rw",
		"1 2 8:1 / /m rw -"};
	static const char good[] = "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3";
	struct mountinfo info;
	char line[256];

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(parse(lines[i], line, &info), -EBADMSG);
	for (size_t n = 0; n < sizeof(good) - 5; n++) {
		(void)strcpy(line, good);
		assert_int_equal(mountinfo_parse(line, n, &info), -EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(manual_page),
		cmocka_unit_test(variants),
		cmocka_unit_test(escapes),
		cmocka_unit_test(broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
