/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The counter is the reader's own word, so that the kernel's figures have a second opinion. */
#include "diskreader.h"

#include "unit.h"

#include "burner.h"
#include "cleanup.h"
#include "clock.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void diskreader_make_file(const struct diskreader *dr)
{
	_cleanup_(cleanup_free) char *block = malloc(DISKREADER_BLOCK);
	int fd = open(dr->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	assert_non_null(block);
	assert_true(fd >= 0);
	memset(block, 'q', DISKREADER_BLOCK);
	for (size_t done = 0; done < DISKREADER_FILE; done += DISKREADER_BLOCK)
		assert_int_equal(write(fd, block, DISKREADER_BLOCK), DISKREADER_BLOCK);
	assert_int_equal(fsync(fd), 0);
	(void)close(fd);
}

/*
 * The clock of the thread: a process with a CPU timer sees its own move with the
 * tick. One turn through the file; returns 0, or 1 when a read failed.
 */
static int diskreader_turn(const struct diskreader *dr, int fd, void *block, unsigned work_us)
{
	for (off_t at = 0; at < DISKREADER_FILE; at += DISKREADER_BLOCK) {
		uint64_t end_ns;

		if (pread(fd, block, DISKREADER_BLOCK, at) != DISKREADER_BLOCK)
			return 1;
		atomic_fetch_add(dr->n_bytesp, DISKREADER_BLOCK);
		end_ns = clock_thread_cpu_ns() + work_us * UINT64_C(1000);
		while (clock_thread_cpu_ns() < end_ns)
			;
	}
	return 0;
}

static int diskreader_once(const struct diskreader *dr, bool is_direct, unsigned work_us)
{
	int fd = open(dr->path, O_RDONLY | O_CLOEXEC | (is_direct ? O_DIRECT : 0));
	void *block = aligned_alloc(4096, DISKREADER_BLOCK);
	int r = 1;

	if (fd >= 0 && block)
		r = diskreader_turn(dr, fd, block, work_us);
	if (dr->kind == DISKREADER_FORGET && fd >= 0)
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	free(block);
	if (fd >= 0)
		(void)close(fd);
	return r;
}

static int diskreader_run(void *arg)
{
	const struct diskreader *dr = arg;
	bool is_direct = dr->kind == DISKREADER_DIRECT || dr->kind == DISKREADER_IDLE;

	if (dr->kind == DISKREADER_IDLE)
		return diskreader_once(dr, is_direct, 0);
	if (grant_timer_start(dr->page, dr->slot, dr->generation) != 0)
		return 1;
	while (diskreader_once(dr, is_direct, DISKREADER_WORK_US) == 0)
		;
	return 1;
}

uint64_t diskreader_fetched(pid_t pid)
{
	char path[64];
	char line[128];
	uint64_t n = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/io", (int)pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (strncmp(line, "read_bytes: ", 12) == 0)
			n = strtoull(line + 12, NULL, 10);
	(void)fclose(f);
	return n;
}

void diskreader_read_here(const struct diskreader *dr, bool is_direct)
{
	assert_int_equal(diskreader_once(dr, is_direct, 0), 0);
}

bool diskreader_open(struct diskreader *dr, const struct scratch *scratch)
{
	uint64_t before;
	int fd;

	(void)scratch_path(scratch, "read-me", dr->path);
	diskreader_make_file(dr);
	dr->n_bytesp = mmap(NULL, sizeof(*dr->n_bytesp), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(dr->n_bytesp != MAP_FAILED);
	fd = open(dr->path, O_RDONLY | O_CLOEXEC | O_DIRECT);
	if (fd < 0 || access("/proc/self/io", R_OK) != 0)
		return false;
	(void)close(fd);
	before = diskreader_fetched(getpid());
	diskreader_read_here(dr, true);
	return diskreader_fetched(getpid()) - before >= DISKREADER_FILE;
}

void diskreader_close(struct diskreader *dr)
{
	if (dr->n_bytesp)
		(void)munmap(dr->n_bytesp, sizeof(*dr->n_bytesp));
	dr->n_bytesp = NULL;
}

pid_t diskreader_start(struct diskreader *dr)
{
	atomic_store(dr->n_bytesp, 0);
	return burner_fork(diskreader_run, dr);
}

uint64_t diskreader_n_bytes(const struct diskreader *dr)
{
	return atomic_load(dr->n_bytesp);
}
