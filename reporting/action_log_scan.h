/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events of a scan's life, and of what happened to mounts, files and processes
 * while it ran. Contract of all: action_log.h. @scan is the record as it is
 * after what the event tells.
 *
 * The notices (from action_log_scan_mount_skipped() on) come from the scanner
 * and may come in any number; who calls them limits how many of a kind one
 * scan writes.
 */
#ifndef QS_ACTION_LOG_SCAN_H
#define QS_ACTION_LOG_SCAN_H

#include "err.h"
#include "records.h"
#include "store.h"

/** AntivirusScanSubmitted: an operator asked for it; one transaction with both rows. */
int action_log_scan_submitted(struct store *store, const struct action_record *action,
	const struct scan_record *scan, struct errmsg *msg);

/** AntivirusScanStarted: processes are being started; attempts counts from 1. */
int action_log_scan_started(
	struct store *store, const struct scan_record *scan, struct errmsg *msg);

/** AntivirusScanPaused. @who asked. */
int action_log_scan_paused(struct store *store, const struct scan_record *scan,
	const struct requestor *who, struct errmsg *msg);

/** AntivirusScanResumed. @who asked. */
int action_log_scan_resumed(struct store *store, const struct scan_record *scan,
	const struct requestor *who, struct errmsg *msg);

/** AntivirusScanInterrupted: daemon or scanner died under it. @reason: a sentence. */
int action_log_scan_interrupted(struct store *store, const struct scan_record *scan,
	const char *reason, struct errmsg *msg);

/** AntivirusScanCompleted: status Succeeded, totals of every file result. */
int action_log_scan_completed(
	struct store *store, const struct scan_record *scan, struct errmsg *msg);

/** AntivirusScanCancelled: by whom and why (cancellation_* of @action), and the totals so far. */
int action_log_scan_cancelled(struct store *store, const struct scan_record *scan,
	const struct action_record *action, struct errmsg *msg);

/** AntivirusScanFailed: scan->failure says why. @error_hresult: as in the action. */
int action_log_scan_failed(struct store *store, const struct scan_record *scan,
	int32_t error_hresult, struct errmsg *msg);

/** AntivirusScanTimedOut: not done in the time it had. */
int action_log_scan_timed_out(
	struct store *store, const struct scan_record *scan, struct errmsg *msg);

/** MountSkipped: a file system this scan type does not enter. @fs_type: "nfs4". */
int action_log_scan_mount_skipped(struct store *store, const struct scan_record *scan,
	struct span path, const char *fs_type, struct errmsg *msg);

/** What is known of a mount that a scan gave up. */
struct action_log_mount_wait {
	struct span point;    /**< Raw bytes; may be empty. */
	const char *fs_type;  /**< NULL: not known. */
	uint64_t waited_ms;   /**< That long it did not answer. */
	struct span path;     /**< What was waited for, raw bytes. */
	uint64_t n_unscanned; /**< Names that were found there and not judged. */
};

/** MountNotResponding: the rest of a mount that hangs was given up. */
int action_log_scan_mount_not_responding(struct store *store, const struct scan_record *scan,
	const struct action_log_mount_wait *wait, struct errmsg *msg);

/** DirectoryUnlistable: a directory that could not be read. @reason: error text. */
int action_log_scan_directory_unlistable(struct store *store, const struct scan_record *scan,
	struct span path, const char *reason, struct errmsg *msg);

/** ScanTargetMissing: a path of a custom scan that cannot be reached. */
int action_log_scan_target_missing(struct store *store, const struct scan_record *scan,
	struct span path, const char *reason, struct errmsg *msg);

/** Names that another product may have dealt with, as the log tells of them. */
struct action_log_files {
	const char *product; /**< NULL = nobody is known: pid and process_path are not set. */
	int pid;
	const char *process_path; /**< Raw bytes. */
	struct span mount;        /**< Raw bytes; empty = not known. */
	uint64_t n_files;         /**< All of them. */
	uint64_t n_vanished;      /**< Of them were gone; only for action_log_scan_changed(). */
	const struct span *paths; /**< The first n_paths, raw bytes. */
	size_t n_paths;
};

/** FilesBlockedByOther: not opened or read; one event a product, mount and scan. */
int action_log_scan_blocked(struct store *store, const struct scan_record *scan,
	const struct action_log_files *files, struct errmsg *msg);

/** FilesChangedBesideOther: gone or changed while it was active; likewise. */
int action_log_scan_changed(struct store *store, const struct scan_record *scan,
	const struct action_log_files *files, struct errmsg *msg);

/** FileEngineCrash: the engine died on this file. @reason: the signal. */
int action_log_scan_file_engine_crash(struct store *store, const struct scan_record *scan,
	struct span path, const char *reason, struct errmsg *msg);

/** FileCpuLimit: a file used up its CPU time. @reason: the figures. */
int action_log_scan_file_cpu_limit(struct store *store, const struct scan_record *scan,
	struct span path, const char *reason, struct errmsg *msg);

/** WorkerOverrun: a worker ran past its CPU grant and was ended. */
int action_log_scan_worker_overrun(struct store *store, const struct scan_record *scan,
	uint16_t lane, uint64_t pid, const char *reason, struct errmsg *msg);

/** ProtocolViolation: a child sent what it may not and was ended. @process: "scanner". */
int action_log_scan_protocol_violation(struct store *store, const struct scan_record *scan,
	const char *process, const char *reason, struct errmsg *msg);

#endif
