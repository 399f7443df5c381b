/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The moments that a race has to hit, each hit on purpose: something is done just
 * before or after one of the mover's own calls (ld --wrap), all of which are real.
 */
#include "moverworld.h"
#include "vault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static const char text[] = "what was scanned";

/** What is done, and when. */
static struct window {
	struct moverworld *world;
	void (*before_take)(void); /**< Before the name is moved to staging. */
	void (*before_back)(void); /**< Before it is moved back. */
	void (*before_link)(void); /**< Before a restored file gets its name. */
	void (*after_put)(void);   /**< After the content went into the vault. */
	int put_error;             /**< The vault refuses with that. */
} window;

int __real_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
int __wrap_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
int __real_linkat(int from_fd, const char *from, int to_fd, const char *to, int flags);
int __wrap_linkat(int from_fd, const char *from, int to_fd, const char *to, int flags);
int __real_vault_put(struct vault *vault, int fd, struct vault_item *item, struct errmsg *msg);
int __wrap_vault_put(struct vault *vault, int fd, struct vault_item *item, struct errmsg *msg);

static void once(void (**act)(void))
{
	void (*now)(void) = *act;

	*act = NULL;
	if (now)
		now();
}

int __wrap_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
	if (strcmp(to, "file") == 0 && window.before_take)
		once(&window.before_take);
	else if (strcmp(from, "file") == 0)
		once(&window.before_back);
	return __real_renameat2(from_fd, from, to_fd, to, flags);
}

int __wrap_linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
	once(&window.before_link);
	return __real_linkat(from_fd, from, to_fd, to, flags);
}

int __wrap_vault_put(struct vault *vault, int fd, struct vault_item *item, struct errmsg *msg)
{
	int r;

	if (window.put_error != 0) {
		errmsg_set(msg, "%s", err_text(window.put_error));
		return window.put_error;
	}
	r = __real_vault_put(vault, fd, item, msg);
	once(&window.after_put);
	return r;
}

static int setup(void **state)
{
	int r = moverworld_setup(state);

	window = (struct window){.world = *state};
	assert_int_equal(mkdirat(window.world->home_fd, "sub", 0755), 0);
	moverworld_make(window.world, "sub/victim", text);
	moverworld_make(window.world, "decoy", "another one");
	return r;
}

static void replace(const char *with)
{
	assert_int_equal(__real_renameat2(window.world->home_fd, with, window.world->home_fd,
				 "sub/victim", RENAME_EXCHANGE),
		0);
}

static void put_file(void)
{
	replace("decoy");
}

static void put_link(void)
{
	assert_int_equal(symlinkat("/etc/passwd", window.world->home_fd, "link"), 0);
	replace("link");
}

static void put_folder(void)
{
	assert_int_equal(mkdirat(window.world->home_fd, "folder", 0700), 0);
	replace("folder");
}

static void put_fifo(void)
{
	assert_int_equal(mknodat(window.world->home_fd, "fifo", S_IFIFO | 0600, 0), 0);
	replace("fifo");
}

static void take_away(void)
{
	assert_int_equal(
		renameat(window.world->home_fd, "sub/victim", window.world->home_fd, "away"), 0);
}

static void occupy(void)
{
	moverworld_make(window.world, "sub/victim", "a third one");
}

static void remove_folder(void)
{
	assert_int_equal(unlinkat(window.world->home_fd, "sub", AT_REMOVEDIR), 0);
}

static enum ipc_move_outcome quarantine(void)
{
	struct identity identity = moverworld_scan(window.world, "sub/victim");

	return moverworld_move(window.world, "sub/victim", &identity, IPC_MOVE_QUARANTINE);
}

/* Swapped between the look and the move: it comes back, whatever it is. */
static void swapped_before_the_move(void **state)
{
	static void (*const decoys[])(void) = {put_file, put_link, put_folder, put_fifo};
	static const char *const names[] = {"decoy", "link", "folder", "fifo"};
	static const mode_t kinds[] = {S_IFREG, S_IFLNK, S_IFDIR, S_IFIFO};
	struct moverworld *world = *state;
	struct stat status;

	for (size_t i = 0; i < sizeof(decoys) / sizeof(decoys[0]); i++) {
		window.before_take = decoys[i];
		assert_int_equal(quarantine(), IPC_MOVE_CHANGED);
		assert_int_equal(
			fstatat(world->home_fd, "sub/victim", &status, AT_SYMLINK_NOFOLLOW), 0);
		assert_int_equal(status.st_mode & S_IFMT, kinds[i]);
		moverworld_expect(world, names[i], text);
		assert_int_equal(moverworld_n_items(world), 0);
		replace(names[i]);
	}
}

