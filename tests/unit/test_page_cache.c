/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was cached stays, what was not is dropped, however the kernel is asked.
 * Needs a disk below TMPDIR: in a file system in memory nothing can be dropped.
 */
#include "page_cache_batch.h"
#include "residency.h"
#include "samples.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	PAGES = 64,
	/* Two pages share a chunk then. */
	COARSE_PAGES = 2 * PAGE_CACHE_CHUNKS_MAX,
};

static struct {
	char dir[SAMPLES_PATH_SIZE];
	char path[SAMPLES_PATH_SIZE];
	size_t page;
} cache;

static bool cache_is_in_memory(const char *dir)
{
	struct statfs stat;

	return statfs(dir, &stat) < 0 || stat.f_type == TMPFS_MAGIC || stat.f_type == RAMFS_MAGIC;
}

static int setup(void **state)
{
	(void)state;
	samples_dir(cache.dir);
	samples_path(cache.path, cache.dir, "file");
	cache.page = (size_t)sysconf(_SC_PAGESIZE);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	samples_dir_remove(cache.dir);
	return 0;
}

/* By cachestat(2), then as on a kernel without it. */
static void each_way(void (*check)(struct page_cache *known))
{
	struct page_cache known = PAGE_CACHE_NULL;
	struct page_cache old = {.has_cachestat = false};

	if (cache_is_in_memory(cache.dir))
		skip();
	check(&known);
	check(&old);
	assert_false(atomic_load(&old.has_cachestat));
}

/* Look, read all of it as a scan does, restore. @return what was noted. */
static enum page_cache_state round_of(struct page_cache *known, struct page_cache_note *note)
{
	int fd = samples_open(cache.path);
	char bytes[8192];
	struct stat stat;

	memset(note, 0xff, sizeof(*note));
	assert_int_equal(fstat(fd, &stat), 0);
	page_cache_look(known, fd, (uint64_t)stat.st_size, note);
	while (read(fd, bytes, sizeof(bytes)) > 0)
		;
	assert_int_equal(residency_count_all(cache.path),
		((size_t)stat.st_size + cache.page - 1) / cache.page);
	page_cache_restore(note, fd);
	(void)close(fd);
	return note->state;
}

static void check_cold(struct page_cache *known)
{
	const size_t sizes[] = {1, 4095, 4096, 4097, 100000, 3000001};
	struct page_cache_note note;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		residency_make(cache.path, sizes[i]);
		assert_int_equal(round_of(known, &note), PAGE_CACHE_COLD);
		assert_int_equal(residency_count_all(cache.path), 0);
	}
}

/* None of it was cached: none of it stays, the last, partial page neither. */
static void cold(void **state)
{
	(void)state;
	each_way(check_cold);
}

static void check_warm(struct page_cache *known)
{
	struct page_cache_note note;

	residency_make(cache.path, PAGES * cache.page - 1);
	residency_read(cache.path, 0, PAGES);
	assert_int_equal(round_of(known, &note), PAGE_CACHE_LEAVE);
	assert_int_equal(residency_count_all(cache.path), PAGES);
}

/* All of it was cached: all of it stays. */
static void warm(void **state)
{
	(void)state;
	each_way(check_warm);
}

static void check_half(struct page_cache *known)
{
	struct page_cache_note note;

	for (size_t first = 0; first < PAGES; first += PAGES / 2) {
		residency_make(cache.path, PAGES * cache.page);
		residency_read(cache.path, first, PAGES / 2);
		assert_int_equal(round_of(known, &note), PAGE_CACHE_MIXED);
		assert_int_equal(residency_count(cache.path, first, PAGES / 2), PAGES / 2);
		assert_int_equal(residency_count_all(cache.path), PAGES / 2);
	}
}

/* Either half was cached: that half stays, to the page. */
static void half(void **state)
{
	(void)state;
	each_way(check_half);
}

