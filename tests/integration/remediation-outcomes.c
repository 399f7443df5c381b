/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of outcomes of docs/remediation.md, row by row, on a real file system: the
 * way in (the way out is in remediation-restores.c).
 * After each: where the file is, how many items there are, no staging folder.
 */
#include "cleanup.h"
#include "folder.h"
#include "moverworld.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static const char text[] = "content that was found";

/* There and back: nothing of it is different. */
static void quarantine_and_restore_keep_everything(void **state)
{
	static const uint8_t acl[] = {2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 2, 0, 4, 0, 57,
		48, 0, 0, 4, 0, 4, 0, 255, 255, 255, 255, 16, 0, 4, 0, 255, 255, 255, 255, 32, 0, 0,
		0, 255, 255, 255, 255};
	const struct timespec times[2] = {{1000000000, 123456789}, {1100000000, 987654321}};
	struct moverworld *world = *state;
	char path[SCRATCH_PATH_SIZE];
	struct stat before;
	struct stat after;
	char value[256];
	bool has_acl;

	moverworld_make(world, "file", text);
	(void)moverworld_path(world, "file", path);
	assert_int_equal(chown(path, 1234, 4321), 0);
	assert_int_equal(chmod(path, 04711), 0);
	has_acl = setxattr(path, "system.posix_acl_access", acl, sizeof(acl), 0) == 0;
	assert_int_equal(setxattr(path, "user.comment", "hello", 5, 0), 0);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	assert_int_equal(stat(path, &before), 0);
	{
		/* The folder has to be the owner's, or root's. */
		struct identity identity = moverworld_scan(world, "file");

		assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
		assert_int_equal(moverworld_move(world, "file", &identity, IPC_MOVE_QUARANTINE),
			IPC_MOVE_QUARANTINED);
	}
	moverworld_expect_none(world, "file");
	assert_int_equal(moverworld_n_items(world), 1);
	assert_int_equal(moverworld_restore(world, world->result.id), IPC_MOVE_RESTORED);
	moverworld_expect_outcome(world, IPC_MOVE_RESTORED, "");
	assert_string_equal(world->result.text.text, "");
	moverworld_expect(world, "file", text);
	assert_int_equal(
		utimensat(AT_FDCWD, path, (struct timespec[2]){times[0], {0, UTIME_OMIT}}, 0), 0);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(after.st_uid, 1234);
	assert_int_equal(after.st_gid, 4321);
	assert_int_equal(after.st_mode, before.st_mode);
	assert_int_equal(identity_ns(after.st_mtim), identity_ns(before.st_mtim));
	assert_int_equal(identity_ns(after.st_atim), identity_ns(before.st_atim));
	assert_int_equal(getxattr(path, "user.comment", value, sizeof(value)), 5);
	assert_memory_equal(value, "hello", 5);
	if (has_acl) {
		assert_int_equal(getxattr(path, "system.posix_acl_access", value, sizeof(value)),
			sizeof(acl));
		assert_memory_equal(value, acl, sizeof(acl));
	}
	assert_int_equal(moverworld_n_items(world), 0);
}

/* What no longer is what was scanned stays, whichever way it differs. */
static void changed(void **state)
{
	struct moverworld *world = *state;
	struct identity scanned;
	int fd;

	moverworld_make(world, "grown", text);
	scanned = moverworld_scan(world, "grown");
	fd = openat(world->home_fd, "grown", O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "!", 1), 1);
	(void)close(fd);
	assert_int_equal(
		moverworld_move(world, "grown", &scanned, IPC_MOVE_QUARANTINE), IPC_MOVE_CHANGED);
	moverworld_expect(world, "grown", "content that was found!");

	moverworld_make(world, "written", text);
	scanned = moverworld_scan(world, "written");
	fd = openat(world->home_fd, "written", O_WRONLY);
	assert_int_equal(write(fd, "C", 1), 1);
	(void)close(fd);
	assert_int_equal(
		moverworld_move(world, "written", &scanned, IPC_MOVE_REMOVE), IPC_MOVE_CHANGED);
	moverworld_expect(world, "written", "Content that was found");

	moverworld_make(world, "replaced", text);
	scanned = moverworld_scan(world, "replaced");
	moverworld_make(world, "other", text);
	assert_int_equal(renameat(world->home_fd, "other", world->home_fd, "replaced"), 0);
	assert_int_equal(moverworld_move(world, "replaced", &scanned, IPC_MOVE_QUARANTINE),
		IPC_MOVE_CHANGED);
	moverworld_expect_outcome(world, IPC_MOVE_CHANGED, "not what was scanned");
	moverworld_expect(world, "replaced", text);
	assert_int_equal(moverworld_n_items(world), 0);
}