static void gone_before_the_move(void **state)
{
	window.before_take = take_away;
	assert_int_equal(quarantine(), IPC_MOVE_VANISHED);
	moverworld_expect(*state, "away", text);
}

/* Its name is taken when it is to come back: both are whole, and the other name is told. */
static void name_is_taken_meanwhile(void **state)
{
	struct moverworld *world = *state;
	char *beside;

	window.before_take = put_file;
	window.before_back = occupy;
	assert_int_equal(quarantine(), IPC_MOVE_BESIDE);
	moverworld_expect(world, "sub/victim", "a third one");
	moverworld_expect(world, "decoy", text);
	beside = strstr(world->result.path, "/sub/victim.quietscan-");
	assert_non_null(beside);
	moverworld_expect(world, beside + 1, "another one");
}

/* Its folder is gone when it is to come back: it is whole in quarantine. */
static void folder_is_gone_meanwhile(void **state)
{
	struct moverworld *world = *state;

	window.before_take = put_file;
	window.before_back = remove_folder;
	assert_int_equal(quarantine(), IPC_MOVE_CHANGED_KEPT);
	assert_int_equal(moverworld_n_items(world), 1);
	assert_int_equal(mkdirat(world->home_fd, "sub", 0755), 0);
	assert_int_equal(moverworld_restore(world, world->result.id), IPC_MOVE_RESTORED);
	moverworld_expect(world, "sub/victim", "another one");
	moverworld_expect(world, "decoy", text);
}

