/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the last daemon left: every acknowledged action is in the store, so
 * every open scan is found there. Those that were at work go first; one that
 * somebody had cancelled already (the cancel was acknowledged, the end was not
 * written any more) ends as soon as it is its turn.
 */
#include "scheduler_private.h"

#include "cleanup.h"
#include "load_policy.h"
#include "log.h"
#include "scan_book.h"

#include <errno.h>
#include <inttypes.h>

struct scheduler_recover_call {
	struct scheduler *scheduler;
	const struct scan_record *scan; /* of the action that is asked for */
	struct job *job;
	struct errmsg *msg;
	bool is_at_work_wanted; /* first pass: the ones at work */
};

static int scheduler_recover_on_action(void *arg, const struct action_record *action)
{
	struct scheduler_recover_call *call = arg;

	return job_restore(action, call->scan, &call->job);
}

/* Without it the load begins anew; the scan is not lost for that. */
static void scheduler_recover_load(struct store *store, struct job *job)
{
	_cleanup_(cleanup_free) char *load = NULL;
	struct errmsg msg = ERRMSG_NULL;
	int r = store_load_get(store, job->scan.id, &load, &msg);

	if (r < 0)
		log_warn("scheduler", "%s: its load so far: %s", job->scan.id, msg.text);
	else if (r == 0)
		(void)job_text(&job->load, load);
}

static int scheduler_recover_on_scan(void *arg, const struct scan_record *scan)
{
	struct scheduler_recover_call *call = arg;
	struct store *store = call->scheduler->config.store;
	const struct store_query query = {.id = scan->action_id};
	bool is_at_work = scan->status != RUN_STATUS_PENDING;
	int r;

	if (is_at_work != call->is_at_work_wanted)
		return 0;
	call->scan = scan;
	call->job = NULL;
	r = store_action_list(store, &query, scheduler_recover_on_action, call, call->msg);
	if (r < 0)
		return err_trace(r);
	if (!call->job) {
		log_error("scheduler", "%s: a scan without an action is left alone", scan->id);
		return 0;
	}
	call->job->override_pct = scan_book_override(store, scan->id);
	scheduler_recover_load(store, call->job);
	if (scan->status == RUN_STATUS_PAUSED)
		scan_cycle_move(&call->job->cycle, scan->id, SCAN_CYCLE_PAUSED);
	queue_append(&call->scheduler->queue, call->job);
	return 0;
}

/* Only after the listing: a row call-back sees one statement at work. */
static int scheduler_recover_interrupt(struct scheduler *scheduler, struct errmsg *msg)
{
	struct job *job;

	TAILQ_FOREACH(job, &scheduler->queue.jobs, link)
	{
		int r;

		if (job->scan.status == RUN_STATUS_PENDING)
			continue;
		r = scan_book_interrupt(
			scheduler->config.store, job, "the service was killed", msg);
		if (r < 0)
			return err_trace(r);
	}
	return 0;
}

int scheduler_recover(struct scheduler *scheduler, bool was_killed, struct errmsg *msg)
{
	const struct store_query query = {.is_open_only = true, .is_ascending = true};
	struct scheduler_recover_call call = {
		.scheduler = scheduler, .msg = msg, .is_at_work_wanted = true};
	int r = store_scan_list(
		scheduler->config.store, &query, scheduler_recover_on_scan, &call, msg);

	call.is_at_work_wanted = false;
	if (r == 0)
		r = store_scan_list(
			scheduler->config.store, &query, scheduler_recover_on_scan, &call, msg);
	if (r == 0 && was_killed)
		r = scheduler_recover_interrupt(scheduler, msg);
	if (r < 0)
		return err_trace(r);
	if (scheduler->queue.n > 0)
		log_info("scheduler", "%zu open scans are taken up", scheduler->queue.n);
	return 0;
}
