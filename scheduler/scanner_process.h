/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's view of quietscan-scanner: start it, give it its places, its
 * engine and its orders, hear what it found.
 *
 * Hands (uv). Loop thread only.
 */
#ifndef QS_SCANNER_PROCESS_H
#define QS_SCANNER_PROCESS_H

#include "child_identity.h"
#include "child_link.h"

struct scanner_process_config {
	const char *program; /**< Absolute path of quietscan-scanner; borrowed during the call. */
	struct child_identity identity;
	int grants_fd;       /**< Borrowed. */
	int report_fd;       /**< Borrowed; -1: no report file. */
	int book_fd;         /**< Borrowed; what scanners before it have done (planbook.h). */
	uint64_t generation; /**< Of its grant slot, from 1. */
	void (*on_hello)(void *arg);
	/** Messages are borrowed during the call. */
	void (*on_progress)(void *arg, const struct ipc_scan_progress *progress);
	void (*on_detection)(void *arg, const struct ipc_scan_detection *detection);
	void (*on_notice)(void *arg, const struct ipc_scan_notice *notice);
	void (*on_mount)(void *arg, const struct ipc_scan_mount *mount);
	void (*on_wait)(void *arg, const struct ipc_scan_wait *wait);
	void (*on_done)(void *arg, const struct ipc_scan_done *done);
	/** What was readable has been told: a good moment for one transaction. */
	void (*on_batch_end)(void *arg);
	/** As in struct child_link_config. */
	void (*on_gone)(void *arg, const struct child_link_end *end);
	void *arg;
};

/** Opaque. */
struct scanner_process;

/** Start. @return 0 or a negative code; nothing is left on failure. */
int scanner_process_start(uv_loop_t *loop, const struct scanner_process_config *config,
	struct scanner_process **scannerp, struct errmsg *msg);

/** Its pid; 0 once it was reaped. */
pid_t scanner_process_pid(const struct scanner_process *scanner);

/** Whether it said HELLO and waits for START. */
bool scanner_process_is_waiting(const struct scanner_process *scanner);

/** A place, an exclusion; before scanner_process_begin(). 0 or -ENOMEM. */
int scanner_process_path(
	struct scanner_process *scanner, enum ipc_path_kind kind, struct span path);

/** A fork channel of an engine. @fd borrowed. 0 or a negative code. */
int scanner_process_engine(struct scanner_process *scanner, uint64_t generation, int fd);

/** START; only when it waits. 0 or -ENOMEM. */
int scanner_process_begin(struct scanner_process *scanner, const struct ipc_scan_start *start);

/** Pause, resume, cancel, lanes. 0 or -ENOMEM. */
int scanner_process_control(
	struct scanner_process *scanner, enum ipc_scan_command command, uint64_t value);

/** Stop reading what it says (true), and go on (false). */
void scanner_process_hold(struct scanner_process *scanner, bool is_held);

/** Close our side; killed if it does not end within @grace_ms. on_gone follows. */
void scanner_process_stop(struct scanner_process *scanner, uint64_t grace_ms);

/** See child_link_abandon(); on_gone follows. */
void scanner_process_abandon(struct scanner_process *scanner);

/** See child_link_accuse(); on_gone follows. */
void scanner_process_accuse(struct scanner_process *scanner, const char *why);

/** No call-back any more; killed if it still runs. Takes NULL. */
void scanner_process_free(struct scanner_process *scanner);

#endif
