/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files whose path is longer than PATH_MAX: no system call takes such a path, and
 * the kernel does not tell one either. They go and come back like others.
 */
#include "folder.h"
#include "moverworld.h"
#include "no_tmpfile.h"
#include "vault.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

static const char text[] = "content that was found";

enum { DEEP_LEVELS = 40, DEEP_NAME = 200, DEEP_KILLED = 9 };

/** A file far below home. */
struct deep {
	struct moverworld *world;
	char path[IPC_PATH_MAX + 1];
	size_t n;
	int folder_fd;
	int above_fd; /**< The folder's folder. */
	char name[DEEP_NAME + 1];
	struct identity identity;
};

static struct deep deep;
static int put_error;  /* the vault refuses with that */
static bool is_killed; /* when the file has come to the vault */

int __real_vault_put(struct vault *vault, int fd, struct vault_item *item, struct errmsg *msg);
int __wrap_vault_put(struct vault *vault, int fd, struct vault_item *item, struct errmsg *msg);

int __wrap_vault_put(struct vault *vault, int fd, struct vault_item *item, struct errmsg *msg)
{
	int r;

	if (put_error != 0)
		return put_error;
	r = __real_vault_put(vault, fd, item, msg);
	if (is_killed)
		_exit(DEEP_KILLED);
	return r;
}

static void deep_make_file(void)
{
	int fd = openat(deep.folder_fd, "file", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	struct stat status;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(close(fd), 0);
	identity_from_stat(&status, &deep.identity);
}

/* Its times have moved, and without a hash they are compared. */
static void deep_renew_file(void)
{
	assert_int_equal(unlinkat(deep.folder_fd, "file", 0), 0);
	deep_make_file();
}

static int setup(void **state)
{
	int r = moverworld_setup(state);

	deep = (struct deep){.world = *state, .above_fd = -1};
	no_tmpfile = is_killed = false;
	put_error = 0;
	memset(deep.name, 'd', DEEP_NAME);
	deep.n = (size_t)snprintf(deep.path, sizeof(deep.path), "%s/home", deep.world->disk.path);
	deep.folder_fd = dup(deep.world->home_fd);
	for (int i = 0; i < DEEP_LEVELS; i++) {
		if (deep.above_fd >= 0)
			(void)close(deep.above_fd);
		deep.above_fd = deep.folder_fd;
		assert_int_equal(mkdirat(deep.above_fd, deep.name, 0755), 0);
		deep.folder_fd = openat(deep.above_fd, deep.name, O_RDONLY | O_DIRECTORY);
		deep.n += (size_t)snprintf(
			deep.path + deep.n, sizeof(deep.path) - deep.n, "/%s", deep.name);
	}
	deep.n += (size_t)snprintf(deep.path + deep.n, sizeof(deep.path) - deep.n, "/file");
	assert_true(deep.n > PATH_MAX);
	deep_make_file();
	return r;
}

static int teardown(void **state)
{
	(void)close(deep.folder_fd);
	(void)close(deep.above_fd);
	return moverworld_teardown(state);
}

static void deep_move(int folder_fd, struct span path)
{
	const struct mover_name name = {.folder_fd = folder_fd, .path = path};
	const struct mover_request request = {.action = IPC_MOVE_QUARANTINE,
		.names = &name,
		.n_names = 1,
		.identity = deep.identity};

	mover_move(deep.world->mover, &request, &deep.world->result);
}

static struct span deep_path(void)
{
	return (struct span){deep.path, deep.n};
}

static void deep_expect(void)
{
	char got[64] = "";
	int fd = openat(deep.folder_fd, "file", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(read(fd, got, sizeof(got) - 1), (ssize_t)strlen(text));
	assert_string_equal(got, text);
	(void)close(fd);
}

static void deep_expect_none(void)
{
	assert_int_equal(faccessat(deep.folder_fd, "file", F_OK, AT_SYMLINK_NOFOLLOW), -1);
	assert_int_equal(errno, ENOENT);
}

static void deep_quarantine(void)
{
	deep_move(-1, deep_path());
	moverworld_expect_outcome(deep.world, IPC_MOVE_QUARANTINED, "");
	deep_expect_none();
	assert_int_equal(moverworld_n_staging(deep.world), 0);
}

/* Another process takes it and is killed when it is in the vault, and still staged. */
static void deep_kill(void)
{
	int status = 0;
	pid_t pid;

	mover_close(deep.world->mover);
	deep.world->mover = NULL;
	pid = unit_fork();
	if (pid == 0) {
		is_killed = true;
		(void)moverworld_reopen(deep.world);
		deep_move(-1, deep_path());
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), DEEP_KILLED);
	deep_expect_none();
}

/* Into quarantine and back, by the way that every file system has, too. */
static void there_and_back(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		no_tmpfile = i == 1;
		deep_quarantine();
		assert_int_equal(
			moverworld_restore(deep.world, deep.world->result.id), IPC_MOVE_RESTORED);
		deep_expect();
		assert_int_equal(moverworld_n_items(deep.world), 0);
		deep_renew_file();
	}
}

