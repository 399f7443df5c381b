/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quietscan-remediate finds files by hash in those who execute them, and ends these:
 * SEEK and STOP, confined as it is, with this test as its daemon. In a PID namespace:
 * what is tested kills, and a mistake in it must not reach others.
 */
#include "exitcode.h"
#include "hex.h"
#include "moverproc.h"
#include "pidworld.h"
#include "privileges.h"
#include "runner.h"
#include "seek.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { SOMEBODY = 1234, N_FILES = IPC_MOVE_FOUNDS_MAX + 1, N_RUNNERS = 96 };

/* The SHA-1 of nothing: no program has it. */
static const char nothing[] = "da39a3ee5e6b4b0d3255bfef95601890afd80709";

static struct fixture {
	struct moverproc *process;
	char path[SCRATCH_PATH_SIZE]; /* home/program */
	struct identity program;
	char sha1[41];
	char text[IPC_TEXT_MAX + 1]; /* of the last result */
	struct runner runners[N_RUNNERS];
} * f;

static int setup(void **state)
{
	char sha256[65];
	int fd;
	int r;

	(void)state;
	f = test_calloc(1, sizeof(*f));
	r = moverproc_setup((void **)&f->process);
	runner_copy("/bin/cat", moverworld_path(f->process->world, "program", f->path), 'p');
	f->program = moverworld_scan(f->process->world, "program");
	fd = open(f->path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(identity_hash(fd, f->program.size, sha256, f->sha1), 0);
	(void)close(fd);
	return r;
}

static int teardown(void **state)
{
	void *process = f->process;

	(void)state;
	for (size_t i = 0; i < N_RUNNERS; i++)
		runner_end(&f->runners[i]);
	test_free(f);
	f = NULL;
	return moverproc_teardown(&process);
}

static void start(void)
{
	moverproc_start(f->process);
	moverproc_hello(f->process);
}

static const struct ipc_move_result *result(uint64_t serial, enum ipc_move_outcome outcome)
{
	const struct ipc_move_result *told = moverproc_result(f->process, serial, outcome);

	memcpy(f->text, told->text.data, told->text.n);
	f->text[told->text.n] = '\0';
	assert_int_equal(told->id[0], 0);
	assert_int_equal(told->path.n + told->is_executing + told->n_attributes_left, 0);
	return told;
}

static const struct ipc_move_result *seek_none(const char *hash)
{
	moverproc_send_seek(f->process, span_str(hash));
	assert_int_equal(result(46, IPC_MOVE_SOUGHT)->n_names, 0);
	return &f->process->inbox->msg.move_result;
}

static void expect_stopped(const struct identity *file, uint64_t n, uint64_t n_left)
{
	const struct ipc_move_result *told;

	moverproc_send_stop(f->process, file);
	told = result(47, IPC_MOVE_STOPPED);
	if (told->n_names != n || told->n_names_left != n_left)
		fail_msg("%llu and %llu: %s", (unsigned long long)told->n_names,
			(unsigned long long)told->n_names_left, f->text);
}

static void expect_hash(const uint8_t *bytes, size_t n, const char *text)
{
	uint8_t wanted[32];

	hex_bytes(text, wanted, n);
	assert_memory_equal(bytes, wanted, n);
}

/* The program at home/program, and the first runners in the order they were started. */
static void expect_found(enum seek_name name, size_t n_pids)
{
	const struct ipc_move_found *found = &f->process->inbox->msg.move_found;

	moverproc_receive(f->process, IPC_MOVE_FOUND);
	assert_int_equal(found->serial, 46);
	assert_int_equal(found->dev, f->program.dev);
	assert_int_equal(found->ino, f->program.inode);
	assert_int_equal(found->size, f->program.size);
	assert_int_equal(found->mtime_ns, f->program.mtime_ns);
	assert_int_equal(found->ctime_ns, f->program.ctime_ns);
	expect_hash(found->sha256, sizeof(found->sha256), f->program.sha256);
	expect_hash(found->sha1, sizeof(found->sha1), f->sha1);
	assert_int_equal(found->name, name);
	assert_true(span_equal(found->path, span_str(f->path)));
	assert_int_equal(found->n_pids, n_pids);
	for (size_t i = 0; i < IPC_EXECUTING_MAX; i++)
		assert_int_equal(found->pids[i], i < n_pids ? f->runners[i].pid : 0);
}

/* Another user's process: found by either hash, ended, and then its file is taken away. */
static void found_and_ended(void **state)
{
	char upper[65];

	(void)state;
	runner_start_as(&f->runners[0], f->path, SOMEBODY);
	runner_start(&f->runners[1], f->path);
	start();
	for (size_t i = 0; i < sizeof(upper); i++)
		upper[i] = (char)(f->program.sha256[i] >= 'a' ? f->program.sha256[i] - 32
							      : f->program.sha256[i]);
	for (int i = 0; i < 3; i++) {
		moverproc_send_seek(f->process, span_str(i == 0   ? f->sha1
							 : i == 1 ? f->program.sha256
								  : upper));
		expect_found(SEEK_NAME_THERE, 2);
		assert_int_equal(result(46, IPC_MOVE_SOUGHT)->n_names, 1);
		assert_int_equal(f->process->inbox->msg.move_result.n_names_left, 0);
	}
	expect_stopped(&f->program, 2, 0);
	assert_string_equal(f->text, "2 processes ended");
	assert_int_equal(runner_wait(&f->runners[0]), SIGKILL);
	assert_int_equal(runner_wait(&f->runners[1]), SIGKILL);
	(void)seek_none(f->sha1);
	moverproc_send_name(f->process, "program", false);
	moverproc_send_file(f->process, "program", IPC_MOVE_QUARANTINE);
	assert_int_equal(moverproc_result(f->process, 42, IPC_MOVE_QUARANTINED)->n_names, 1);
	assert_int_equal(moverproc_end(f->process), 0);
}

/*
 * The inode has another file by now, which somebody executes: by its times it is not
 * what was found, and by its content neither. Then as it is, but touched since.
 */
static void another_file(void **state)
{
	struct identity old = f->program;

	(void)state;
	runner_start_as(&f->runners[0], f->path, SOMEBODY);
	start();
	old.ctime_ns--;
	memset(old.sha256, 'a', 64);
	expect_stopped(&old, 0, 0);
	assert_string_equal(f->text, "0 processes ended");
	old = f->program;
	old.size--;
	expect_stopped(&old, 0, 0);
	assert_true(runner_is_running(&f->runners[0]));
	old = f->program;
	old.ctime_ns--;
	old.mtime_ns--;
	expect_stopped(&old, 1, 0);
	assert_int_equal(runner_wait(&f->runners[0]), SIGKILL);
	assert_int_equal(moverproc_end(f->process), 0);
}

/* The name is gone: it is told, with what it was. */
static void without_a_name(void **state)
{
	struct stat status;
	char exe[64];

	(void)state;
	runner_start_as(&f->runners[0], f->path, SOMEBODY);
	assert_int_equal(unlink(f->path), 0);
	(void)snprintf(exe, sizeof(exe), "/proc/%d/exe", (int)f->runners[0].pid);
	assert_int_equal(stat(exe, &status), 0);
	f->program.ctime_ns = identity_ns(status.st_ctim);
	start();
	moverproc_send_seek(f->process, span_str(f->program.sha256));
	expect_found(SEEK_NAME_GONE, 1);
	assert_int_equal(result(46, IPC_MOVE_SOUGHT)->n_names, 1);
	expect_stopped(&f->program, 1, 0);
	assert_int_equal(moverproc_end(f->process), 0);
}

/* Nobody executes it, or anything of that hash: no process is touched. */
static void nobody(void **state)
{
	const struct identity none = {.dev = UINT64_MAX, .inode = UINT64_MAX};

	(void)state;
	runner_start_as(&f->runners[0], "/bin/cat", SOMEBODY);
	start();
	assert_int_equal(seek_none(f->program.sha256)->n_names_left, 0);
	assert_non_null(strstr(f->text, " processes looked at, 0 hidden; "));
	(void)seek_none(nothing);
	expect_stopped(&f->program, 0, 0);
	assert_string_equal(f->text, "0 processes ended");
	expect_stopped(&none, 0, 0);
	assert_true(runner_is_running(&f->runners[0]));
	assert_int_equal(moverproc_end(f->process), 0);
}

/* More processes of a file than are told. */
static void many_processes(void **state)
{
	(void)state;
	for (size_t i = 0; i <= IPC_EXECUTING_MAX; i++)
		runner_start_as(&f->runners[i], f->path, SOMEBODY);
	start();
	moverproc_send_seek(f->process, span_str(f->sha1));
	expect_found(SEEK_NAME_THERE, IPC_EXECUTING_MAX + 1);
	(void)result(46, IPC_MOVE_SOUGHT);
	expect_stopped(&f->program, IPC_EXECUTING_MAX + 1, 0);
	assert_int_equal(moverproc_end(f->process), 0);
}

/* More files than are told; when those are gone the rest is. */
static void many_files(void **state)
{
	char name[32];
	char path[SCRATCH_PATH_SIZE];

	(void)state;
	for (size_t i = 0; i < N_FILES; i++) {
		(void)snprintf(name, sizeof(name), "program%zu", i);
		runner_copy("/bin/cat", moverworld_path(f->process->world, name, path), 'p');
		runner_start(&f->runners[i], path);
	}
	start();
	moverproc_send_seek(f->process, span_str(f->program.sha256));
	for (size_t i = 0; i < IPC_MOVE_FOUNDS_MAX; i++) {
		moverproc_receive(f->process, IPC_MOVE_FOUND);
		assert_int_equal(f->process->inbox->msg.move_found.pids[0], f->runners[i].pid);
	}
	assert_int_equal(result(46, IPC_MOVE_SOUGHT)->n_names, N_FILES);
	assert_non_null(strstr(f->text, "not every file that was found is told"));
	for (size_t i = 0; i < IPC_MOVE_FOUNDS_MAX; i++)
		runner_end(&f->runners[i]);
	moverproc_send_seek(f->process, span_str(f->program.sha256));
	moverproc_receive(f->process, IPC_MOVE_FOUND);
	assert_int_equal(result(46, IPC_MOVE_SOUGHT)->n_names, 1);
	assert_null(strstr(f->text, "not every file"));
	assert_int_equal(moverproc_end(f->process), 0);
}

static void expect_ours(const char *path, size_t n)
{
	struct identity file;
	struct stat status;
	char start_of_text[64];

	assert_int_equal(stat(path, &status), 0);
	identity_from_stat(&status, &file);
	expect_stopped(&file, 0, n);
	(void)snprintf(start_of_text, sizeof(start_of_text), "0 processes ended, %zu not: pid ", n);
	assert_memory_equal(f->text, start_of_text, strlen(start_of_text));
	assert_non_null(strstr(f->text, " is not to be ended"));
	assert_int_equal(f->process->inbox->msg.move_result.error, 0);
}

/* Its own executable, its daemon's, and any that lies where its own does. */
static void ours(void **state)
{
	char path[SCRATCH_PATH_SIZE];
	char pid[64];
	pid_t sibling = unit_fork();

	(void)state;
	assert_true(sibling >= 0);
	if (sibling == 0)
		for (;;)
			(void)pause();
	scratch_mkdir(&f->process->world->disk, "home/libexec");
	runner_copy(QUIETSCAN_REMEDIATE,
		moverworld_path(f->process->world, "libexec/remediate", path), 'r');
	f->process->program = path;
	start();
	(void)snprintf(pid, sizeof(pid), "/proc/%d/exe", (int)f->process->pid);
	expect_ours(pid, 1);
	(void)snprintf(pid, sizeof(pid), "pid %d is not to be ended", (int)f->process->pid);
	assert_non_null(strstr(f->text, pid));
	expect_ours("/proc/self/exe", 3); /* process 1, this one, its child */
	assert_int_equal(fchmodat(f->process->world->home_fd, "libexec", 0755, 0), 0);
	(void)moverworld_path(f->process->world, "libexec/beside", f->path);
	runner_copy("/bin/cat", f->path, 'b');
	for (size_t i = 0; i < N_RUNNERS / 2; i++)
		runner_start_as(&f->runners[i], f->path, SOMEBODY);
	expect_ours(f->path, N_RUNNERS / 2);
	assert_string_equal(f->text + strlen(f->text) - 5, ", ...");
	for (size_t i = 0; i < N_RUNNERS / 2; i++)
		assert_true(runner_is_running(&f->runners[i]));
	assert_int_equal(kill(sibling, 0), 0);
	assert_int_equal(kill(sibling, SIGKILL), 0);
	assert_int_equal(waitpid(sibling, NULL, 0), sibling);
	assert_int_equal(moverproc_end(f->process), 0);
}

/* It was removed, as in an upgrade, and its folder with it: others are ended all the same. */
static void own_folder_gone(void **state)
{
	char path[SCRATCH_PATH_SIZE];

	(void)state;
	scratch_mkdir(&f->process->world->disk, "home/libexec");
	runner_copy(QUIETSCAN_REMEDIATE,
		moverworld_path(f->process->world, "libexec/remediate", path), 'r');
	f->process->program = path;
	start();
	assert_int_equal(unlink(path), 0);
	assert_int_equal(unlinkat(f->process->world->home_fd, "libexec", AT_REMOVEDIR), 0);
	runner_start_as(&f->runners[0], f->path, SOMEBODY);
	expect_stopped(&f->program, 1, 0);
	assert_int_equal(moverproc_end(f->process), 0);
}

/* Who starts it may give it less: what it does not see is counted, who stays is told. */
static void fewer_powers(void **state)
{
	char words[128];

	(void)state;
	runner_start_as(&f->runners[0], f->path, SOMEBODY);
	f->process->withheld = PRIVILEGES_CAP(CAP_SYS_PTRACE);
	start();
	assert_true(seek_none(f->sha1)->n_names_left > 0);
	assert_null(strstr(f->text, " 0 hidden"));
	expect_stopped(&f->program, 0, 0);
	assert_int_equal(moverproc_end(f->process), 0);
	f->process->withheld = PRIVILEGES_CAP(CAP_KILL);
	start();
	moverproc_send_seek(f->process, span_str(f->sha1));
	expect_found(SEEK_NAME_THERE, 1);
	(void)result(46, IPC_MOVE_SOUGHT);
	expect_stopped(&f->program, 0, 1);
	assert_int_equal(f->process->inbox->msg.move_result.error, EPERM);
	(void)snprintf(words, sizeof(words), "0 processes ended, 1 not: pid %d Operation not",
		(int)f->runners[0].pid);
	assert_memory_equal(f->text, words, strlen(words));
	assert_true(runner_is_running(&f->runners[0]));
	assert_int_equal(moverproc_end(f->process), 0);
}

/* Not read, and so not known to be something else: all who execute it are counted. */
static void too_large(void **state)
{
	(void)state;
	assert_int_equal(truncate(f->path, (off_t)(1 << 30) + 1), 0);
	runner_start_as(&f->runners[0], f->path, SOMEBODY);
	runner_start(&f->runners[1], f->path);
	start();
	assert_int_equal(seek_none(nothing)->n_names_left, 2);
	assert_non_null(strstr(f->text, " 1 too large, 0 unreadable, 0 changed"));
	assert_int_equal(moverproc_end(f->process), 0);
}

static void limit_descriptors(rlim_t n)
{
	struct rlimit limit;

	assert_int_equal(prlimit(f->process->pid, RLIMIT_NOFILE, NULL, &limit), 0);
	limit.rlim_cur = n; /* what stays the upper bound may be had again */
	assert_int_equal(prlimit(f->process->pid, RLIMIT_NOFILE, &limit, NULL), 0);
}

/* Nothing can be looked at: that is said, nobody is touched, and the next one works. */
static void fails(void **state)
{
	(void)state;
	runner_start_as(&f->runners[0], f->path, SOMEBODY);
	start();
	limit_descriptors(0);
	moverproc_send_seek(f->process, span_str(f->sha1));
	assert_int_equal(result(46, IPC_MOVE_FAILED)->error, EMFILE);
	assert_non_null(strstr(f->text, "look at running executables: "));
	moverproc_send_stop(f->process, &f->program);
	assert_int_equal(result(47, IPC_MOVE_FAILED)->error, EMFILE);
	assert_non_null(strstr(f->text, "end who executes it: "));
	assert_true(runner_is_running(&f->runners[0]));
	limit_descriptors(64);
	expect_stopped(&f->program, 1, 0);
	assert_int_equal(moverproc_end(f->process), 0);
}

/* The daemon is gone when it is to be told: an end like any other. */
static void found_for_nobody(void **state)
{
	(void)state;
	runner_start_as(&f->runners[0], f->path, SOMEBODY);
	start();
	assert_int_equal(kill(f->process->pid, SIGSTOP), 0);
	moverproc_send_seek(f->process, span_str(f->sha1));
	assert_int_equal(shutdown(f->process->fd, SHUT_RD), 0);
	assert_int_equal(kill(f->process->pid, SIGCONT), 0);
	assert_int_equal(moverproc_end(f->process), 0);
	assert_true(runner_is_running(&f->runners[0]));
}

/* No hash, or a request where none may come: it ends, and nobody is touched. */
static void violations(void **state)
{
	static const struct span hashes[] = {{"", 0}, {nothing, 39},
		{"da39a3ee5e6b4b0d3255bfef95601890afd8070g", 40},
		{"da39a3ee5e6b4b0d3255bfef95601890afd807090", 41},
		{"da39a3ee5e6b4b0d3255bfef95601890afd80709\0"
		 "da39a3ee5e6b4b0d3255bfe",
			64},
		{"da39a3ee5e6b4b0d3255bfef95601890afd80709da39a3ee5e6b4b0d3255bfe", 63}};
	enum { N_HASHES = sizeof(hashes) / sizeof(hashes[0]) };
	const struct ipc_move_stop stop = {.dev = f->program.dev, .ino = f->program.inode};

	(void)state;
	runner_start_as(&f->runners[0], f->path, SOMEBODY);
	for (size_t i = 0; i < N_HASHES + 3; i++) {
		int status;

		start();
		if (i < N_HASHES) {
			moverproc_send_seek(f->process, hashes[i]);
		} else if (i == N_HASHES) {
			moverproc_send_name(f->process, "program", true);
			moverproc_send_seek(f->process, span_str(nothing));
		} else if (i == N_HASHES + 1) {
			moverproc_send_name(f->process, "program", true);
			moverproc_send_stop(f->process, &f->program);
		} else {
			assert_int_equal(channel_send(f->process->fd, IPC_MOVE_STOP, &stop,
						 &f->process->world->home_fd, 1),
				0);
		}
		assert_int_equal(channel_recv(f->process->fd, f->process->inbox), -ENODATA);
		status = moverproc_end(f->process);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), CHILD_EXIT_PROTOCOL);
		assert_true(runner_is_running(&f->runners[0]));
	}
}

static int run(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {CASE(found_and_ended), CASE(another_file),
		CASE(without_a_name), CASE(nobody), CASE(many_processes), CASE(many_files),
		CASE(ours), CASE(own_folder_gone), CASE(fewer_powers), CASE(too_large), CASE(fails),
		CASE(found_for_nobody), CASE(violations)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return pidworld_run(run);
}
