/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vault: opening; the directory, the key, and what a stopped process left. */
#include "unit.h"
#include "vaultworld.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void expect_refused(struct vaultworld *world, int code, const char *text)
{
	struct errmsg msg = ERRMSG_NULL;
	struct vault *vault = (struct vault *)(void *)world;

	assert_int_equal(vault_open(world->state_fd, &vault, &msg), code);
	assert_string_equal(msg.text, text);
	assert_null(vault);
}

/* Directory and key are ours alone, whatever the umask; the key is kept. */
static void made(void **state)
{
	struct vaultworld *world = *state;
	char path[SCRATCH_PATH_SIZE];
	struct stat status;
	char *key = scratch_read(&world->scratch, "quarantine/key", NULL);
	char *again;

	assert_int_equal(stat(scratch_path(&world->scratch, "quarantine", path), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	assert_int_equal(stat(scratch_path(&world->scratch, "quarantine/key", path), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(strspn(key, "0123456789abcdef"), 64);
	assert_string_equal(key + 64, "\n");
	vaultworld_reopen(world);
	again = scratch_read(&world->scratch, "quarantine/key", NULL);
	assert_string_equal(key, again);
	free(key);
	free(again);
}

/* An item's file is ours alone as well. */
static void item_mode(void **state)
{
	struct vaultworld *world = *state;
	char path[SCRATCH_PATH_SIZE];
	char id[VAULT_ID_LENGTH + 1];
	char name[64];
	struct stat status;
	mode_t old = umask(0);

	vaultworld_put(world, "/a", "x", 1, id);
	(void)umask(old);
	assert_int_equal(
		stat(scratch_path(&world->scratch, vaultworld_file(id, name), path), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(status.st_nlink, 1);
}

/* A directory or a key that others may use is not trusted, nor is one of theirs. */
static void others(void **state)
{
	static const char directory[] = "quarantine: has to be a directory of ours with mode 0700";
	static const char key[] = "quarantine: key: has to be a file of ours with mode 0600";
	struct vaultworld *world = *state;
	char path[SCRATCH_PATH_SIZE];

	(void)scratch_path(&world->scratch, "quarantine", path);
	assert_int_equal(chmod(path, 0750), 0);
	expect_refused(world, -EPERM, directory);
	assert_int_equal(chmod(path, 0701), 0);
	expect_refused(world, -EPERM, directory);
	assert_int_equal(chmod(path, 0700), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 12345, 0), 0);
		expect_refused(world, -EPERM, directory);
		assert_int_equal(chown(path, 0, 0), 0);
	}
	(void)scratch_path(&world->scratch, "quarantine/key", path);
	assert_int_equal(chmod(path, 0640), 0);
	expect_refused(world, -EPERM, key);
	assert_int_equal(chmod(path, 0600), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 12345, 0), 0);
		expect_refused(world, -EPERM, key);
		assert_int_equal(chown(path, 0, 0), 0);
	}
	vaultworld_reopen(world);
}

/* A key that is none. */
static void bad_keys(void **state)
{
	struct vaultworld *world = *state;
	char *key = scratch_read(&world->scratch, "quarantine/key", NULL);
	char path[SCRATCH_PATH_SIZE];

	scratch_write(&world->scratch, "quarantine/key", key, 0);
	expect_refused(world, -EBADMSG, "quarantine: key: not 64 hex digits and a newline");
	scratch_write(&world->scratch, "quarantine/key", key, 64);
	expect_refused(world, -EBADMSG, "quarantine: key: not 64 hex digits and a newline");
	key[64] = '0';
	scratch_write(&world->scratch, "quarantine/key", key, 65);
	expect_refused(world, -EBADMSG, "quarantine: key: not 64 hex digits and a newline");
	key[64] = '\n';
	scratch_write(&world->scratch, "quarantine/key", key, 66); /* its NUL */
	expect_refused(world, -EBADMSG, "quarantine: key: not 64 hex digits and a newline");
	key[63] = 'g';
	scratch_write(&world->scratch, "quarantine/key", key, 65);
	expect_refused(world, -EBADMSG, "quarantine: key: not 64 hex digits");
	free(key);
	(void)scratch_path(&world->scratch, "quarantine/key", path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	expect_refused(world, -EPERM, "quarantine: key: has to be a file of ours with mode 0600");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/dev/zero", path), 0);
	expect_refused(world, -ELOOP, "quarantine: key: Too many levels of symbolic links");
}

/* A lost key is not made anew over items that only the old one opens. */
static void lost_key(void **state)
{
	struct vaultworld *world = *state;
	struct errmsg msg = ERRMSG_NULL;
	char path[SCRATCH_PATH_SIZE];
	char id[VAULT_ID_LENGTH + 1];

	vaultworld_put(world, "/a", "x", 1, id);
	assert_int_equal(unlink(scratch_path(&world->scratch, "quarantine/key", path)), 0);
	expect_refused(world, -ENOKEY,
		"quarantine: the key is gone and items are there: put it back, or move them");
	/* Who has the vault open still has the key. */
	assert_int_equal(vault_check(world->vault, id, NULL, &msg), 0);
	assert_int_equal(vault_delete(world->vault, id, &msg), 0);
	vaultworld_reopen(world);
	assert_int_equal(vaultworld_count(world, NULL), 0);
}

/* Files of stopped writers go, once no writer holds the lock; nothing else does. */
static void garbage(void **state)
{
	static const char temp[] = "quarantine/.00112233445566778899aabbccddeeff.new";
	static const char *const kept[] = {"quarantine/.00112233445566778899aabbccddeef.new",
		"quarantine/.00112233445566778899aabbccddeeff.new2",
		"quarantine/00112233445566778899aabbccddeeff.new", "quarantine/.new"};
	struct vaultworld *world = *state;
	char path[SCRATCH_PATH_SIZE];
	int fd;

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		scratch_write(&world->scratch, kept[i], "x", 1);
	scratch_write(&world->scratch, temp, "x", 1);
	fd = open(scratch_path(&world->scratch, "quarantine", path), O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	vaultworld_reopen(world);
	assert_int_equal(access(scratch_path(&world->scratch, temp, path), F_OK), 0);
	(void)close(fd);
	vaultworld_reopen(world);
	assert_int_equal(access(path, F_OK), -1);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		assert_int_equal(access(scratch_path(&world->scratch, kept[i], path), F_OK), 0);
}

/* What cannot be removed is told. */
static void garbage_stays(void **state)
{
	struct vaultworld *world = *state;

	scratch_mkdir(&world->scratch, "quarantine/.00112233445566778899aabbccddeeff.new");
	expect_refused(world, -EISDIR, "quarantine: clean up: Is a directory");
}

static int never(const struct vault_item *item, void *arg)
{
	(void)arg;
	fail_msg("%s", item->id);
	return 0;
}

/* No descriptor left is our own trouble, and no item's damage. */
static void no_descriptors(void **state)
{
	struct vaultworld *world = *state;
	struct errmsg msg = ERRMSG_NULL;
	struct vault_page page = {.n_max = 1};
	struct vault *vault = NULL;
	struct rlimit old;
	struct rlimit few;
	char id[VAULT_ID_LENGTH + 1];
	int next;

	vaultworld_put(world, "/a", "x", 1, id);
	next = dup(world->state_fd);
	(void)close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	few = (struct rlimit){.rlim_cur = (rlim_t)next, .rlim_max = old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_int_equal(vault_open(world->state_fd, &vault, &msg), -EMFILE);
	assert_int_equal(vault_list(world->vault, never, NULL, &msg), -EMFILE);
	assert_int_equal(vault_page(world->vault, &page, never, NULL, &msg), -EMFILE);
	assert_string_equal(msg.text, "quarantine: read the directory: Too many open files");
	few.rlim_cur = (rlim_t)next + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_int_equal(vault_list(world->vault, never, NULL, &msg), -EMFILE);
	assert_string_equal(msg.text, "quarantined item: open: Too many open files");
	assert_int_equal(vault_open(world->state_fd, &vault, &msg), -EMFILE);
	assert_string_equal(msg.text, "quarantine: clean up: Too many open files");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(vaultworld_count(world, NULL), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(made, vaultworld_setup, vaultworld_teardown),
		cmocka_unit_test_setup_teardown(item_mode, vaultworld_setup, vaultworld_teardown),
		cmocka_unit_test_setup_teardown(others, vaultworld_setup, vaultworld_teardown),
		cmocka_unit_test_setup_teardown(bad_keys, vaultworld_setup, vaultworld_teardown),
		cmocka_unit_test_setup_teardown(lost_key, vaultworld_setup, vaultworld_teardown),
		cmocka_unit_test_setup_teardown(garbage, vaultworld_setup, vaultworld_teardown),
		cmocka_unit_test_setup_teardown(
			garbage_stays, vaultworld_setup, vaultworld_teardown),
		cmocka_unit_test_setup_teardown(
			no_descriptors, vaultworld_setup, vaultworld_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
