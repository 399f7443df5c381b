/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A real scanner with a real engine leaves the page cache as it found it. On a
 * loop-mounted ext4, because what lies below TMPDIR may be in memory. With the
 * argument "without-cachestat" the kernel is one without cachestat(2). Needs
 * root; skipped elsewhere.
 */
#include "clock.h"
#include "residency.h"
#include "samples.h"
#include "scannerproc.h"
#include "unit.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	SMALL_FILES = 100, /* more than one batch, and not a multiple of it */
	SMALL_BYTES = 5000,
	LARGE_BYTES = 3000001,
	LARGE_PAGES = (LARGE_BYTES + 4095) / 4096,
};

static struct {
	char top[SAMPLES_PATH_SIZE];
	char disk[SAMPLES_PATH_SIZE];
	char tree[SAMPLES_PATH_SIZE];
	char large[SAMPLES_PATH_SIZE];
	char signatures[SAMPLES_PATH_SIZE];
	char temp[SAMPLES_PATH_SIZE];
} cache;

static int group_setup(void **state)
{
	(void)state;
	samples_dir(cache.top);
	samples_path(cache.disk, cache.top, "disk");
	samples_path(cache.tree, cache.disk, "tree");
	samples_path(cache.large, cache.tree, "large");
	samples_path(cache.signatures, cache.top, "signatures");
	samples_path(cache.temp, cache.top, "temp");
	/* Of our own, so that nothing is left mounted when this test dies. */
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	samples_run("set -e; cd '%s'; truncate -s 64M image; mkfs.ext4 -q image; "
		    "mkdir disk signatures temp; mount -o loop image disk",
		cache.top);
	samples_signatures(cache.signatures);
	return 0;
}

static int group_teardown(void **state)
{
	char command[SAMPLES_PATH_SIZE + 64];

	(void)state;
	(void)snprintf(command, sizeof(command), "umount -R -l '%s' 2>/dev/null", cache.disk);
	(void)!system(command);
	samples_dir_remove(cache.top);
	return 0;
}

static int setup(void **state)
{
	(void)state;
	samples_run("rm -rf '%s'; mkdir '%s'", cache.tree, cache.tree);
	residency_make(cache.large, LARGE_BYTES);
	return 0;
}

static const char *small_path(size_t i, char path[SAMPLES_PATH_SIZE])
{
	char name[32];

	(void)snprintf(name, sizeof(name), "small-%zu", i);
	samples_path(path, cache.tree, name);
	return path;
}

static void make_small(size_t n)
{
	char path[SAMPLES_PATH_SIZE];

	for (size_t i = 0; i < n; i++)
		residency_make(small_path(i, path), SMALL_BYTES);
}

static size_t count_small(size_t n)
{
	char path[SAMPLES_PATH_SIZE];
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += residency_count_all(small_path(i, path));
	return sum;
}

/* A scan of @target with the real engine that ended well; n_clean files were clean. */
static void scan(struct scannerproc *proc, const char *target, uint64_t n_clean)
{
	proc->type = SCAN_TYPE_CUSTOM;
	proc->signatures = cache.signatures;
	proc->temp_dir = cache.temp;
	scannerproc_add(proc, IPC_PATH_TARGET, target);
	scannerproc_run(proc);
	scannerproc_expect_sound(proc);
	assert_int_equal(proc->progress.results[FILE_RESULT_CLEAN], n_clean);
	scannerproc_close(proc);
}

/* Nothing was cached: nothing is afterwards, of large files and of many. */
static void cold(void **state)
{
	struct scannerproc proc = {.flags = IPC_SCAN_KEEP_PAGE_CACHE};

	(void)state;
	make_small(SMALL_FILES);
	scan(&proc, cache.tree, SMALL_FILES + 1);
	assert_int_equal(residency_count_all(cache.large), 0);
	assert_int_equal(count_small(SMALL_FILES), 0);
}

/* What others had cached stays. */
static void warm(void **state)
{
	struct scannerproc proc = {.flags = IPC_SCAN_KEEP_PAGE_CACHE};
	char path[SAMPLES_PATH_SIZE];

	(void)state;
	make_small(10);
	residency_read(cache.large, 0, LARGE_PAGES);
	residency_read(small_path(3, path), 0, 2);
	scan(&proc, cache.tree, 11);
	assert_int_equal(residency_count_all(cache.large), LARGE_PAGES);
	assert_int_equal(residency_count_all(path), 2);
	assert_int_equal(count_small(10), 2);
}

/* Part of it was cached: that part stays, the rest does not. */
static void half(void **state)
{
	struct scannerproc proc = {.flags = IPC_SCAN_KEEP_PAGE_CACHE};

	(void)state;
	residency_read(cache.large, 100, 300);
	scan(&proc, cache.tree, 1);
	assert_int_equal(residency_count(cache.large, 100, 300), 300);
	assert_int_equal(residency_count_all(cache.large), 300);
}

/* Without the flag it stays as reading left it. */
static void off(void **state)
{
	struct scannerproc proc = {.flags = 0};

	(void)state;
	make_small(10);
	scan(&proc, cache.tree, 11);
	assert_int_equal(residency_count_all(cache.large), LARGE_PAGES);
	assert_int_equal(count_small(10), 20);
}

/* As in service: of another user, with the scanner's capabilities only. */
static void own_user(void **state)
{
	struct scannerproc proc = {.flags = IPC_SCAN_KEEP_PAGE_CACHE, .uid = "65534"};

	(void)state;
	assert_int_equal(chmod(cache.large, 0600), 0);
	scan(&proc, cache.tree, 1);
	assert_int_equal(residency_count_all(cache.large), 0);
}

