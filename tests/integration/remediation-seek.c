/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running executables by hash, and the end of who runs them, in a PID namespace:
 * what is tested kills, and a mistake in it must not reach others. What happens
 * between two looks is made to happen there: the linker puts a hook before
 * statx(2) and pread(2).
 */
#include "seek.h"

#include "identity.h"
#include "pidworld.h"
#include "privileges.h"
#include "runner.h"
#include "scratch.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

enum { N_RUNNERS = 4, NOBODY = 65534, WAIT_MS = 30000, SIZE_MAX_ALL = 1 << 30 };

/* What a hook is to do before the given call. */
static struct {
	unsigned n_statx; /* 0: nothing, 1: before the next look at something */
	void (*on_statx)(void);
	void (*on_pread)(void);
	unsigned n_begun; /* reads of the test's own file from its beginning */
} hooks;

int __real_statx(int fd, const char *path, int flags, unsigned mask, struct statx *found);
int __wrap_statx(int fd, const char *path, int flags, unsigned mask, struct statx *found);
ssize_t __real_pread(int fd, void *bytes, size_t n, off_t offset);
ssize_t __wrap_pread(int fd, void *bytes, size_t n, off_t offset);

static struct fixture {
	struct scratch scratch;
	char path[SCRATCH_PATH_SIZE];
	struct stat stat;
	char sha256[65];
	char sha1[41];
	struct runner runners[N_RUNNERS];
	/* what was found */
	size_t n_found;
	struct seek_file found;
	char found_path[SCRATCH_PATH_SIZE];
	pid_t found_pids[N_RUNNERS];
	struct seek_totals totals;
	/* what was told */
	size_t n_told;
	struct {
		pid_t pid;
		enum seek_stop_end end;
		int error;
	} told[N_RUNNERS];
} * f;

/* Only looks at the first runner count. */
int __wrap_statx(int fd, const char *path, int flags, unsigned mask, struct statx *found)
{
	char prefix[32];

	(void)snprintf(prefix, sizeof(prefix), "%d/", f ? (int)f->runners[0].pid : 0);
	if (hooks.n_statx > 0 && strncmp(path, prefix, strlen(prefix)) == 0 && --hooks.n_statx == 0)
		hooks.on_statx();
	return __real_statx(fd, path, flags, mask, found);
}

ssize_t __wrap_pread(int fd, void *bytes, size_t n, off_t offset)
{
	struct stat status;

	if (f && offset == 0 && fstat(fd, &status) == 0 && status.st_ino == f->stat.st_ino &&
		status.st_dev == f->stat.st_dev)
		hooks.n_begun++;
	if (hooks.on_pread)
		hooks.on_pread();
	return __real_pread(fd, bytes, n, offset);
}

/* Another content for each test, so that none finds what another one left. */
static void make(const char *program, const char *name, char *path)
{
	static char mark;
	int fd;

	runner_copy(program, scratch_path(&f->scratch, name, path), ++mark);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0 && fstat(fd, &f->stat) == 0);
	assert_int_equal(identity_hash(fd, (uint64_t)f->stat.st_size, f->sha256, f->sha1), 0);
	(void)close(fd);
}

static int setup(void **state)
{
	(void)state;
	f = test_calloc(1, sizeof(*f));
	memset(&hooks, 0, sizeof(hooks));
	scratch_init(&f->scratch);
	/* Others go in below. */
	assert_int_equal(chmod(f->scratch.path, 0755), 0);
	make("/bin/sh", "program", f->path);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	memset(&hooks, 0, sizeof(hooks));
	for (size_t i = 0; i < N_RUNNERS; i++)
		runner_end(&f->runners[i]);
	scratch_deinit(&f->scratch);
	test_free(f);
	f = NULL;
	return 0;
}

static int on_found(void *data, const struct seek_file *file)
{
	(void)data;
	assert_true(file->path.n < sizeof(f->found_path) && file->n_pids <= N_RUNNERS);
	f->n_found++;
	f->found = *file;
	memcpy(f->found_path, file->path.data, file->path.n);
	f->found_path[file->path.n] = '\0';
	memcpy(f->found_pids, file->pids, file->n_pids * sizeof(*file->pids));
	return 0;
}

