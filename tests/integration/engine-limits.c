/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules 3 and 6: a limit of the engine, and a lack of memory or temporary
 * space, end neither as clean nor as malware. Each test has an engine of its
 * own with small limits.
 */
#include "clock.h"
#include "engineproc.h"
#include "samples.h"
#include "unit.h"
#include "zipfile.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIMITS_MIB = 1 << 20 };

static struct {
	char dir[SAMPLES_PATH_SIZE];
	char signatures[SAMPLES_PATH_SIZE];
	char temp[SAMPLES_PATH_SIZE];
	char eicar[SAMPLES_EICAR_BYTES + 1];
	struct engineproc proc;
	struct engineproc_worker worker;
} limits;

static int limits_setup(void **state)
{
	(void)state;
	memset(&limits, 0, sizeof(limits));
	samples_dir(limits.dir);
	samples_dir(limits.signatures);
	samples_dir(limits.temp);
	samples_signatures(limits.signatures);
	samples_eicar(limits.eicar);
	limits.proc.signatures = limits.signatures;
	limits.proc.temp_dir = limits.temp;
	return 0;
}

static int limits_teardown(void **state)
{
	(void)state;
	engineproc_stop(&limits.proc);
	samples_dir_remove(limits.dir);
	samples_dir_remove(limits.signatures);
	samples_dir_remove(limits.temp);
	return 0;
}

static void limits_start(void)
{
	engineproc_start_ready(&limits.proc);
	engineproc_fork(&limits.proc, 0, &limits.worker);
}

static const char *limits_path(const char *name)
{
	static char path[SAMPLES_PATH_SIZE];

	samples_path(path, limits.dir, name);
	return path;
}

static const struct ipc_work_verdict *limits_scan(const char *name)
{
	return engineproc_scan(&limits.proc, &limits.worker, limits_path(name));
}

static void limits_expect(const char *name, const char *limit)
{
	const struct ipc_work_verdict *v = limits_scan(name);

	if (v->code != IPC_WORK_LIMIT)
		print_error("%s: code %u %.*s\n", name, v->code, (int)v->signature.n,
			(const char *)v->signature.data);
	assert_int_equal(v->code, IPC_WORK_LIMIT);
	assert_true(span_equal(v->signature, span_str(limit)));
	assert_int_equal(v->container.n, 0);
}

/* EICAR in so many zips, one in the other: "nest-1.zip" … "nest-N.zip". */
static void limits_make_nest(int n)
{
	for (int i = 1; i <= n; i++) {
		char inner[64], outer[64], path[SAMPLES_PATH_SIZE];
		struct zipfile *zip;

		(void)snprintf(inner, sizeof(inner), "nest-%d.zip", i - 1);
		(void)snprintf(outer, sizeof(outer), "nest-%d.zip", i);
		samples_path(path, limits.dir, inner);
		zip = zipfile_new(limits_path(outer));
		if (i == 1)
			zipfile_add(zip, "eicar.txt", limits.eicar, SAMPLES_EICAR_BYTES, true);
		else
			zipfile_add_file(zip, inner, path, true);
		zipfile_end(zip);
	}
}

/* Deeper than MaxRecursion: the innermost was never seen. */
static void recursion(void **state)
{
	(void)state;
	limits.proc.max_recursion = 4;
	limits_make_nest(8);
	limits_start();
	assert_int_equal(limits_scan("nest-2.zip")->code, IPC_WORK_INFECTED);
	limits_expect("nest-8.zip", "Heuristics.Limits.Exceeded.MaxRecursion");
	engineproc_join(&limits.proc, &limits.worker);
}

/* More members than MaxFiles. */
static void files(void **state)
{
	struct zipfile *zip = zipfile_new(limits_path("many.zip"));

	(void)state;
	for (int i = 0; i < 50; i++) {
		char name[32], text[32];

		(void)snprintf(name, sizeof(name), "member-%d", i);
		(void)snprintf(text, sizeof(text), "text number %d", i);
		zipfile_add(zip, name, text, strlen(text), false);
	}
	zipfile_add(zip, "eicar.txt", limits.eicar, SAMPLES_EICAR_BYTES, false);
	zipfile_end(zip);
	limits.proc.max_files = 20;
	limits_start();
	limits_expect("many.zip", "Heuristics.Limits.Exceeded.MaxFiles");
	engineproc_join(&limits.proc, &limits.worker);
}

