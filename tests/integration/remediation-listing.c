/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What quietscan-remediate tells of the quarantine, which nobody else can read.
 */
#include "hex.h"
#include "moverproc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

/* All that is known of an item, but of a damaged one only that it is there. */
static void expect_entry(struct moverproc *process, const struct identity *scanned)
{
	const struct ipc_move_entry *entry = &process->inbox->msg.move_entry;
	char path[SCRATCH_PATH_SIZE];

	assert_int_equal(entry->serial, 44);
	if (entry->is_damaged) {
		assert_int_equal(entry->path.n + entry->threat_name.n, 0);
		assert_int_equal(entry->quarantined_unix_ms, 0);
		return;
	}
	(void)moverworld_path(process->world, "odd \xff\n", path);
	assert_true(span_equal(entry->path, span_str(path)));
	assert_true(span_equal(entry->threat_name, span_str("Test.Th?reat")));
	assert_int_equal(entry->detection_id.n + entry->reason.n, 0);
	for (size_t i = 0; i < sizeof(entry->sha256); i++)
		assert_int_equal(entry->sha256[i],
			hex_digit((unsigned char)scanned->sha256[2 * i]) * 16 +
				hex_digit((unsigned char)scanned->sha256[2 * i + 1]));
	assert_int_equal(entry->size, strlen(moverproc_text));
	assert_int_equal(entry->uid, 1234);
	assert_int_equal(entry->n_names, 2);
	assert_true(entry->quarantined_unix_ms > INT64_C(1500000000000));
}

/* Pages of @n_max; @return items told, in order and with what is known of them. */
static unsigned list_all(struct moverproc *process, unsigned n_max, const struct identity *scanned,
	unsigned *n_damagedp)
{
	uint8_t after[IPC_MOVE_ID_LENGTH] = {0};
	const struct ipc_move_result *answer;
	unsigned n = 0;

	*n_damagedp = 0;
	do {
		unsigned n_page = 0;

		moverproc_send_list(process, after, n_max);
		while (assert_int_equal(channel_recv(process->fd, process->inbox), 0),
			process->inbox->type == IPC_MOVE_ITEM) {
			const struct ipc_move_entry *entry = &process->inbox->msg.move_entry;

			assert_true(memcmp(entry->id, after, sizeof(after)) > 0);
			memcpy(after, entry->id, sizeof(after));
			expect_entry(process, scanned);
			*n_damagedp += entry->is_damaged;
			n_page++;
		}
		answer = &process->inbox->msg.move_result;
		assert_int_equal(process->inbox->type, IPC_MOVE_RESULT);
		assert_int_equal(answer->serial, 44);
		assert_int_equal(answer->outcome, IPC_MOVE_LISTED);
		assert_int_equal(answer->n_names, n_page);
		assert_memory_equal(answer->id, after, sizeof(after));
		assert_true(n_page <= n_max);
		n += n_page;
	} while (answer->n_names_left > 0);
	return n;
}

/* What is in quarantine is told page by page. */
static void lists(void **state)
{
	struct moverproc *process = *state;
	int home = process->world->home_fd;
	struct identity scanned = {.size = 0};
	char name[64] = "";
	unsigned n_damaged;

	moverproc_start(process);
	moverproc_hello(process);
	assert_int_equal(list_all(process, 1, &scanned, &n_damaged), 0);
	for (int i = 0; i < 5; i++) {
		moverworld_make(process->world, "odd \xff\n", moverproc_text);
		assert_int_equal(fchownat(home, "odd \xff\n", 1234, 1234, 0), 0);
		if (i == 0)
			assert_int_equal(linkat(home, "odd \xff\n", home, "two", 0), 0);
		else
			assert_int_equal(linkat(home, "odd \xff\n", home, "three", 0), 0);
		scanned = moverworld_scan(process->world, "odd \xff\n");
		moverproc_send_name(process, "odd \xff\n", true);
		moverproc_send_file(process, "odd \xff\n", IPC_MOVE_QUARANTINE);
		assert_int_equal(
			moverproc_result(process, 42, IPC_MOVE_QUARANTINED)->n_names_left, 1);
		if (i > 0)
			assert_int_equal(unlinkat(home, "three", 0), 0);
	}
	(void)snprintf(name, sizeof(name), "quarantine/%.32s.qsv",
		(const char *)process->inbox->msg.move_result.id);
	scratch_write(&process->world->state, name, "x", 1);
	for (unsigned n_max = 1; n_max <= IPC_MOVE_ITEMS_MAX; n_max++) {
		assert_int_equal(list_all(process, n_max, &scanned, &n_damaged), 5);
		assert_int_equal(n_damaged, 1);
	}
	assert_int_equal(moverproc_end(process), 0);
}