static int seek(const char *hash)
{
	const struct seek_config config = {
		.hash = hash, .size_max = SIZE_MAX_ALL, .on_found = on_found};

	f->n_found = 0;
	return seek_processes(&config, &f->totals);
}

static void expect_found(const char *hash, enum seek_name name, const char *path)
{
	assert_int_equal(seek(hash), 0);
	assert_int_equal(f->n_found, 1);
	assert_int_equal(f->found.name, name);
	assert_string_equal(f->found_path, path);
	assert_int_equal(f->found.ino, f->stat.st_ino);
	assert_int_equal(f->found.dev, f->stat.st_dev);
	assert_int_equal(f->found.n_pids, 1);
	assert_int_equal(f->found_pids[0], f->runners[0].pid);
}

/* Both hashes, in any case; size and time; nothing for others and when nobody runs it. */
static void found(void **state)
{
	char upper[65];

	(void)state;
	assert_int_equal(seek(f->sha256), 0);
	assert_int_equal(f->n_found, 0);
	assert_true(f->totals.n_processes > 0 && f->totals.n_hashed > 0);
	runner_start(&f->runners[0], f->path);
	expect_found(f->sha256, SEEK_NAME_THERE, f->path);
	assert_int_equal(f->found.size, f->stat.st_size);
	assert_int_equal(f->found.mtime_ns, identity_ns(f->stat.st_mtim));
	assert_string_equal(f->found.sha256, f->sha256);
	assert_string_equal(f->found.sha1, f->sha1);
	for (size_t i = 0; i < sizeof(upper); i++)
		upper[i] = (char)(f->sha1[i < 40 ? i : 40] >= 'a' ? f->sha1[i] - 32
								  : f->sha1[i < 40 ? i : 40]);
	expect_found(upper, SEEK_NAME_THERE, f->path);
	runner_end(&f->runners[0]);
	assert_int_equal(seek(f->sha256), 0);
	assert_int_equal(f->n_found, 0);
}

/* However many run it, it is one file, and read once. */
static void several_processes(void **state)
{
	(void)state;
	hooks.n_begun = 0;
	for (size_t i = 0; i < N_RUNNERS; i++)
		runner_start(&f->runners[i], f->path);
	assert_int_equal(seek(f->sha256), 0);
	assert_int_equal(f->n_found, 1);
	assert_int_equal(f->found.n_pids, N_RUNNERS);
	for (size_t i = 1; i < N_RUNNERS; i++)
		assert_true(f->found_pids[i] > f->found_pids[i - 1]);
	assert_int_equal(hooks.n_begun, 1);
}

/* Two files of one content are two; the first answer that is not 0 ends it. */
static int on_found_end(void *data, const struct seek_file *file)
{
	(void)file;
	++*(unsigned *)data;
	return -ECANCELED;
}

static void several_files(void **state)
{
	unsigned n = 0;
	const struct seek_config config = {
		.hash = f->sha1, .size_max = SIZE_MAX_ALL, .on_found = on_found_end, .data = &n};
	char copy[SCRATCH_PATH_SIZE];
	char command[2 * SCRATCH_PATH_SIZE + 8];

	(void)state;
	(void)snprintf(command, sizeof(command), "cp %s %s", f->path,
		scratch_path(&f->scratch, "copy", copy));
	assert_int_equal(system(command), 0);
	runner_start(&f->runners[0], f->path);
	runner_start(&f->runners[1], copy);
	assert_int_equal(seek(f->sha256), 0);
	assert_int_equal(f->n_found, 2);
	assert_int_equal(seek_processes(&config, &f->totals), -ECANCELED);
	assert_int_equal(n, 1);
}

/* The name is removed, given to another file, or was always as if it were removed. */
static void names(void **state)
{
	char other[SCRATCH_PATH_SIZE];

	(void)state;
	runner_start(&f->runners[0], f->path);
	assert_int_equal(rename(f->path, scratch_path(&f->scratch, "x (deleted)", other)), 0);
	expect_found(f->sha256, SEEK_NAME_THERE, other);
	assert_int_equal(unlink(other), 0);
	expect_found(f->sha256, SEEK_NAME_GONE, other);
	scratch_write(&f->scratch, "x (deleted)", "x", 1);
	expect_found(f->sha256, SEEK_NAME_GONE, other);
}