/*
 * The file itself, and a member, above MaxFileSize. libclamav cuts the member
 * and judges what is left, without a word even with HEURISTIC_EXCEEDS_MAX.
 */
static void file_size(void **state)
{
	unsigned char *noise = samples_noise(2 * LIMITS_MIB, 3);
	unsigned char *zeros = calloc(1, 2 * LIMITS_MIB);
	struct zipfile *zip = zipfile_new(limits_path("member.zip"));

	(void)state;
	samples_write(limits_path("noise"), noise, 2 * LIMITS_MIB);
	zipfile_add(zip, "zeros", zeros, 2 * LIMITS_MIB, true);
	zipfile_end(zip);
	free(noise);
	free(zeros);
	limits.proc.max_file_size = LIMITS_MIB;
	limits_start();
	limits_expect("noise", "Heuristics.Limits.Exceeded.MaxFileSize");
	limits_expect("member.zip", "Heuristics.Limits.Exceeded.MaxFileSize");
	engineproc_join(&limits.proc, &limits.worker);
}

/* All of it together above MaxScanSize. */
static void scan_size(void **state)
{
	unsigned char *zeros = calloc(1, LIMITS_MIB);
	struct zipfile *zip = zipfile_new(limits_path("bomb.zip"));

	(void)state;
	for (int i = 0; i < 8; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "zeros-%d", i);
		zeros[0] = (unsigned char)i;
		zipfile_add(zip, name, zeros, LIMITS_MIB, true);
	}
	zipfile_add(zip, "eicar.txt", limits.eicar, SAMPLES_EICAR_BYTES, false);
	zipfile_end(zip);
	free(zeros);
	limits.proc.max_scan_size = 4 * LIMITS_MIB;
	limits_start();
	limits_expect("bomb.zip", "Heuristics.Limits.Exceeded.MaxScanSize");
	engineproc_join(&limits.proc, &limits.worker);
}

/* What was found before the limit is malware, not a limit. */
static void found_before_the_limit(void **state)
{
	char nest[SAMPLES_PATH_SIZE];
	struct zipfile *zip;

	(void)state;
	limits_make_nest(8);
	samples_path(nest, limits.dir, "nest-8.zip");
	zip = zipfile_new(limits_path("both.zip"));
	zipfile_add_file(zip, "nest-8.zip", nest, true);
	zipfile_add(zip, "eicar.txt", limits.eicar, SAMPLES_EICAR_BYTES, false);
	zipfile_end(zip);
	limits.proc.max_recursion = 4;
	limits_start();
	assert_int_equal(limits_scan("both.zip")->code, IPC_WORK_INFECTED);
	engineproc_join(&limits.proc, &limits.worker);
}

/* "outer.zip" with "inner.zip" of so many bytes of noise and EICAR. */
static void limits_make_heavy(size_t n)
{
	unsigned char *noise = samples_noise(n, 5);
	struct zipfile *zip = zipfile_new(limits_path("inner.zip"));
	char inner[SAMPLES_PATH_SIZE];

	zipfile_add(zip, "noise", noise, n, false);
	zipfile_add(zip, "eicar.txt", limits.eicar, SAMPLES_EICAR_BYTES, false);
	zipfile_end(zip);
	free(noise);
	samples_path(inner, limits.dir, "inner.zip");
	zip = zipfile_new(limits_path("outer.zip"));
	zipfile_add_file(zip, "inner.zip", inner, true);
	zipfile_end(zip);
}

static size_t limits_count_entries(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	size_t n = 0;

	if (!dir)
		return 0;
	while ((entry = readdir(dir)))
		n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	(void)closedir(dir);
	return n;
}

/* The lane's directory as the worker's mount namespace has it. */
static void limits_lane_path(char path[SAMPLES_PATH_SIZE])
{
	(void)snprintf(path, SAMPLES_PATH_SIZE, "/proc/%d/root%s/lane-0", (int)limits.proc.pid,
		limits.temp);
}

