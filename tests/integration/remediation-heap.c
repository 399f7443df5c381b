/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every allocation fails once in all that moves files: each request says so or succeeds all the same; the file is in its place or whole in
 * quarantine, and what is told is where it is. Likewise for recovery, from every
 * place where a process can have stopped.
 */
#include "faultheap.h"
#include "mover_private.h"
#include "moverworld.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N_MAX = 5000 };

static const char text[] = "content that was found";

/* Where a process stops: just before or after one of these, of the first call on. */
enum stop {
	STOP_NOWHERE,
	STOP_BEFORE_PUT,
	STOP_AFTER_PUT,
	STOP_BEFORE_UNLINK,
	STOP_AFTER_UNLINK,
	STOP_BEFORE_LINK,
	STOP_AFTER_LINK,
};

static enum stop stop;

int __real_vault_put(struct vault *vault, int src_fd, struct vault_item *item, struct errmsg *msg);
int __wrap_vault_put(struct vault *vault, int src_fd, struct vault_item *item, struct errmsg *msg);
int __real_mover_staged_unlink(struct mover_job *job);
int __wrap_mover_staged_unlink(struct mover_job *job);
int __real_linkat(int from_fd, const char *from, int to_fd, const char *to, int flags);
int __wrap_linkat(int from_fd, const char *from, int to_fd, const char *to, int flags);

static void stop_at(enum stop here)
{
	if (stop == here)
		_exit(0);
}

int __wrap_vault_put(struct vault *vault, int src_fd, struct vault_item *item, struct errmsg *msg)
{
	int r;

	stop_at(STOP_BEFORE_PUT);
	r = __real_vault_put(vault, src_fd, item, msg);
	stop_at(STOP_AFTER_PUT);
	return r;
}

int __wrap_mover_staged_unlink(struct mover_job *job)
{
	int r;

	stop_at(STOP_BEFORE_UNLINK);
	r = __real_mover_staged_unlink(job);
	stop_at(STOP_AFTER_UNLINK);
	return r;
}

int __wrap_linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
	bool is_restore = strcmp(to, "file") == 0; /* and not an item of the vault */
	int r;

	if (is_restore)
		stop_at(STOP_BEFORE_LINK);
	r = __real_linkat(from_fd, from, to_fd, to, flags);
	if (is_restore)
		stop_at(STOP_AFTER_LINK);
	return r;
}

