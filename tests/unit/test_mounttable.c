/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which mounts are seen, which are walked, and where a walk turns back. */
#include "cover.h"
#include "mounttable.h"
#include "unit.h"

#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static struct mounttable *parse(const char *text)
{
	struct mounttable *table = NULL;
	char *bytes = strdup(text);

	assert_non_null(bytes);
	assert_int_equal(mounttable_parse(bytes, strlen(text), &table), 0);
	return table;
}

static const struct mounttable_mount *at(const struct mounttable *table, const char *path)
{
	return mounttable_at(table, span_str(path));
}

static int id_of(const struct mounttable *table, const char *path)
{
	const struct mounttable_mount *mount = mounttable_of(table, span_str(path));

	return mount ? mount->id : -1;
}

/* The class of a type, as the table in the header says. */
static void classes(void **state)
{
	static const struct {
		const char *type;
		enum mountrule_class class;
		bool is_full;
		bool is_custom;
	} rows[] = {
		{"ext4", MOUNTRULE_LOCAL, true, true},
		{"xfs", MOUNTRULE_LOCAL, true, true},
		{"btrfs", MOUNTRULE_LOCAL, true, true},
		{"tmpfs", MOUNTRULE_LOCAL, true, true},
		{"overlay", MOUNTRULE_LOCAL, true, true},
		{"fuseblk", MOUNTRULE_LOCAL, true, true},
		{"neverheardof", MOUNTRULE_LOCAL, true, true},
		{"nfs4", MOUNTRULE_NETWORK, false, true},
		{"cifs", MOUNTRULE_NETWORK, false, true},
		{"9p", MOUNTRULE_NETWORK, false, true},
		{"fuse", MOUNTRULE_FUSE, false, true},
		{"fuse.sshfs", MOUNTRULE_FUSE, false, true},
		{"proc", MOUNTRULE_PSEUDO, false, false},
		{"sysfs", MOUNTRULE_PSEUDO, false, false},
		{"cgroup2", MOUNTRULE_PSEUDO, false, false},
		{"devtmpfs", MOUNTRULE_PSEUDO, false, false},
		{"fusectl", MOUNTRULE_PSEUDO, false, false},
		{"autofs", MOUNTRULE_AUTOFS, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum mountrule_class class = mountrule_classify(span_str(rows[i].type));

		assert_int_equal(class, rows[i].class);
		assert_int_equal(mountrule_allows(class, SCAN_TYPE_FULL), rows[i].is_full);
		assert_int_equal(mountrule_allows(class, SCAN_TYPE_QUICK), rows[i].is_full);
		assert_int_equal(mountrule_allows(class, SCAN_TYPE_CUSTOM), rows[i].is_custom);
	}
}

/* A later mount on the same point or above hides; look-ups see what is on top. */
static void visibility(void **state)
{
	struct mounttable *table = parse("1 0 8:1 / / rw - ext4 a rw\n"
					 "2 1 8:2 / /mnt/a/b rw - ext4 b rw\n"
					 "3 2 8:3 / /mnt/a/b/c rw - ext4 c rw\n"
					 "4 1 8:4 / /mnt/a rw - ext4 d rw\n"
					 "5 1 8:5 / /x rw - ext4 e rw\n"
					 "6 5 8:6 / /x rw - ext4 f rw\n"
					 "7 6 8:7 / /x/y rw - ext4 g rw\n"
					 "broken line\n"
					 "8 1 8:8 / /mnt/a-z rw - ext4 h rw");

	(void)state;
	assert_int_equal(table->n_mounts, 8);
	assert_null(at(table, "/mnt/a/b"));
	assert_null(at(table, "/mnt/a/b/c"));
	assert_int_equal(at(table, "/mnt/a")->id, 4);
	assert_int_equal(at(table, "/x")->id, 6);
	assert_int_equal(at(table, "/x/y")->id, 7);
	assert_int_equal(id_of(table, "/mnt/a/b/c/d"), 4);
	assert_int_equal(id_of(table, "/mnt/abc"), 1);
	assert_int_equal(id_of(table, "/x/y/z"), 7);
	assert_int_equal(id_of(table, "/"), 1);
	assert_true(mounttable_has_below(table, span_str("/")));
	assert_true(mounttable_has_below(table, span_str("/mnt")));
	assert_true(mounttable_has_below(table, span_str("/x")));
	assert_false(mounttable_has_below(table, span_str("/mnt/a")));
	assert_false(mounttable_has_below(table, span_str("/x/y")));
	assert_false(mounttable_has_below(table, span_str("/m")));
	assert_int_equal(mounttable_by_id(table, 3)->id, 3);
	assert_null(mounttable_by_id(table, 99));
	mounttable_free(table);
}

/* What is mounted on a hidden mount is hidden, on its very root too, however high it is piled. */
static void piled_and_covered(void **state)
{
	struct mounttable *table = parse("1 0 8:1 / / rw - ext4 a rw\n"
					 "2 1 8:2 / /mnt/a/b rw - ext4 b rw\n"
					 "3 2 8:3 / /mnt/a/b rw - ext4 c rw\n"
					 "4 3 8:4 / /mnt/a/b rw - ext4 d rw\n"
					 "5 4 8:5 / /mnt/a/b/c rw - ext4 e rw\n"
					 "6 1 8:1 /x /mnt/a rw - ext4 a rw\n"
					 "7 6 8:7 / /mnt/a/c rw - ext4 f rw\n"
					 "8 7 8:8 / /mnt/a/c rw - ext4 g rw\n");

	(void)state;
	assert_null(at(table, "/mnt/a/b"));
	assert_null(at(table, "/mnt/a/b/c"));
	assert_int_equal(id_of(table, "/mnt/a/b/c"), 6);
	assert_int_equal(at(table, "/mnt/a/c")->id, 8);
	mounttable_free(table);
}

/* Each superblock once; subvolumes side by side; network only when allowed. */
static void selection(void **state)
{
	static const struct {
		const char *point;
		bool is_full;
	} expected[] = {{"/", true}, {"/home", true}, {"/bind", false}, {"/part", false},
		{"/whole", true}, {"/early", false}, {"/nfs", false}, {"/proc", false},
		{"/ns/hosts", true}};
	struct mounttable *table =
		parse("1 0 0:30 /@ / rw - btrfs a rw\n2 1 0:30 /@home /home rw - btrfs a rw\n"
		      "3 1 0:30 /@/srv /bind rw - btrfs a rw\n4 1 8:2 /part /early rw - ext4 b rw\n"
		      "5 1 8:2 / /whole rw - ext4 b rw\n6 1 8:2 /part /part rw - ext4 b rw\n"
		      "7 1 0:40 / /nfs rw - nfs4 s:/ rw\n8 1 0:3 / /proc rw - proc proc rw\n"
		      "9 1 8:9 /x/hosts /ns/hosts rw - ext4 c rw\n");

	(void)state;
	mounttable_select(table, SCAN_TYPE_FULL);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		assert_int_equal(at(table, expected[i].point)->is_selected, expected[i].is_full);
	mounttable_free(table);
}

/* The machine's own table can be read; a file that is not there cannot. */
static void real_table(void **state)
{
	struct mounttable *table = NULL;

	(void)state;
	assert_int_equal(mounttable_load(AT_FDCWD, "/proc/self/mountinfo", &table), 0);
	assert_non_null(at(table, "/"));
	mounttable_free(table);
	assert_int_equal(mounttable_load(AT_FDCWD, "/nowhere", &table), -ENOENT);
}

/* In a chroot whose root is no mount point, "/" is a mount all the same. */
static void completed(void **state)
{
	struct mounttable *table = parse("7 5 0:4 / /proc rw - proc proc rw\n"
					 "8 7 8:9 / /proc/x rw - ext4 b rw\n");
	struct stat root;

	(void)state;
	assert_null(at(table, "/"));
	assert_int_equal(mounttable_complete(table), 0);
	assert_int_equal(table->n_mounts, 3);
	assert_int_equal(table->n_by_point, 3);
	assert_int_equal(stat("/", &root), 0);
	assert_int_equal(at(table, "/")->dev, root.st_dev);
	assert_int_equal(at(table, "/")->class, MOUNTRULE_LOCAL);
	assert_ptr_equal(mounttable_of(table, span_str("/etc/x")), at(table, "/"));
	assert_ptr_equal(mounttable_of(table, span_str("/proc/x/y")), at(table, "/proc/x"));
	assert_int_equal(mounttable_complete(table), 0);
	assert_int_equal(table->n_mounts, 3);
	mounttable_free(table);
}

static void add(struct cover *cover, int (*how)(struct cover *cover, dev_t dev, struct span inner),
	const struct mounttable_mount *mount, const char *path)
{
	struct span inner;

	assert_int_equal(cover_inner(mount, span_str(path), &inner), 0);
	assert_int_equal(how(cover, mount->dev, inner), 0);
	free((void *)(uintptr_t)inner.data);
}

/* The same tree by two mounts is one; a walk turns back at what is covered. */
static void covers(void **state)
{
	struct mounttable *table = parse("1 0 8:1 / / rw - ext4 a rw\n"
					 "2 1 8:1 /srv/data /bind rw - ext4 a rw\n"
					 "3 1 8:2 / /other rw - ext4 b rw\n");
	const struct mounttable_mount *root = at(table, "/");
	const struct mounttable_mount *bind = at(table, "/bind");
	struct cover cover = COVER_NULL;
	struct cover_stops stops;

	(void)state;
	add(&cover, cover_add, root, "/srv/data/x");
	assert_int_equal(cover_has(&cover, root, span_str("/srv/data/x")), 1);
	assert_int_equal(cover_has(&cover, root, span_str("/srv/data/x/y")), 1);
	assert_int_equal(cover_has(&cover, root, span_str("/srv/data/xy")), 0);
	assert_int_equal(cover_has(&cover, root, span_str("/srv/data")), 0);
	assert_int_equal(cover_has(&cover, bind, span_str("/bind/x/z")), 1);
	assert_int_equal(cover_has(&cover, bind, span_str("/bind")), 0);
	assert_int_equal(cover_has(&cover, at(table, "/other"), span_str("/other/x")), 0);

	assert_int_equal(cover_find_stops(&cover, bind, span_str("/bind"), &stops), 0);
	assert_int_equal(stops.n, 1);
	assert_true(cover_stops_at(&stops, span_str("/bind/x")));
	assert_false(cover_stops_at(&stops, span_str("/bind/x/y")));
	assert_true(cover_stops_below(&stops, span_str("/bind")));
	assert_false(cover_stops_below(&stops, span_str("/bind/x")));
	cover_stops_deinit(&stops);
	assert_int_equal(cover_find_stops(&cover, root, span_str("/"), &stops), 0);
	assert_true(cover_stops_at(&stops, span_str("/srv/data/x")));
	cover_stops_deinit(&stops);
	assert_int_equal(cover_find_stops(&cover, root, span_str("/srv/data/x"), &stops), 0);
	assert_int_equal(stops.n, 0);
	cover_stops_deinit(&stops);
	/* The whole of it covers everything. */
	add(&cover, cover_add, root, "/");
	assert_int_equal(cover_has(&cover, bind, span_str("/bind")), 1);
	cover_deinit(&cover);
	mounttable_free(table);
}

/* What a mount has hidden is in no tree, until one fills it. */
static void holes(void **state)
{
	struct mounttable *table = parse("1 0 8:1 / / rw - ext4 a rw\n"
					 "2 1 8:1 /srv /bind rw - ext4 a rw\n"
					 "3 1 8:2 / /srv/data rw - ext4 b rw\n");
	const struct mounttable_mount *root = at(table, "/");
	const struct mounttable_mount *bind = at(table, "/bind");
	struct cover cover = COVER_NULL;
	struct cover_stops found;

	(void)state;
	add(&cover, cover_add_hole, root, "/srv/data");
	add(&cover, cover_add, root, "/");
	assert_int_equal(cover_has(&cover, bind, span_str("/bind")), 1);
	assert_int_equal(cover_has(&cover, bind, span_str("/bind/data")), 0);
	assert_int_equal(cover_has(&cover, bind, span_str("/bind/data/x/y")), 0);
	assert_int_equal(cover_has(&cover, bind, span_str("/bind/data-x")), 1);
	assert_int_equal(cover_find_holes(&cover, bind, span_str("/bind"), &found), 0);
	assert_int_equal(found.n, 1);
	assert_true(cover_stops_at(&found, span_str("/bind/data")));
	cover_stops_deinit(&found);
	assert_int_equal(cover_find_holes(&cover, bind, span_str("/bind/data"), &found), 0);
	assert_int_equal(found.n, 0);
	cover_stops_deinit(&found);
	/* A part of it, then all of it. */
	add(&cover, cover_add, bind, "/bind/data/x");
	assert_int_equal(cover_has(&cover, bind, span_str("/bind/data/x/y")), 1);
	assert_int_equal(cover_has(&cover, bind, span_str("/bind/data/z")), 0);
	add(&cover, cover_add, bind, "/bind/data");
	assert_int_equal(cover_has(&cover, bind, span_str("/bind/data/z")), 1);
	assert_int_equal(cover_find_holes(&cover, bind, span_str("/bind"), &found), 0);
	assert_int_equal(found.n, 0);
	cover_stops_deinit(&found);
	cover_deinit(&cover);
	mounttable_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes),
		cmocka_unit_test(visibility),
		cmocka_unit_test(piled_and_covered),
		cmocka_unit_test(selection),
		cmocka_unit_test(real_table),
		cmocka_unit_test(completed),
		cmocka_unit_test(covers),
		cmocka_unit_test(holes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