/* Without a hash the times decide, to the nanosecond; with one they do not. */
static void times_count_without_a_hash(void **state)
{
	const struct timespec times[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
	struct moverworld *world = *state;
	struct identity scanned;
	struct identity hashed;

	moverworld_make(world, "file", text);
	hashed = moverworld_scan(world, "file");
	scanned = hashed;
	scanned.sha256[0] = '\0';
	scanned.mtime_ns--;
	assert_int_equal(
		moverworld_move(world, "file", &scanned, IPC_MOVE_QUARANTINE), IPC_MOVE_CHANGED);
	scanned.mtime_ns++;
	scanned.ctime_ns--;
	assert_int_equal(
		moverworld_move(world, "file", &scanned, IPC_MOVE_QUARANTINE), IPC_MOVE_CHANGED);
	scanned.ctime_ns++;
	assert_int_equal(moverworld_move(world, "file", &scanned, IPC_MOVE_QUARANTINE),
		IPC_MOVE_QUARANTINED);
	assert_int_equal(moverworld_restore(world, world->result.id), IPC_MOVE_RESTORED);
	hashed = moverworld_scan(world, "file");
	assert_int_equal(utimensat(world->home_fd, "file", times, 0), 0);
	assert_int_equal(
		moverworld_move(world, "file", &hashed, IPC_MOVE_REMOVE), IPC_MOVE_REMOVED);
	moverworld_expect_none(world, "file");
	assert_int_equal(moverworld_n_items(world), 0);
}

/* The name, or a folder on the way to it, is gone; or is a link by now. */
static void vanished(void **state)
{
	struct moverworld *world = *state;
	struct identity scanned;

	moverworld_make(world, "file", text);
	scanned = moverworld_scan(world, "file");
	assert_int_equal(unlinkat(world->home_fd, "file", 0), 0);
	assert_int_equal(
		moverworld_move(world, "file", &scanned, IPC_MOVE_QUARANTINE), IPC_MOVE_VANISHED);
	assert_int_equal(world->result.error, ENOENT);
	assert_int_equal(moverworld_move(world, "no/file", &scanned, IPC_MOVE_QUARANTINE),
		IPC_MOVE_VANISHED);

	moverworld_make(world, "file", text);
	scanned = moverworld_scan(world, "file");
	assert_int_equal(symlinkat(".", world->home_fd, "link"), 0);
	assert_int_equal(moverworld_move(world, "link/file", &scanned, IPC_MOVE_QUARANTINE),
		IPC_MOVE_CHANGED);
	moverworld_expect_outcome(world, IPC_MOVE_CHANGED, "a link");
	assert_int_equal(symlinkat("file", world->home_fd, "alias"), 0);
	assert_int_equal(
		moverworld_move(world, "alias", &scanned, IPC_MOVE_QUARANTINE), IPC_MOVE_CHANGED);
	moverworld_expect(world, "file", text);
}

/* Directories and special files are never opened, and never go. */
static void not_a_file(void **state)
{
	static const mode_t kinds[] = {S_IFIFO, S_IFSOCK, S_IFDIR, S_IFCHR};
	struct moverworld *world = *state;
	struct identity identity;
	struct stat status;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i] == S_IFDIR)
			assert_int_equal(mkdirat(world->home_fd, "thing", 0755), 0);
		else if (mknodat(world->home_fd, "thing", kinds[i] | 0644, 0) < 0)
			continue;
		assert_int_equal(fstatat(world->home_fd, "thing", &status, AT_SYMLINK_NOFOLLOW), 0);
		identity_from_stat(&status, &identity);
		assert_int_equal(moverworld_move(world, "thing", &identity, IPC_MOVE_REMOVE),
			IPC_MOVE_NOT_A_FILE);
		assert_int_equal(fstatat(world->home_fd, "thing", &status, AT_SYMLINK_NOFOLLOW), 0);
		assert_int_equal(
			unlinkat(world->home_fd, "thing", kinds[i] == S_IFDIR ? AT_REMOVEDIR : 0),
			0);
	}
}

