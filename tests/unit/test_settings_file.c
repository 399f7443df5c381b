/* SPDX-License-Identifier: GPL-2.0-or-later */
/* settings_file: what is not trusted is not read, and a failed write leaves the old file. */
#include "unit.h"

#include "settings_file.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct fixture {
	char dir[64];
	char path[96];
	struct settings settings;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/test-settings-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	(void)snprintf(f->path, sizeof(f->path), "%s/settings.json", f->dir);
	assert_int_equal(settings_init(&f->settings), 0);
	*state = f;
	return 0;
}

static int forget(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	settings_deinit(&f->settings);
	(void)nftw(f->dir, forget, 8, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0644), 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
}

static void read_and_write(void **state)
{
	struct fixture *f = *state;
	struct errmsg msg = ERRMSG_NULL;
	struct stat st;

	put(f->path, "{\"MaxFiles\": 12}");
	assert_int_equal(chmod(f->path, 0600), 0);
	assert_int_equal(settings_file_read(f->path, &f->settings, &msg), 0);
	assert_int_equal(f->settings.max_files, 12);
	assert_int_equal(settings_set_text(&f->settings, "LogLevel", "debug", &msg), 0);
	assert_int_equal(settings_file_write(f->path, &f->settings, &msg), 0);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	settings_deinit(&f->settings);
	assert_int_equal(settings_init(&f->settings), 0);
	assert_int_equal(settings_file_read(f->path, &f->settings, &msg), 0);
	assert_int_equal(f->settings.max_files, 12);
	assert_int_equal(f->settings.log_level, 7);
}

static void absent(void **state)
{
	struct fixture *f = *state;
	struct errmsg msg = ERRMSG_NULL;

	assert_int_equal(settings_file_read(f->path, &f->settings, &msg), SETTINGS_FILE_E_ABSENT);
	assert_non_null(strstr(msg.text, f->path));
	assert_int_equal(settings_file_write(f->path, &f->settings, &msg), 0);
	assert_int_equal(settings_file_read(f->path, &f->settings, &msg), 0);
}

static void symbolic_link(void **state)
{
	struct fixture *f = *state;
	struct errmsg msg = ERRMSG_NULL;
	char real[128];

	(void)snprintf(real, sizeof(real), "%s/real", f->dir);
	put(real, "{}");
	assert_int_equal(symlink(real, f->path), 0);
	assert_int_equal(settings_file_read(f->path, &f->settings, &msg), -ELOOP);
}

/* A FIFO neither hangs nor is read. */
static void special_files(void **state)
{
	struct fixture *f = *state;
	struct errmsg msg = ERRMSG_NULL;

	assert_int_equal(mkfifo(f->path, 0600), 0);
	assert_int_equal(settings_file_read(f->path, &f->settings, &msg), -EINVAL);
	assert_non_null(strstr(msg.text, "not a regular file"));
	assert_int_equal(settings_file_read(f->dir, &f->settings, &msg), -EINVAL);
}

static void too_large(void **state)
{
	struct fixture *f = *state;
	struct errmsg msg = ERRMSG_NULL;

	put(f->path, "{}");
	assert_int_equal(truncate(f->path, SETTINGS_FILE_MAX + 1), 0);
	assert_int_equal(settings_file_read(f->path, &f->settings, &msg), -EFBIG);
	assert_non_null(strstr(msg.text, "larger than"));
}

static void writable_by_others(void **state)
{
	struct fixture *f = *state;
	struct errmsg msg = ERRMSG_NULL;

	if (geteuid() != 0)
		skip();
	put(f->path, "{}");
	assert_int_equal(chmod(f->path, 0664), 0);
	assert_int_equal(settings_file_read(f->path, &f->settings, &msg), -EPERM);
	assert_non_null(strstr(msg.text, "mode 0664"));
	assert_int_equal(chmod(f->path, 0602), 0);
	assert_int_equal(settings_file_read(f->path, &f->settings, &msg), -EPERM);
	assert_int_equal(chmod(f->path, 0644), 0);
	assert_int_equal(chown(f->path, 65534, 0), 0);
	assert_int_equal(settings_file_read(f->path, &f->settings, &msg), -EPERM);
	assert_non_null(strstr(msg.text, "owner 65534"));
}

static void bad_content_keeps_values(void **state)
{
	struct fixture *f = *state;
	struct errmsg msg = ERRMSG_NULL;

	put(f->path, "{\n\"MaxFiles\": 0}");
	f->settings.max_files = 5;
	assert_int_equal(settings_file_read(f->path, &f->settings, &msg), -EINVAL);
	assert_non_null(strstr(msg.text, "settings.json:2: MaxFiles: 0 given"));
	assert_int_equal(f->settings.max_files, 5);
}

/* The disk is full (a file size limit of 0): the old file stays, no debris. */
static void write_fails(void **state)
{
	struct fixture *f = *state;
	char command[256];
	int status;
	pid_t pid;

	put(f->path, "{\"MaxFiles\": 3}");
	assert_int_equal(settings_file_read(f->path, &f->settings, NULL), 0);
	f->settings.max_files = 4;
	pid = fork();
	if (pid == 0) {
		struct errmsg msg = ERRMSG_NULL;
		struct rlimit none = {0, 0};

		(void)signal(SIGXFSZ, SIG_IGN);
		(void)setrlimit(RLIMIT_FSIZE, &none);
		_exit(settings_file_write(f->path, &f->settings, &msg) == -EFBIG &&
					strstr(msg.text, "settings.json")
				? 0
				: 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(settings_file_read(f->path, &f->settings, NULL), 0);
	assert_int_equal(f->settings.max_files, 3);
	(void)snprintf(command, sizeof(command), "test $(ls -A %s | wc -l) = 1", f->dir);
	assert_int_equal(system(command), 0);
}

/* What could not be read again is not written: the old file stays. */
static void write_too_large(void **state)
{
	struct fixture *f = *state;
	struct errmsg msg = ERRMSG_NULL;
	char item[4001] = "/";

	put(f->path, "{\"MaxFiles\": 3}");
	memset(item + 1, 'x', sizeof(item) - 2);
	for (int i = 0; i < 300; i++)
		assert_int_equal(settings_list_push(&f->settings.allowed_paths, item), 0);
	assert_int_equal(
		settings_edit_list(&f->settings, "AllowedPaths", SETTINGS_EDIT_ADD, "/a", &msg), 0);
	assert_int_equal(settings_file_write(f->path, &f->settings, &msg), -EFBIG);
	assert_non_null(strstr(msg.text, "larger than 1048576 bytes"));
	assert_int_equal(settings_file_read(f->path, &f->settings, NULL), 0);
	assert_int_equal(f->settings.max_files, 3);
}

static void directory_missing(void **state)
{
	struct fixture *f = *state;
	struct errmsg msg = ERRMSG_NULL;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/none/settings.json", f->dir);
	assert_int_equal(settings_file_write(path, &f->settings, &msg), -ENOENT);
	assert_non_null(strstr(msg.text, path));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {T(read_and_write), T(absent), T(symbolic_link),
		T(special_files), T(too_large), T(writable_by_others), T(bad_content_keeps_values),
		T(write_fails), T(write_too_large), T(directory_missing)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