/* Rule 6: a member that does not fit into the temporary space; nothing is left behind. */
static void temporary_space(void **state)
{
	char lane[SAMPLES_PATH_SIZE];
	const struct ipc_work_verdict *v;

	(void)state;
	limits_make_heavy(4 * LIMITS_MIB);
	limits.proc.temp_size = LIMITS_MIB;
	limits_start();
	v = limits_scan("outer.zip");
	assert_int_equal(v->code, IPC_WORK_ENGINE_ERROR);
	assert_true(v->error == ENOSPC || v->error == EFBIG);
	print_message("temporary space: %.*s\n", (int)v->text.n, (const char *)v->text.data);
	limits_lane_path(lane);
	assert_int_equal(limits_count_entries(lane), 0);
	assert_int_equal(limits_count_entries(limits.temp), 0);
	/* The same worker is as good as before. */
	samples_write(limits_path("eicar"), limits.eicar, SAMPLES_EICAR_BYTES);
	assert_int_equal(limits_scan("eicar")->code, IPC_WORK_INFECTED);
	engineproc_join(&limits.proc, &limits.worker);
}

/* With enough of it the same file is infected. */
static void temporary_space_suffices(void **state)
{
	(void)state;
	limits_make_heavy(4 * LIMITS_MIB);
	limits_start();
	assert_int_equal(limits_scan("outer.zip")->code, IPC_WORK_INFECTED);
	engineproc_join(&limits.proc, &limits.worker);
}

/* A worker that cannot get the memory a file takes says so, or dies; never clean. */
static void memory(void **state)
{
	int fd;

	(void)state;
#ifdef QUIETSCAN_ASAN
	skip(); /* No memory limit with a sanitizer. */
#endif
	limits_make_heavy(48 * LIMITS_MIB);
	limits.proc.memory_limit = 16 * LIMITS_MIB;
	limits_start();
	fd = samples_open(limits_path("outer.zip"));
	engineproc_send(&limits.worker, fd, 1);
	(void)close(fd);
	if (engineproc_recv(limits.worker.socket_fd, limits.proc.inbox) == 0) {
		const struct ipc_work_verdict *v = &limits.proc.inbox->msg.work_verdict;

		print_message("memory: %.*s\n", (int)v->text.n, (const char *)v->text.data);
		assert_int_equal(v->code, IPC_WORK_ENGINE_ERROR);
		assert_int_equal(v->error, ENOMEM);
		engineproc_join(&limits.proc, &limits.worker);
	} else {
		assert_true(WIFSIGNALED(engineproc_expect_end(&limits.proc, &limits.worker)));
	}
}

/*
 * Rule 1 with real processes: the worker is stopped in the middle of the file,
 * for longer than its whole scan takes. (That no limit of any length is in
 * force is shown by test_engine with a clock that jumps by hours.)
 */
static void stopped_in_the_middle(void **state)
{
	const struct ipc_work_verdict *v;
	uint64_t used_ns = 0;
	uint64_t idle_ns;
	int fd;

	(void)state;
	limits_make_heavy(24 * LIMITS_MIB);
	limits_start();
	fd = samples_open(limits_path("outer.zip"));
	assert_int_equal(clock_process_cpu_ns(limits.worker.pid, &idle_ns), 0);
	engineproc_send(&limits.worker, fd, 9);
	(void)close(fd);
	while (used_ns < 50000000) {
		assert_int_equal(clock_process_cpu_ns(limits.worker.pid, &used_ns), 0);
		used_ns -= idle_ns;
		(void)poll(NULL, 0, 1);
	}
	assert_int_equal(kill(limits.worker.pid, SIGSTOP), 0);
	(void)poll(NULL, 0, 5000);
	assert_int_equal(kill(limits.worker.pid, SIGCONT), 0);
	engineproc_expect(limits.worker.socket_fd, limits.proc.inbox, IPC_WORK_VERDICT);
	v = &limits.proc.inbox->msg.work_verdict;
	assert_int_equal(v->code, IPC_WORK_INFECTED);
	print_message("stopped for 5 s, CPU %.1f s\n", (double)v->cpu_ns / 1e9);
	assert_true(v->cpu_ns < UINT64_C(5000000000));
	engineproc_join(&limits.proc, &limits.worker);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, limits_setup, limits_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(recursion),
		TEST(files),
		TEST(file_size),
		TEST(scan_size),
		TEST(found_before_the_limit),
		TEST(temporary_space),
		TEST(temporary_space_suffices),
		TEST(memory),
		TEST(stopped_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
