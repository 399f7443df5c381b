/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What operators ask. The order of every change is: check, write, act; an
 * answer is only given for what is on disk, and what cannot be written is not
 * done.
 */
#include "scheduler_private.h"

#include "action_log.h"
#include "clock.h"
#include "err.h"
#include "log.h"
#include "scan_book.h"

#include <errno.h>
#include <string.h>

static int scheduler_ask_store(
	struct scheduler *scheduler, int r, const struct errmsg *msg, struct fault *fault)
{
	scheduler_note_store(scheduler, r, msg);
	return r < 0 ? fault_from_store(fault, r, msg) : 0;
}

/* A request that an operator expects to find in the log, although it was refused. */
static int scheduler_ask_refuse(
	struct scheduler *scheduler, const struct requestor *who, const struct fault *fault)
{
	struct errmsg msg = ERRMSG_NULL;
	int r = action_log_service_request_refused(scheduler->config.store, who, "scan.start",
		fault_word(fault->code), fault->msg.text, &msg);

	store_watch_note(&scheduler->watch, r, &msg, true);
	return -EINVAL;
}

static int scheduler_ask_admit(struct scheduler *scheduler, const struct request *request,
	const struct requestor *who, struct fault *fault)
{
	const struct job *duplicate = queue_duplicate(&scheduler->queue, request->type);

	if (scheduler->is_stopping)
		return fault_set(fault, FAULT_SHUTTING_DOWN, NULL, "the service is stopping");
	if (duplicate) {
		(void)fault_set(fault, FAULT_ACTIVE_REQUEST, duplicate->action.id,
			"Action is already in progress");
		return scheduler_ask_refuse(scheduler, who, fault);
	}
	if (!definitions_current(scheduler->definitions) &&
		!definitions_is_undecided(scheduler->definitions)) {
		const char *why = definitions_error(scheduler->definitions);

		(void)fault_set(fault, FAULT_SIGNATURES_MISSING, "SignaturePath",
			"no usable signatures: %s", why[0] ? why : "none were found");
		return scheduler_ask_refuse(scheduler, who, fault);
	}
	if (scheduler->queue.n >= QUEUE_MAX) {
		(void)fault_set(fault, FAULT_INVALID_STATE, NULL, "%d scans are waiting already",
			QUEUE_MAX);
		return scheduler_ask_refuse(scheduler, who, fault);
	}
	return 0;
}

int scheduler_submit(struct scheduler *scheduler, const struct request *request,
	const struct requestor *who, const struct job **jobp, struct fault *fault)
{
	struct errmsg msg = ERRMSG_NULL;
	struct job *job = NULL;
	int r = scheduler_ask_admit(scheduler, request, who, fault);

	if (r < 0)
		return r;
	r = job_new(request, who, clock_unix_ms(), &job);
	if (r < 0)
		return fault_from_store(fault, r, &msg);
	if (request->report == REQUEST_REPORT_DEFAULT)
		job->scan.report_all =
			scheduler_settings(scheduler)->scan_report == SETTINGS_REPORT_ALL;
	scheduler_plan(scheduler, job);
	r = scan_book_submit(scheduler->config.store, job, &msg);
	r = scheduler_ask_store(scheduler, r, &msg, fault);
	if (r < 0) {
		job_free(job);
		return r;
	}
	log_info("scheduler", "%s: %s scan asked for by %s", job->scan.id,
		scan_type_name(job->scan.type), who->name);
	queue_append(&scheduler->queue, job);
	scheduler_kick(scheduler);
	*jobp = job;
	return 0;
}

static bool scheduler_ask_is_at_work(const struct scheduler *scheduler, const struct job *job)
{
	return scheduler->run && job == queue_first(&scheduler->queue);
}

