/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which processes have a file as their executable; the processes are the test's own. */
#include "procfiles.h"

#include "runner.h"
#include "scratch.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { N_RUNNERS = 5, N_ROOM = 3 };

struct fixture {
	struct scratch scratch;
	char path[SCRATCH_PATH_SIZE];
	struct stat stat;
	struct runner runners[N_RUNNERS];
};

static int setup(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));

	scratch_init(&f->scratch);
	runner_copy("/bin/cat", scratch_path(&f->scratch, "program", f->path), 0);
	assert_int_equal(stat(f->path, &f->stat), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < N_RUNNERS; i++)
		runner_end(&f->runners[i]);
	scratch_deinit(&f->scratch);
	test_free(f);
	return 0;
}

static uint64_t find(const struct fixture *f, uint64_t pids[N_ROOM])
{
	uint64_t n = 77;

	memset(pids, 0, N_ROOM * sizeof(*pids));
	assert_int_equal(
		procfiles_find_executing(f->stat.st_dev, f->stat.st_ino, pids, N_ROOM, &n), 0);
	return n;
}

/* One that runs it, none, and one that has it open only. */
static void one(void **state)
{
	struct fixture *f = *state;
	uint64_t pids[N_ROOM];
	int fd = open(f->path, O_RDONLY | O_CLOEXEC);

	assert_int_equal(find(f, pids), 0);
	assert_int_equal(pids[0], 0);
	runner_start(&f->runners[0], f->path);
	assert_int_equal(find(f, pids), 1);
	assert_int_equal(pids[0], f->runners[0].pid);
	assert_int_equal(pids[1], 0);
	runner_end(&f->runners[0]);
	assert_int_equal(find(f, pids), 0);
	(void)close(fd);
}

/* All are counted, as many are told as there is room for, in the order of /proc. */
static void more_than_room(void **state)
{
	struct fixture *f = *state;
	uint64_t pids[N_ROOM];

	for (size_t i = 0; i < N_RUNNERS; i++)
		runner_start(&f->runners[i], f->path);
	assert_int_equal(find(f, pids), N_RUNNERS);
	for (size_t i = 0; i < N_ROOM; i++) {
		bool is_ours = false;

		for (size_t k = 0; k < N_RUNNERS; k++)
			is_ours = is_ours || pids[i] == (uint64_t)f->runners[k].pid;
		assert_true(is_ours && (i == 0 || pids[i] > pids[i - 1]));
	}
}

