/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tree that changes under the scanner: files that vanish, are replaced by a
 * FIFO or a link, or are written to while they are scanned, directories that
 * are moved. The rule is: nothing else is opened, nothing hangs, and each name
 * that was found has one result.
 */
#include "clock.h"
#include "samples.h"
#include "scannerproc.h"
#include "unit.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct races {
	char dir[SAMPLES_PATH_SIZE];
	int dir_fd;
};

static void races_write(const struct races *races, const char *name, const char *text)
{
	int fd = openat(races->dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
}

static void races_begin(struct races *races, struct scannerproc *proc)
{
	samples_dir(races->dir);
	races->dir_fd = open(races->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	proc->type = SCAN_TYPE_CUSTOM;
	scannerproc_add(proc, IPC_PATH_TARGET, races->dir);
}

static void races_end(struct races *races, struct scannerproc *proc)
{
	scannerproc_close(proc);
	(void)close(races->dir_fd);
	samples_dir_remove(races->dir);
}

static void races_expect(const struct races *races, const struct scannerproc *proc,
	const char *name, enum file_result result, enum reason reason)
{
	char path[SAMPLES_PATH_SIZE];

	samples_path(path, races->dir, name);
	scannerproc_expect(proc, path, result, reason);
}

/* The one lane holds a file that hangs; the others are listed and wait. */
static void races_hold(struct scannerproc *proc, uint64_t n_found)
{
	scannerproc_start(proc);
	grant_raise(proc->page, GRANT_SLOT_SCANNER, GRANT_UNLIMITED);
	while (proc->progress.n_found < n_found || proc->workers[0] <= 0)
		(void)scannerproc_step(proc, 10);
}

/* Between listing and open: gone, another file, a FIFO, a link, a directory. */
static void swapped_before_open(void **state)
{
	struct scannerproc proc = {
		.n_lanes = 1, .is_governed = true, .stall_ns = UINT64_C(500000000)};
	struct races races;

	(void)state;
	races_begin(&races, &proc);
	races_write(&races, "hang", "HANG");
	/* A directory is entered after the files of its parent are queued. */
	assert_int_equal(mkdirat(races.dir_fd, "sub", 0755), 0);
	races_write(&races, "sub/gone", "x");
	races_write(&races, "sub/other", "x");
	races_write(&races, "sub/fifo", "x");
	races_write(&races, "sub/link", "x");
	races_write(&races, "sub/directory", "x");
	races_write(&races, "sub/same", "x");
	races_hold(&proc, 7);
	assert_int_equal(unlinkat(races.dir_fd, "sub/gone", 0), 0);
	races_write(&races, "sub/new", "VIRUS");
	assert_int_equal(renameat(races.dir_fd, "sub/new", races.dir_fd, "sub/other"), 0);
	assert_int_equal(unlinkat(races.dir_fd, "sub/fifo", 0), 0);
	assert_int_equal(mkfifoat(races.dir_fd, "sub/fifo", 0644), 0);
	assert_int_equal(unlinkat(races.dir_fd, "sub/link", 0), 0);
	assert_int_equal(symlinkat("/etc/passwd", races.dir_fd, "sub/link"), 0);
	assert_int_equal(unlinkat(races.dir_fd, "sub/directory", 0), 0);
	assert_int_equal(mkdirat(races.dir_fd, "sub/directory", 0755), 0);
	/* The directory itself moves away: its files are still found. */
	assert_int_equal(renameat(races.dir_fd, "sub", races.dir_fd, "moved"), 0);
	/* With a grant the worker that hangs could run: now it stands still. */
	grant_raise(proc.page, GRANT_SLOT_LANE0, GRANT_UNLIMITED);
	scannerproc_finish(&proc);
	scannerproc_expect_sound(&proc);
	races_expect(&races, &proc, "hang", FILE_RESULT_INCOMPLETE, REASON_STALLED);
	races_expect(&races, &proc, "sub/gone", FILE_RESULT_CHANGED, REASON_VANISHED);
	races_expect(&races, &proc, "sub/other", FILE_RESULT_CHANGED, REASON_REPLACED);
	races_expect(&races, &proc, "sub/fifo", FILE_RESULT_CHANGED, REASON_REPLACED);
	races_expect(&races, &proc, "sub/link", FILE_RESULT_CHANGED, REASON_REPLACED);
	races_expect(&races, &proc, "sub/directory", FILE_RESULT_CHANGED, REASON_REPLACED);
	races_expect(&races, &proc, "sub/same", FILE_RESULT_CLEAN, REASON_NONE);
	assert_int_equal(proc.n_lines, 7);
	races_end(&races, &proc);
}

/* While it is scanned: written, cut, touched; infected stays infected. */
static void changed_while_scanned(void **state)
{
	static const struct {
		const char *text;
		bool is_cut;
		enum file_result result;
		enum reason reason;
	} cases[] = {
		{"SLOW", false, FILE_RESULT_CHANGED, REASON_CHANGED},
		{"SLOW", true, FILE_RESULT_CHANGED, REASON_CHANGED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scannerproc proc = {.n_lanes = 1};
		struct races races;
		int fd;

		races_begin(&races, &proc);
		races_write(&races, "file", cases[i].text);
		scannerproc_start(&proc);
		while (proc.workers[0] <= 0 || proc.progress.n_lanes_busy < 1)
			(void)scannerproc_step(&proc, 10);
		fd = openat(races.dir_fd, "file", O_WRONLY | O_APPEND | O_CLOEXEC);
		assert_true(fd >= 0);
		if (cases[i].is_cut)
			assert_int_equal(ftruncate(fd, 1), 0);
		else
			assert_int_equal(write(fd, "y", 1), 1);
		(void)close(fd);
		scannerproc_finish(&proc);
		scannerproc_expect_sound(&proc);
		races_expect(&races, &proc, "file", cases[i].result, cases[i].reason);
		races_end(&races, &proc);
	}
}

/* A process that swaps a name between file, FIFO, link and nothing, for ever. */
static pid_t races_start_swapper(const struct races *races)
{
	pid_t pid = unit_fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	for (unsigned i = 0;; i++) {
		char name[32];
		int fd;

		(void)snprintf(name, sizeof(name), "swap%u", i % 50);
		(void)unlinkat(races->dir_fd, name, 0);
		switch (i / 50 % 4) {
		case 0:
			(void)mkfifoat(races->dir_fd, name, 0644);
			break;
		case 1:
			(void)!symlinkat("/etc/shadow", races->dir_fd, name);
			break;
		case 2:
			fd = openat(races->dir_fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
			(void)!write(fd, "x", 1);
			(void)close(fd);
			break;
		default:
			break;
		}
	}
}

/* Many scans against it: none hangs, each is sound. */
static void swapping_storm(void **state)
{
	struct races races;
	pid_t swapper;

	(void)state;
	samples_dir(races.dir);
	races.dir_fd = open(races.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < 50; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "swap%d", i);
		races_write(&races, name, "x");
	}
	swapper = races_start_swapper(&races);
	for (int i = 0; i < 20; i++) {
		struct scannerproc proc = {.type = SCAN_TYPE_CUSTOM, .n_lanes = 2};
		uint64_t sum = 0;

		scannerproc_add(&proc, IPC_PATH_TARGET, races.dir);
		scannerproc_run(&proc);
		/* A name may be listed twice while its directory changes. */
		for (int k = 0; k < FILE_RESULT_N; k++)
			sum += proc.progress.results[k];
		assert_int_equal(sum, proc.progress.n_found);
		assert_int_equal(sum, proc.n_lines);
		scannerproc_close(&proc);
	}
	(void)kill(swapper, SIGKILL);
	(void)waitpid(swapper, NULL, 0);
	(void)close(races.dir_fd);
	samples_dir_remove(races.dir);
}

/* A process that moves directories around within the tree. */
static pid_t races_start_mover(const struct races *races)
{
	pid_t pid = unit_fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	for (unsigned i = 0;; i++) {
		char from[64];

		(void)snprintf(from, sizeof(from), "d%u/e%u", i % 5, i % 7);
		(void)syscall(SYS_renameat2, races->dir_fd, from, races->dir_fd, "elsewhere",
			1U /* RENAME_NOREPLACE */);
		(void)poll(NULL, 0, (int)(i % 3));
		(void)syscall(SYS_renameat2, races->dir_fd, "elsewhere", races->dir_fd, from, 1U);
	}
}

/* Directories that move while the walk is in them: what was listed is judged. */
static void moving_directories(void **state)
{
	struct races races;
	pid_t mover;

	(void)state;
	samples_dir(races.dir);
	races.dir_fd = open(races.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < 5; i++) {
		for (int k = 0; k < 7; k++) {
			char command[SAMPLES_PATH_SIZE + 128];

			(void)snprintf(command, sizeof(command),
				"d='%s/d%d/e%d'; mkdir -p \"$d/x/y/z\"; "
				"touch \"$d/1\" \"$d/x/2\" \"$d/x/y/3\" \"$d/x/y/z/4\"",
				races.dir, i, k);
			assert_int_equal(system(command), 0);
		}
	}
	mover = races_start_mover(&races);
	for (int i = 0; i < 20; i++) {
		struct scannerproc proc = {.type = SCAN_TYPE_CUSTOM, .n_lanes = 2};
		uint64_t sum = 0;

		scannerproc_add(&proc, IPC_PATH_TARGET, races.dir);
		scannerproc_run(&proc);
		for (int k = 0; k < FILE_RESULT_N; k++)
			sum += proc.progress.results[k];
		assert_int_equal(sum, proc.progress.n_found);
		assert_int_equal(sum, proc.n_lines);
		/* At most one subtree of four files is on its way at a time. */
		assert_true(sum >= 5 * 7 * 4 - 4 * 20);
		scannerproc_close(&proc);
	}
	(void)kill(mover, SIGKILL);
	(void)waitpid(mover, NULL, 0);
	(void)close(races.dir_fd);
	samples_dir_remove(races.dir);
}

/* Many names of few inodes at many lanes: each inode is scanned once. */
static void hard_links_at_once(void **state)
{
	enum { INODES = 5, NAMES = 3000 };
	struct scannerproc proc = {.n_lanes = 8, .worker_files_max = 1};
	struct races races;

	(void)state;
	races_begin(&races, &proc);
	for (int i = 0; i < INODES; i++) {
		char first[32];

		(void)snprintf(first, sizeof(first), "inode%d", i);
		races_write(&races, first, i == 0 ? "VIRUS" : "SLOW");
		for (int k = 1; k < NAMES; k++) {
			char name[64];

			(void)snprintf(name, sizeof(name), "inode%d-%d", i, k);
			assert_int_equal(linkat(races.dir_fd, first, races.dir_fd, name, 0), 0);
		}
	}
	scannerproc_run(&proc);
	scannerproc_expect_sound(&proc);
	scannerproc_expect_find(&proc, races.dir, "");
	assert_int_equal(proc.progress.results[FILE_RESULT_INFECTED], NAMES);
	assert_int_equal(proc.progress.results[FILE_RESULT_CLEAN], (INODES - 1) * NAMES);
	/* A worker a file: as many workers as inodes were scanned. */
	assert_int_equal(proc.n_workers, INODES);
	races_end(&races, &proc);
}

/* A report file on a full disk: told once, the scan goes on. */
static void report_cannot_be_written(void **state)
{
	struct scannerproc proc = {.n_lanes = 1, .report_path = "/dev/full"};
	struct races races;

	(void)state;
	races_begin(&races, &proc);
	for (int i = 0; i < 2000; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "file%d", i);
		races_write(&races, name, "x");
	}
	scannerproc_start(&proc);
	while (scannerproc_step(&proc, 10))
		;
	assert_int_equal(proc.done.error, 0);
	assert_int_equal(proc.progress.results[FILE_RESULT_CLEAN], 2000);
	assert_non_null(scannerproc_notice(&proc, IPC_NOTICE_REPORT_FAILED));
	assert_int_equal(proc.n_notices, 1);
	races_end(&races, &proc);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(swapped_before_open),
		cmocka_unit_test(changed_while_scanned),
		cmocka_unit_test(swapping_storm),
		cmocka_unit_test(moving_directories),
		cmocka_unit_test(hard_links_at_once),
		cmocka_unit_test(report_cannot_be_written),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
