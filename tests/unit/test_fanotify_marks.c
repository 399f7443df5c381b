/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of a fanotify descriptor: what kernels write, and what is none. */
#include "fanotify_marks.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/sysmacros.h>

#define HEAD "pos:\t0\nflags:\t02000002\nmnt_id:\t17\nino:\t1038\n"
#define GROUP HEAD "fanotify flags:5 event-flags:8000\n"

static struct fanotify_marks parse(const char *text)
{
	size_t n = strlen(text);
	char *copy = malloc(n ? n : 1); /* without a NUL behind it */
	struct fanotify_marks marks;

	assert_non_null(copy);
	memcpy(copy, text, n);
	fanotify_marks_parse(copy, n, &marks);
	free(copy);
	return marks;
}

static void assert_place(const struct fanotify_marks *marks, size_t i,
	enum fanotify_marks_form form, uint32_t id, uint32_t mask)
{
	assert_true(i < marks->n_places);
	assert_int_equal(marks->places[i].form, form);
	assert_int_equal(marks->places[i].id, id);
	assert_int_equal(marks->places[i].mask, mask);
}

/* What Linux 6.18 wrote for a group with one mark of each form. */
static void three_forms(void **state)
{
	struct fanotify_marks marks = parse(
		GROUP "fanotify sdev:27 mflags:0 mask:60000 ignored_mask:0\n"
		      "fanotify mnt_id:103 mflags:0 mask:10000 ignored_mask:0\n"
		      "fanotify ino:1 sdev:27 mflags:0 mask:8010000 ignored_mask:0 fhandle-bytes:c "
		      "fhandle-type:1 f_handle:e60295a10100000000000000\n");

	(void)state;
	assert_true(marks.is_group);
	assert_int_equal(marks.flags, 5);
	assert_true(fanotify_marks_may_block(&marks));
	assert_int_equal(marks.n_marks, 3);
	assert_int_equal(marks.n_blocking, 3);
	assert_int_equal(marks.n_places, 3);
	assert_false(marks.is_cut);
	assert_place(
		&marks, 0, FANOTIFY_MARKS_FILESYSTEM, 0x27, FAN_ACCESS_PERM | FAN_OPEN_EXEC_PERM);
	assert_place(&marks, 1, FANOTIFY_MARKS_MOUNT, 0x103, FAN_OPEN_PERM);
	assert_place(&marks, 2, FANOTIFY_MARKS_INODE, 0x27, FAN_OPEN_PERM);
}

/* A group that only listens: marks, but nobody waits for it. */
static void only_listens(void **state)
{
	struct fanotify_marks marks =
		parse(HEAD "fanotify flags:1 event-flags:0\n"
			   "fanotify mnt_id:12 mflags:0 mask:3b ignored_mask:0\n"
			   "fanotify sdev:800001 mflags:40 mask:40000002 ignored_mask:10000\n");

	(void)state;
	assert_true(marks.is_group);
	assert_false(fanotify_marks_may_block(&marks));
	assert_int_equal(marks.n_marks, 2);
	assert_int_equal(marks.n_blocking, 0);
	assert_int_equal(marks.n_places, 0);
}

/* Each permission bit blocks, alone; the pre-content class may block too. */
static void permission_bits(void **state)
{
	static const uint32_t bits[] = {0x10000, 0x20000, 0x40000, 0x100000};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		struct fanotify_marks marks;

		(void)snprintf(text, sizeof(text),
			"fanotify flags:8 event-flags:0\n"
			"fanotify mnt_id:1f mflags:0 mask:%x ignored_mask:0\n",
			bits[i] | 0x3b);
		marks = parse(text);
		assert_true(fanotify_marks_may_block(&marks));
		assert_int_equal(marks.n_blocking, 1);
		assert_place(&marks, 0, FANOTIFY_MARKS_MOUNT, 0x1f, bits[i]);
	}
}

