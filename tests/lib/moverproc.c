/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is withheld is taken between fork and exec: the program finds itself as
 * under a service manager that gives it less.
 */
#include "moverproc.h"

#include "hex.h"
#include "privileges.h"

#include <errno.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

const char moverproc_text[] = "content that was found";

int moverproc_setup(void **state)
{
	struct moverproc *process = calloc(1, sizeof(*process));
	int r = moverworld_setup((void **)&process->world);

	mover_close(process->world->mover);
	process->world->mover = NULL;
	process->inbox = channel_inbox_new();
	*state = process;
	return r;
}

int moverproc_teardown(void **state)
{
	struct moverproc *process = *state;
	void *world = process->world;

	channel_inbox_free(process->inbox);
	free(process);
	return moverworld_teardown(&world);
}

/* No file gets a set-id bit, from here on and in all that is executed. */
static int moverproc_forbid_set_id(void)
{
	static const mode_t bits[] = {S_ISUID, S_ISGID};
	void *filter = seccomp_init(SCMP_ACT_ALLOW);
	int r = filter ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < sizeof(bits) / sizeof(bits[0]); i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(fchmod), 1,
			SCMP_A1(SCMP_CMP_MASKED_EQ, bits[i], bits[i]));
	return r == 0 ? seccomp_load(filter) : r;
}

static void moverproc_run(const struct moverproc *process, int fd)
{
	const char *argv[12] = {"quietscan-remediate", "--control-fd", "3", "--state-dir",
		process->world->state.path};
	size_t n = 5;

	if (process->is_leaving)
		argv[n++] = "--leave-pending";
	if (process->has_grants) {
		argv[n++] = "--grants-fd";
		argv[n++] = "4";
		argv[n++] = "--generation";
		argv[n++] = "1";
	}
	privileges_bound(~process->withheld);
	/* As the daemon's children find themselves. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		_exit(126);
	if (process->is_without_set_id && moverproc_forbid_set_id() < 0)
		_exit(126);
	if (process->has_grants && (fd == 4 || dup2(process->grants_fd, 4) < 0))
		_exit(126);
	(void)dup2(fd, 3);
	(void)execv(process->program ? process->program : QUIETSCAN_REMEDIATE,
		(char **)(uintptr_t)argv);
	_exit(127);
}

void moverproc_start(struct moverproc *process)
{
	int fds[2];

	assert_int_equal(channel_pair(fds), 0);
	process->pid = fork();
	assert_true(process->pid >= 0);
	if (process->pid == 0)
		moverproc_run(process, fds[1]);
	(void)close(fds[1]);
	process->fd = fds[0];
}

void moverproc_receive(struct moverproc *process, enum ipc_type type)
{
	assert_int_equal(channel_recv(process->fd, process->inbox), 0);
	assert_int_equal(process->inbox->type, type);
}

void moverproc_hello(struct moverproc *process)
{
	process->n_recovered = 0;
	process->n_ended = 0;
	for (;;) {
		assert_int_equal(channel_recv(process->fd, process->inbox), 0);
		if (process->inbox->type != IPC_MOVE_RECOVERED)
			break;
		if (!process->is_leaving)
			assert_int_not_equal(
				process->inbox->msg.move_recovered.end, IPC_MOVE_END_PENDING);
		process->end = (enum ipc_move_end)process->inbox->msg.move_recovered.end;
		if (process->inbox->msg.move_recovered.was_over)
			process->n_ended++;
		else
			process->n_recovered++;
	}
	assert_int_equal(process->inbox->type, IPC_MOVE_HELLO);
	assert_int_equal(process->inbox->msg.move_hello.pid, process->pid);
	process->n_pending = process->inbox->msg.move_hello.n_pending;
}

int moverproc_end(struct moverproc *process)
{
	int status = 0;

	(void)close(process->fd);
	assert_int_equal(waitpid(process->pid, &status, 0), process->pid);
	return status;
}

void moverproc_send_name(const struct moverproc *process, const char *name, bool has_folder)
{
	char path[SCRATCH_PATH_SIZE];
	const struct ipc_move_name message = {
		.path = span_str(moverworld_path(process->world, name, path))};

	assert_int_equal(channel_send(process->fd, IPC_MOVE_NAME, &message,
				 &process->world->home_fd, has_folder ? 1 : 0),
		0);
}

static void moverproc_unhex(const char *text, uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(hex_digit((unsigned char)text[2 * i]) * 16 +
				     hex_digit((unsigned char)text[2 * i + 1]));
}

void moverproc_send_scanned(const struct moverproc *process, const struct identity *identity,
	enum ipc_move_action action)
{
	struct ipc_move_file file = {.serial = 42,
		.action = (uint8_t)action,
		.dev = identity->dev,
		.ino = identity->inode,
		.size = identity->size,
		.has_hash = 1,
		.threat_name = span_str("Test.Th\xffreat")};

	moverproc_unhex(identity->sha256, file.sha256, sizeof(file.sha256));
	assert_int_equal(channel_send(process->fd, IPC_MOVE_FILE, &file, NULL, 0), 0);
}

void moverproc_send_file(
	const struct moverproc *process, const char *name, enum ipc_move_action action)
{
	const struct identity identity = moverworld_scan(process->world, name);

	moverproc_send_scanned(process, &identity, action);
}

void moverproc_send_item(const struct moverproc *process, enum ipc_type type, const uint8_t id[32])
{
	struct ipc_move_item item = {.serial = 43};

	memcpy(item.id, id, sizeof(item.id));
	assert_int_equal(channel_send(process->fd, (uint16_t)type, &item, NULL, 0), 0);
}

const struct ipc_move_result *moverproc_result(
	struct moverproc *process, uint64_t serial, enum ipc_move_outcome outcome)
{
	moverproc_receive(process, IPC_MOVE_RESULT);
	assert_int_equal(process->inbox->msg.move_result.serial, serial);
	if (process->inbox->msg.move_result.outcome != outcome)
		fail_msg("outcome %u: %.*s", process->inbox->msg.move_result.outcome,
			(int)process->inbox->msg.move_result.text.n,
			(const char *)process->inbox->msg.move_result.text.data);
	return &process->inbox->msg.move_result;
}

void moverproc_send_list(const struct moverproc *process, const uint8_t after[32], unsigned n_max)
{
	struct ipc_move_list list = {.serial = 44, .n_max = (uint16_t)n_max};

	memcpy(list.after, after, sizeof(list.after));
	assert_int_equal(channel_send(process->fd, IPC_MOVE_LIST, &list, NULL, 0), 0);
}

void moverproc_send_seek(const struct moverproc *process, struct span hash)
{
	const struct ipc_move_seek seek = {.serial = 46, .hash = hash};

	assert_int_equal(channel_send(process->fd, IPC_MOVE_SEEK, &seek, NULL, 0), 0);
}

void moverproc_send_stop(const struct moverproc *process, const struct identity *file)
{
	struct ipc_move_stop stop = {.serial = 47,
		.dev = file->dev,
		.ino = file->inode,
		.size = file->size,
		.mtime_ns = file->mtime_ns,
		.ctime_ns = file->ctime_ns};

	if (file->sha256[0])
		moverproc_unhex(file->sha256, stop.sha256, sizeof(stop.sha256));
	assert_int_equal(channel_send(process->fd, IPC_MOVE_STOP, &stop, NULL, 0), 0);
}
