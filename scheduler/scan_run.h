/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One scan at work: takes the first job of the queue through its life
 * (scan_cycle.h) with a team of processes (scan_team.h), keeps its account with
 * the governor, and its records (scan_book.h).
 *
 * Hands (uv, store). Loop thread only.
 */
#ifndef QS_SCAN_RUN_H
#define QS_SCAN_RUN_H

#include "definitions.h"
#include "governor.h"
#include "idle_watch.h"
#include "job.h"
#include "neighbour_watch.h"
#include "service_paths.h"
#include "settings.h"
#include "store.h"

#include <uv.h>

struct scan_run_config {
	uv_loop_t *loop;
	struct store *store;
	struct governor *governor;
	struct definitions *definitions;
	const struct settings *settings; /**< Borrowed; changes are told by scan_run_retune(). */
	const struct service_paths *paths;
	double n_cpus;                            /**< What 100 % is. */
	const struct neighbour_watch *neighbours; /**< Borrowed. */
	const struct idle_watch *machine;         /**< Borrowed; changes are told likewise. */
	uint32_t *generationp; /**< The daemon's counter of governed processes. */
	/** An engine loaded or failed to load a set (its name); on_failed says whether to try
	 * another one. */
	void (*on_loaded)(void *arg, const char *name, const struct ipc_engine_ready *ready);
	bool (*on_load_failed)(void *arg, const char *name, const char *why);
	/** The store took (0) or did not take (negative) a record; is_lost: it is not tried again. */
	void (*on_store)(void *arg, int r, const struct errmsg *msg, bool is_lost);
	/** New detections are in the store. */
	void (*on_detections)(void *arg);
	/** Whether something of this scan is still to be remediated: its end waits for that;
	 * scan_run_kick() tells when to ask again. */
	bool (*is_remediating)(void *arg, const char *scan_id);
	/** The job is ENDED or LEFT. Free the run; the job is the owner's. */
	void (*on_over)(void *arg);
	void *arg;
};

/** How a scan is doing. */
struct scan_run_progress {
	const char *phase; /**< "starting", "walking", "scanning", "paused", "ending". Static. */
	uint64_t n_found;
	uint64_t n_judged;
	uint64_t n_bytes;
	uint64_t n_lanes; /**< Busy ones. */
	bool has_percent;
	double percent;
	bool has_eta;
	uint64_t eta_s;
	double load_pct;  /**< Of the last second. */
	double mean_pct;  /**< Since the run began. */
	struct span path; /**< A file in work; borrowed until the loop goes on. */
};

/** Opaque. */
struct scan_run;

/**
 * Begin. Never calls back before it returned.
 *
 * @job   Waiting, or paused without processes. Borrowed until on_over.
 * @return 0 or a negative code.
 */
int scan_run_new(const struct scan_run_config *config, struct job *job, struct scan_run **runp);

/** Decide what to do next, soon. */
void scan_run_kick(struct scan_run *run);

/** Freeze. 0; -EINVAL in this state; an error of the store (nothing was done). */
int scan_run_pause(struct scan_run *run, const struct requestor *who, struct errmsg *msg);

/** Go on. Returns as scan_run_pause(). */
int scan_run_resume(struct scan_run *run, const struct requestor *who, struct errmsg *msg);

/**
 * End it early: Cancelled or TimeOut. Texts of the records were set before.
 *
 * @return 0; -EALREADY; -EINVAL.
 */
int scan_run_end(struct scan_run *run, enum run_status outcome);

/** The daemon stops: end the processes, leave the record open. on_over follows. */
void scan_run_leave(struct scan_run *run, const char *why);

/** The settings or the machine changed: factor and lanes anew. */
void scan_run_retune(struct scan_run *run);

/** Bring the job's load document up to date. */
void scan_run_note_load(struct scan_run *run);

/** How it is doing. */
void scan_run_progress(const struct scan_run *run, struct scan_run_progress *progress);

/** No call-back any more; processes that live are killed. Takes NULL. */
void scan_run_free(struct scan_run *run);

#endif