/* Another name of the same file stays, and is counted. */
static void hard_link_is_told(void **state)
{
	struct moverworld *world = *state;
	struct identity identity;

	moverworld_make(world, "one", text);
	assert_int_equal(linkat(world->home_fd, "one", world->home_fd, "two", 0), 0);
	identity = moverworld_scan(world, "one");
	assert_int_equal(moverworld_move(world, "one", &identity, IPC_MOVE_QUARANTINE),
		IPC_MOVE_QUARANTINED);
	assert_int_equal(world->result.n_names, 1);
	assert_int_equal(world->result.n_names_left, 1);
	moverworld_expect(world, "two", text);
}

/* All names that are given go, with one item; one that is another file stays. */
static void all_names_of_a_file(void **state)
{
	struct moverworld *world = *state;
	struct identity identity;
	char paths[4][SCRATCH_PATH_SIZE];
	struct mover_name names[4];
	struct mover_request request = {
		.action = IPC_MOVE_QUARANTINE, .names = names, .n_names = 4};

	moverworld_make(world, "a", text);
	assert_int_equal(linkat(world->home_fd, "a", world->home_fd, "b", 0), 0);
	assert_int_equal(linkat(world->home_fd, "a", world->home_fd, "c", 0), 0);
	assert_int_equal(linkat(world->home_fd, "a", world->home_fd, "e", 0), 0);
	moverworld_make(world, "d", text);
	identity = moverworld_scan(world, "a");
	identity.sha256[0] = '\0'; /* the ctime, which moves with each name, must not count */
	request.identity = identity;
	for (size_t i = 0; i < 4; i++) {
		const char name[2] = {(char)('a' + i), '\0'};

		names[i] = (struct mover_name){.folder_fd = i % 2 ? world->home_fd : -1,
			.path = span_str(moverworld_path(world, name, paths[i]))};
	}
	mover_move(world->mover, &request, &world->result);
	moverworld_expect_outcome(world, IPC_MOVE_QUARANTINED, "name 4: not what was scanned");
	assert_int_equal(world->result.n_names, 3);
	assert_int_equal(world->result.n_names_left, 1);
	moverworld_expect_none(world, "a");
	moverworld_expect_none(world, "b");
	moverworld_expect_none(world, "c");
	moverworld_expect(world, "d", text);
	moverworld_expect(world, "e", text);
	assert_int_equal(moverworld_n_items(world), 1);
}