/* Without them the kernel does not tell of others' files: they are left alone. */
static void no_capabilities(void **state)
{
	struct scannerproc proc = {.flags = IPC_SCAN_KEEP_PAGE_CACHE, .start_uid = "65534"};

	(void)state;
	residency_read(cache.large, 0, 10);
	scan(&proc, cache.tree, 1);
	assert_int_equal(residency_count_all(cache.large), LARGE_PAGES);
}

/* An inode with two names is scanned once and dropped. */
static void linked(void **state)
{
	struct scannerproc proc = {.flags = IPC_SCAN_KEEP_PAGE_CACHE};

	(void)state;
	samples_run("ln '%s' '%s/again'", cache.large, cache.tree);
	scan(&proc, cache.tree, 2);
	assert_int_equal(residency_count_all(cache.large), 0);
}

/* The pages of an overlay are those of the file below. */
static void overlay(void **state)
{
	struct scannerproc proc = {.flags = IPC_SCAN_KEEP_PAGE_CACHE};
	struct scannerproc again = {.flags = IPC_SCAN_KEEP_PAGE_CACHE};
	char merged[SAMPLES_PATH_SIZE];

	(void)state;
	samples_path(merged, cache.disk, "merged");
	samples_run("cd '%s'; mkdir -p upper work merged; "
		    "mount -t overlay -o lowerdir=tree,upperdir=upper,workdir=work overlay merged",
		cache.disk);
	scan(&proc, merged, 1);
	assert_int_equal(residency_count_all(cache.large), 0);
	residency_read(cache.large, 0, LARGE_PAGES);
	scan(&again, merged, 1);
	assert_int_equal(residency_count_all(cache.large), LARGE_PAGES);
	assert_int_equal(umount(merged), 0);
}

/* Empty files and files in memory are scanned as ever. */
static void nothing_to_drop(void **state)
{
	struct scannerproc proc = {.flags = IPC_SCAN_KEEP_PAGE_CACHE};

	(void)state;
	residency_make(cache.large, 0);
	samples_run("set -e; cd '%s'; mkdir memory; mount -t tmpfs tmpfs memory; "
		    "truncate -s 1M memory/hole; echo x >memory/file",
		cache.tree);
	scan(&proc, cache.tree, 3);
	samples_run("umount '%s/memory'", cache.tree);
}

/* Read whole for its hashes, or three times for a worker that dies: dropped all the same. */
static void other_ends(void **state)
{
	struct scannerproc proc = {.type = SCAN_TYPE_CUSTOM, .flags = IPC_SCAN_KEEP_PAGE_CACHE};
	const char *const words[] = {"VIRUS", "SEGV", "READERROR"};
	char path[3][SAMPLES_PATH_SIZE];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		samples_path(path[i], cache.tree, words[i]);
		samples_run("cd '%s'; (echo %s; head -c 999999 /dev/zero) >%s", cache.tree,
			words[i], words[i]);
		residency_drop(path[i]);
	}
	scannerproc_add(&proc, IPC_PATH_TARGET, cache.tree);
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	scannerproc_expect(&proc, path[0], FILE_RESULT_INFECTED, REASON_NONE);
	scannerproc_expect(&proc, path[1], FILE_RESULT_CRASHED, REASON_CRASHED);
	assert_int_equal(proc.detections[0].fields.has_hashes, 1);
	scannerproc_close(&proc);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(residency_count_all(path[i]), 0);
}

/* What waits to be dropped does not wait for the end of a pause. */
static void paused(void **state)
{
	struct scannerproc proc = {
		.type = SCAN_TYPE_CUSTOM, .flags = IPC_SCAN_KEEP_PAGE_CACHE, .n_lanes = 1};
	char path[SAMPLES_PATH_SIZE];
	uint64_t until_ns;

	(void)state;
	for (size_t i = 0; i < 10; i++) {
		samples_write(small_path(i, path), "SLOW", 4);
		residency_drop(path);
	}
	scannerproc_add(&proc, IPC_PATH_TARGET, cache.tree);
	scannerproc_start(&proc);
	until_ns = clock_mono_ns() + UINT64_C(20000000000);
	while (proc.progress.results[FILE_RESULT_CLEAN] < 3 && clock_mono_ns() < until_ns)
		assert_true(scannerproc_step(&proc, 10));
	assert_true(count_small(10) > 0);
	scannerproc_control(&proc, IPC_SCAN_PAUSE, 0);
	while (count_small(10) > 0 && clock_mono_ns() < until_ns)
		assert_true(scannerproc_step(&proc, 10));
	assert_int_equal(count_small(10), 0);
	assert_false(proc.is_done);
	scannerproc_control(&proc, IPC_SCAN_RESUME, 0);
	scannerproc_finish(&proc);
	scannerproc_expect_sound(&proc);
	scannerproc_close(&proc);
	assert_int_equal(count_small(10), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(cold, setup),
		cmocka_unit_test_setup(warm, setup),
		cmocka_unit_test_setup(half, setup),
		cmocka_unit_test_setup(off, setup),
		cmocka_unit_test_setup(own_user, setup),
		cmocka_unit_test_setup(no_capabilities, setup),
		cmocka_unit_test_setup(linked, setup),
		cmocka_unit_test_setup(overlay, setup),
		cmocka_unit_test_setup(nothing_to_drop, setup),
		cmocka_unit_test_setup(other_ends, setup),
		cmocka_unit_test_setup(paused, setup),
	};

	if (geteuid() != 0)
		return 77;
	if (argc == 2 && strcmp(argv[1], "without-cachestat") == 0) {
		residency_forbid_cachestat(ENOSYS);
		if (syscall(451, -1, NULL, NULL, 0U) != -1 || errno != ENOSYS)
			return 1;
	}
	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
