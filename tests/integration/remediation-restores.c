/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of outcomes of docs/remediation.md, row by row, on a real file system: the
 * way out of quarantine, and what becomes of items.
 */
#include "moverworld.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

static const char text[] = "content that was found";

/* Something has the name; then it is gone and the same request works. */
static void restore_target_exists(void **state)
{
	struct moverworld *world = *state;

	moverworld_make(world, "file", text);
	moverworld_quarantine(world, "file");
	moverworld_make(world, "file", "another");
	assert_int_equal(moverworld_restore(world, world->result.id), IPC_MOVE_TARGET_EXISTS);
	moverworld_expect(world, "file", "another");
	assert_int_equal(unlinkat(world->home_fd, "file", 0), 0);
	assert_int_equal(symlinkat("/etc/passwd", world->home_fd, "file"), 0);
	assert_int_equal(moverworld_restore(world, world->result.id), IPC_MOVE_TARGET_EXISTS);
	assert_int_equal(unlinkat(world->home_fd, "file", 0), 0);
	assert_int_equal(moverworld_restore(world, world->result.id), IPC_MOVE_RESTORED);
	moverworld_expect(world, "file", text);
}

/* The folder is gone, a file, or reached by a link. */
static void restore_folder_gone(void **state)
{
	struct moverworld *world = *state;
	char id[33];

	assert_int_equal(mkdirat(world->home_fd, "sub", 0755), 0);
	moverworld_make(world, "sub/file", text);
	moverworld_quarantine(world, "sub/file");
	memcpy(id, world->result.id, sizeof(id));
	assert_int_equal(unlinkat(world->home_fd, "sub", AT_REMOVEDIR), 0);
	assert_int_equal(moverworld_restore(world, id), IPC_MOVE_FOLDER_GONE);
	assert_int_equal(world->result.error, ENOENT);
	moverworld_make(world, "sub", "a file");
	assert_int_equal(moverworld_restore(world, id), IPC_MOVE_FOLDER_GONE);
	assert_int_equal(unlinkat(world->home_fd, "sub", 0), 0);
	assert_int_equal(mkdirat(world->home_fd, "elsewhere", 0755), 0);
	assert_int_equal(symlinkat("elsewhere", world->home_fd, "sub"), 0);
	assert_int_equal(moverworld_restore(world, id), IPC_MOVE_FOLDER_GONE);
	assert_int_equal(world->result.error, ELOOP);
	moverworld_expect_none(world, "elsewhere/file");
	assert_int_equal(unlinkat(world->home_fd, "sub", 0), 0);
	assert_int_equal(mkdirat(world->home_fd, "sub", 0755), 0);
	assert_int_equal(moverworld_restore(world, id), IPC_MOVE_RESTORED);
	moverworld_expect(world, "sub/file", text);
}

/* Others can write to the folder: refused; with the sticky bit not. */
static void restore_folder_unsafe(void **state)
{
	static const struct {
		mode_t mode;
		uid_t uid;
		enum ipc_move_outcome outcome;
	} rows[] = {{0777, 0, IPC_MOVE_FOLDER_UNSAFE}, {0775, 0, IPC_MOVE_FOLDER_UNSAFE},
		{0755, 1000, IPC_MOVE_FOLDER_UNSAFE}, {01777, 1000, IPC_MOVE_FOLDER_UNSAFE},
		{01777, 0, IPC_MOVE_RESTORED}, {0755, 0, IPC_MOVE_RESTORED}};
	struct moverworld *world = *state;

	moverworld_make(world, "file", text);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stat status;

		if (fstatat(world->home_fd, "file", &status, 0) == 0)
			moverworld_quarantine(world, "file");
		assert_int_equal(fchown(world->home_fd, rows[i].uid, 0), 0);
		assert_int_equal(fchmod(world->home_fd, rows[i].mode), 0);
		assert_int_equal(moverworld_restore(world, world->result.id), rows[i].outcome);
		if (rows[i].outcome != IPC_MOVE_RESTORED)
			moverworld_expect_none(world, "file");
	}
	moverworld_expect(world, "file", text);
}

/* Its own folder is the owner's: fine. */
static void restore_to_its_owner(void **state)
{
	struct moverworld *world = *state;
	struct stat status;

	moverworld_make(world, "file", text);
	assert_int_equal(fchownat(world->home_fd, "file", 1000, 1000, 0), 0);
	assert_int_equal(fchown(world->home_fd, 1000, 1000), 0);
	moverworld_quarantine(world, "file");
	assert_int_equal(moverworld_restore(world, world->result.id), IPC_MOVE_RESTORED);
	assert_int_equal(fstatat(world->home_fd, "file", &status, 0), 0);
	assert_int_equal(status.st_uid, 1000);
}

/* A folder's default ACL does not get into a file that had none. */
static void restore_under_a_default_acl(void **state)
{
	static const uint8_t acl[] = {2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255, 2, 0, 7, 0, 57,
		48, 0, 0, 4, 0, 5, 0, 255, 255, 255, 255, 16, 0, 7, 0, 255, 255, 255, 255, 32, 0, 5,
		0, 255, 255, 255, 255};
	struct moverworld *world = *state;
	char value[256];
	char path[SCRATCH_PATH_SIZE];

	moverworld_make(world, "file", text);
	moverworld_quarantine(world, "file");
	if (fsetxattr(world->home_fd, "system.posix_acl_default", acl, sizeof(acl), 0) < 0)
		skip();
	assert_int_equal(moverworld_restore(world, world->result.id), IPC_MOVE_RESTORED);
	assert_int_equal(getxattr(moverworld_path(world, "file", path), "system.posix_acl_access",
				 value, sizeof(value)),
		-1);
	assert_int_equal(errno, ENODATA);
}

/* Ids that name nothing; an item that was tampered with; deleting. */
static void items(void **state)
{
	struct moverworld *world = *state;
	char path[SCRATCH_PATH_SIZE];
	char name[64];
	char id[33];
	int fd;

	assert_int_equal(moverworld_restore(world, "../../etc/passwd"), IPC_MOVE_NO_ITEM);
	assert_int_equal(
		moverworld_restore(world, "00000000000000000000000000000000"), IPC_MOVE_NO_ITEM);
	moverworld_make(world, "file", text);
	moverworld_quarantine(world, "file");
	memcpy(id, world->result.id, sizeof(id));
	(void)snprintf(name, sizeof(name), "quarantine/%s.qsv", id);
	fd = open(scratch_path(&world->state, name, path), O_WRONLY);
	assert_int_equal(pwrite(fd, "\xff\xff", 2, lseek(fd, 0, SEEK_END) - 4), 2);
	(void)close(fd);
	assert_int_equal(moverworld_restore(world, id), IPC_MOVE_DAMAGED);
	moverworld_expect_none(world, "file");
	assert_int_equal(moverworld_n_items(world), 1);
	mover_delete(world->mover, id, &world->result);
	assert_int_equal(world->result.outcome, IPC_MOVE_DELETED);
	mover_delete(world->mover, id, &world->result);
	assert_int_equal(world->result.outcome, IPC_MOVE_NO_ITEM);
	assert_int_equal(moverworld_n_items(world), 0);
}

int main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(name, moverworld_setup, moverworld_teardown)
	const struct CMUnitTest tests[] = {
		ROW(restore_target_exists),
		ROW(restore_folder_gone),
		ROW(restore_folder_unsafe),
		ROW(restore_to_its_owner),
		ROW(restore_under_a_default_acl),
		ROW(items),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