/* A process goes on running what is taken away, and that is told. */
static void running_executable(void **state)
{
	struct moverworld *world = *state;
	char path[SCRATCH_PATH_SIZE];
	char command[2 * SCRATCH_PATH_SIZE];
	char executable[64];
	char link[SCRATCH_PATH_SIZE] = "";
	pid_t pid;

	(void)snprintf(command, sizeof(command), "cp /bin/sleep %s",
		moverworld_path(world, "sleeper", path));
	assert_int_equal(system(command), 0);
	pid = unit_fork();
	if (pid == 0) {
		(void)execl(path, "sleeper", "1000", NULL);
		_exit(1);
	}
	(void)snprintf(executable, sizeof(executable), "/proc/%d/exe", (int)pid);
	do {
		memset(link, 0, sizeof(link));
		assert_true(readlink(executable, link, sizeof(link) - 1) > 0);
	} while (!strstr(link, "sleeper"));
	{
		struct stat status;
		struct identity identity;

		assert_int_equal(stat(path, &status), 0);
		identity_from_stat(&status, &identity);
		(void)moverworld_move(world, "sleeper", &identity, IPC_MOVE_QUARANTINE);
	}
	moverworld_expect_outcome(world, IPC_MOVE_QUARANTINED, "");
	assert_true(world->result.is_executing);
	assert_int_equal(kill(pid, 0), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(moverworld_restore(world, world->result.id), IPC_MOVE_RESTORED);
	(void)snprintf(command, sizeof(command), "cmp /bin/sleep %s", path);
	assert_int_equal(system(command), 0);
}

/* Nobody may write to it, its owner neither: no obstacle. */
static void read_only_file(void **state)
{
	struct moverworld *world = *state;

	moverworld_make(world, "file", text);
	assert_int_equal(fchmodat(world->home_fd, "file", 0400, 0), 0);
	moverworld_quarantine(world, "file");
	assert_false(world->result.is_executing);
	assert_int_equal(moverworld_restore(world, world->result.id), IPC_MOVE_RESTORED);
	moverworld_expect(world, "file", text);
}

static bool set_flags(const struct moverworld *world, const char *name, int flags)
{
	int fd = openat(world->home_fd, name, O_RDONLY | O_CLOEXEC);
	bool is_set;

	assert_true(fd >= 0);
	is_set = ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
	(void)close(fd);
	return is_set;
}

/* chattr +i, +a, on the file or its folder: refused, the flag stays. */
static void immutable(void **state)
{
	static const int flags[] = {FS_IMMUTABLE_FL, FS_APPEND_FL};
	static const char *const names[] = {"file", "."};
	struct moverworld *world = *state;
	struct identity identity;

	moverworld_make(world, "file", text);
	identity = moverworld_scan(world, "file");
	for (size_t i = 0; i < 4; i++) {
		if (!set_flags(world, names[i / 2], flags[i % 2]))
			skip();
		assert_int_equal(moverworld_move(world, "file", &identity, IPC_MOVE_QUARANTINE),
			IPC_MOVE_IMMUTABLE);
		moverworld_expect_outcome(world, IPC_MOVE_IMMUTABLE, "chattr");
		moverworld_expect(world, "file", text);
		assert_true(set_flags(world, names[i / 2], 0));
	}
	moverworld_quarantine(world, "file");
}

/* Allowed or no action: answered, untouched. */
static void no_action(void **state)
{
	struct moverworld *world = *state;
	struct identity identity;

	moverworld_make(world, "file", text);
	identity = moverworld_scan(world, "file");
	assert_int_equal(
		moverworld_move(world, "file", &identity, IPC_MOVE_NO_ACTION), IPC_MOVE_LEFT);
	moverworld_expect(world, "file", text);
}

/* Paths that are none of ours to use. */
static void bad_paths(void **state)
{
	static const char *const paths[] = {
		"", "relative/file", "/", "/tmp/", "/tmp/../etc/passwd", "/tmp/./file", "/etc/.."};
	struct moverworld *world = *state;
	struct mover_name name = {.folder_fd = -1};
	struct mover_request request = {.action = IPC_MOVE_REMOVE, .names = &name, .n_names = 1};
	char longer[512];

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		name.path = span_str(paths[i]);
		mover_move(world->mover, &request, &world->result);
		moverworld_expect_outcome(world, IPC_MOVE_FAILED, "path");
	}
	name.path = (struct span){"/tmp/a\0b", 8};
	mover_move(world->mover, &request, &world->result);
	moverworld_expect_outcome(world, IPC_MOVE_FAILED, "path");
	memset(longer, 'x', sizeof(longer));
	longer[0] = '/';
	name.path = (struct span){longer, sizeof(longer)};
	mover_move(world->mover, &request, &world->result);
	assert_int_equal(world->result.error, ENAMETOOLONG);
}

