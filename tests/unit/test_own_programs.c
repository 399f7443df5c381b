/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which files are ours: by name in our folders and by what they are, not by what they are called. */
#include "unit.h"

#include "own_programs.h"
#include "scratch.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static struct fixture {
	struct scratch scratch;
	char folder[SCRATCH_PATH_SIZE];
	struct service_paths paths;
} f;

static int setup(void **state)
{
	(void)state;
	f = (struct fixture){.paths = {.libexec_dir = ""}};
	scratch_init(&f.scratch);
	scratch_mkdir(&f.scratch, "folder");
	(void)scratch_path(&f.scratch, "folder", f.folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	scratch_deinit(&f.scratch);
	return 0;
}

static bool has(const char *name)
{
	char path[SCRATCH_PATH_SIZE];
	struct stat status;

	assert_int_equal(stat(scratch_path(&f.scratch, name, path), &status), 0);
	return own_programs_has(&f.paths, status.st_dev, status.st_ino);
}

/* Each of them in each folder, and nothing else that lies there. */
static void in_our_folders(void **state)
{
	static const char *const names[] = {"quietscan", "quietscan-console", "quietscan-engine",
		"quietscan-remediate", "quietscan-scanner", "quietscand"};
	char name[64];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(name, sizeof(name), "folder/%s", names[i]);
		scratch_write(&f.scratch, name, "x", 1);
		assert_false(has(name));
		f.paths.libexec_dir = f.folder;
		assert_true(has(name));
		f.paths.libexec_dir = NULL;
		f.paths.bin_dir = f.folder;
		assert_true(has(name));
		f.paths.bin_dir = NULL;
		f.paths.sbin_dir = f.folder;
		assert_true(has(name));
		f.paths.sbin_dir = NULL;
		(void)snprintf(f.paths.program_dir, sizeof(f.paths.program_dir), "%s", f.folder);
		assert_true(has(name));
		f.paths.program_dir[0] = '\0';
	}
	f.paths.bin_dir = f.folder;
	scratch_write(&f.scratch, "folder/quietscan2", "x", 1);
	assert_false(has("folder/quietscan2"));
	scratch_write(&f.scratch, "quietscan", "x", 1);
	assert_false(has("quietscan")); /* the name alone, elsewhere */
}

/* Another name of the same file is the same file; after an upgrade the new one is ours. */
static void by_what_it_is(void **state)
{
	char from[SCRATCH_PATH_SIZE];
	char to[SCRATCH_PATH_SIZE];

	(void)state;
	f.paths.bin_dir = f.folder;
	scratch_write(&f.scratch, "folder/quietscan", "x", 1);
	assert_int_equal(link(scratch_path(&f.scratch, "folder/quietscan", from),
				 scratch_path(&f.scratch, "other", to)),
		0);
	assert_true(has("other"));
	scratch_write(&f.scratch, "new", "y", 1);
	assert_int_equal(rename(scratch_path(&f.scratch, "new", to), from), 0);
	assert_true(has("folder/quietscan"));
	assert_false(has("other"));
}

/* What runs here, wherever it lies. */
static void ourselves(void **state)
{
	struct stat status;

	(void)state;
	assert_int_equal(stat("/proc/self/exe", &status), 0);
	assert_true(own_programs_has(&f.paths, status.st_dev, status.st_ino));
	assert_false(own_programs_has(&f.paths, status.st_dev + 1, status.st_ino));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(in_our_folders, setup, teardown),
		cmocka_unit_test_setup_teardown(by_what_it_is, setup, teardown),
		cmocka_unit_test_setup_teardown(ourselves, setup, teardown),
	};

	return cmocka_run_group_tests_name("own_programs", tests, NULL, NULL);
}
