/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    start → RECOVERED … → HELLO → (request → RESULT) … → stopped →
 *                gone.
 * Failure modes: a death at any time → gone; a violation → killed by
 *                child_link, gone says so.
 * On close:      child_link's.
 */
#include "remediate_process.h"

#include "argv_builder.h"
#include "check.h"
#include "err.h"
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct remediate_process {
	struct remediate_process_config config;
	/* state */
	struct child_link *link;
};

static void remediate_process_on_message(void *arg, const struct channel_inbox *inbox)
{
	struct remediate_process *process = arg;
	const struct remediate_process_config *config = &process->config;

	switch (inbox->type) {
	case IPC_MOVE_RECOVERED:
		config->on_recovered(config->arg, &inbox->msg.move_recovered);
		break;
	case IPC_MOVE_HELLO:
		config->on_ready(config->arg, &inbox->msg.move_hello);
		break;
	case IPC_MOVE_ITEM:
		config->on_item(config->arg, &inbox->msg.move_entry);
		break;
	case IPC_MOVE_FOUND:
		config->on_found(config->arg, &inbox->msg.move_found);
		break;
	case IPC_MOVE_RESULT:
		config->on_result(config->arg, &inbox->msg.move_result);
		break;
	default:
		break;
	}
}

static void remediate_process_on_gone(void *arg, const struct child_link_end *end)
{
	struct remediate_process *process = arg;

	process->config.on_gone(process->config.arg, end);
	/* The owner has freed the process. */
}

int remediate_process_start(uv_loop_t *loop, const struct remediate_process_config *config,
	struct remediate_process **processp, struct errmsg *msg)
{
	struct remediate_process *process = calloc(1, sizeof(*process));
	struct argv_builder builder = ARGV_BUILDER_NULL;
	struct child_link_config link = {
		.name = "quietscan-remediate",
		.program = config->program,
		.argv = builder.argv,
		.fds = {config->grants_fd, -1, -1},
		.phase = PHASE_REMEDIATE_BORN,
		.on_message = remediate_process_on_message,
		.on_gone = remediate_process_on_gone,
		.arg = process,
	};
	int r;

	if (!process)
		return err_origin(-ENOMEM);
	process->config = *config;
	argv_builder_add(&builder, config->program);
	argv_builder_option(&builder, "--control-fd", "%d", CHILD_PROCESS_FD0);
	argv_builder_option(&builder, "--state-dir", "%s", config->state_dir);
	argv_builder_option(&builder, "--grants-fd", "%d", CHILD_PROCESS_FD0 + 1);
	argv_builder_option(&builder, "--generation", "%u", (unsigned)config->generation);
	argv_builder_option(&builder, "--log-level", "%s", log_level_name(log_level()));
	if (config->is_leaving)
		argv_builder_add(&builder, "--leave-pending");
	r = builder.is_overflown ? err_origin(-E2BIG)
				 : child_link_open(loop, &link, &process->link, msg);
	process->config.program = NULL;
	process->config.state_dir = NULL;
	if (r < 0) {
		free(process);
		return err_trace(r);
	}
	*processp = process;
	return 0;
}

pid_t remediate_process_pid(const struct remediate_process *process)
{
	return child_link_pid(process->link);
}

bool remediate_process_is_ready(const struct remediate_process *process)
{
	return child_link_phase(process->link) == PHASE_REMEDIATE_READY;
}

int remediate_process_name(struct remediate_process *process, struct span path)
{
	const struct ipc_move_name msg = {.path = path};

	PRE(remediate_process_is_ready(process));
	return child_link_send(process->link, IPC_MOVE_NAME, &msg, -1);
}

int remediate_process_file(struct remediate_process *process, const struct ipc_move_file *request)
{
	int r;

	PRE(remediate_process_is_ready(process));
	r = child_link_send(process->link, IPC_MOVE_FILE, request, -1);
	if (r == 0)
		child_link_set_phase(process->link, PHASE_REMEDIATE_BUSY);
	return r;
}

int remediate_process_item(
	struct remediate_process *process, enum ipc_type type, uint64_t serial, const char *id)
{
	struct ipc_move_item msg = {.serial = serial};
	int r;

	PRE(remediate_process_is_ready(process));
	if (strlen(id) != sizeof(msg.id))
		return err_origin(-EINVAL);
	memcpy(msg.id, id, sizeof(msg.id));
	r = child_link_send(process->link, (uint16_t)type, &msg, -1);
	if (r == 0)
		child_link_set_phase(process->link, PHASE_REMEDIATE_BUSY);
	return r;
}

int remediate_process_list(struct remediate_process *process, uint64_t serial, const char *after)
{
	struct ipc_move_list msg = {.serial = serial, .n_max = IPC_MOVE_ITEMS_MAX};
	int r;

	PRE(remediate_process_is_ready(process));
	if (after[0])
		memcpy(msg.after, after, sizeof(msg.after));
	r = child_link_send(process->link, IPC_MOVE_LIST, &msg, -1);
	if (r == 0)
		child_link_set_phase(process->link, PHASE_REMEDIATE_LISTING);
	return r;
}

int remediate_process_seek(struct remediate_process *process, uint64_t serial, const char *hash)
{
	const struct ipc_move_seek msg = {.serial = serial, .hash = span_str(hash)};
	int r;

	PRE(remediate_process_is_ready(process));
	r = child_link_send(process->link, IPC_MOVE_SEEK, &msg, -1);
	if (r == 0)
		child_link_set_phase(process->link, PHASE_REMEDIATE_SEEKING);
	return r;
}

int remediate_process_end(struct remediate_process *process, const struct ipc_move_stop *request)
{
	int r;

	PRE(remediate_process_is_ready(process));
	r = child_link_send(process->link, IPC_MOVE_STOP, request, -1);
	if (r == 0)
		child_link_set_phase(process->link, PHASE_REMEDIATE_BUSY);
	return r;
}

void remediate_process_stop(struct remediate_process *process, uint64_t grace_ms)
{
	child_link_stop(process->link, grace_ms);
}

void remediate_process_kill(struct remediate_process *process)
{
	child_link_kill(process->link);
}

void remediate_process_accuse(struct remediate_process *process, const char *why)
{
	child_link_accuse(process->link, why);
}

void remediate_process_free(struct remediate_process *process)
{
	if (!process)
		return;
	child_link_free(process->link);
	free(process);
}
