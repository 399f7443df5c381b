/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quietscan-remediate itself, with this test as its daemon: requests and results,
 * its walls, its end, and that it can be killed at any moment.
 */
#include "channel.h"
#include "exitcode.h"
#include "hex.h"
#include "moverworld.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char text[] = "content that was found";

struct process {
	struct moverworld *world;
	pid_t pid;
	int fd;
	struct channel_inbox *inbox;
	unsigned n_recovered;
	uint64_t n_pending;
};

static void start(struct process *process)
{
	int fds[2];

	assert_int_equal(channel_pair(fds), 0);
	process->pid = fork();
	assert_true(process->pid >= 0);
	if (process->pid == 0) {
		(void)dup2(fds[1], 3);
		(void)execl(QUIETSCAN_REMEDIATE, "quietscan-remediate", "--control-fd", "3",
			"--state-dir", process->world->state.path, (char *)NULL);
		_exit(127);
	}
	(void)close(fds[1]);
	process->fd = fds[0];
}

static void receive(struct process *process, enum ipc_type type)
{
	assert_int_equal(channel_recv(process->fd, process->inbox), 0);
	assert_int_equal(process->inbox->type, type);
}

static void hello(struct process *process)
{
	process->n_recovered = 0;
	for (;;) {
		assert_int_equal(channel_recv(process->fd, process->inbox), 0);
		if (process->inbox->type != IPC_MOVE_RECOVERED)
			break;
		assert_int_equal(process->inbox->msg.move_recovered.is_over, 1);
		process->n_recovered++;
	}
	assert_int_equal(process->inbox->type, IPC_MOVE_HELLO);
	assert_int_equal(process->inbox->msg.move_hello.pid, process->pid);
	process->n_pending = process->inbox->msg.move_hello.n_pending;
}

static int end(struct process *process)
{
	int status = 0;

	(void)close(process->fd);
	assert_int_equal(waitpid(process->pid, &status, 0), process->pid);
	return status;
}

static void send_name(const struct process *process, const char *name, bool has_folder)
{
	char path[SCRATCH_PATH_SIZE];
	const struct ipc_move_name message = {
		.path = span_str(moverworld_path(process->world, name, path))};

	assert_int_equal(channel_send(process->fd, IPC_MOVE_NAME, &message,
				 &process->world->home_fd, has_folder ? 1 : 0),
		0);
}

static void send_file(const struct process *process, const char *name, enum ipc_move_action action)
{
	struct identity identity = moverworld_scan(process->world, name);
	struct ipc_move_file file = {.serial = 42,
		.action = (uint8_t)action,
		.dev = identity.dev,
		.ino = identity.inode,
		.size = identity.size,
		.has_hash = 1,
		.threat_name = span_str("Test.Th\xffreat")};

	for (size_t i = 0; i < sizeof(file.sha256); i++)
		file.sha256[i] = (uint8_t)(hex_digit((unsigned char)identity.sha256[2 * i]) * 16 +
					   hex_digit((unsigned char)identity.sha256[2 * i + 1]));
	assert_int_equal(channel_send(process->fd, IPC_MOVE_FILE, &file, NULL, 0), 0);
}

static void send_item(const struct process *process, enum ipc_type type, const uint8_t id[32])
{
	struct ipc_move_item item = {.serial = 43};

	memcpy(item.id, id, sizeof(item.id));
	assert_int_equal(channel_send(process->fd, (uint16_t)type, &item, NULL, 0), 0);
}

static const struct ipc_move_result *result(
	struct process *process, uint64_t serial, enum ipc_move_outcome outcome)
{
	receive(process, IPC_MOVE_RESULT);
	assert_int_equal(process->inbox->msg.move_result.serial, serial);
	if (process->inbox->msg.move_result.outcome != outcome)
		fail_msg("outcome %u: %.*s", process->inbox->msg.move_result.outcome,
			(int)process->inbox->msg.move_result.text.n,
			(const char *)process->inbox->msg.move_result.text.data);
	return &process->inbox->msg.move_result;
}

