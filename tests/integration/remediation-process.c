/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quietscan-remediate itself, with this test as its daemon: requests and results,
 * its walls, its end, and that it can be killed at any moment.
 */
#include "exitcode.h"
#include "journal.h"
#include "moverproc.h"
#include "privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* In, out, in, away; with and without the folder's descriptor. */
static void requests(void **state)
{
	struct moverproc *process = *state;
	uint8_t id[32];

	moverworld_make(process->world, "file", moverproc_text);
	assert_int_equal(
		linkat(process->world->home_fd, "file", process->world->home_fd, "two", 0), 0);
	moverproc_start(process);
	moverproc_hello(process);
	assert_int_equal(process->n_recovered + process->n_pending, 0);
	for (int i = 0; i < 2; i++) {
		moverproc_send_name(process, "file", i == 0);
		if (i == 0)
			moverproc_send_name(process, "two", true);
		moverproc_send_file(process, "file", IPC_MOVE_QUARANTINE);
		assert_int_equal(moverproc_result(process, 42, IPC_MOVE_QUARANTINED)->n_names,
			i == 0 ? 2 : 1);
		memcpy(id, process->inbox->msg.move_result.id, sizeof(id));
		moverworld_expect_none(process->world, "file");
		moverworld_expect_none(process->world, "two");
		if (i == 0) {
			moverproc_send_item(process, IPC_MOVE_RESTORE, id);
			(void)moverproc_result(process, 43, IPC_MOVE_RESTORED);
			moverworld_expect(process->world, "file", moverproc_text);
		}
	}
	moverproc_send_item(process, IPC_MOVE_DELETE, id);
	(void)moverproc_result(process, 43, IPC_MOVE_DELETED);
	moverproc_send_item(process, IPC_MOVE_RESTORE, id);
	(void)moverproc_result(process, 43, IPC_MOVE_NO_ITEM);
	moverworld_make(process->world, "file", moverproc_text);
	moverproc_send_name(process, "file", false);
	moverproc_send_file(process, "file", IPC_MOVE_REMOVE);
	(void)moverproc_result(process, 42, IPC_MOVE_REMOVED);
	assert_int_equal(moverproc_end(process), 0);
}

/* What the next process tells before its HELLO. */
static void expect_told_again(struct moverproc *process, enum ipc_move_end end, unsigned n)
{
	moverproc_start(process);
	moverproc_hello(process);
	assert_int_equal(process->n_recovered + process->n_pending, 0);
	assert_int_equal(process->n_ended, n);
	if (n > 0)
		assert_int_equal(process->end, end);
}

/* An end is told again by the next process, since nobody may have heard it. */
static void told_again(void **state)
{
	struct moverproc *process = *state;
	uint8_t id[32];

	moverworld_make(process->world, "file", moverproc_text);
	expect_told_again(process, IPC_MOVE_END_IN_PLACE, 0);
	moverproc_send_name(process, "file", false);
	moverproc_send_file(process, "file", IPC_MOVE_QUARANTINE);
	memcpy(id, moverproc_result(process, 42, IPC_MOVE_QUARANTINED)->id, sizeof(id));
	assert_int_equal(moverproc_end(process), 0);
	expect_told_again(process, IPC_MOVE_END_IN_QUARANTINE, 1);
	moverproc_send_item(process, IPC_MOVE_RESTORE, id);
	(void)moverproc_result(process, 43, IPC_MOVE_RESTORED);
	assert_int_equal(moverproc_end(process), 0);
	expect_told_again(process, IPC_MOVE_END_RESTORED, 1);
	moverproc_send_name(process, "file", false);
	moverproc_send_file(process, "file", IPC_MOVE_REMOVE);
	(void)moverproc_result(process, 42, IPC_MOVE_REMOVED);
	assert_int_equal(moverproc_end(process), 0);
	expect_told_again(process, IPC_MOVE_END_REMOVED, 1);
	moverworld_make(process->world, "file", moverproc_text);
	moverproc_send_name(process, "file", false);
	moverproc_send_file(process, "file", IPC_MOVE_QUARANTINE);
	memcpy(id, moverproc_result(process, 42, IPC_MOVE_QUARANTINED)->id, sizeof(id));
	moverproc_send_item(process, IPC_MOVE_DELETE, id);
	(void)moverproc_result(process, 43, IPC_MOVE_DELETED);
	assert_int_equal(moverproc_end(process), 0);
	expect_told_again(process, IPC_MOVE_END_IN_QUARANTINE, 0); /* not there any more */
	assert_int_equal(moverproc_end(process), 0);
}