/* Between bind mounts of one file system: no EXDEV, staging is on the bind's side. */
static void bind_mount(void **state)
{
	struct moverworld *world = *state;
	char from[SCRATCH_PATH_SIZE];
	char to[SCRATCH_PATH_SIZE];
	char path[SCRATCH_PATH_SIZE + 16];
	struct mover_name name = {.folder_fd = -1};
	struct mover_request request = {
		.action = IPC_MOVE_QUARANTINE, .names = &name, .n_names = 1};

	assert_int_equal(mkdirat(world->home_fd, "real", 0755), 0);
	assert_int_equal(mkdirat(world->home_fd, "real/sub", 0755), 0);
	assert_int_equal(mkdirat(world->home_fd, "bind", 0755), 0);
	moverworld_make(world, "real/sub/file", text);
	request.identity = moverworld_scan(world, "real/sub/file");
	assert_int_equal(mount(moverworld_path(world, "real", from),
				 moverworld_path(world, "bind", to), NULL, MS_BIND, NULL),
		0);
	(void)snprintf(path, sizeof(path), "%s/sub/file", to);
	name.path = span_str(path);
	mover_move(world->mover, &request, &world->result);
	if (world->result.outcome == IPC_MOVE_QUARANTINED)
		(void)moverworld_restore(world, world->result.id);
	assert_int_equal(umount2(to, MNT_DETACH), 0);
	assert_int_equal(world->result.outcome, IPC_MOVE_RESTORED);
	moverworld_expect(world, "real/sub/file", text);
}

/* In the child: nobody's daemon, which cannot write to the top of the mount. */
static int nobody_moves(struct moverworld *world)
{
	struct identity identity = moverworld_scan(world, "file");
	struct errmsg msg = ERRMSG_NULL;

	if (setresgid(65534, 65534, 65534) < 0 || setresuid(65534, 65534, 65534) < 0)
		return 2;
	world->state_fd = open(world->state.path, O_RDONLY | O_DIRECTORY);
	if (mover_open(world->state_fd, &world->mover, &msg) != 0)
		return 3;
	if (moverworld_move(world, "file", &identity, IPC_MOVE_QUARANTINE) != IPC_MOVE_QUARANTINED)
		return 4;
	if (moverworld_restore(world, world->result.id) != IPC_MOVE_RESTORED)
		return 5;
	mover_close(world->mover);
	return 0;
}

/* Not root: staging is in the file's own folder. */
static void another_user(void **state)
{
	struct moverworld *world = *state;
	int status = 0;
	pid_t pid;

	moverworld_make(world, "file", text);
	assert_int_equal(fchownat(world->home_fd, "file", 65534, 65534, 0), 0);
	assert_int_equal(fchown(world->home_fd, 65534, 65534), 0);
	mover_close(world->mover);
	world->mover = NULL;
	scratch_deinit(&world->state);
	scratch_init(&world->state);
	assert_int_equal(chown(world->state.path, 65534, 65534), 0);
	pid = unit_fork();
	if (pid == 0)
		_exit(nobody_moves(world));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	moverworld_expect(world, "file", text);
}

int main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(name, moverworld_setup, moverworld_teardown)
	const struct CMUnitTest tests[] = {
		ROW(quarantine_and_restore_keep_everything),
		ROW(changed),
		ROW(times_count_without_a_hash),
		ROW(vanished),
		ROW(not_a_file),
		ROW(hard_link_is_told),
		ROW(all_names_of_a_file),
		ROW(running_executable),
		ROW(read_only_file),
		ROW(immutable),
		ROW(no_action),
		ROW(bad_paths),
		ROW(bind_mount),
		ROW(another_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