/* Thousands of them: 64 at once, each once, however long what is known of them is. */
static void lists_thousands(void **state)
{
	struct moverproc *process = *state;
	enum { N_ITEMS = 5000 };
	struct identity scanned = {.size = 0};
	unsigned n_damaged;

	moverworld_make(process->world, "odd \xff\n", moverproc_text);
	assert_int_equal(fchownat(process->world->home_fd, "odd \xff\n", 1234, 1234, 0), 0);
	assert_int_equal(
		linkat(process->world->home_fd, "odd \xff\n", process->world->home_fd, "two", 0),
		0);
	scanned = moverworld_scan(process->world, "odd \xff\n");
	moverproc_start(process);
	moverproc_hello(process);
	moverproc_send_name(process, "odd \xff\n", true);
	moverproc_send_file(process, "odd \xff\n", IPC_MOVE_QUARANTINE);
	(void)moverproc_result(process, 42, IPC_MOVE_QUARANTINED);
	for (unsigned i = 1; i < N_ITEMS; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "quarantine/%08x%024x.qsv", i * 2654435761U, i);
		scratch_write(&process->world->state, name, "x", 1);
	}
	assert_int_equal(list_all(process, IPC_MOVE_ITEMS_MAX, &scanned, &n_damaged), N_ITEMS);
	assert_int_equal(n_damaged, N_ITEMS - 1);
	assert_int_equal(moverproc_end(process), 0);
}

/* The daemon is gone in the middle of a long list: an end like any other. */
static void list_to_nobody(void **state)
{
	struct moverproc *process = *state;
	const uint8_t first[IPC_MOVE_ID_LENGTH] = {0};

	moverproc_start(process);
	moverproc_hello(process);
	moverworld_make(process->world, "file", moverproc_text);
	moverproc_send_name(process, "file", true);
	moverproc_send_file(process, "file", IPC_MOVE_QUARANTINE);
	(void)moverproc_result(process, 42, IPC_MOVE_QUARANTINED);
	assert_int_equal(kill(process->pid, SIGSTOP), 0);
	moverproc_send_list(process, first, 1);
	assert_int_equal(shutdown(process->fd, SHUT_RD), 0);
	assert_int_equal(kill(process->pid, SIGCONT), 0);
	assert_int_equal(moverproc_end(process), 0);
}

/* A vault that may only be read: its items are told, and that one cannot go. */
static void read_only(void **state)
{
	struct moverproc *process = *state;
	struct identity scanned = {.size = 0};
	char path[SCRATCH_PATH_SIZE];

	(void)scratch_path(&process->world->state, "quarantine", path);
	scratch_write(
		&process->world->state, "quarantine/00112233445566778899aabbccddeeff.qsv", "x", 1);
	moverworld_make(process->world, "file", moverproc_text);
	moverproc_start(process);
	moverproc_hello(process);
	moverproc_send_name(process, "file", true);
	moverproc_send_file(process, "file", IPC_MOVE_QUARANTINE);
	(void)moverproc_result(process, 42, IPC_MOVE_QUARANTINED);
	assert_int_equal(moverproc_end(process), 0);
	assert_int_equal(mount(path, path, NULL, MS_BIND, NULL), 0);
	assert_int_equal(mount(NULL, path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL), 0);
	moverproc_start(process);
	moverproc_hello(process);
	moverproc_send_item(
		process, IPC_MOVE_DELETE, (const uint8_t *)"00112233445566778899aabbccddeeff");
	assert_int_equal(moverproc_result(process, 43, IPC_MOVE_READ_ONLY)->error, EROFS);
	moverproc_send_list(process, (const uint8_t *)"00112233445566778899aabbccddeefe", 1);
	moverproc_receive(process, IPC_MOVE_ITEM);
	expect_entry(process, &scanned);
	assert_int_equal(moverproc_result(process, 44, IPC_MOVE_LISTED)->n_names, 1);
	assert_int_equal(moverproc_end(process), 0);
	assert_int_equal(umount(path), 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, moverproc_setup, moverproc_teardown)
	const struct CMUnitTest tests[] = {
		CASE(lists), CASE(lists_thousands), CASE(list_to_nobody), CASE(read_only)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