/* A move that is half done, as a stopped process leaves it before it has taken anything. */
static void half_done(const struct moverworld *world)
{
	char path[SCRATCH_PATH_SIZE];
	const struct journal_record record = {.action = JOURNAL_REMOVE,
		.id = "00112233445566778899aabbccddeeff",
		.path = span_str(moverworld_path(world, "file", path)),
		.folder = span_str(world->disk.path),
		.staging = span_str(world->disk.path),
		.detection_id = span_str("ours")};
	struct errmsg msg = ERRMSG_NULL;
	struct journal *journal;

	assert_int_equal(journal_open(world->state_fd, &journal, &msg), 0);
	assert_int_equal(journal_append(journal, &record, &msg), 0);
	journal_close(journal);
}

/* It is told as half done and stays, while its file system does not answer. */
static void leaves_pending(void **state)
{
	struct moverproc *process = *state;

	moverworld_make(process->world, "file", moverproc_text);
	half_done(process->world);
	process->is_leaving = true;
	for (int i = 0; i < 2; i++) {
		moverproc_start(process);
		moverproc_hello(process);
		assert_int_equal(process->n_recovered, 1);
		assert_int_equal(process->n_pending, 1);
		assert_int_equal(process->end, IPC_MOVE_END_PENDING);
		if (i == 0) {
			moverproc_send_name(process, "file", true);
			moverproc_send_file(process, "file", IPC_MOVE_REMOVE);
			(void)moverproc_result(process, 42, IPC_MOVE_REMOVED);
		}
		assert_int_equal(moverproc_end(process), 0);
	}
}

/* The other owner's file comes back as it was: the capabilities are enough. */
static void files_of_others(void **state)
{
	struct moverproc *process = *state;
	struct stat status;
	uint8_t id[32];

	moverworld_make(process->world, "file", moverproc_text);
	assert_int_equal(fchownat(process->world->home_fd, "file", 1234, 1234, 0), 0);
	assert_int_equal(fchmodat(process->world->home_fd, "file", 04400, 0), 0);
	assert_int_equal(fchown(process->world->home_fd, 1234, 1234), 0);
	assert_int_equal(fchmod(process->world->home_fd, 0700), 0);
	moverproc_start(process);
	moverproc_hello(process);
	moverproc_send_name(process, "file", false);
	moverproc_send_file(process, "file", IPC_MOVE_QUARANTINE);
	memcpy(id, moverproc_result(process, 42, IPC_MOVE_QUARANTINED)->id, sizeof(id));
	moverproc_send_item(process, IPC_MOVE_RESTORE, id);
	(void)moverproc_result(process, 43, IPC_MOVE_RESTORED);
	assert_int_equal(fstatat(process->world->home_fd, "file", &status, 0), 0);
	assert_int_equal(status.st_uid, 1234);
	assert_int_equal(status.st_mode & 07777, 04400);
	assert_int_equal(moverproc_end(process), 0);
}

/* Of lists. */
static void violate_listing(const struct moverproc *process, int i)
{
	static const uint8_t zeros[IPC_MOVE_ID_LENGTH] = {0};
	static const uint8_t no_id[] = "00112233445566778899AABBCCDDEEFF";
	static const uint8_t cut[IPC_MOVE_ID_LENGTH] = "00";

	if (i < 2)
		moverproc_send_list(process, zeros, i == 0 ? 0 : IPC_MOVE_ITEMS_MAX + 1);
	else if (i < 4)
		moverproc_send_list(process, i == 2 ? no_id : cut, 1);
	else {
		moverproc_send_name(process, "file", true);
		moverproc_send_list(process, zeros, 1);
	}
}

/* What has no place in the protocol ends it, and nothing is moved. */
static void violations(void **state)
{
	struct moverproc *process = *state;
	const struct ipc_move_hello wrong = {.pid = 1};
	int status;

	moverworld_make(process->world, "file", moverproc_text);
	for (int i = 0; i < 10; i++) {
		moverproc_start(process);
		moverproc_hello(process);
		if (i == 0) {
			assert_int_equal(
				channel_send(process->fd, IPC_MOVE_HELLO, &wrong, NULL, 0), 0);
		} else if (i == 1) {
			moverproc_send_file(process, "file", IPC_MOVE_REMOVE); /* no name */
		} else if (i == 2) {
			moverproc_send_name(process, "file", true);
			moverproc_send_file(process, "file", IPC_MOVE_ACTION_N);
		} else if (i == 3) {
			moverproc_send_name(process, "file", true);
			moverproc_send_item(process, IPC_MOVE_DELETE,
				(const uint8_t *)"0123456789abcdef"
						 "0123456789abcdef");
		} else if (i < 9) {
			violate_listing(process, i - 4);
		} else {
			assert_int_equal(send(process->fd, "junk", 4, 0), 4);
		}
		assert_int_equal(channel_recv(process->fd, process->inbox), -ENODATA);
		status = moverproc_end(process);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), CHILD_EXIT_PROTOCOL);
		moverworld_expect(process->world, "file", moverproc_text);
	}
}

