/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's view of quietscan-engine: start it on a signature set, hear
 * whether it could be loaded, hear of each worker, end it.
 *
 * Hands (uv). Loop thread only.
 */
#ifndef QS_ENGINE_PROCESS_H
#define QS_ENGINE_PROCESS_H

#include "child_identity.h"
#include "child_link.h"
#include "settings.h"

struct engine_process_config {
	const char *program;             /**< Absolute path of quietscan-engine. */
	const char *signature_dir;       /**< A snapshot. */
	const char *temp_dir;            /**< Private, owned by the engine's user. */
	const struct settings *settings; /**< Limits. Strings and all: borrowed during the call. */
	struct child_identity identity;
	int grants_fd;       /**< Borrowed. */
	int fork_fd;         /**< Borrowed; -1: no workers, a load only. */
	uint64_t generation; /**< Of its grant slot, from 1. */
	/** IPC_ENGINE_READY; the message is borrowed during the call. */
	void (*on_ready)(void *arg, const struct ipc_engine_ready *ready);
	/** IPC_ENGINE_FAILED; on_gone follows. */
	void (*on_failed)(void *arg, const struct ipc_engine_failed *failed);
	/** IPC_ENGINE_WORKER. */
	void (*on_worker)(void *arg, const struct ipc_engine_worker *worker);
	/** As in struct child_link_config. */
	void (*on_gone)(void *arg, const struct child_link_end *end);
	void *arg;
};

/** Opaque. */
struct engine_process;

/** Start. @return 0 or a negative code; nothing is left on failure. */
int engine_process_start(uv_loop_t *loop, const struct engine_process_config *config,
	struct engine_process **enginep, struct errmsg *msg);

/** Its pid; 0 once it was reaped. */
pid_t engine_process_pid(const struct engine_process *engine);

/** Whether it said READY. */
bool engine_process_is_ready(const struct engine_process *engine);

/** Ask it to end; killed if it does not within @grace_ms. on_gone follows. */
void engine_process_stop(struct engine_process *engine, uint64_t grace_ms);

/** See child_link_abandon(); on_gone follows. */
void engine_process_abandon(struct engine_process *engine);

/** See child_link_accuse(); on_gone follows. */
void engine_process_accuse(struct engine_process *engine, const char *why);

/** No call-back any more; killed if it still runs. Takes NULL. */
void engine_process_free(struct engine_process *engine);

#endif