/* A file that never had a name. */
static void memory(void **state)
{
	char path[64];
	int fd = memfd_create("a word", MFD_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	runner_copy_to("/bin/sh", fd, 'm');
	assert_int_equal(fstat(fd, &f->stat), 0);
	assert_int_equal(identity_hash(fd, (uint64_t)f->stat.st_size, f->sha256, f->sha1), 0);
	(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(), fd);
	{
		/* Nobody may have it open for writing. */
		int reader = open(path, O_RDONLY | O_CLOEXEC);

		(void)close(fd);
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", reader);
		runner_start(&f->runners[0], path);
		(void)close(reader);
	}
	expect_found(f->sha256, SEEK_NAME_NEVER, "/memfd:a word");
}

/* Something was mounted over its folder: the path leads elsewhere. */
static void covered(void **state)
{
	char folder[SCRATCH_PATH_SIZE];
	char path[SCRATCH_PATH_SIZE];

	(void)state;
	scratch_mkdir(&f->scratch, "folder");
	make("/bin/sh", "folder/program", path);
	runner_start(&f->runners[0], path);
	if (mount("tmpfs", scratch_path(&f->scratch, "folder", folder), "tmpfs", 0, NULL) < 0)
		skip(); /* root's */
	assert_int_equal(seek(f->sha256), 0);
	assert_int_equal(umount(folder), 0);
	assert_int_equal(f->n_found, 1);
	assert_int_equal(f->found.name, SEEK_NAME_FOREIGN);
	assert_string_equal(f->found_path, path);
	assert_int_equal(f->found_pids[0], f->runners[0].pid);
}

/* A process whose first thread has ended is no less there. */
static void first_thread_ended(void **state)
{
	char path[SCRATCH_PATH_SIZE];

	(void)state;
	make(LEADERLESS, "leaderless", path);
	runner_start(&f->runners[0], path);
	runner_await_leaderless(&f->runners[0]);
	expect_found(f->sha256, SEEK_NAME_THERE, path);
}

static void no_hash(void **state)
{
	static const char *const rows[] = {"", "ab", "x",
		"2546dcffc5ad854d4ddc64fbf056871cd5a00f2471cb7a5bfd4ac23b6e9eeda",
		"2546dcffc5ad854d4ddc64fbf056871cd5a00f2471cb7a5bfd4ac23b6e9eedadd",
		"2546dcffc5ad854d4ddc64fbf056871cd5a00f2471cb7a5bfd4ac23b6e9eedag",
		"d27265074c9eac2e2122ed69294dbc4d7cce914",
		"d27265074c9eac2e2122ed69294dbc4d7cce914 "};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(seek(rows[i]), -EINVAL);
}

/* A file of just the size is read, a larger one is counted. */
static void too_large(void **state)
{
	struct seek_config config = {
		.hash = f->sha256, .size_max = (uint64_t)f->stat.st_size, .on_found = on_found};

	(void)state;
	runner_start(&f->runners[0], f->path);
	assert_int_equal(seek_processes(&config, &f->totals), 0);
	assert_int_equal(f->n_found, 1);
	config.size_max--;
	assert_int_equal(seek_processes(&config, &f->totals), 0);
	assert_int_equal(f->n_found, 1);
	assert_true(f->totals.n_too_large > 0);
	assert_true(f->totals.n_unread >= f->totals.n_too_large);
}

/* What does not fit any more is counted, with who executes it; smaller ones are read. */
static void too_much(void **state)
{
	struct seek_config config = {.hash = f->sha256,
		.size_max = SIZE_MAX_ALL,
		.total_max = (uint64_t)f->stat.st_size,
		.on_found = on_found};

	(void)state;
	runner_start(&f->runners[0], f->path);
	runner_start(&f->runners[1], f->path);
	assert_int_equal(seek_processes(&config, &f->totals), 0);
	assert_int_equal(f->n_found, 1); /* the test itself is larger */
	assert_int_equal(f->totals.n_hashed, 1);
	assert_int_equal(f->totals.n_beyond, 1);
	assert_int_equal(f->totals.n_unread, 2); /* of process 1 and this one */
	config.total_max--;
	assert_int_equal(seek_processes(&config, &f->totals), 0);
	assert_int_equal(f->n_found, 1);
	assert_int_equal(f->totals.n_processes, 4);
	assert_int_equal(f->totals.n_beyond, 2);
	assert_int_equal(f->totals.n_unread, 4);
	assert_int_equal(f->totals.n_hashed + f->totals.n_too_large + f->totals.n_unreadable +
				 f->totals.n_changed,
		0);
}

static void nap(void)
{
	const struct timespec time = {.tv_nsec = 3000000};

	(void)nanosleep(&time, NULL);
}

/* A slow file system: the file that is read when the time is over, and all that follow. */
static void too_long(void **state)
{
	const struct seek_config config = {
		.hash = f->sha256, .size_max = SIZE_MAX_ALL, .time_ms = 1, .on_found = on_found};

	(void)state;
	runner_start(&f->runners[0], f->path);
	hooks.on_pread = nap;
	assert_int_equal(seek_processes(&config, &f->totals), 0);
	assert_int_equal(f->n_found + f->totals.n_hashed, 0);
	assert_int_equal(f->totals.n_processes, 3);
	assert_int_equal(f->totals.n_beyond, 2);
	assert_int_equal(f->totals.n_unread, 3);
}

/* Another time at each call. */
static void touch(void)
{
	static time_t now;
	const struct timespec times[2] = {{.tv_sec = now}, {.tv_sec = now}};

	now++;
	assert_int_equal(utimensat(AT_FDCWD, f->path, times, 0), 0);
}

/* Touched while it is read: what was read may be of before and after. */
static void touched_meanwhile(void **state)
{
	(void)state;
	runner_start(&f->runners[0], f->path);
	hooks.on_pread = touch;
	assert_int_equal(seek(f->sha256), 0);
	assert_int_equal(f->n_found, 0);
	assert_int_equal(f->totals.n_changed, 1);
	assert_int_equal(f->totals.n_unread, 1);
}

/* In a process of its own as another user, with no more capabilities than these. */
static int as_nobody(uint64_t capabilities, int (*run)(void))
{
	int status = 0;
	pid_t pid = unit_fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_KEEPCAPS, 1);
		if (setresgid(NOBODY, NOBODY, NOBODY) < 0 || setresuid(NOBODY, NOBODY, NOBODY) < 0)
			_exit(UNIT_SKIPPED);
		if (privileges_keep(capabilities) < 0)
			_exit(UNIT_SKIPPED);
		_exit(run());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int run_hidden(void)
{
	return seek(f->sha256) == 0 && f->n_found == 0 && f->totals.n_hidden > 0 ? 0 : 1;
}

static int run_unreadable(void)
{
	return seek(f->sha256) == 0 && f->n_found == 0 && f->totals.n_unreadable > 0 &&
			       f->totals.n_unread > 0
		       ? 0
		       : 1;
}

/* What the kernel does not show and what may not be read is counted. */
static void not_allowed(void **state)
{
	int code;

	(void)state;
	runner_start(&f->runners[0], f->path);
	code = as_nobody(0, run_hidden);
	if (code == UNIT_SKIPPED)
		skip(); /* root's */
	assert_int_equal(code, 0);
	assert_int_equal(chmod(f->path, 0711), 0);
	assert_int_equal(as_nobody(PRIVILEGES_CAP(CAP_SYS_PTRACE), run_unreadable), 0);
}

static int run_without_proc(void)
{
	const struct seek_stop_config stop = {.wait_ms = 0};

	return seek(f->sha256) == -ENOENT && seek_stop(&stop) == -ENOENT ? 0 : 1;
}

static void without_proc(void **state)
{
	int status = 0;
	pid_t pid = unit_fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(chroot(f->scratch.path) < 0 ? UNIT_SKIPPED : run_without_proc());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == UNIT_SKIPPED)
		skip(); /* root's */
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void on_process(void *data, pid_t pid, enum seek_stop_end end, int error)
{
	(void)data;
	assert_true(f->n_told < N_RUNNERS);
	f->told[f->n_told].pid = pid;
	f->told[f->n_told].end = end;
	f->told[f->n_told++].error = error;
}

static struct seek_stop_config stop_config(void)
{
	f->n_told = 0;
	return (struct seek_stop_config){.dev = f->stat.st_dev,
		.ino = f->stat.st_ino,
		.size = (uint64_t)f->stat.st_size,
		.mtime_ns = identity_ns(f->stat.st_mtim),
		.ctime_ns = identity_ns(f->stat.st_ctim),
		.sha256 = f->sha256,
		.wait_ms = WAIT_MS,
		.on_process = on_process};
}

static void expect_told(size_t i, const struct runner *runner, enum seek_stop_end end)
{
	assert_true(f->n_told > i);
	assert_int_equal(f->told[i].pid, runner->pid);
	assert_int_equal(f->told[i].end, end);
	assert_int_equal(f->told[i].error, 0);
}

/* All that run the file end; who runs another file of the same content does not. */
static void stopped(void **state)
{
	struct seek_stop_config config = stop_config();
	char command[2 * SCRATCH_PATH_SIZE + 8];
	char copy[SCRATCH_PATH_SIZE];

	(void)state;
	(void)snprintf(command, sizeof(command), "cp %s %s", f->path,
		scratch_path(&f->scratch, "copy", copy));
	assert_int_equal(system(command), 0);
	runner_start(&f->runners[0], f->path);
	runner_start(&f->runners[1], f->path);
	runner_start(&f->runners[2], copy);
	assert_int_equal(seek_stop(&config), 0);
	assert_int_equal(f->n_told, 2);
	expect_told(0, &f->runners[0], SEEK_STOP_ENDED);
	expect_told(1, &f->runners[1], SEEK_STOP_ENDED);
	assert_int_equal(runner_wait(&f->runners[0]), SIGKILL);
	assert_int_equal(runner_wait(&f->runners[1]), SIGKILL);
	assert_true(runner_is_running(&f->runners[2]));
	config = stop_config();
	assert_int_equal(seek_stop(&config), 0);
	assert_int_equal(f->n_told, 0);
}

/* The file has no name any more, and the process no first thread. */
static void stopped_out_of_sight(void **state)
{
	struct seek_stop_config config;
	char path[SCRATCH_PATH_SIZE];

	(void)state;
	make(LEADERLESS, "leaderless", path);
	config = stop_config();
	runner_start(&f->runners[0], path);
	runner_await_leaderless(&f->runners[0]);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(seek_stop(&config), 0);
	assert_int_equal(f->n_told, 1);
	expect_told(0, &f->runners[0], SEEK_STOP_ENDED);
	assert_int_equal(runner_wait(&f->runners[0]), SIGKILL);
}

/* It was touched since it was found: it is read once, and all that run it end. */
static void stopped_touched(void **state)
{
	struct seek_stop_config config = stop_config();

	(void)state;
	runner_start(&f->runners[0], f->path);
	runner_start(&f->runners[1], f->path);
	touch();
	hooks.n_begun = 0;
	assert_int_equal(seek_stop(&config), 0);
	assert_int_equal(hooks.n_begun, 1);
	assert_int_equal(f->n_told, 2);
	expect_told(0, &f->runners[0], SEEK_STOP_ENDED);
	expect_told(1, &f->runners[1], SEEK_STOP_ENDED);
}

/* It is touched whenever it is looked at: that helps nobody. */
static void stopped_while_touched(void **state)
{
	struct seek_stop_config config = stop_config();

	(void)state;
	runner_start(&f->runners[0], f->path);
	touch();
	hooks.on_pread = touch;
	assert_int_equal(seek_stop(&config), 0);
	assert_int_equal(f->n_told, 1);
	expect_told(0, &f->runners[0], SEEK_STOP_ENDED);
}

/* Another file has the number: by its size, or its content. Nobody is touched, or told. */
static void another_file(void **state)
{
	struct seek_stop_config config = stop_config();
	char other[65];

	(void)state;
	runner_start(&f->runners[0], f->path);
	memset(other, 'a', 64);
	other[64] = '\0';
	config.sha256 = other;
	config.mtime_ns++;
	assert_int_equal(seek_stop(&config), 0);
	config = stop_config();
	config.size++;
	assert_int_equal(seek_stop(&config), 0);
	assert_int_equal(f->n_told, 0);
	assert_true(runner_is_running(&f->runners[0]));
}

static int run_unreadable_stop(void)
{
	struct seek_stop_config config = stop_config();

	config.ctime_ns--;
	return seek_stop(&config) == 0 && f->n_told == 1 && f->told[0].end == SEEK_STOP_FAILED &&
			       f->told[0].error == -EACCES
		       ? 0
		       : 1;
}

/* Not known by its times, and not to be read: it lives, and that is told. */
static void not_to_be_known(void **state)
{
	int code;

	(void)state;
	runner_start(&f->runners[0], f->path);
	assert_int_equal(chmod(f->path, 0711), 0);
	code = as_nobody(
		PRIVILEGES_CAP(CAP_SYS_PTRACE) | PRIVILEGES_CAP(CAP_KILL), run_unreadable_stop);
	if (code == UNIT_SKIPPED)
		skip(); /* root's */
	assert_int_equal(code, 0);
	assert_true(runner_is_running(&f->runners[0]));
}

/* Who is spared; process 1, this one and its parent are whatever the file is. */
static void refused(void **state)
{
	struct seek_stop_config config = stop_config();
	pid_t spared[2];

	(void)state;
	runner_start(&f->runners[0], f->path);
	runner_start(&f->runners[1], f->path);
	spared[0] = getpid();
	spared[1] = f->runners[1].pid;
	config.spared = spared;
	config.n_spared = 2;
	assert_int_equal(seek_stop(&config), 0);
	assert_int_equal(f->n_told, 2);
	expect_told(0, &f->runners[0], SEEK_STOP_ENDED);
	expect_told(1, &f->runners[1], SEEK_STOP_REFUSED);
	assert_true(runner_is_running(&f->runners[1]));
}

/* The file is ours: who executes it is told, and goes on. */
static void spared_file(void **state)
{
	struct seek_stop_config config = stop_config();

	(void)state;
	runner_start(&f->runners[0], f->path);
	runner_start(&f->runners[1], f->path);
	config.is_spared = true;
	assert_int_equal(seek_stop(&config), 0);
	assert_int_equal(f->n_told, 2);
	expect_told(0, &f->runners[0], SEEK_STOP_REFUSED);
	expect_told(1, &f->runners[1], SEEK_STOP_REFUSED);
	assert_true(runner_is_running(&f->runners[0]));
	assert_true(runner_is_running(&f->runners[1]));
}

/* Its own executable: process 1, the test, which is its parent, and the child that asks. */
static int run_own(void)
{
	struct stat self;
	struct seek_stop_config config = stop_config();

	if (stat("/proc/self/exe", &self) < 0)
		return 2;
	config.dev = self.st_dev;
	config.ino = self.st_ino;
	if (seek_stop(&config) != 0 || f->n_told != 3)
		return 3;
	for (size_t i = 0; i < 3; i++)
		if (f->told[i].end != SEEK_STOP_REFUSED)
			return 4;
	return f->told[0].pid == 1 && f->told[1].pid == getppid() && f->told[2].pid == getpid() ? 0
												: 5;
}

static void own(void **state)
{
	int status = 0;
	pid_t pid = unit_fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(run_own());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int run_denied(void)
{
	struct seek_stop_config config = stop_config();

	return seek_stop(&config) == 0 && f->n_told == 1 && f->told[0].end == SEEK_STOP_FAILED &&
			       f->told[0].error == -EPERM && f->told[0].pid == f->runners[0].pid
		       ? 0
		       : 1;
}

/* Seen, but another user's and no right to signal it. */
static void denied(void **state)
{
	int code;

	(void)state;
	runner_start(&f->runners[0], f->path);
	code = as_nobody(PRIVILEGES_CAP(CAP_SYS_PTRACE), run_denied);
	if (code == UNIT_SKIPPED)
		skip(); /* root's */
	assert_int_equal(code, 0);
	assert_true(runner_is_running(&f->runners[0]));
}

/* Room for the stream of /proc and for nothing else. */
static int run_without_descriptors(void)
{
	struct seek_stop_config config = stop_config();
	int next = dup(STDERR_FILENO);
	const struct rlimit limit = {.rlim_cur = (rlim_t)next + 1, .rlim_max = (rlim_t)next + 1};

	if (next < 0 || close(next) < 0 || setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 2;
	if (seek(f->sha256) != -EMFILE)
		return 3;
	return seek_stop(&config) == 0 && f->n_told == 1 && f->told[0].end == SEEK_STOP_FAILED &&
			       f->told[0].error == -EMFILE
		       ? 0
		       : 4;
}

static void without_descriptors(void **state)
{
	int status = 0;
	pid_t pid;

	(void)state;
	runner_start(&f->runners[0], f->path);
	pid = unit_fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(run_without_descriptors());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_true(runner_is_running(&f->runners[0]));
}

/* No time at all: it is killed, and nobody waits for its end. */
static void no_time(void **state)
{
	struct seek_stop_config config = stop_config();

	(void)state;
	config.wait_ms = 0;
	runner_start(&f->runners[0], f->path);
	assert_int_equal(seek_stop(&config), 0);
	assert_int_equal(f->n_told, 1);
	expect_told(0, &f->runners[0], SEEK_STOP_LEFT);
	assert_int_equal(runner_wait(&f->runners[0]), SIGKILL);
}

static void start_another(void)
{
	runner_start(&f->runners[1], f->path);
}

/* One that begins while the first is being stopped. */
static void begun_meanwhile(void **state)
{
	struct seek_stop_config config = stop_config();

	(void)state;
	runner_start(&f->runners[0], f->path);
	hooks.n_statx = 2;
	hooks.on_statx = start_another;
	assert_int_equal(seek_stop(&config), 0);
	assert_int_equal(f->n_told, 2);
	expect_told(0, &f->runners[0], SEEK_STOP_ENDED);
	expect_told(1, &f->runners[1], SEEK_STOP_ENDED);
	assert_int_equal(runner_wait(&f->runners[1]), SIGKILL);
}

static void end_first(void)
{
	(void)close(f->runners[0].input);
	f->runners[0].input = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(waitid(P_PID, (id_t)f->runners[0].pid, NULL, WEXITED | WNOWAIT), 0);
}

/* It ends by itself between the two looks: nothing was done to it. */
static void ended_meanwhile(void **state)
{
	struct seek_stop_config config = stop_config();

	(void)state;
	runner_start(&f->runners[0], f->path);
	hooks.n_statx = 2;
	hooks.on_statx = end_first;
	assert_int_equal(seek_stop(&config), 0);
	assert_int_equal(hooks.n_statx, 0);
	assert_int_equal(f->n_told, 0);
	assert_int_equal(runner_wait(&f->runners[0]), 0);
}

static void execute_another(void)
{
	static const char command[] = "exec cat\n";
	char link[64];
	struct stat now;

	assert_int_equal(
		write(f->runners[0].input, command, sizeof(command) - 1), sizeof(command) - 1);
	(void)snprintf(link, sizeof(link), "/proc/%d/exe", (int)f->runners[0].pid);
	do {
		assert_int_equal(stat(link, &now), 0);
	} while (now.st_ino == f->stat.st_ino && now.st_dev == f->stat.st_dev);
}

/* It executes something else by the second look: it lives. */
static void executes_another_meanwhile(void **state)
{
	struct seek_stop_config config = stop_config();

	(void)state;
	runner_start(&f->runners[0], f->path);
	hooks.n_statx = 2;
	hooks.on_statx = execute_another;
	assert_int_equal(seek_stop(&config), 0);
	assert_int_equal(hooks.n_statx, 0);
	assert_int_equal(f->n_told, 0);
	assert_true(runner_is_running(&f->runners[0]));
}

static int run(void)
{
#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(found),
		WITH_FIXTURE(several_processes),
		WITH_FIXTURE(several_files),
		WITH_FIXTURE(names),
		WITH_FIXTURE(memory),
		WITH_FIXTURE(covered),
		WITH_FIXTURE(first_thread_ended),
		WITH_FIXTURE(no_hash),
		WITH_FIXTURE(too_large),
		WITH_FIXTURE(too_much),
		WITH_FIXTURE(too_long),
		WITH_FIXTURE(touched_meanwhile),
		WITH_FIXTURE(not_allowed),
		WITH_FIXTURE(without_proc),
		WITH_FIXTURE(stopped),
		WITH_FIXTURE(stopped_out_of_sight),
		WITH_FIXTURE(stopped_touched),
		WITH_FIXTURE(stopped_while_touched),
		WITH_FIXTURE(another_file),
		WITH_FIXTURE(not_to_be_known),
		WITH_FIXTURE(refused),
		WITH_FIXTURE(spared_file),
		WITH_FIXTURE(own),
		WITH_FIXTURE(denied),
		WITH_FIXTURE(without_descriptors),
		WITH_FIXTURE(no_time),
		WITH_FIXTURE(begun_meanwhile),
		WITH_FIXTURE(ended_meanwhile),
		WITH_FIXTURE(executes_another_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return pidworld_run(run);
}