static uint64_t status_of(pid_t pid, const char *field, int base)
{
	char path[64];
	char line[256];
	uint64_t value = UINT64_MAX;
	FILE *in;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	in = fopen(path, "re");
	assert_non_null(in);
	while (fgets(line, sizeof(line), in))
		if (strncmp(line, field, strlen(field)) == 0)
			value = strtoull(line + strlen(field), NULL, base);
	(void)fclose(in);
	return value;
}

/* Seven capabilities, no way to more, a filter; not to be looked into. */
static void walls(void **state)
{
	const uint64_t kept = PRIVILEGES_CAP(CAP_CHOWN) | PRIVILEGES_CAP(CAP_DAC_OVERRIDE) |
			      PRIVILEGES_CAP(CAP_FOWNER) | PRIVILEGES_CAP(CAP_FSETID) |
			      PRIVILEGES_CAP(CAP_SETFCAP) | PRIVILEGES_CAP(CAP_SYS_PTRACE) |
			      PRIVILEGES_CAP(CAP_KILL);
	struct moverproc *process = *state;

	moverproc_start(process);
	moverproc_hello(process);
	assert_int_equal(status_of(process->pid, "CapEff:", 16) & ~kept, 0);
	assert_int_equal(status_of(process->pid, "CapPrm:", 16) & ~kept, 0);
	assert_int_equal(status_of(process->pid, "CapBnd:", 16) & ~kept, 0);
	assert_int_equal(status_of(process->pid, "CapInh:", 16), 0);
	assert_int_equal(status_of(process->pid, "NoNewPrivs:", 10), 1);
#if !defined(QUIETSCAN_ASAN) && !defined(QUIETSCAN_TSAN)
	assert_int_equal(status_of(process->pid, "Seccomp:", 10), 2);
#endif
	assert_int_equal(moverproc_end(process), 0);
}

/* A second one on the same state directory, and wrong arguments. */
static void does_not_start(void **state)
{
	struct moverproc *process = *state;
	struct moverproc second = *process;
	int status;

	moverproc_start(process);
	moverproc_hello(process);
	moverproc_start(&second);
	assert_int_equal(channel_recv(second.fd, process->inbox), -ENODATA);
	status = moverproc_end(&second);
	assert_int_equal(WEXITSTATUS(status), CHILD_EXIT_BUSY);
	assert_int_equal(moverproc_end(process), 0);
	assert_int_equal(WEXITSTATUS(system(QUIETSCAN_REMEDIATE " 2>/dev/null")), CHILD_EXIT_USAGE);
	assert_int_equal(WEXITSTATUS(system(QUIETSCAN_REMEDIATE
				 " --control-fd 3 --state-dir /nowhere 2>/dev/null")),
		CHILD_EXIT_SYSTEM);
}

/* Killed at any moment of its work, again and again; never a loss. */
static void killed_at_any_time(void **state)
{
	struct moverproc *process = *state;
	unsigned seed = (unsigned)time(NULL);
	unsigned n_vault = 0;

	print_message("seed %u\n", seed);
	for (int i = 0; i < 60; i++) {
		struct timespec nap = {.tv_nsec = (long)(rand_r(&seed) % 4000) * 1000};
		struct stat status;
		uint8_t id[33] = {0};

		if (fstatat(process->world->home_fd, "file", &status, 0) < 0)
			moverworld_make(process->world, "file", moverproc_text);
		moverproc_start(process);
		moverproc_hello(process);
		moverproc_send_name(process, "file", true);
		moverproc_send_file(process, "file", IPC_MOVE_QUARANTINE);
		(void)nanosleep(&nap, NULL);
		assert_int_equal(kill(process->pid, SIGKILL), 0);
		(void)moverproc_end(process);
		moverproc_start(process);
		moverproc_hello(process);
		assert_int_equal(process->n_pending, 0);
		assert_int_equal(moverworld_n_staging(process->world), 0);
		if (fstatat(process->world->home_fd, "file", &status, 0) == 0) {
			moverworld_expect(process->world, "file", moverproc_text);
			assert_int_equal(moverworld_n_items(process->world), 0);
		} else {
			n_vault++;
			assert_int_equal(moverworld_n_items(process->world), 1);
			assert_int_equal(moverworld_only_item(process->world, (char *)id), 0);
			moverproc_send_item(process, IPC_MOVE_DELETE, id);
			(void)moverproc_result(process, 43, IPC_MOVE_DELETED);
		}
		assert_int_equal(moverproc_end(process), 0);
	}
	print_message("60 kills, %u in quarantine\n", n_vault);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, moverproc_setup, moverproc_teardown)
	const struct CMUnitTest tests[] = {CASE(requests), CASE(told_again), CASE(leaves_pending),
		CASE(files_of_others), CASE(violations), CASE(walls), CASE(does_not_start),
		CASE(killed_at_any_time)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