/* Who cancelled and why is durable before the scan hears of it. */
static int scheduler_ask_note_cancel(struct scheduler *scheduler, struct job *job,
	const struct requestor *who, const char *comment, struct errmsg *msg)
{
	struct action_record *action = &job->action;
	int r = job_text(&action->cancellation_requestor, who->name);

	if (r == 0)
		r = job_text(&action->cancellation_comment, comment);
	if (r < 0)
		return err_trace(r);
	action->cancellation_unix_ms = clock_unix_ms();
	action->cancellation_gateway = who->gateway;
	r = store_action_update(scheduler->config.store, action, msg);
	if (r == 0)
		return 0;
	action->cancellation_unix_ms = 0;
	action->cancellation_gateway = (struct record_gateway){.is_set = false};
	(void)job_text(&action->cancellation_requestor, NULL);
	(void)job_text(&action->cancellation_comment, NULL);
	return err_fold(r);
}

int scheduler_cancel(struct scheduler *scheduler, const char *id, const struct requestor *who,
	const char *comment, struct fault *fault)
{
	struct job *job = queue_find(&scheduler->queue, id);
	struct errmsg msg = ERRMSG_NULL;
	int r;

	if (!job)
		return fault_set(fault, FAULT_NOT_FOUND, id, "no open scan or action has this id");
	if (job->cycle.state == SCAN_CYCLE_ENDING || job->action.cancellation_unix_ms)
		return fault_set(fault, FAULT_INVALID_STATE, id, "it is ending already");
	if (scheduler->is_stopping)
		return fault_set(fault, FAULT_SHUTTING_DOWN, NULL, "the service is stopping");
	r = scheduler_ask_note_cancel(scheduler, job, who, comment, &msg);
	r = scheduler_ask_store(scheduler, r, &msg, fault);
	if (r < 0)
		return r;
	if (scheduler_ask_is_at_work(scheduler, job))
		(void)scan_run_end(scheduler->run, RUN_STATUS_CANCELLED);
	else
		/* If the store fails just now, the next turn tries again. */
		(void)scheduler_end_waiting(scheduler, job, RUN_STATUS_CANCELLED, &msg);
	return 0;
}

static int scheduler_ask_find_running(
	struct scheduler *scheduler, const char *id, struct fault *fault)
{
	const struct job *job = queue_find(&scheduler->queue, id);

	if (!job)
		return fault_set(fault, FAULT_NOT_FOUND, id, "no open scan has this id");
	if (scheduler->is_stopping)
		return fault_set(fault, FAULT_SHUTTING_DOWN, NULL, "the service is stopping");
	if (!scheduler_ask_is_at_work(scheduler, job))
		return fault_set(fault, FAULT_INVALID_STATE, id, "the scan has not begun");
	return 0;
}

int scheduler_pause(struct scheduler *scheduler, const char *id, const struct requestor *who,
	struct fault *fault)
{
	struct errmsg msg = ERRMSG_NULL;
	int r = scheduler_ask_find_running(scheduler, id, fault);

	if (r < 0)
		return r;
	r = scan_run_pause(scheduler->run, who, &msg);
	if (r == -EINVAL)
		return fault_set(fault, FAULT_INVALID_STATE, id, "the scan is not running");
	return scheduler_ask_store(scheduler, r, &msg, fault);
}

int scheduler_resume(struct scheduler *scheduler, const char *id, const struct requestor *who,
	struct fault *fault)
{
	struct errmsg msg = ERRMSG_NULL;
	int r = scheduler_ask_find_running(scheduler, id, fault);

	if (r < 0)
		return r;
	r = scan_run_resume(scheduler->run, who, &msg);
	if (r == -EINVAL)
		return fault_set(fault, FAULT_INVALID_STATE, id, "the scan is not paused");
	return scheduler_ask_store(scheduler, r, &msg, fault);
}

int scheduler_ask_item(
	struct scheduler *scheduler, const struct remediator_request *request, struct fault *fault)
{
	return remediator_ask(scheduler->remediator, request, fault);
}

int scheduler_ask_manual(
	struct scheduler *scheduler, const struct remediator_manual *manual, struct fault *fault)
{
	return remediator_ask_manual(scheduler->remediator, manual, fault);
}

int scheduler_ask_file(struct scheduler *scheduler, const struct remediator_file_request *request,
	char id[RECORD_ID_SIZE], struct fault *fault)
{
	return remediator_ask_file(scheduler->remediator, request, id, fault);
}

void scheduler_forget_item(struct scheduler *scheduler, const void *arg)
{
	remediator_forget(scheduler->remediator, arg);
}