static void check_scattered(struct page_cache *known)
{
	struct page_cache_note note;

	residency_make(cache.path, PAGES * cache.page);
	for (size_t i = 1; i < PAGES; i += 4)
		residency_read(cache.path, i, 1);
	assert_int_equal(round_of(known, &note), PAGE_CACHE_MIXED);
	for (size_t i = 0; i < PAGES; i++)
		assert_int_equal(residency_count(cache.path, i, 1), i % 4 == 1);
}

/* Every fourth page was cached. */
static void scattered(void **state)
{
	(void)state;
	each_way(check_scattered);
}

static void check_coarse(struct page_cache *known)
{
	struct page_cache_note note;

	residency_make(cache.path, 0);
	assert_int_equal(truncate(cache.path, (off_t)(COARSE_PAGES * cache.page)), 0);
	residency_read(cache.path, 0, 1);
	residency_read(cache.path, COARSE_PAGES - 1, 1);
	assert_int_equal(round_of(known, &note), PAGE_CACHE_MIXED);
	assert_int_equal(note.chunk_pages, 2);
	/* The neighbours of what was cached may stay, nothing else. */
	assert_int_equal(residency_count(cache.path, 0, 1), 1);
	assert_int_equal(residency_count(cache.path, COARSE_PAGES - 1, 1), 1);
	assert_true(residency_count_all(cache.path) <= 4);
}

/* A large file is known in chunks; one with a cached page is left alone. */
static void coarse(void **state)
{
	(void)state;
	each_way(check_coarse);
}

static void check_huge(struct page_cache *known)
{
	struct page_cache_note note;
	int fd;

	residency_make(cache.path, 0);
	assert_int_equal(truncate(cache.path, (off_t)1 << 40), 0);
	residency_read(cache.path, 0, 1);
	fd = samples_open(cache.path);
	page_cache_look(known, fd, UINT64_C(1) << 40, &note);
	assert_int_equal(note.state, PAGE_CACHE_MIXED);
	assert_int_equal(note.n_pages, PAGE_CACHE_SPAN_MAX / cache.page);
	assert_true(note.n_pages <= note.chunk_pages * PAGE_CACHE_CHUNKS_MAX);
	(void)close(fd);
}

/* A terabyte is remembered in as many bytes as a page: memory is bounded. */
static void huge(void **state)
{
	(void)state;
	assert_true(sizeof(struct page_cache_note) <= 1024);
	each_way(check_huge);
}

static void check_empty(struct page_cache *known)
{
	struct page_cache_note note = {.state = PAGE_CACHE_COLD};
	int fd;

	residency_make(cache.path, 0);
	fd = samples_open(cache.path);
	page_cache_look(known, fd, 0, &note);
	assert_int_equal(note.state, PAGE_CACHE_LEAVE);
	page_cache_restore(&note, fd);
	(void)close(fd);
}

/* An empty file has nothing to drop. */
static void empty(void **state)
{
	(void)state;
	each_way(check_empty);
}

static void check_shrunk(struct page_cache *known)
{
	struct page_cache_note note;
	int fd;

	residency_make(cache.path, PAGES * cache.page);
	residency_read(cache.path, 1, 1);
	fd = samples_open(cache.path);
	/* Between fstat and look, then between look and restore. */
	assert_int_equal(truncate(cache.path, (off_t)(4 * cache.page)), 0);
	page_cache_look(known, fd, PAGES * cache.page, &note);
	assert_int_equal(note.state, PAGE_CACHE_MIXED);
	residency_read(cache.path, 0, 4);
	assert_int_equal(truncate(cache.path, (off_t)(2 * cache.page)), 0);
	page_cache_restore(&note, fd);
	(void)close(fd);
	assert_int_equal(residency_count(cache.path, 0, 1), 0);
	assert_int_equal(residency_count(cache.path, 1, 1), 1);
}

/* A file that shrinks meanwhile is no error and no SIGBUS. */
static void shrunk(void **state)
{
	(void)state;
	each_way(check_shrunk);
}