static bool is_in_place(const struct moverworld *world)
{
	struct stat status;

	if (fstatat(world->home_fd, "file", &status, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	moverworld_expect(world, "file", text);
	return true;
}

/* The id of the one item, which is whole; false: there is none. */
static bool is_in_vault(const struct moverworld *world, char id[VAULT_ID_LENGTH + 1])
{
	struct vault *vault = NULL;
	struct errmsg msg = ERRMSG_NULL;
	int r;

	if (moverworld_only_item(world, id) < 0)
		return false;
	assert_int_equal(vault_open(world->state_fd, &vault, &msg), 0);
	r = vault_check(vault, id, NULL, &msg);
	vault_close(vault);
	if (r != 0)
		fail_msg("%s", msg.text);
	return true;
}

/* After a restart all is over, and the file is in exactly one place. */
static void expect_sound(struct moverworld *world)
{
	char id[VAULT_ID_LENGTH + 1];
	bool is_placed;

	assert_int_equal(moverworld_reopen(world), 0);
	assert_int_equal(moverworld_n_staging(world), 0);
	is_placed = is_in_place(world);
	assert_int_equal(is_placed, !is_in_vault(world, id));
}

/* The next round begins with it there, or in quarantine. */
static void begin_with(struct moverworld *world, bool in_place)
{
	char id[VAULT_ID_LENGTH + 1];

	if (is_in_vault(world, id)) {
		if (!in_place)
			return;
		(void)moverworld_restore(world, id);
		moverworld_expect_outcome(world, IPC_MOVE_RESTORED, "");
	}
	if (!is_in_place(world))
		moverworld_make(world, "file", text);
	if (!in_place)
		moverworld_quarantine(world, "file");
}

static void expect_no_memory(const struct moverworld *world, unsigned long n)
{
	const struct mover_result *result = &world->result;

	if (result->outcome != IPC_MOVE_FAILED || result->error != ENOMEM ||
		!strstr(result->text.text, "memory"))
		fail_msg("allocation %lu: outcome %u, error %d, %s", n, result->outcome,
			result->error, result->text.text);
}

static void taking_away(struct moverworld *world, enum ipc_move_action action)
{
	bool has_failed = true;
	unsigned long n;

	for (n = 0; has_failed && n < N_MAX; n++) {
		char id[VAULT_ID_LENGTH + 1];
		struct identity identity;
		enum ipc_move_outcome outcome;

		begin_with(world, true);
		identity = moverworld_scan(world, "file");
		faultheap_arm(n);
		outcome = moverworld_move(world, "file", &identity, action);
		has_failed = faultheap_disarm();
		if (outcome == IPC_MOVE_REMOVED) {
			moverworld_expect_none(world, "file");
			assert_int_equal(moverworld_reopen(world), 0);
			assert_int_equal(moverworld_n_items(world), 0);
			continue;
		}
		if (outcome == IPC_MOVE_QUARANTINED) {
			moverworld_expect_none(world, "file");
			assert_true(is_in_vault(world, id));
			assert_string_equal(id, world->result.id);
		} else {
			assert_true(has_failed);
			expect_no_memory(world, n);
			assert_true(is_in_place(world));
		}
		expect_sound(world);
		assert_int_equal(is_in_place(world), outcome != IPC_MOVE_QUARANTINED);
	}
	print_message("%lu allocations\n", n);
	assert_true(n > 2 && n < N_MAX);
}

static void quarantine(void **state)
{
	taking_away(*state, IPC_MOVE_QUARANTINE);
}

static void removal(void **state)
{
	taking_away(*state, IPC_MOVE_REMOVE);
}

static void restore(void **state)
{
	struct moverworld *world = *state;
	bool has_failed = true;
	unsigned long n;

	for (n = 0; has_failed && n < N_MAX; n++) {
		char id[VAULT_ID_LENGTH + 1];
		enum ipc_move_outcome outcome;

		begin_with(world, false);
		assert_true(is_in_vault(world, id));
		faultheap_arm(n);
		outcome = moverworld_restore(world, id);
		has_failed = faultheap_disarm();
		if (outcome != IPC_MOVE_RESTORED) {
			assert_true(has_failed);
			expect_no_memory(world, n);
			moverworld_expect_none(world, "file");
		}
		expect_sound(world);
		assert_int_equal(is_in_place(world), outcome == IPC_MOVE_RESTORED);
	}
	print_message("%lu allocations\n", n);
	assert_true(n > 2 && n < N_MAX);
}

/* In another process, which stops there. */
static void half_do(struct moverworld *world, bool is_restore)
{
	int status = 0;
	pid_t pid;

	begin_with(world, !is_restore);
	mover_close(world->mover);
	world->mover = NULL;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		enum stop here = stop;
		char id[VAULT_ID_LENGTH + 1];

		stop = STOP_NOWHERE;
		(void)moverworld_reopen(world);
		stop = here;
		if (is_restore && moverworld_only_item(world, id) == 0)
			(void)moverworld_restore(world, id);
		else
			moverworld_quarantine(world, "file");
		_exit(1); /* it did not come there */
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

struct told {
	unsigned n;
	bool is_over;
	enum journal_end end;
};

static void on_recovered(const struct mover_recovered *recovered, void *arg)
{
	struct told *told = arg;

	told->n++;
	told->is_over = recovered->is_over;
	told->end = recovered->end;
}

/* What was told is so. */
static void expect_told(const struct moverworld *world, const struct told *told)
{
	size_t n_items = moverworld_n_items(world);

	if (!told->is_over)
		return;
	if (told->end == JOURNAL_IN_PLACE)
		assert_true(is_in_place(world) && n_items == 0);
	else
		assert_true(told->end == JOURNAL_IN_VAULT && !is_in_place(world) && n_items == 1);
}

static void recover_from(struct moverworld *world, enum stop here, bool is_restore)
{
	bool has_failed = true;
	unsigned long n;

	for (n = 0; has_failed && n < N_MAX; n++) {
		struct told told = {.n = 0};
		struct errmsg msg = ERRMSG_NULL;
		size_t n_pending;

		stop = here;
		half_do(world, is_restore);
		stop = STOP_NOWHERE;
		assert_int_equal(mover_open(world->state_fd, &world->mover, &msg), 0);
		faultheap_arm(n);
		n_pending = mover_recover(world->mover, on_recovered, &told);
		has_failed = faultheap_disarm();
		assert_true(n_pending == 0 || has_failed);
		assert_true(told.n == 1 || has_failed);
		expect_told(world, &told);
		expect_sound(world);
	}
	print_message("stop %d: %lu allocations\n", here, n);
	assert_true(n > 2 && n < N_MAX);
}

static void recovery(void **state)
{
	for (int here = STOP_BEFORE_PUT; here <= STOP_AFTER_UNLINK; here++)
		recover_from(*state, (enum stop)here, false);
}

static void recovery_of_restore(void **state)
{
	for (int here = STOP_BEFORE_LINK; here <= STOP_AFTER_LINK; here++)
		recover_from(*state, (enum stop)here, true);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, moverworld_setup, moverworld_teardown)
	const struct CMUnitTest tests[] = {CASE(quarantine), CASE(removal), CASE(restore),
		CASE(recovery), CASE(recovery_of_restore)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
