/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * No room, no quota, no writing, no directory: each told for what it is, and
 * nothing of a file that did not go in is left. Needs root to mount; skipped
 * otherwise.
 */
#include "samples.h"
#include "unit.h"
#include "vaultworld.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CONTENT = 300000 };

/* A source beside the small disk, in memory. */
static int source_of(size_t n)
{
	uint8_t *bytes = vaultworld_bytes(n);
	int fd = memfd_create("source", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
	free(bytes);
	return fd;
}

static int put(struct vaultworld *world, size_t n, struct errmsg *msg)
{
	int fd = source_of(n);
	struct vault_item item;
	int r;

	vaultworld_item("/a", &item);
	r = vault_put(world->vault, fd, &item, msg);
	assert_true((r == 0) == (item.id[0] != '\0'));
	vault_item_deinit(&item);
	(void)close(fd);
	return r;
}

static int pass(const struct vault_item *item, void *arg)
{
	(void)item;
	(void)arg;
	return 0;
}

/* Too small for the content, for everything, and then with room again. */
static void disk_full(void **state)
{
	struct vaultworld world;
	struct vault_page page = {.n_max = 1};
	struct errmsg msg = ERRMSG_NULL;

	(void)state;
	if (!vaultworld_init_small(&world, 256))
		skip();
	assert_int_equal(put(&world, 1000, &msg), 0);
	assert_int_equal(put(&world, CONTENT, &msg), -ENOSPC);
	assert_string_equal(msg.text, "put into quarantine: write: No space left on device");
	assert_int_equal(vaultworld_names(&world), 2);
	scratch_fill(&world.scratch);
	assert_int_equal(put(&world, 0, &msg), -ENOSPC);
	assert_int_equal(vaultworld_names(&world), 2);
	/* What is there can be told, verified and deleted on a full disk. */
	vaultworld_reopen(&world);
	assert_int_equal(vaultworld_count(&world, NULL), 1);
	assert_int_equal(vault_page(world.vault, &page, pass, NULL, &msg), 0);
	assert_int_equal(vault_delete(world.vault, page.after, &msg), 0);
	assert_int_equal(vaultworld_count(&world, NULL), 0);
	scratch_unfill(&world.scratch);
	assert_int_equal(put(&world, 1000, &msg), 0);
	vaultworld_deinit(&world);
}

/* A disk that is full for who restores: told so, and his file is empty again. */
static void restore_full(void **state)
{
	struct vaultworld world;
	struct scratch small;
	struct errmsg msg = ERRMSG_NULL;
	uint8_t *bytes = vaultworld_bytes(CONTENT);
	char path[SCRATCH_PATH_SIZE];
	char id[VAULT_ID_LENGTH + 1];
	struct vault_item item;
	struct stat status;
	int fd;

	(void)state;
	if (!scratch_init_small(&small, 128))
		skip();
	vaultworld_init(&world);
	vaultworld_put(&world, "/a", bytes, CONTENT, id);
	fd = open(scratch_path(&small, "out", path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(vault_get(world.vault, id, fd, &item, &msg), -ENOSPC);
	assert_string_equal(msg.text, "quarantined item: write the file: No space left on device");
	assert_null(item.path);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_size, 0);
	assert_int_equal(vault_check(world.vault, id, NULL, &msg), 0);
	(void)close(fd);
	free(bytes);
	vaultworld_deinit(&world);
	scratch_deinit(&small);
}

/* No vault without room for its key; and with room it is made. */
static void not_made(void **state)
{
	struct vaultworld world = {.vault = NULL};
	struct errmsg msg = ERRMSG_NULL;

	(void)state;
	if (!scratch_init_small(&world.scratch, 64))
		skip();
	world.state_fd = open(world.scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scratch_mkdir(&world.scratch, "quarantine");
	scratch_fill(&world.scratch);
	assert_int_equal(vault_open(world.state_fd, &world.vault, &msg), -ENOSPC);
	assert_string_equal(msg.text, "quarantine: make the key: No space left on device");
	assert_null(world.vault);
	assert_int_equal(vaultworld_names(&world), 0);
	scratch_unfill(&world.scratch);
	vaultworld_reopen(&world);
	vaultworld_deinit(&world);
}

static void remount(const struct vaultworld *world, unsigned long flags)
{
	assert_int_equal(mount(NULL, world->scratch.path, NULL, MS_REMOUNT | flags, NULL), 0);
}

/* An item that cannot be deleted is there, and told; the others go. */
static void one_is_nailed_down(void **state)
{
	struct vaultworld world;
	struct errmsg msg = ERRMSG_NULL;
	char ids[3][VAULT_ID_LENGTH + 1];
	char path[SCRATCH_PATH_SIZE];
	char name[64];

	(void)state;
	if (!vaultworld_init_small(&world, 1024))
		skip();
	for (int nailed = 0; nailed < 3; nailed++) {
		for (int i = 0; i < 3; i++)
			vaultworld_put(&world, "/a", "x", 1, ids[i]);
		(void)scratch_path(&world.scratch, vaultworld_file(ids[nailed], name), path);
		assert_int_equal(mount(path, path, NULL, MS_BIND, NULL), 0);
		for (int i = 0; i < 3; i++)
			assert_int_equal(
				vault_delete(world.vault, ids[i], &msg), i == nailed ? -EBUSY : 0);
		assert_non_null(strstr(msg.text, ids[nailed]));
		assert_int_equal(vaultworld_count(&world, NULL), 1);
		assert_int_equal(umount(path), 0);
		assert_int_equal(vault_delete(world.vault, ids[nailed], &msg), 0);
	}
	vaultworld_deinit(&world);
}

/* A disk that may only be read: what is there can be told and taken out. */
static void read_only(void **state)
{
	struct vaultworld world;
	struct errmsg msg = ERRMSG_NULL;
	char id[VAULT_ID_LENGTH + 1];

	(void)state;
	if (!vaultworld_init_small(&world, 1024))
		skip();
	vaultworld_put(&world, "/a", "x", 1, id);
	scratch_write(&world.scratch, "quarantine/.00112233445566778899aabbccddeeff.new", "x", 1);
	remount(&world, MS_RDONLY);
	vaultworld_reopen(&world);
	assert_int_equal(put(&world, 1, &msg), -EROFS);
	assert_string_equal(msg.text, "put into quarantine: make a file: Read-only file system");
	assert_int_equal(vault_check(world.vault, id, NULL, &msg), 0);
	assert_int_equal(vault_delete(world.vault, id, &msg), -EROFS);
	assert_int_equal(vaultworld_count(&world, NULL), 1);
	remount(&world, 0);
	vaultworld_reopen(&world);
	assert_int_equal(vaultworld_names(&world), 2);
	vaultworld_deinit(&world);
}

/* A new vault on a disk that may only be read: the directory, then the key. */
static void read_only_new(void **state)
{
	struct vaultworld world = {.vault = NULL};
	struct errmsg msg = ERRMSG_NULL;

	(void)state;
	if (!scratch_init_small(&world.scratch, 1024))
		skip();
	world.state_fd = open(world.scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	remount(&world, MS_RDONLY);
	assert_int_equal(vault_open(world.state_fd, &world.vault, &msg), -EROFS);
	assert_string_equal(msg.text, "quarantine: Read-only file system");
	remount(&world, 0);
	scratch_mkdir(&world.scratch, "quarantine");
	remount(&world, MS_RDONLY);
	assert_int_equal(vault_open(world.state_fd, &world.vault, &msg), -EROFS);
	assert_string_equal(msg.text, "quarantine: make the key: Read-only file system");
	vaultworld_deinit(&world);
}

/* Whether this kernel has it. */
static bool mount_btrfs(const char *top)
{
	char command[SAMPLES_PATH_SIZE + 64];

	(void)snprintf(
		command, sizeof(command), "cd '%s' && mount -t btrfs -o loop image disk", top);
	return system(command) == 0;
}

/* A quota that holds for root as well: of a btrfs subvolume. */
static void over_quota(void **state)
{
	struct vaultworld world = {.vault = NULL};
	struct errmsg msg = ERRMSG_NULL;
	char top[SAMPLES_PATH_SIZE];

	(void)state;
	samples_dir(top);
	/* Of our own, so that nothing is left mounted when this test dies. */
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	samples_run("set -e; cd '%s'; truncate -s 128M image; mkfs.btrfs -q image >/dev/null; "
		    "mkdir disk",
		top);
	if (!mount_btrfs(top)) {
		samples_dir_remove(top);
		skip();
	}
	samples_run("set -e; cd '%s'; btrfs quota enable disk; "
		    "btrfs subvolume create disk/state >/dev/null; "
		    "btrfs qgroup limit 1M disk/state",
		top);
	(void)snprintf(world.scratch.path, sizeof(world.scratch.path), "%s/disk/state", top);
	world.state_fd = open(world.scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	vaultworld_reopen(&world);
	assert_int_equal(put(&world, (size_t)4 * 1048576, &msg), -EDQUOT);
	assert_string_equal(msg.text, "put into quarantine: write: Disk quota exceeded");
	assert_int_equal(vaultworld_names(&world), 1);
	assert_int_equal(put(&world, 1000, &msg), 0);
	assert_int_equal(vaultworld_count(&world, NULL), 1);
	vault_close(world.vault);
	(void)close(world.state_fd);
	samples_run("umount '%s/disk'", top);
	samples_dir_remove(top);
}

/* The state directory went away, the vault's own did, or is something else. */
static void no_directory(void **state)
{
	struct vaultworld world;
	struct errmsg msg = ERRMSG_NULL;
	struct vault *vault = NULL;
	char path[SCRATCH_PATH_SIZE];
	char moved[SCRATCH_PATH_SIZE];
	int fd;

	(void)state;
	vaultworld_init(&world);
	scratch_mkdir(&world.scratch, "gone");
	fd = open(scratch_path(&world.scratch, "gone", path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(vault_open(fd, &vault, &msg), -ENOENT);
	assert_string_equal(msg.text, "quarantine: No such file or directory");
	assert_null(vault);
	(void)close(fd);
	assert_int_equal(vault_open(fd, &vault, &msg), -EBADF);
	/* Moved away under an open vault: it goes on where it is. */
	assert_int_equal(rename(scratch_path(&world.scratch, "quarantine", path),
				 scratch_path(&world.scratch, "moved", moved)),
		0);
	assert_int_equal(put(&world, 10, &msg), 0);
	assert_int_equal(vaultworld_count(&world, NULL), 1);
	/* A link in its place leads nowhere. */
	assert_int_equal(symlink(moved, path), 0);
	assert_int_equal(vault_open(world.state_fd, &vault, &msg), -ENOTDIR);
	assert_string_equal(msg.text, "quarantine: Not a directory");
	assert_int_equal(unlink(path), 0);
	scratch_write(&world.scratch, "quarantine", "x", 1);
	assert_int_equal(vault_open(world.state_fd, &vault, &msg), -ENOTDIR);
	vaultworld_deinit(&world);
}

/* The directory was deleted under an open vault. */
static void deleted_directory(void **state)
{
	struct vaultworld world;
	struct errmsg msg = ERRMSG_NULL;
	char path[SCRATCH_PATH_SIZE];

	(void)state;
	vaultworld_init(&world);
	assert_int_equal(unlink(scratch_path(&world.scratch, "quarantine/key", path)), 0);
	assert_int_equal(rmdir(scratch_path(&world.scratch, "quarantine", path)), 0);
	assert_int_equal(put(&world, 10, &msg), -ENOENT);
	assert_string_equal(msg.text, "put into quarantine: make a file: "
				      "No such file or directory");
	vaultworld_deinit(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(disk_full),
		cmocka_unit_test(restore_full),
		cmocka_unit_test(not_made),
		cmocka_unit_test(one_is_nailed_down),
		cmocka_unit_test(read_only),
		cmocka_unit_test(read_only_new),
		cmocka_unit_test(no_directory),
		cmocka_unit_test(deleted_directory),
		cmocka_unit_test(over_quota),
	};

	if (geteuid() != 0)
		return UNIT_SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