/* The inode counts, not the name: renamed, another under its name, deleted. */
static void names_do_not_matter(void **state)
{
	struct fixture *f = *state;
	char moved[SCRATCH_PATH_SIZE];
	uint64_t pids[N_ROOM];
	uint64_t n = 77;
	struct stat other;

	runner_start(&f->runners[0], f->path);
	assert_int_equal(rename(f->path, scratch_path(&f->scratch, "moved", moved)), 0);
	assert_int_equal(find(f, pids), 1);
	runner_copy("/bin/cat", f->path, 0);
	assert_int_equal(stat(f->path, &other), 0);
	assert_int_equal(procfiles_find_executing(other.st_dev, other.st_ino, pids, N_ROOM, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(unlink(moved), 0);
	assert_int_equal(find(f, pids), 1);
	assert_int_equal(pids[0], f->runners[0].pid);
	/* The same number on another device is another file. */
	assert_int_equal(
		procfiles_find_executing(f->stat.st_dev + 1, f->stat.st_ino, pids, N_ROOM, &n), 0);
	assert_int_equal(n, 0);
}

/* A process whose first thread has ended and others go on. */
static void first_thread_ended(void **state)
{
	struct fixture *f = *state;
	uint64_t pids[N_ROOM];

	assert_int_equal(unlink(f->path), 0);
	runner_copy(LEADERLESS, f->path, 0);
	assert_int_equal(stat(f->path, &f->stat), 0);
	runner_start(&f->runners[0], f->path);
	runner_await_leaderless(&f->runners[0]);
	assert_int_equal(find(f, pids), 1);
	assert_int_equal(pids[0], f->runners[0].pid);
}

/** What procfiles_each() tells of one process. */
struct told {
	const struct fixture *f;
	unsigned n_exe;    /**< Links that lead to its executable. */
	unsigned n_untold; /**< Links of which it is not told where they lead. */
	unsigned n_named;  /**< Told by path alone, and the path leads there. */
};

static int tell(void *data, const struct procfiles_file *file)
{
	struct told *told = data;
	char path[SCRATCH_PATH_SIZE];
	struct stat stat_of;

	if (file->pid != told->f->runners[0].pid)
		return 0;
	if (file->link) {
		assert_int_equal(fstatat(file->pid_fd, file->link, &stat_of, 0), 0);
		told->n_exe += stat_of.st_ino == told->f->stat.st_ino;
		/* Where it lies is known before it is touched: by a path of its own, or so. */
		told->n_untold += file->text.n == 0 || *(const char *)file->text.data != '/' ||
				  (file->is_mapped && stat_of.st_ino != file->ino) ||
				  (!file->is_mapped && strncmp(file->text.data, "/proc/", 6) == 0);
		return 0;
	}
	assert_true(file->is_mapped);
	(void)snprintf(
		path, sizeof(path), "%.*s", (int)file->text.n, (const char *)file->text.data);
	assert_int_equal(stat(path, &stat_of), 0);
	told->n_named += stat_of.st_ino == file->ino;
	return 0;
}

/* What a process executes and has mapped, by links; without its first thread by paths. */
static void each(void **state)
{
	struct fixture *f = *state;
	struct told told = {.f = f};

	runner_start(&f->runners[0], f->path);
	assert_int_equal(procfiles_each(tell, &told), 0);
	assert_true(told.n_exe >= 1);
	assert_int_equal(told.n_named, 0);
	runner_end(&f->runners[0]);

	assert_int_equal(unlink(f->path), 0);
	runner_copy(LEADERLESS, f->path, 0);
	assert_int_equal(stat(f->path, &f->stat), 0);
	runner_start(&f->runners[0], f->path);
	runner_await_leaderless(&f->runners[0]);
	assert_int_equal(unlink(f->path), 0); /* it is not found by a path */
	told = (struct told){.f = f};
	assert_int_equal(procfiles_each(tell, &told), 0);
	assert_int_equal(told.n_exe, 1);
	assert_int_equal(told.n_untold, 0);
	assert_true(told.n_named >= 1); /* the C library */
}

/* Copies a program to where no path leads that the kernel could tell. @return A descriptor. */
static int copy_deep(struct fixture *f, const char *program)
{
	char folder[201];
	int at = open(f->scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd;

	(void)memset(folder, 'd', sizeof(folder) - 1);
	folder[sizeof(folder) - 1] = '\0';
	for (int i = 0; i < 25; i++) {
		int next;

		assert_true(mkdirat(at, folder, 0755) == 0 || errno == EEXIST);
		next = openat(at, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(next >= 0);
		(void)close(at);
		at = next;
	}
	fd = openat(at, "program", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	assert_true(fd >= 0);
	runner_copy_to(program, fd, 0);
	assert_int_equal(fstat(fd, &f->stat), 0);
	(void)close(fd);
	fd = openat(at, "program", O_RDONLY);
	assert_true(fd >= 0);
	(void)close(at);
	return fd;
}

/* A path that is longer than PATH_MAX hides no process, with its first thread or without. */
static void deep(void **state)
{
	struct fixture *f = *state;
	char command[SCRATCH_PATH_SIZE + 16];
	char path[32];

	for (int i = 0; i < 2; i++) {
		struct told told = {.f = f};
		int fd = copy_deep(f, i == 0 ? "/bin/cat" : LEADERLESS);

		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		runner_start(&f->runners[0], path);
		(void)close(fd);
		if (i == 1)
			runner_await_leaderless(&f->runners[0]);
		assert_int_equal(procfiles_each(tell, &told), 0);
		assert_true(told.n_exe >= 1);
		assert_int_equal(told.n_untold, 0);
		runner_end(&f->runners[0]);
	}
	(void)snprintf(command, sizeof(command), "rm -rf '%s'/d*", f->scratch.path);
	assert_int_equal(system(command), 0);
}

/* The path in a line of maps: nothing, what is no path, one with blanks and a newline. */
static void lines(void **state)
{
	struct procfiles_map map;

	(void)state;
	assert_int_equal(
		procfiles_parse("1000-2000 r-xp 00000000 08:01 77   /a b\\012c\n", &map), 0);
	assert_string_equal(map.path, "/a b\\012c\n");
	assert_true(map.is_executable && map.ino == 77 && map.end == 0x2000);
	assert_int_equal(procfiles_parse("1000-2000 rw-p 00000000 00:00 0 \n", &map), 0);
	assert_string_equal(map.path, "");
	assert_false(map.is_executable);
	assert_int_equal(procfiles_parse("1000-2000 rw-p 00000000", &map), -EBADMSG);
}

/* Without /proc nothing is said: a process that has another folder there. */
static void without_proc(void **state)
{
	struct fixture *f = *state;
	uint64_t pids[N_ROOM];
	uint64_t n = 77;
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (chroot(f->scratch.path) < 0)
			_exit(77);
		_exit(procfiles_find_executing(f->stat.st_dev, f->stat.st_ino, pids, N_ROOM, &n) !=
				-ENOENT ||
			n != 77);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip(); /* chroot is root's */
	assert_int_equal(status, 0);
}

int main(void)
{
#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(one),
		WITH_FIXTURE(more_than_room),
		WITH_FIXTURE(names_do_not_matter),
		WITH_FIXTURE(first_thread_ended),
		WITH_FIXTURE(each),
		WITH_FIXTURE(deep),
		WITH_FIXTURE(lines),
		WITH_FIXTURE(without_proc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