static void check_grown(struct page_cache *known)
{
	struct page_cache_note note;
	int fd;

	residency_make(cache.path, PAGES * cache.page);
	fd = samples_open(cache.path);
	page_cache_look(known, fd, 32 * cache.page, &note);
	assert_int_equal(note.state, PAGE_CACHE_COLD);
	residency_read(cache.path, 0, PAGES);
	page_cache_restore(&note, fd);
	(void)close(fd);
	assert_int_equal(residency_count(cache.path, 0, 32), 0);
	assert_int_equal(residency_count(cache.path, 32, PAGES - 32), PAGES - 32);
}

/* What was appended after the look is not ours to drop. */
static void grown(void **state)
{
	(void)state;
	each_way(check_grown);
}

/* In a file system in memory the cache is the file: left alone, holes too. */
static void in_memory(void **state)
{
	struct page_cache known = PAGE_CACHE_NULL;
	struct page_cache old = {.has_cachestat = false};
	struct page_cache_note note = {.state = PAGE_CACHE_COLD};
	int fd = memfd_create("memory", MFD_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	page_cache_look(&known, fd, 1 << 20, &note);
	assert_int_equal(note.state, PAGE_CACHE_LEAVE);
	note.state = PAGE_CACHE_COLD;
	page_cache_look(&old, fd, 1 << 20, &note);
	assert_int_equal(note.state, PAGE_CACHE_LEAVE);
	(void)close(fd);
}

/* What is no file is left alone. */
static void no_file(void **state)
{
	struct page_cache known = PAGE_CACHE_NULL;
	struct page_cache old = {.has_cachestat = false};
	struct page_cache_note note = {.state = PAGE_CACHE_COLD};

	(void)state;
	page_cache_look(&known, -1, 4096, &note);
	assert_int_equal(note.state, PAGE_CACHE_LEAVE);
	note.state = PAGE_CACHE_COLD;
	page_cache_look(&old, -1, 4096, &note);
	assert_int_equal(note.state, PAGE_CACHE_LEAVE);
	/* Restoring it does nothing either. */
	note = (struct page_cache_note){.state = PAGE_CACHE_COLD, .n_pages = 1};
	page_cache_restore(&note, -1);
}

/* In a child: what page_cache_look() says of a cold file, or 100 and more. */
static int child_look(int error, bool is_other_user, bool has_cachestat_after)
{
	struct page_cache known = PAGE_CACHE_NULL;
	struct page_cache_note note;
	int status;
	pid_t pid;
	int fd;

	residency_make(cache.path, cache.page);
	fd = samples_open(cache.path);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (is_other_user && setresuid(65534, 65534, 65534) < 0)
			_exit(100);
		if (error)
			residency_forbid_cachestat(error);
		page_cache_look(&known, fd, cache.page, &note);
		_exit(atomic_load(&known.has_cachestat) == has_cachestat_after ? (int)note.state
									       : 101);
	}
	(void)close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* A kernel without cachestat is asked once; a filter's EPERM each time. */
static void no_cachestat(void **state)
{
	(void)state;
	if (cache_is_in_memory(cache.dir))
		skip();
	assert_int_equal(child_look(ENOSYS, false, false), PAGE_CACHE_COLD);
	assert_int_equal(child_look(EPERM, false, true), PAGE_CACHE_COLD);
	assert_int_equal(child_look(EOPNOTSUPP, false, true), PAGE_CACHE_LEAVE);
}

/* Of a file that is neither ours nor writable mincore tells nothing: left alone. */
static void not_ours(void **state)
{
	(void)state;
	if (geteuid() != 0 || cache_is_in_memory(cache.dir))
		skip();
	assert_int_equal(child_look(ENOSYS, true, false), PAGE_CACHE_LEAVE);
	assert_int_equal(child_look(EPERM, true, true), PAGE_CACHE_LEAVE);
}

static void batch_add(struct page_cache_batch *batch, size_t i, size_t n_pages, bool is_waiting)
{
	struct page_cache known = PAGE_CACHE_NULL;
	struct page_cache_note note;
	char name[32];
	char path[SAMPLES_PATH_SIZE];
	int fd;
	int before;

	(void)snprintf(name, sizeof(name), "file%zu", i);
	samples_path(path, cache.dir, name);
	residency_make(path, n_pages * cache.page);
	before = fd = samples_open(path);
	page_cache_look(&known, fd, n_pages * cache.page, &note);
	residency_read(path, 0, n_pages);
	page_cache_batch_add(batch, &note, &fd);
	assert_int_equal(fd, -1);
	assert_int_equal(fcntl(before, F_GETFD) >= 0, is_waiting);
	assert_int_equal(residency_count_all(path), is_waiting ? n_pages : 0);
}

static void batch_expect_dropped(size_t n)
{
	char name[32];
	char path[SAMPLES_PATH_SIZE];

	for (size_t i = 0; i < n; i++) {
		(void)snprintf(name, sizeof(name), "file%zu", i);
		samples_path(path, cache.dir, name);
		assert_int_equal(residency_count_all(path), 0);
	}
}

/* Cold files wait for each other: until there are enough, or one is large. */
static void batch(void **state)
{
	struct page_cache_batch some = PAGE_CACHE_BATCH_NULL;

	(void)state;
	if (cache_is_in_memory(cache.dir))
		skip();
	for (size_t i = 0; i < PAGE_CACHE_BATCH_FILES; i++)
		batch_add(&some, i, 1, i + 1 < PAGE_CACHE_BATCH_FILES);
	batch_expect_dropped(PAGE_CACHE_BATCH_FILES);
	assert_int_equal(some.n, 0);
	batch_add(&some, 0, 1, true);
	batch_add(&some, 1, PAGE_CACHE_BATCH_PAGES, false);
	batch_expect_dropped(2);
	batch_add(&some, 0, 1, true);
	page_cache_batch_flush(&some);
	batch_expect_dropped(1);
	assert_int_equal(some.n, 0);
	assert_int_equal(some.n_pages, 0);
	page_cache_batch_flush(&some);
}

/* What is not cold does not wait; its descriptor stays with the caller. */
static void batch_at_once(void **state)
{
	struct page_cache known = PAGE_CACHE_NULL;
	struct page_cache_batch some = PAGE_CACHE_BATCH_NULL;
	struct page_cache_note note;
	int fd;

	(void)state;
	if (cache_is_in_memory(cache.dir))
		skip();
	residency_make(cache.path, 2 * cache.page);
	residency_read(cache.path, 0, 1);
	fd = samples_open(cache.path);
	page_cache_look(&known, fd, 2 * cache.page, &note);
	residency_read(cache.path, 0, 2);
	page_cache_batch_add(&some, &note, &fd);
	assert_true(fd >= 0);
	assert_int_equal(some.n, 0);
	assert_int_equal(residency_count(cache.path, 0, 1), 1);
	assert_int_equal(residency_count(cache.path, 1, 1), 0);
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(cold, setup, teardown),
		cmocka_unit_test_setup_teardown(warm, setup, teardown),
		cmocka_unit_test_setup_teardown(half, setup, teardown),
		cmocka_unit_test_setup_teardown(scattered, setup, teardown),
		cmocka_unit_test_setup_teardown(coarse, setup, teardown),
		cmocka_unit_test_setup_teardown(huge, setup, teardown),
		cmocka_unit_test_setup_teardown(empty, setup, teardown),
		cmocka_unit_test_setup_teardown(shrunk, setup, teardown),
		cmocka_unit_test_setup_teardown(grown, setup, teardown),
		cmocka_unit_test_setup_teardown(in_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(no_file, setup, teardown),
		cmocka_unit_test_setup_teardown(no_cachestat, setup, teardown),
		cmocka_unit_test_setup_teardown(not_ours, setup, teardown),
		cmocka_unit_test_setup_teardown(batch, setup, teardown),
		cmocka_unit_test_setup_teardown(batch_at_once, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