/* Killed in between: found staged, and it goes on, or back to where it was. */
static void killed(void **state)
{
	(void)state;
	deep_kill();
	assert_int_equal(moverworld_n_staging(deep.world), 1);
	put_error = -ENOSPC;
	assert_int_equal(moverworld_reopen(deep.world), 0);
	deep_expect();
	assert_int_equal(moverworld_n_items(deep.world), 0);
	put_error = 0;
	deep_renew_file();
	deep_kill();
	assert_int_equal(moverworld_reopen(deep.world), 0);
	deep_expect_none();
	assert_int_equal(moverworld_n_items(deep.world), 1);
}

/*
 * The top of the mount, and with it the staging folder, is at such a path itself:
 * found again after a kill, and used for a way back.
 */
static void mounted_deep(void **state)
{
	char at[64];
	char id[IPC_MOVE_ID_LENGTH + 1];
	int covered = deep.folder_fd;

	(void)state;
	(void)snprintf(at, sizeof(at), "/proc/self/fd/%d", deep.folder_fd);
	assert_int_equal(mount(at, at, NULL, MS_BIND, NULL), 0);
	deep.folder_fd = openat(deep.above_fd, deep.name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(deep.folder_fd >= 0);
	deep_kill();
	assert_int_equal(moverworld_reopen(deep.world), 0);
	deep_expect_none();
	assert_int_equal(moverworld_only_item(deep.world, id), 0);
	no_tmpfile = true;
	assert_int_equal(moverworld_restore(deep.world, id), IPC_MOVE_RESTORED);
	deep_expect();
	(void)snprintf(at, sizeof(at), "/proc/self/fd/%d", deep.folder_fd);
	assert_int_equal(umount2(at, MNT_DETACH), 0);
	(void)close(covered);
}

/* A link on the way, far behind what one system call takes: not followed. */
static void link_on_the_way(void **state)
{
	(void)state;
	deep_quarantine();
	assert_int_equal(renameat(deep.above_fd, deep.name, deep.above_fd, "away"), 0);
	assert_int_equal(symlinkat("away", deep.above_fd, deep.name), 0);
	assert_int_equal(
		moverworld_restore(deep.world, deep.world->result.id), IPC_MOVE_FOLDER_GONE);
	deep_expect_none();
	assert_int_equal(moverworld_n_items(deep.world), 1);
}

/* The path that is given does not lead to the folder: it could not be found again. */
static void another_path(void **state)
{
	char other[SCRATCH_PATH_SIZE];

	(void)state;
	assert_int_equal(mkdirat(deep.world->home_fd, "other", 0755), 0);
	deep_move(deep.folder_fd, span_str(moverworld_path(deep.world, "other/file", other)));
	moverworld_expect_outcome(deep.world, IPC_MOVE_FAILED, "staging folder");
	assert_int_equal(deep.world->result.error, ENAMETOOLONG);
	deep_move(deep.folder_fd, span_str(moverworld_path(deep.world, "none/file", other)));
	moverworld_expect_outcome(deep.world, IPC_MOVE_FAILED, "staging folder");
	deep_expect();
	assert_int_equal(moverworld_n_items(deep.world), 0);
}

/* As long as a message carries, so it may have been cut: not "vanished". */
static void cut(void **state)
{
	(void)state;
	for (size_t i = deep.n; i < IPC_PATH_MAX; i++)
		deep.path[i] = (i - deep.n) % 2 == 0 && i + 1 < IPC_PATH_MAX ? '/' : 'x';
	deep_move(-1, (struct span){deep.path, IPC_PATH_MAX});
	moverworld_expect_outcome(deep.world, IPC_MOVE_FAILED, "path");
	assert_int_equal(deep.world->result.error, ENAMETOOLONG);
	deep_expect();
}

int main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		ROW(there_and_back),
		ROW(killed),
		ROW(mounted_deep),
		ROW(link_on_the_way),
		ROW(another_path),
		ROW(cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
