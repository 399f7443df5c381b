/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the scheduler share: scheduler.c (life, turns),
 * scheduler_ask.c (what operators ask), scheduler_recover.c (what the last
 * daemon left), scheduler_sets.c (signatures), scheduler_show.c (what it shows
 * of itself). Nobody else includes this.
 *
 * Hands. Loop thread only.
 */
#ifndef QS_SCHEDULER_PRIVATE_H
#define QS_SCHEDULER_PRIVATE_H

#include "scheduler.h"

#include "child_users.h"
#include "idle_watch.h"
#include "load_check.h"
#include "neighbour_watch.h"
#include "queue.h"
#include "remediator.h"

enum {
	SCHEDULER_TICK_MS = 1000,
	SCHEDULER_LOOK_MS = 10000, /**< A scan waits that long for a look at SignaturePath. */
	SCHEDULER_PURGE_MS = 6 * 3600 * 1000,
	SCHEDULER_DEATHS_MAX = 3,       /**< Engines that die while they load, in a row. */
	SCHEDULER_RETRY_MS = 60 * 1000, /**< Until it is tried again after those. */
};

struct scheduler {
	struct scheduler_config config;
	/* state */
	struct idle_watch machine;
	struct queue queue;
	struct scan_run *run;     /**< Of the first job, or NULL. */
	struct load_check *check; /**< Only while there is no run. */
	struct definitions *definitions;
	struct store_watch watch;
	struct child_users users;
	struct neighbour_watch *neighbours;
	struct remediator *remediator;
	uv_timer_t timer;
	uint32_t generation;       /**< Counts governed processes. */
	const struct job *looked;  /**< A look was asked for before this job's start. */
	uint64_t look_deadline_ms; /**< Loop time. */
	bool is_look_over;
	uint64_t next_purge_ms;
	unsigned n_load_deaths;
	uint64_t retry_ms; /**< Loop time before which no load is tried. */
	bool is_stopping;
	bool is_stop_told;
};

/** Decide what to do next, soon. */
void scheduler_kick(struct scheduler *scheduler);

/** Put the scans the store has open into the queue. 0 or a negative code. */
int scheduler_recover(struct scheduler *scheduler, bool was_killed, struct errmsg *msg);

/** The job is over: tell it and drop it. It is in the queue, and not at work. */
void scheduler_drop(struct scheduler *scheduler, struct job *job);

/**
 * End a job that is not at work. The outcome's texts were set.
 *
 * @return 0, then it is dropped; negative: the store did not take it, the job
 *         waits as before.
 */
int scheduler_end_waiting(
	struct scheduler *scheduler, struct job *job, enum run_status outcome, struct errmsg *msg);

/** An engine has loaded this set. */
void scheduler_on_loaded(void *arg, const char *name, const struct ipc_engine_ready *ready);

/** An engine cannot load this set. @return whether another set is there to be tried. */
bool scheduler_on_load_failed(void *arg, const char *name, const char *why);

/** A look at SignaturePath is over. */
void scheduler_on_looked(void *arg);

/** Try a new set, if there is one and nothing scans. */
void scheduler_tick_sets(struct scheduler *scheduler);

/** Whether a job may begin now, or runs. */
bool scheduler_wants_scan(const struct scheduler *scheduler);

/** The first job that may begin now, or NULL. */
struct job *scheduler_next(struct scheduler *scheduler);

/** Settings or machine changed: factor and lanes of all jobs anew. */
void scheduler_replan(struct scheduler *scheduler);

/** Look whether anybody uses the machine, and do what follows from it. */
void scheduler_watch_machine(struct scheduler *scheduler);

/** load_factor_pct of a job as it would be now. */
void scheduler_plan(const struct scheduler *scheduler, struct job *job);

#endif