/* Neither way: it stays where it is told, and the next start says so again. */
static void stranded(void **state)
{
	struct moverworld *world = *state;
	struct stat status;

	window.before_take = put_link;
	window.before_back = remove_folder;
	assert_int_equal(quarantine(), IPC_MOVE_STRANDED);
	assert_int_equal(lstat(world->result.path, &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	assert_int_equal(moverworld_reopen(world), 1);
	assert_int_equal(lstat(world->result.path, &status), 0);
	moverworld_expect(world, "link", text);
	/* By hand, as docs/remediation.md says; then it is over. */
	assert_int_equal(unlink(world->result.path), 0);
	assert_int_equal(moverworld_reopen(world), 0);
}

static int writer = -1;

static void write_more(void)
{
	assert_int_equal(write(writer, "!", 1), 1);
}

/* Somebody who has it open writes to it: it comes back, with what was written. */
static void written_while_it_is_taken(void **state)
{
	struct moverworld *world = *state;

	writer = openat(world->home_fd, "sub/victim", O_WRONLY | O_APPEND);
	window.after_put = write_more;
	assert_int_equal(quarantine(), IPC_MOVE_CHANGED);
	(void)close(writer);
	moverworld_expect(world, "sub/victim", "what was scanned!");
	assert_int_equal(moverworld_n_items(world), 0);
}

/* The vault refuses: all is where it was. */
static void vault_refuses(void **state)
{
	static const struct {
		int error;
		enum ipc_move_outcome outcome;
	} rows[] = {{-ENOSPC, IPC_MOVE_NO_SPACE}, {-EDQUOT, IPC_MOVE_NO_SPACE},
		{-EROFS, IPC_MOVE_READ_ONLY}, {-EIO, IPC_MOVE_FAILED}, {-ENOMEM, IPC_MOVE_FAILED},
		{-ESTALE, IPC_MOVE_CHANGED}};
	struct moverworld *world = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		window.put_error = rows[i].error;
		assert_int_equal(quarantine(), rows[i].outcome);
		assert_int_equal(world->result.error, -rows[i].error);
		moverworld_expect(world, "sub/victim", text);
		assert_int_equal(moverworld_n_items(world), 0);
	}
}

/* The name is taken, or the folder goes, just before the link. */
static void restore_is_overtaken(void **state)
{
	struct moverworld *world = *state;

	assert_int_equal(quarantine(), IPC_MOVE_QUARANTINED);
	window.before_link = occupy;
	assert_int_equal(moverworld_restore(world, world->result.id), IPC_MOVE_TARGET_EXISTS);
	moverworld_expect(world, "sub/victim", "a third one");
	assert_int_equal(unlinkat(world->home_fd, "sub/victim", 0), 0);
	window.before_link = remove_folder;
	assert_int_equal(moverworld_restore(world, world->result.id), IPC_MOVE_FOLDER_GONE);
	assert_int_equal(moverworld_n_items(world), 1);
	assert_int_equal(mkdirat(world->home_fd, "sub", 0755), 0);
	assert_int_equal(moverworld_restore(world, world->result.id), IPC_MOVE_RESTORED);
	moverworld_expect(world, "sub/victim", text);
}

/* The state directory's disk is full: nothing begins. */
static void journal_is_full(void **state)
{
	struct moverworld *world = *state;
	struct scratch small;
	struct mover *mover = world->mover;
	struct errmsg msg = ERRMSG_NULL;
	int fd;

	if (!scratch_init_small(&small, 64))
		skip();
	fd = open(small.path, O_RDONLY | O_DIRECTORY);
	assert_int_equal(mover_open(fd, &world->mover, &msg), 0);
	scratch_fill(&small);
	/* What is left of the journal's own page. */
	for (int i = 0; i < 50 && quarantine() == IPC_MOVE_NO_SPACE; i++)
		moverworld_expect(world, "sub/victim", text);
	assert_int_equal(world->result.outcome, IPC_MOVE_NO_SPACE);
	moverworld_expect(world, "sub/victim", text);
	scratch_unfill(&small);
	assert_int_equal(quarantine(), IPC_MOVE_QUARANTINED);
	assert_int_equal(moverworld_restore(world, world->result.id), IPC_MOVE_RESTORED);
	moverworld_expect(world, "sub/victim", text);
	mover_close(world->mover);
	world->mover = mover;
	(void)close(fd);
	scratch_deinit(&small);
}

/* The disk the file goes back to is full; then it is not. */
static void target_is_full(void **state)
{
	struct moverworld *world = *state;
	char *large = calloc(1, 60000);

	memset(large, 'x', 59999);
	moverworld_make(world, "large", large);
	moverworld_quarantine(world, "large");
	scratch_fill(&world->disk);
	assert_int_equal(moverworld_restore(world, world->result.id), IPC_MOVE_NO_SPACE);
	assert_int_equal(world->result.error, ENOSPC);
	moverworld_expect_none(world, "large");
	scratch_unfill(&world->disk);
	assert_int_equal(moverworld_restore(world, world->result.id), IPC_MOVE_RESTORED);
	moverworld_expect(world, "large", large);
	free(large);
}

/* Remounted read-only: told, for both ways. */
static void read_only_disk(void **state)
{
	struct moverworld *world = *state;
	struct identity identity = moverworld_scan(world, "decoy");

	assert_int_equal(quarantine(), IPC_MOVE_QUARANTINED);
	(void)close(world->home_fd);
	assert_int_equal(mount(NULL, world->disk.path, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	assert_int_equal(moverworld_restore(world, world->result.id), IPC_MOVE_READ_ONLY);
	assert_int_equal(moverworld_move(world, "decoy", &identity, IPC_MOVE_QUARANTINE),
		IPC_MOVE_READ_ONLY);
	assert_int_equal(world->result.error, EROFS);
	assert_int_equal(mount(NULL, world->disk.path, NULL, MS_REMOUNT, NULL), 0);
	world->home_fd = dup(world->state_fd); /* the teardown closes it */
	assert_int_equal(moverworld_n_items(world), 1);
}

int main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(name, setup, moverworld_teardown)
	const struct CMUnitTest tests[] = {
		ROW(swapped_before_the_move),
		ROW(gone_before_the_move),
		ROW(name_is_taken_meanwhile),
		ROW(folder_is_gone_meanwhile),
		ROW(stranded),
		ROW(written_while_it_is_taken),
		ROW(vault_refuses),
		ROW(restore_is_overtaken),
		ROW(journal_is_full),
		ROW(target_is_full),
		ROW(read_only_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
