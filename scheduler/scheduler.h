/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scheduler: what operators ask of the service, in the order in which it
 * is done. It owns the queue, the scan at work, the signature sets and the
 * settings in force; the local socket asks it and shows what it says.
 *
 *   submit → queue → (look for new signatures) → scan_run → over → next
 *                      while nothing scans: load_check of a new set
 *
 * Hands (uv, store). Loop thread only.
 */
#ifndef QS_SCHEDULER_H
#define QS_SCHEDULER_H

#include "definitions.h"
#include "fault.h"
#include "governor.h"
#include "job.h"
#include "neighbour_watch.h"
#include "remediator.h"
#include "request.h"
#include "scan_run.h"
#include "service_paths.h"
#include "settings_keeper.h"
#include "store_watch.h"

#include <uv.h>

struct scheduler_config {
	uv_loop_t *loop;
	const struct service_paths *paths; /**< Prepared. */
	struct settings_keeper *keeper;    /**< Loaded; its on_changed is the scheduler's. */
	struct store *store;
	struct governor *governor;
	double n_cpus;                    /**< What 100 % is. */
	double n_online;                  /**< CPUs of the machine. */
	uint64_t remediation_patience_ms; /**< As in struct remediator_config. */
	/** A scan is over; its record is as it stays. The job lives during the call. */
	void (*on_ended)(void *arg, const struct job *job);
	/** A look or load that definitions_busy() told of is over. */
	void (*on_definitions)(void *arg);
	/** Other settings are in force. */
	void (*on_settings)(void *arg);
	/** After scheduler_stop(): nothing runs any more. Once. */
	void (*on_stopped)(void *arg);
	void *arg;
};

/** Opaque. */
struct scheduler;

/**
 * Begin: open scans are taken up from the store, those that were at work first.
 *
 * @was_killed  The last daemon did not stop by itself.
 * @return      0 or a negative code.
 */
int scheduler_new(const struct scheduler_config *config, bool was_killed,
	struct scheduler **schedulerp, struct errmsg *msg);

/** Let go of everything; takes NULL. After on_stopped, or before the loop ran. */
void scheduler_free(struct scheduler *scheduler);

/**
 * A new scan.
 *
 * @request  Borrowed.
 * @who      Asks; copied.
 * @jobp     Set when 0 is returned: durable, in the queue; borrowed.
 * @fault    Set otherwise.
 */
int scheduler_submit(struct scheduler *scheduler, const struct request *request,
	const struct requestor *who, const struct job **jobp, struct fault *fault);

/**
 * End one that is not over.
 *
 * @id       Of scan or action.
 * @comment  Why; not blank.
 * @fault    NotFound when it is not open (it may be over: the caller knows the store).
 */
int scheduler_cancel(struct scheduler *scheduler, const char *id, const struct requestor *who,
	const char *comment, struct fault *fault);

/** Freeze the scan at work. */
int scheduler_pause(struct scheduler *scheduler, const char *id, const struct requestor *who,
	struct fault *fault);

/** Go on with it. */
int scheduler_resume(struct scheduler *scheduler, const char *id, const struct requestor *who,
	struct fault *fault);

/** An open scan by its or its action's id; NULL. Borrowed until the loop goes on. */
const struct job *scheduler_find(const struct scheduler *scheduler, const char *id);

/** Progress of the scan at work. @return whether @job is that scan. */
bool scheduler_progress(const struct scheduler *scheduler, const struct job *job,
	struct scan_run_progress *progress);

/** Bring the load document of a job (job.h) up to date, as far as it is at work. */
void scheduler_note_load(struct scheduler *scheduler, const struct job *job);

/** Look at SignaturePath now. on_definitions tells the end of it, load included. */
void scheduler_reload_definitions(struct scheduler *scheduler);
/** Whether a look, or a load outside of a scan, is under way or about to be. */
bool scheduler_is_definitions_busy(const struct scheduler *scheduler);

/** The signatures and their state. Borrowed as long as the scheduler lives. */
const struct definitions *scheduler_definitions(const struct scheduler *scheduler);
/** Whether the store takes records. Borrowed as long as the scheduler lives. */
const struct store_watch *scheduler_store_watch(const struct scheduler *scheduler);
/** Other products, and the mode we run in. Borrowed as long as the scheduler lives. */
const struct neighbour_watch *scheduler_neighbours(const struct scheduler *scheduler);
/** The settings in force. Borrowed; the values change with each reload. */
const struct settings *scheduler_settings(const struct scheduler *scheduler);
/** Why ScanMaxReadRate has no effect, -errno; 0 = it has, or is 0. */
int scheduler_read_rate_error(const struct scheduler *scheduler);
/** Open scans; the first may be at work. */
size_t scheduler_n_open(const struct scheduler *scheduler);
/** The scan at work, or NULL. */
const struct job *scheduler_running(const struct scheduler *scheduler);
/** Somebody else wrote to the store, with this outcome: see store_watch_note(). */
void scheduler_note_store(struct scheduler *scheduler, int r, const struct errmsg *msg);

/** Ask about an item in quarantine: see remediator_ask(). */
int scheduler_ask_item(
	struct scheduler *scheduler, const struct remediator_request *request, struct fault *fault);
/** Ask for something to be done with what was found: see remediator_ask_manual(). */
int scheduler_ask_manual(
	struct scheduler *scheduler, const struct remediator_manual *manual, struct fault *fault);
/** Ask for StopAndQuarantineFile: see remediator_ask_file(). */
int scheduler_ask_file(struct scheduler *scheduler, const struct remediator_file_request *request,
	char id[RECORD_ID_SIZE], struct fault *fault);
/** Who asked is gone: see remediator_forget(). */
void scheduler_forget_item(struct scheduler *scheduler, const void *arg);

/** Stop: the scan at work is interrupted, requests are refused. on_stopped follows. */
void scheduler_stop(struct scheduler *scheduler);

#endif