/* Inodes of one superblock are one place, however many; of two, two. */
static void inodes_add_up(void **state)
{
	enum { N = 5000 };
	char *text = NULL;
	size_t n_text = 0;
	FILE *out = open_memstream(&text, &n_text);
	struct fanotify_marks marks;

	(void)state;
	assert_non_null(out);
	(void)fputs(GROUP, out);
	for (int i = 0; i < N; i++)
		(void)fprintf(out, "fanotify ino:%x sdev:%x mflags:0 mask:%x ignored_mask:0\n",
			0x7fffff00U + (unsigned)i, i % 2 ? 0x800001 : 0xfe00003,
			i % 4 ? 0x10000 : 0x20000);
	assert_int_equal(fclose(out), 0);
	fanotify_marks_parse(text, n_text, &marks);
	free(text);
	assert_int_equal(marks.n_marks, N);
	assert_int_equal(marks.n_places, 2);
	assert_int_equal(marks.places[0].n_marks + marks.places[1].n_marks, N);
	assert_place(&marks, 0, FANOTIFY_MARKS_INODE, 0xfe00003, FAN_OPEN_PERM | FAN_ACCESS_PERM);
	assert_place(&marks, 1, FANOTIFY_MARKS_INODE, 0x800001, FAN_OPEN_PERM);
	assert_int_equal(fanotify_marks_dev(0xfe00003), makedev(254, 3));
	assert_int_equal(fanotify_marks_dev(0x800001), makedev(8, 1));
	assert_int_equal(fanotify_marks_dev(0x27), makedev(0, 39));
}

/* More places than are kept: counted, and said. */
static void too_many_places(void **state)
{
	char text[8192] = GROUP;
	struct fanotify_marks marks;

	(void)state;
	for (int i = 0; i <= FANOTIFY_MARKS_PLACES_MAX; i++) {
		size_t n = strlen(text);

		(void)snprintf(text + n, sizeof(text) - n, "fanotify mnt_id:%x mask:10000\n", i);
	}
	marks = parse(text);
	assert_true(marks.is_cut);
	assert_int_equal(marks.n_places, FANOTIFY_MARKS_PLACES_MAX);
	assert_int_equal(marks.n_blocking, FANOTIFY_MARKS_PLACES_MAX + 1);
}

/* Other descriptors, other lines, numbers that are none or too wide. */
static void odd_text(void **state)
{
	static const char *const lines[] = {"", "\n", HEAD, "fanotify", "fanotify\n", "fanotify \n",
		"inotify wd:1 ino:2 sdev:3 mask:10000 ignored_mask:0\n",
		" fanotify mnt_id:1 mask:10000\n", "xfanotify mnt_id:1 mask:10000\n",
		"fanotify mnt_id:1\n", "fanotify mask:10000\n", "fanotify mnt_id: mask:10000\n",
		"fanotify mnt_id:g mask:10000\n", "fanotify mnt_id:1 mask:\n",
		"fanotify mnt_id:1 mask:10000g\n", "fanotify mnt_id:1 mask:110000000\n",
		"fanotify mnt_id:123456789 mask:10000\n", "fanotify mnt_id:1 mask:-1\n",
		"fanotify mnt_ns:4 mflags:0 mask:1000000 ignored_mask:0\n",
		"fanotify mnt_id:1 ignored_mask:10000\n", "fanotify mnt_id:1 mask:1000"};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct fanotify_marks marks = parse(lines[i]);

		if (marks.n_marks != 0 || marks.n_places != 0 || marks.n_blocking != 0)
			fail_msg("taken: %s", lines[i]);
	}
}

/* A text that is cut anywhere has no mark that the whole text has not. */
static void cut_text(void **state)
{
	static const char text[] = GROUP "fanotify mnt_id:103 mflags:0 mask:1000002 "
					 "ignored_mask:0\n"
					 "fanotify ino:1 sdev:27 mflags:0 mask:10000 "
					 "ignored_mask:0\n";

	(void)state;
	for (size_t n = 0; n < sizeof(text); n++) {
		struct fanotify_marks marks;

		fanotify_marks_parse(text, n, &marks);
		assert_true(marks.n_blocking <= (n >= sizeof(text) - 1));
		for (size_t i = 0; i < marks.n_places; i++)
			assert_place(&marks, i, FANOTIFY_MARKS_INODE, 0x27, FAN_OPEN_PERM);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_forms),
		cmocka_unit_test(only_listens),
		cmocka_unit_test(permission_bits),
		cmocka_unit_test(inodes_add_up),
		cmocka_unit_test(too_many_places),
		cmocka_unit_test(odd_text),
		cmocka_unit_test(cut_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