/* In, out, in, away; with and without the folder's descriptor. */
static void requests(void **state)
{
	struct process *process = *state;
	uint8_t id[32];

	moverworld_make(process->world, "file", text);
	assert_int_equal(
		linkat(process->world->home_fd, "file", process->world->home_fd, "two", 0), 0);
	start(process);
	hello(process);
	assert_int_equal(process->n_recovered + process->n_pending, 0);
	for (int i = 0; i < 2; i++) {
		send_name(process, "file", i == 0);
		if (i == 0)
			send_name(process, "two", true);
		send_file(process, "file", IPC_MOVE_QUARANTINE);
		assert_int_equal(
			result(process, 42, IPC_MOVE_QUARANTINED)->n_names, i == 0 ? 2 : 1);
		memcpy(id, process->inbox->msg.move_result.id, sizeof(id));
		moverworld_expect_none(process->world, "file");
		moverworld_expect_none(process->world, "two");
		if (i == 0) {
			send_item(process, IPC_MOVE_RESTORE, id);
			(void)result(process, 43, IPC_MOVE_RESTORED);
			moverworld_expect(process->world, "file", text);
		}
	}
	send_item(process, IPC_MOVE_DELETE, id);
	(void)result(process, 43, IPC_MOVE_DELETED);
	send_item(process, IPC_MOVE_RESTORE, id);
	(void)result(process, 43, IPC_MOVE_NO_ITEM);
	moverworld_make(process->world, "file", text);
	send_name(process, "file", false);
	send_file(process, "file", IPC_MOVE_REMOVE);
	(void)result(process, 42, IPC_MOVE_REMOVED);
	assert_int_equal(end(process), 0);
}

/* The other owner's file comes back as it was: the capabilities are enough. */
static void files_of_others(void **state)
{
	struct process *process = *state;
	struct stat status;
	uint8_t id[32];

	moverworld_make(process->world, "file", text);
	assert_int_equal(fchownat(process->world->home_fd, "file", 1234, 1234, 0), 0);
	assert_int_equal(fchmodat(process->world->home_fd, "file", 04400, 0), 0);
	assert_int_equal(fchown(process->world->home_fd, 1234, 1234), 0);
	assert_int_equal(fchmod(process->world->home_fd, 0700), 0);
	start(process);
	hello(process);
	send_name(process, "file", false);
	send_file(process, "file", IPC_MOVE_QUARANTINE);
	memcpy(id, result(process, 42, IPC_MOVE_QUARANTINED)->id, sizeof(id));
	send_item(process, IPC_MOVE_RESTORE, id);
	(void)result(process, 43, IPC_MOVE_RESTORED);
	assert_int_equal(fstatat(process->world->home_fd, "file", &status, 0), 0);
	assert_int_equal(status.st_uid, 1234);
	assert_int_equal(status.st_mode & 07777, 04400);
	assert_int_equal(end(process), 0);
}

static void send_list(const struct process *process, const uint8_t after[32], unsigned n_max)
{
	struct ipc_move_list list = {.serial = 44, .n_max = (uint16_t)n_max};

	memcpy(list.after, after, sizeof(list.after));
	assert_int_equal(channel_send(process->fd, IPC_MOVE_LIST, &list, NULL, 0), 0);
}

static void send_purge(const struct process *process, int64_t before_unix_ms, unsigned n_max)
{
	struct ipc_move_purge purge = {
		.serial = 45, .before_unix_ms = before_unix_ms, .n_max = (uint16_t)n_max};

	assert_int_equal(channel_send(process->fd, IPC_MOVE_PURGE, &purge, NULL, 0), 0);
}

/* All that is known of an item, but of a damaged one only that it is there. */
static void expect_entry(struct process *process, const struct identity *scanned)
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
	assert_int_equal(entry->size, strlen(text));
	assert_int_equal(entry->uid, 1234);
	assert_int_equal(entry->n_names, 2);
	assert_true(entry->quarantined_unix_ms > INT64_C(1500000000000));
}

