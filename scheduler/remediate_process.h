/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's view of quietscan-remediate: start it, give it one request after
 * the other, hear how each ended. It answers a request before it takes the next
 * one, so there is one at a time.
 *
 * Hands (uv). Loop thread only.
 */
#ifndef QS_REMEDIATE_PROCESS_H
#define QS_REMEDIATE_PROCESS_H

#include "child_link.h"
#include "ipc.h"

struct remediate_process_config {
	const char *program; /**< Absolute path of quietscan-remediate; borrowed during the call. */
	const char *state_dir; /**< Likewise. */
	bool is_leaving;       /**< It does not look at what is half done. */
	int grants_fd;         /**< The grant page; borrowed during the call. */
	uint32_t generation;   /**< Of GRANT_SLOT_REMEDIATE, for this process. */
	/** A half-done move of the last process was brought to an end; before on_ready. */
	void (*on_recovered)(void *arg, const struct ipc_move_recovered *recovered);
	/** It waits for the first request. */
	void (*on_ready)(void *arg, const struct ipc_move_hello *hello);
	/** An item, while it lists. */
	void (*on_item)(void *arg, const struct ipc_move_entry *entry);
	/** A file that processes execute, while it seeks. */
	void (*on_found)(void *arg, const struct ipc_move_found *found);
	/** The request is over; it waits for the next one. */
	void (*on_result)(void *arg, const struct ipc_move_result *result);
	/** As in struct child_link_config. Free the process. */
	void (*on_gone)(void *arg, const struct child_link_end *end);
	void *arg;
};

/** Opaque. */
struct remediate_process;

/** Start. @return 0 or a negative code; nothing is left on failure. */
int remediate_process_start(uv_loop_t *loop, const struct remediate_process_config *config,
	struct remediate_process **processp, struct errmsg *msg);

/** Its pid; 0 once it was reaped. */
pid_t remediate_process_pid(const struct remediate_process *process);

/** Whether it waits for a request. */
bool remediate_process_is_ready(const struct remediate_process *process);

/** A name of the file to come; when it is ready. 0 or -ENOMEM. @path borrowed. */
int remediate_process_name(struct remediate_process *process, struct span path);

/** What is to be done with the names; when it is ready. 0 or -ENOMEM. */
int remediate_process_file(struct remediate_process *process, const struct ipc_move_file *request);

/**
 * Put an item back or delete it; when it is ready.
 *
 * @type  IPC_MOVE_RESTORE or IPC_MOVE_DELETE.
 * @id    32 hex digits.
 * @return 0; -EINVAL that is no id; -ENOMEM.
 */
int remediate_process_item(
	struct remediate_process *process, enum ipc_type type, uint64_t serial, const char *id);

/**
 * A page of what is in quarantine; when it is ready. on_item for each, then on_result.
 *
 * @after  32 hex digits: items above that id; "" from the first.
 * @return 0 or -ENOMEM.
 */
int remediate_process_list(struct remediate_process *process, uint64_t serial, const char *after);

/** Look for running executables by hash, 40 or 64 hex digits; when it is ready. 0 or -ENOMEM. */
int remediate_process_seek(struct remediate_process *process, uint64_t serial, const char *hash);

/** End the processes that execute a file; when it is ready. 0 or -ENOMEM. */
int remediate_process_end(struct remediate_process *process, const struct ipc_move_stop *request);

/** Close our side; killed if it does not end within @grace_ms. on_gone follows. */
void remediate_process_stop(struct remediate_process *process, uint64_t grace_ms);

/** SIGKILL now; on_gone follows. */
void remediate_process_kill(struct remediate_process *process);

/** What it said cannot be so: SIGKILL, and nothing more is heard. @why static sentence. */
void remediate_process_accuse(struct remediate_process *process, const char *why);

/** No call-back any more; killed if it still runs. Takes NULL. */
void remediate_process_free(struct remediate_process *process);

#endif
