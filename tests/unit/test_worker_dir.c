/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sweep of a private directory: everything goes, nothing outside is touched. */
#include "samples.h"
#include "unit.h"
#include "worker_dir.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void everything_goes(void **state)
{
	char dir[SAMPLES_PATH_SIZE], outside[SAMPLES_PATH_SIZE], path[SAMPLES_PATH_SIZE];
	size_t n_found = 99;

	(void)state;
	samples_dir(dir);
	samples_dir(outside);
	samples_path(path, outside, "kept");
	samples_write(path, "kept", 4);
	assert_int_equal(worker_dir_empty(dir, &n_found), 0);
	assert_int_equal(n_found, 0);
	samples_path(path, dir, "file");
	samples_write(path, "x", 1);
	samples_path(path, dir, "link");
	assert_int_equal(symlink(outside, path), 0);
	samples_path(path, dir, "sub");
	assert_int_equal(mkdir(path, 0700), 0);
	samples_path(path, dir, "sub/sub");
	assert_int_equal(mkdir(path, 0700), 0);
	samples_path(path, dir, "sub/sub/file");
	samples_write(path, "x", 1);
	assert_int_equal(worker_dir_empty(dir, &n_found), 0);
	assert_int_equal(n_found, 3);
	assert_int_equal(rmdir(dir), 0);
	samples_path(path, outside, "kept");
	assert_int_equal(access(path, F_OK), 0);
	samples_dir_remove(outside);
}

static void not_there(void **state)
{
	(void)state;
	assert_int_equal(worker_dir_empty("/nonexistent-directory", NULL), -ENOENT);
}

/* Deeper than any file can make libclamav go: told, not followed for ever. */
static void too_deep(void **state)
{
	char dir[SAMPLES_PATH_SIZE], path[SAMPLES_PATH_SIZE];

	(void)state;
	samples_dir(dir);
	(void)snprintf(path, sizeof(path), "%s", dir);
	for (int i = 0; i < 100; i++) {
		(void)strcat(path, "/d");
		assert_int_equal(mkdir(path, 0700), 0);
	}
	assert_int_equal(worker_dir_empty(dir, NULL), -ELOOP);
	samples_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_goes),
		cmocka_unit_test(not_there),
		cmocka_unit_test(too_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