/* Pages of @n_max; @return items told, in order and with what is known of them. */
static unsigned list_all(struct process *process, unsigned n_max, const struct identity *scanned,
	unsigned *n_damagedp)
{
	uint8_t after[IPC_MOVE_ID_LENGTH] = {0};
	const struct ipc_move_result *answer;
	unsigned n = 0;

	*n_damagedp = 0;
	do {
		unsigned n_page = 0;

		send_list(process, after, n_max);
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

/* What is in quarantine is told page by page, and what is old is deleted. */
static void lists_and_purges(void **state)
{
	struct process *process = *state;
	int home = process->world->home_fd;
	struct identity scanned = {.size = 0};
	char name[64] = "";
	unsigned n_damaged;

	start(process);
	hello(process);
	assert_int_equal(list_all(process, 1, &scanned, &n_damaged), 0);
	for (int i = 0; i < 5; i++) {
		moverworld_make(process->world, "odd \xff\n", text);
		assert_int_equal(fchownat(home, "odd \xff\n", 1234, 1234, 0), 0);
		if (i == 0)
			assert_int_equal(linkat(home, "odd \xff\n", home, "two", 0), 0);
		else
			assert_int_equal(linkat(home, "odd \xff\n", home, "three", 0), 0);
		scanned = moverworld_scan(process->world, "odd \xff\n");
		send_name(process, "odd \xff\n", true);
		send_file(process, "odd \xff\n", IPC_MOVE_QUARANTINE);
		assert_int_equal(result(process, 42, IPC_MOVE_QUARANTINED)->n_names_left, 1);
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
	send_purge(process, 1000, 1);
	assert_int_equal(result(process, 45, IPC_MOVE_DELETED)->n_names, 0);
	send_purge(process, INT64_MAX, 3);
	assert_int_equal(result(process, 45, IPC_MOVE_DELETED)->n_names, 3);
	assert_int_equal(process->inbox->msg.move_result.n_names_left, 1);
	send_purge(process, INT64_MAX, 3);
	assert_int_equal(result(process, 45, IPC_MOVE_DELETED)->n_names, 1);
	assert_int_equal(process->inbox->msg.move_result.n_names_left, 0);
	assert_int_equal(list_all(process, 3, &scanned, &n_damaged), 1);
	assert_int_equal(n_damaged, 1);
	assert_int_equal(end(process), 0);
}

/* The daemon is gone in the middle of a long list: an end like any other. */
static void list_to_nobody(void **state)
{
	struct process *process = *state;
	const uint8_t first[IPC_MOVE_ID_LENGTH] = {0};

	start(process);
	hello(process);
	moverworld_make(process->world, "file", text);
	send_name(process, "file", true);
	send_file(process, "file", IPC_MOVE_QUARANTINE);
	(void)result(process, 42, IPC_MOVE_QUARANTINED);
	assert_int_equal(kill(process->pid, SIGSTOP), 0);
	send_list(process, first, 1);
	assert_int_equal(shutdown(process->fd, SHUT_RD), 0);
	assert_int_equal(kill(process->pid, SIGCONT), 0);
	assert_int_equal(end(process), 0);
}

/* A vault that may only be read: its items are told, and that none can go. */
static void purge_fails(void **state)
{
	struct process *process = *state;
	struct identity scanned = {.size = 0};
	char path[SCRATCH_PATH_SIZE];

	(void)scratch_path(&process->world->state, "quarantine", path);
	scratch_write(
		&process->world->state, "quarantine/00112233445566778899aabbccddeeff.qsv", "x", 1);
	moverworld_make(process->world, "file", text);
	start(process);
	hello(process);
	send_name(process, "file", true);
	send_file(process, "file", IPC_MOVE_QUARANTINE);
	(void)result(process, 42, IPC_MOVE_QUARANTINED);
	assert_int_equal(end(process), 0);
	assert_int_equal(mount(path, path, NULL, MS_BIND, NULL), 0);
	assert_int_equal(mount(NULL, path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL), 0);
	start(process);
	hello(process);
	send_purge(process, INT64_MAX, 1);
	assert_int_equal(result(process, 45, IPC_MOVE_READ_ONLY)->error, EROFS);
	assert_int_equal(process->inbox->msg.move_result.n_names, 0);
	send_list(process, (const uint8_t *)"00112233445566778899aabbccddeefe", 1);
	receive(process, IPC_MOVE_ITEM);
	expect_entry(process, &scanned);
	assert_int_equal(result(process, 44, IPC_MOVE_LISTED)->n_names, 1);
	assert_int_equal(end(process), 0);
	assert_int_equal(umount(path), 0);
}

/* Of lists and purges. */
static void violate_listing(const struct process *process, int i)
{
	static const uint8_t zeros[IPC_MOVE_ID_LENGTH] = {0};
	static const uint8_t no_id[] = "00112233445566778899AABBCCDDEEFF";
	static const uint8_t cut[IPC_MOVE_ID_LENGTH] = "00";

	if (i < 2)
		send_list(process, zeros, i == 0 ? 0 : IPC_MOVE_ITEMS_MAX + 1);
	else if (i < 4)
		send_list(process, i == 2 ? no_id : cut, 1);
	else if (i < 6)
		send_purge(process, 0, i == 4 ? 0 : IPC_MOVE_ITEMS_MAX + 1);
	else {
		send_name(process, "file", true);
		send_purge(process, 0, 1);
	}
}

/* What has no place in the protocol ends it, and nothing is moved. */
static void violations(void **state)
{
	struct process *process = *state;
	const struct ipc_move_hello wrong = {.pid = 1};
	int status;

	moverworld_make(process->world, "file", text);
	for (int i = 0; i < 12; i++) {
		start(process);
		hello(process);
		if (i == 0) {
			assert_int_equal(
				channel_send(process->fd, IPC_MOVE_HELLO, &wrong, NULL, 0), 0);
		} else if (i == 1) {
			send_file(process, "file", IPC_MOVE_REMOVE); /* no name */
		} else if (i == 2) {
			send_name(process, "file", true);
			send_file(process, "file", IPC_MOVE_ACTION_N);
		} else if (i == 3) {
			send_name(process, "file", true);
			send_item(process, IPC_MOVE_DELETE,
				(const uint8_t *)"0123456789abcdef"
						 "0123456789abcdef");
		} else if (i < 11) {
			violate_listing(process, i - 4);
		} else {
			assert_int_equal(send(process->fd, "junk", 4, 0), 4);
		}
		assert_int_equal(channel_recv(process->fd, process->inbox), -ENODATA);
		status = end(process);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), CHILD_EXIT_PROTOCOL);
		moverworld_expect(process->world, "file", text);
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

/* Three capabilities, no way to more, a filter; not to be looked into. */
static void walls(void **state)
{
	const uint64_t kept = (UINT64_C(1) << CAP_CHOWN) | (UINT64_C(1) << CAP_DAC_OVERRIDE) |
			      (UINT64_C(1) << CAP_FOWNER);
	struct process *process = *state;

	start(process);
	hello(process);
	assert_int_equal(status_of(process->pid, "CapEff:", 16) & ~kept, 0);
	assert_int_equal(status_of(process->pid, "CapPrm:", 16) & ~kept, 0);
	assert_int_equal(status_of(process->pid, "CapBnd:", 16) & ~kept, 0);
	assert_int_equal(status_of(process->pid, "CapInh:", 16), 0);
	assert_int_equal(status_of(process->pid, "NoNewPrivs:", 10), 1);
#if !defined(QUIETSCAN_ASAN) && !defined(QUIETSCAN_TSAN)
	assert_int_equal(status_of(process->pid, "Seccomp:", 10), 2);
#endif
	assert_int_equal(end(process), 0);
}

/* A second one on the same state directory, and wrong arguments. */
static void does_not_start(void **state)
{
	struct process *process = *state;
	struct process second = *process;
	int status;

	start(process);
	hello(process);
	start(&second);
	assert_int_equal(channel_recv(second.fd, process->inbox), -ENODATA);
	status = end(&second);
	assert_int_equal(WEXITSTATUS(status), CHILD_EXIT_SYSTEM);
	assert_int_equal(end(process), 0);
	assert_int_equal(WEXITSTATUS(system(QUIETSCAN_REMEDIATE " 2>/dev/null")), CHILD_EXIT_USAGE);
	assert_int_equal(WEXITSTATUS(system(QUIETSCAN_REMEDIATE
				 " --control-fd 3 --state-dir /nowhere 2>/dev/null")),
		CHILD_EXIT_SYSTEM);
}

/* Killed at any moment of its work, again and again; never a loss. */
static void killed_at_any_time(void **state)
{
	struct process *process = *state;
	unsigned seed = (unsigned)time(NULL);
	unsigned n_vault = 0;

	print_message("seed %u\n", seed);
	for (int i = 0; i < 60; i++) {
		struct timespec nap = {.tv_nsec = (long)(rand_r(&seed) % 4000) * 1000};
		struct stat status;
		uint8_t id[33] = {0};

		if (fstatat(process->world->home_fd, "file", &status, 0) < 0)
			moverworld_make(process->world, "file", text);
		start(process);
		hello(process);
		send_name(process, "file", true);
		send_file(process, "file", IPC_MOVE_QUARANTINE);
		(void)nanosleep(&nap, NULL);
		assert_int_equal(kill(process->pid, SIGKILL), 0);
		(void)end(process);
		start(process);
		hello(process);
		assert_int_equal(process->n_pending, 0);
		assert_int_equal(moverworld_n_staging(process->world), 0);
		if (fstatat(process->world->home_fd, "file", &status, 0) == 0) {
			moverworld_expect(process->world, "file", text);
			assert_int_equal(moverworld_n_items(process->world), 0);
		} else {
			n_vault++;
			assert_int_equal(moverworld_n_items(process->world), 1);
			assert_int_equal(moverworld_only_item(process->world, (char *)id), 0);
			send_item(process, IPC_MOVE_DELETE, id);
			(void)result(process, 43, IPC_MOVE_DELETED);
		}
		assert_int_equal(end(process), 0);
	}
	print_message("60 kills, %u in quarantine\n", n_vault);
}

static int setup(void **state)
{
	struct process *process = calloc(1, sizeof(*process));
	int r = moverworld_setup((void **)&process->world);

	mover_close(process->world->mover);
	process->world->mover = NULL;
	process->inbox = channel_inbox_new();
	*state = process;
	return r;
}

static int teardown(void **state)
{
	struct process *process = *state;
	void *world = process->world;

	channel_inbox_free(process->inbox);
	free(process);
	return moverworld_teardown(&world);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {CASE(requests), CASE(files_of_others),
		CASE(lists_and_purges), CASE(list_to_nobody), CASE(purge_fails), CASE(violations),
		CASE(walls), CASE(does_not_start), CASE(killed_at_any_time)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
