/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    start → HELLO → paths, engine, START → PROGRESS, DETECTION,
 *                NOTICE … → DONE → gone.
 * Failure modes: a death at any time → gone; a violation → killed by
 *                child_link, gone says so.
 * On close:      child_link's.
 */
#include "scanner_process.h"

#include "argv_builder.h"
#include "check.h"
#include "err.h"
#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

struct scanner_process {
	struct scanner_process_config config;
	/* state */
	struct child_link *link;
};

static void scanner_process_argv(
	const struct scanner_process_config *config, struct argv_builder *builder)
{
	argv_builder_add(builder, config->program);
	argv_builder_option(builder, "--control-fd", "%d", 3);
	argv_builder_option(builder, "--grants-fd", "%d", 5);
	if (config->report_fd >= 0)
		argv_builder_option(builder, "--report-fd", "%d", 6);
	if (config->book_fd >= 0)
		argv_builder_option(builder, "--book-fd", "%d", 4);
	if (config->identity.is_switched) {
		argv_builder_option(builder, "--uid", "%" PRIu32, config->identity.uid);
		argv_builder_option(builder, "--gid", "%" PRIu32, config->identity.gid);
	}
	argv_builder_option(builder, "--generation", "%" PRIu64, config->generation);
	argv_builder_option(builder, "--log-level", "%s", log_level_name(log_level()));
}

static void scanner_process_on_message(void *arg, const struct channel_inbox *inbox)
{
	struct scanner_process *scanner = arg;
	const struct scanner_process_config *config = &scanner->config;

	switch (inbox->type) {
	case IPC_SCAN_HELLO:
		config->on_hello(config->arg);
		break;
	case IPC_SCAN_PROGRESS:
		config->on_progress(config->arg, &inbox->msg.scan_progress);
		break;
	case IPC_SCAN_DETECTION:
		config->on_detection(config->arg, &inbox->msg.scan_detection);
		break;
	case IPC_SCAN_NOTICE:
		config->on_notice(config->arg, &inbox->msg.scan_notice);
		break;
	case IPC_SCAN_MOUNT:
		config->on_mount(config->arg, &inbox->msg.scan_mount);
		break;
	case IPC_SCAN_WAIT:
		config->on_wait(config->arg, &inbox->msg.scan_wait);
		break;
	case IPC_SCAN_DONE:
		config->on_done(config->arg, &inbox->msg.scan_done);
		break;
	default:
		break;
	}
}

static void scanner_process_on_batch_end(void *arg)
{
	struct scanner_process *scanner = arg;

	scanner->config.on_batch_end(scanner->config.arg);
}

static void scanner_process_on_gone(void *arg, const struct child_link_end *end)
{
	struct scanner_process *scanner = arg;

	scanner->config.on_gone(scanner->config.arg, end);
	/* The owner has freed the scanner. */
}

int scanner_process_start(uv_loop_t *loop, const struct scanner_process_config *config,
	struct scanner_process **scannerp, struct errmsg *msg)
{
	struct scanner_process *scanner = calloc(1, sizeof(*scanner));
	struct argv_builder builder = ARGV_BUILDER_NULL;
	struct child_link_config link = {
		.name = "quietscan-scanner",
		.program = config->program,
		.argv = builder.argv,
		.fds = {config->book_fd, config->grants_fd, config->report_fd},
		.phase = PHASE_SCANNER_BORN,
		.on_message = scanner_process_on_message,
		.on_batch_end = scanner_process_on_batch_end,
		.on_gone = scanner_process_on_gone,
		.arg = scanner,
	};
	int r;

	if (!scanner)
		return err_origin(-ENOMEM);
	scanner->config = *config;
	scanner_process_argv(config, &builder);
	r = builder.is_overflown ? err_origin(-E2BIG)
				 : child_link_open(loop, &link, &scanner->link, msg);
	scanner->config.program = NULL;
	if (r < 0) {
		free(scanner);
		return err_trace(r);
	}
	*scannerp = scanner;
	return 0;
}

pid_t scanner_process_pid(const struct scanner_process *scanner)
{
	return child_link_pid(scanner->link);
}

bool scanner_process_is_waiting(const struct scanner_process *scanner)
{
	return child_link_phase(scanner->link) == PHASE_SCANNER_READY;
}

int scanner_process_path(struct scanner_process *scanner, enum ipc_path_kind kind, struct span path)
{
	const struct ipc_scan_path msg = {.kind = (uint8_t)kind, .path = path};

	PRE(path.n > 0 && path.n <= IPC_PATH_MAX);
	return child_link_send(scanner->link, IPC_SCAN_PATH, &msg, -1);
}

int scanner_process_engine(struct scanner_process *scanner, uint64_t generation, int fd)
{
	const struct ipc_scan_engine msg = {.generation = generation};

	return child_link_send(scanner->link, IPC_SCAN_ENGINE, &msg, fd);
}

int scanner_process_begin(struct scanner_process *scanner, const struct ipc_scan_start *start)
{
	int r;

	PRE(scanner_process_is_waiting(scanner));
	r = child_link_send(scanner->link, IPC_SCAN_START, start, -1);
	if (r == 0)
		child_link_set_phase(scanner->link, PHASE_SCANNER_SCANNING);
	return r;
}

int scanner_process_control(
	struct scanner_process *scanner, enum ipc_scan_command command, uint64_t value)
{
	const struct ipc_scan_control msg = {.command = (uint8_t)command, .value = value};

	return child_link_send(scanner->link, IPC_SCAN_CONTROL, &msg, -1);
}

void scanner_process_hold(struct scanner_process *scanner, bool is_held)
{
	child_link_hold(scanner->link, is_held);
}

void scanner_process_stop(struct scanner_process *scanner, uint64_t grace_ms)
{
	child_link_stop(scanner->link, grace_ms);
}

void scanner_process_abandon(struct scanner_process *scanner)
{
	child_link_abandon(scanner->link);
}

void scanner_process_accuse(struct scanner_process *scanner, const char *why)
{
	child_link_accuse(scanner->link, why);
}

void scanner_process_free(struct scanner_process *scanner)
{
	if (!scanner)
		return;
	child_link_free(scanner->link);
	free(scanner);
}
