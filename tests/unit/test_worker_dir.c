/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sweep of a private directory: everything goes, nothing outside is touched. */
#include "samples.h"
#include "unit.h"
#include "worker_dir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
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

/* What a worker that was taken over may leave: deep below names that are in the way. */
static void deep(void **state)
{
	char dir[SAMPLES_PATH_SIZE];
	char command[SAMPLES_PATH_SIZE + 256];

	(void)state;
	samples_dir(dir);
	(void)snprintf(command, sizeof(command),
		"cd '%s' && mkdir deep-1 && : >deep-0 && : >deep-1/x && "
		"for i in $(seq 300); do mkdir d && cd d && : >f || exit 1; done",
		dir);
	assert_int_equal(system(command), 0);
	assert_int_equal(worker_dir_empty(dir, NULL), 0);
	assert_int_equal(rmdir(dir), 0);
}

/* The same without the right to list, to enter or to write; not as root, who needs none. */
static void without_rights(void **state)
{
	static const mode_t modes[] = {0000, 0100, 0200, 0300, 0400, 0500};
	char dir[SAMPLES_PATH_SIZE], path[SAMPLES_PATH_SIZE];
	pid_t pid;
	int status;

	(void)state;
	samples_dir(dir);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "%03o", modes[i]);
		samples_path(path, dir, name);
		assert_int_equal(mkdir(path, 0700), 0);
		(void)strcat(path, "/f");
		samples_write(path, "x", 1);
		*strrchr(path, '/') = '\0';
		assert_int_equal(chmod(path, modes[i]), 0);
		if (geteuid() == 0)
			assert_int_equal(chown(path, 65534, 65534), 0);
	}
	if (geteuid() == 0)
		assert_int_equal(chown(dir, 65534, 65534), 0);
	pid = fork();
	if (pid == 0)
		_exit((geteuid() == 0 && setuid(65534) < 0) || worker_dir_empty(dir, NULL) < 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_goes),
		cmocka_unit_test(not_there),
		cmocka_unit_test(deep),
		cmocka_unit_test(without_rights),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
