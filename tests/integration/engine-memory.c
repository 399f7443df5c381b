/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Workers share the engine: what each has for itself is measured with a
 * synthetic signature set of 200,000 entries, before and after it scanned, and
 * must be a small part of what the zygote has. Prints the figures.
 */
#include "clock.h"
#include "engineproc.h"
#include "samples.h"
#include "unit.h"
#include "zipfile.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MEMORY_SIGNATURES = 100000, MEMORY_WORKERS = 3, MEMORY_FILES = 20 };

static struct {
	char dir[SAMPLES_PATH_SIZE];
	char signatures[SAMPLES_PATH_SIZE];
	char temp[SAMPLES_PATH_SIZE];
	struct engineproc proc;
} memory;

static void memory_hex(FILE *f, const unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)fprintf(f, "%02x", bytes[i]);
}

/* As many MD5 hashes and as many body patterns of 24 bytes. */
static void memory_make_signatures(void)
{
	unsigned char *noise = samples_noise(MEMORY_SIGNATURES * 40L, 11);
	char path[SAMPLES_PATH_SIZE];
	FILE *hdb, *ndb;

	samples_path(path, memory.signatures, "many.hdb");
	hdb = fopen(path, "we");
	samples_path(path, memory.signatures, "many.ndb");
	ndb = fopen(path, "we");
	assert_true(hdb && ndb);
	for (long i = 0; i < MEMORY_SIGNATURES; i++) {
		memory_hex(hdb, noise + i * 40, 16);
		(void)fprintf(hdb, ":%ld:Synthetic.Hash-%ld\n", 1000 + i, i);
		(void)fprintf(ndb, "Synthetic.Body-%ld:0:*:", i);
		memory_hex(ndb, noise + i * 40 + 16, 24);
		(void)fputc('\n', ndb);
	}
	assert_int_equal(fclose(hdb) | fclose(ndb), 0);
	free(noise);
}

/* A field of smaps_rollup in KiB. */
static unsigned long memory_field(pid_t pid, const char *key)
{
	char path[64], line[256];
	unsigned long value = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (strncmp(line, key, strlen(key)) == 0)
			value += strtoul(line + strlen(key), NULL, 10);
	(void)fclose(f);
	return value;
}

static unsigned long memory_private(pid_t pid)
{
	return memory_field(pid, "Private_Dirty:") + memory_field(pid, "Private_Clean:");
}

static void memory_scan_some(struct engineproc_worker *worker)
{
	DIR *dir = opendir("/usr/share/clamav-testfiles");
	struct dirent *entry;
	int n = 0;

	assert_non_null(dir);
	while (n < MEMORY_FILES && (entry = readdir(dir))) {
		char path[SAMPLES_PATH_SIZE];

		if (entry->d_name[0] == '.')
			continue;
		samples_path(path, "/usr/share/clamav-testfiles", entry->d_name);
		(void)engineproc_scan(&memory.proc, worker, path);
		n++;
	}
	(void)closedir(dir);
}

static void workers_share_the_engine(void **state)
{
	struct engineproc_worker workers[MEMORY_WORKERS];
	unsigned long rss, fresh = 0, used = 0;
	uint64_t since_ns, fork_ns = 0;

	(void)state;
	memory_make_signatures();
	engineproc_start_ready(&memory.proc);
	assert_int_equal(
		memory.proc.inbox->msg.engine_ready.n_signatures, 2 * MEMORY_SIGNATURES + 2);
	print_message("load: %.2f s CPU\n",
		(double)memory.proc.inbox->msg.engine_ready.load_cpu_ns / 1e9);
	for (unsigned i = 0; i < MEMORY_WORKERS; i++) {
		since_ns = clock_mono_ns();
		engineproc_fork(&memory.proc, i, &workers[i]);
		fork_ns += clock_mono_ns() - since_ns;
		fresh += memory_private(workers[i].pid);
	}
	for (unsigned i = 0; i < MEMORY_WORKERS; i++) {
		memory_scan_some(&workers[i]);
		used += memory_private(workers[i].pid);
	}
	rss = memory_field(memory.proc.pid, "Rss:");
	print_message("engine: %lu KiB; private per worker: %lu KiB fresh, %lu KiB after %d files; "
		      "request to READY: %.1f ms\n",
		rss, fresh / MEMORY_WORKERS, used / MEMORY_WORKERS, MEMORY_FILES,
		(double)fork_ns / 1e6 / MEMORY_WORKERS);
	assert_true(fresh / MEMORY_WORKERS < rss / 10);
	assert_true(used / MEMORY_WORKERS < rss / 4);
	for (unsigned i = 0; i < MEMORY_WORKERS; i++)
		engineproc_join(&memory.proc, &workers[i]);
}

static int memory_setup(void **state)
{
	(void)state;
	samples_dir(memory.dir);
	samples_dir(memory.signatures);
	samples_dir(memory.temp);
	samples_signatures(memory.signatures);
	memory.proc = (struct engineproc){.signatures = memory.signatures, .temp_dir = memory.temp};
	return 0;
}

static int memory_teardown(void **state)
{
	(void)state;
	engineproc_stop(&memory.proc);
	samples_dir_remove(memory.dir);
	samples_dir_remove(memory.signatures);
	samples_dir_remove(memory.temp);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			workers_share_the_engine, memory_setup, memory_teardown),
	};

	/* /proc/PID/smaps_rollup of a process that is not dumpable is root's. */
	if (geteuid() != 0)
		return UNIT_SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
