/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    start → READY → WORKER … → stop → gone.
 * Failure modes: FAILED → gone; a death at any time → gone; a violation →
 *                killed by child_link, gone says so.
 * On close:      child_link's.
 */
#include "engine_process.h"

#include "argv_builder.h"
#include "err.h"
#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

struct engine_process {
	struct engine_process_config config;
	/* state */
	struct child_link *link;
};

static void engine_process_argv(
	const struct engine_process_config *config, struct argv_builder *builder)
{
	const struct settings *settings = config->settings;
	const int64_t mib = INT64_C(1024) * 1024;

	argv_builder_add(builder, config->program);
	argv_builder_option(builder, "--control-fd", "%d", 3);
	if (config->fork_fd >= 0)
		argv_builder_option(builder, "--fork-fd", "%d", 4);
	argv_builder_option(builder, "--grants-fd", "%d", 5);
	argv_builder_option(builder, "--signatures", "%s", config->signature_dir);
	argv_builder_option(builder, "--temp-dir", "%s", config->temp_dir);
	if (config->identity.is_switched) {
		argv_builder_option(builder, "--uid", "%" PRIu32, config->identity.uid);
		argv_builder_option(builder, "--gid", "%" PRIu32, config->identity.gid);
	}
	argv_builder_option(builder, "--generation", "%" PRIu64, config->generation);
	argv_builder_option(builder, "--max-file-size", "%" PRId64, settings->max_file_size_bytes);
	argv_builder_option(builder, "--max-scan-size", "%" PRId64, settings->max_scan_size_bytes);
	argv_builder_option(builder, "--max-recursion", "%" PRId64, settings->max_recursion);
	argv_builder_option(builder, "--max-files", "%" PRId64, settings->max_files);
	argv_builder_option(
		builder, "--memory-limit", "%" PRId64, settings->engine_memory_limit_mib * mib);
	argv_builder_option(
		builder, "--temp-size", "%" PRId64, settings->engine_temp_size_mib * mib);
	argv_builder_option(builder, "--log-level", "%s", log_level_name(log_level()));
}

static void engine_process_on_message(void *arg, const struct channel_inbox *inbox)
{
	struct engine_process *engine = arg;
	const struct engine_process_config *config = &engine->config;

	switch (inbox->type) {
	case IPC_ENGINE_READY:
		config->on_ready(config->arg, &inbox->msg.engine_ready);
		break;
	case IPC_ENGINE_FAILED:
		config->on_failed(config->arg, &inbox->msg.engine_failed);
		break;
	case IPC_ENGINE_WORKER:
		config->on_worker(config->arg, &inbox->msg.engine_worker);
		break;
	default:
		break;
	}
}

static void engine_process_on_gone(void *arg, const struct child_link_end *end)
{
	struct engine_process *engine = arg;

	engine->config.on_gone(engine->config.arg, end);
	/* The owner has freed the engine. */
}

int engine_process_start(uv_loop_t *loop, const struct engine_process_config *config,
	struct engine_process **enginep, struct errmsg *msg)
{
	struct engine_process *engine = calloc(1, sizeof(*engine));
	struct argv_builder builder = ARGV_BUILDER_NULL;
	struct child_link_config link = {
		.name = "quietscan-engine",
		.program = config->program,
		.argv = builder.argv,
		.fds = {config->fork_fd, config->grants_fd, -1},
		.phase = PHASE_ENGINE_LOADING,
		.on_message = engine_process_on_message,
		.on_gone = engine_process_on_gone,
		.arg = engine,
	};
	int r;

	if (!engine)
		return err_origin(-ENOMEM);
	engine->config = *config;
	engine_process_argv(config, &builder);
	r = builder.is_overflown ? err_origin(-E2BIG)
				 : child_link_open(loop, &link, &engine->link, msg);
	engine->config.settings = NULL;
	engine->config.program = NULL;
	engine->config.signature_dir = NULL;
	engine->config.temp_dir = NULL;
	if (r < 0) {
		free(engine);
		return err_trace(r);
	}
	*enginep = engine;
	return 0;
}

pid_t engine_process_pid(const struct engine_process *engine)
{
	return child_link_pid(engine->link);
}

bool engine_process_is_ready(const struct engine_process *engine)
{
	return child_link_phase(engine->link) == PHASE_ENGINE_READY;
}

void engine_process_stop(struct engine_process *engine, uint64_t grace_ms)
{
	child_link_stop(engine->link, grace_ms);
}

void engine_process_abandon(struct engine_process *engine)
{
	child_link_abandon(engine->link);
}

void engine_process_accuse(struct engine_process *engine, const char *why)
{
	child_link_accuse(engine->link, why);
}

void engine_process_free(struct engine_process *engine)
{
	if (!engine)
		return;
	child_link_free(engine->link);
	free(engine);
}
