/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "residency.h"

#include "unit.h"

#include <fcntl.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RESIDENCY_CACHESTAT = 451 };

static size_t residency_page(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static int residency_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

void residency_make(const char *path, size_t n_bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	char *bytes = malloc(n_bytes + 1);

	assert_true(fd >= 0);
	assert_non_null(bytes);
	memset(bytes, '.', n_bytes);
	assert_int_equal(write(fd, bytes, n_bytes), n_bytes);
	free(bytes);
	(void)close(fd);
	residency_drop(path);
}

void residency_drop(const char *path)
{
	int fd = residency_open(path);

	assert_int_equal(fsync(fd), 0);
	assert_int_equal(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
	(void)close(fd);
	assert_int_equal(residency_count_all(path), 0);
}

void residency_read(const char *path, size_t first, size_t n)
{
	size_t page = residency_page();
	int fd = residency_open(path);
	char *bytes = malloc(page);

	assert_non_null(bytes);
	assert_int_equal(posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM), 0);
	for (size_t i = 0; i < n; i++)
		assert_true(pread(fd, bytes, page, (off_t)((first + i) * page)) > 0);
	free(bytes);
	(void)close(fd);
	assert_int_equal(residency_count(path, first, n), n);
}

size_t residency_count(const char *path, size_t first, size_t n)
{
	size_t page = residency_page();
	int fd = residency_open(path);
	unsigned char *there = calloc(1, n + 1);
	void *map = mmap(NULL, n * page, PROT_NONE, MAP_SHARED, fd, (off_t)(first * page));
	size_t n_there = 0;

	assert_non_null(there);
	assert_true(map != MAP_FAILED);
	assert_int_equal(mincore(map, n * page, there), 0);
	for (size_t i = 0; i < n; i++)
		n_there += there[i] & 1;
	(void)munmap(map, n * page);
	free(there);
	(void)close(fd);
	return n_there;
}

size_t residency_count_all(const char *path)
{
	struct stat stat_of;
	size_t page = residency_page();

	assert_int_equal(stat(path, &stat_of), 0);
	return stat_of.st_size
		       ? residency_count(path, 0, ((size_t)stat_of.st_size + page - 1) / page)
		       : 0;
}

void residency_forbid_cachestat(int error)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	assert_non_null(filter);
	assert_int_equal(
		seccomp_rule_add(filter, SCMP_ACT_ERRNO((uint16_t)error), RESIDENCY_CACHESTAT, 0),
		0);
	assert_int_equal(seccomp_load(filter), 0);
	seccomp_release(filter);
}
