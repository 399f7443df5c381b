/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything by system calls, no shell: a test's directory may have any name.
 */
#include "scratch.h"

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

void scratch_init(struct scratch *scratch)
{
	const char *tmp = getenv("TMPDIR");

	scratch->is_mounted = false;
	(void)snprintf(scratch->path, sizeof(scratch->path), "%s/quietscan-test-XXXXXX",
		tmp && tmp[0] == '/' ? tmp : "/tmp");
	assert_non_null(mkdtemp(scratch->path));
}

bool scratch_init_small(struct scratch *scratch, unsigned n_kib)
{
	char options[64];

	scratch_init(scratch);
	(void)snprintf(options, sizeof(options), "size=%uk,mode=0700", n_kib);
	if (mount("tmpfs", scratch->path, "tmpfs", MS_NOSUID | MS_NODEV, options) < 0) {
		scratch_deinit(scratch);
		return false;
	}
	scratch->is_mounted = true;
	return true;
}

static int scratch_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void scratch_deinit(struct scratch *scratch)
{
	if (scratch->path[0] == '\0')
		return;
	if (scratch->is_mounted)
		(void)umount2(scratch->path, MNT_DETACH);
	(void)nftw(scratch->path, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	scratch->path[0] = '\0';
}

const char *scratch_path(
	const struct scratch *scratch, const char *name, char buf[SCRATCH_PATH_SIZE])
{
	int n = snprintf(buf, SCRATCH_PATH_SIZE, "%s/%s", scratch->path, name);

	assert_true(n > 0 && n < SCRATCH_PATH_SIZE);
	return buf;
}

void scratch_mkdir(const struct scratch *scratch, const char *name)
{
	char path[SCRATCH_PATH_SIZE];

	assert_int_equal(mkdir(scratch_path(scratch, name, path), 0700), 0);
}

void scratch_write(const struct scratch *scratch, const char *name, const void *data, size_t n)
{
	char path[SCRATCH_PATH_SIZE];
	int fd = open(
		scratch_path(scratch, name, path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, n), (ssize_t)n);
	assert_int_equal(close(fd), 0);
}

char *scratch_read(const struct scratch *scratch, const char *name, size_t *n_datap)
{
	char path[SCRATCH_PATH_SIZE];
	int fd = open(scratch_path(scratch, name, path), O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *data;

	if (fd < 0)
		return NULL;
	assert_int_equal(fstat(fd, &st), 0);
	data = malloc((size_t)st.st_size + 1);
	assert_non_null(data);
	assert_int_equal(read(fd, data, (size_t)st.st_size), st.st_size);
	data[st.st_size] = '\0';
	(void)close(fd);
	if (n_datap)
		*n_datap = (size_t)st.st_size;
	return data;
}

void scratch_fill(const struct scratch *scratch)
{
	static const char zeros[4096];
	char path[SCRATCH_PATH_SIZE];
	int fd = open(scratch_path(scratch, "filler", path),
		O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	while (write(fd, zeros, sizeof(zeros)) == (ssize_t)sizeof(zeros))
		;
	assert_int_equal(errno, ENOSPC);
	(void)close(fd);
}

void scratch_unfill(const struct scratch *scratch)
{
	char path[SCRATCH_PATH_SIZE];

	assert_int_equal(unlink(scratch_path(scratch, "filler", path)), 0);
}
