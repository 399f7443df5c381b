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

/* What has no place in the protocol ends it, and nothing is moved. */
static void violations(void **state)
{
	struct process *process = *state;
	const struct ipc_move_hello wrong = {.pid = 1};
	int status;

	moverworld_make(process->world, "file", text);
	for (int i = 0; i < 5; i++) {
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
	const struct CMUnitTest tests[] = {CASE(requests), CASE(files_of_others), CASE(violations),
		CASE(walls), CASE(does_not_start), CASE(killed_at_any_time)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
