/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory does not grow with the tree: the peak of a scanner over 300,000 files
 * is compared with its peak over 3,000. Long; the figures are printed.
 */
#include "clock.h"
#include "samples.h"
#include "scannerproc.h"
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MEMORY_SLACK_KIB = 8 * 1024 };

static void memory_make(const char *dir, unsigned n_dirs, unsigned n_files)
{
	int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(at >= 0);
	for (unsigned i = 0; i < n_dirs; i++) {
		char name[32];
		int sub;

		(void)snprintf(name, sizeof(name), "directory%u", i);
		assert_int_equal(mkdirat(at, name, 0755), 0);
		sub = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(sub >= 0);
		for (unsigned k = 0; k < n_files; k++) {
			int fd;

			(void)snprintf(name, sizeof(name), "file number %u", k);
			fd = openat(sub, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
			assert_true(fd >= 0);
			(void)close(fd);
		}
		(void)close(sub);
	}
	(void)close(at);
}

static uint64_t memory_scan(unsigned n_dirs, unsigned n_files)
{
	struct scannerproc proc = {
		.type = SCAN_TYPE_CUSTOM, .n_lanes = 4, .deadline_ms = 600 * 1000};
	char dir[SAMPLES_PATH_SIZE];
	uint64_t peak_kib;
	uint64_t begin_ns;

	samples_dir(dir);
	memory_make(dir, n_dirs, n_files);
	scannerproc_add(&proc, IPC_PATH_TARGET, dir);
	begin_ns = clock_mono_ns();
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	assert_int_equal(proc.progress.n_found, (uint64_t)n_dirs * n_files);
	peak_kib = proc.peak_rss_kib;
	print_message("%u directories of %u files: peak RSS of the scanner %llu KiB, %.1f s\n",
		n_dirs, n_files, (unsigned long long)peak_kib,
		(double)(clock_mono_ns() - begin_ns) / 1e9);
	scannerproc_close(&proc);
	samples_dir_remove(dir);
	return peak_kib;
}

static void many_files(void **state)
{
	uint64_t few_kib = memory_scan(10, 300);

	(void)state;
	assert_true(memory_scan(100, 3000) < few_kib + MEMORY_SLACK_KIB);
	assert_true(memory_scan(1, 200000) < few_kib + MEMORY_SLACK_KIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
