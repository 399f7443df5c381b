/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    STARTING: record the start, open the account, start the team;
 *                RUNNING: count, write detections; DONE → ENDING: stop the
 *                team, close the account, record the end → on_over.
 * Failure modes: scanner dies → interrupted, begun again (setback.h); zygote
 *                dies → another one, the scan goes on; a set cannot be loaded
 *                → another set or Failed; the store is full → the scanner is
 *                held and writing is tried again every second.
 * On close:      scan_run_leave() ends the processes and leaves the record open.
 *
 * All call-backs store what they heard and ask for scan_run_tick(), which alone
 * decides; it is also called once a second.
 */
#include "scan_run_private.h"

#include "blocked_files.h"
#include "changed_files.h"
#include "clock.h"
#include "lane_plan.h"
#include "load_policy.h"
#include "log.h"
#include "scan_book.h"
#include "scan_order.h"
#include "scan_report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *scan_run_id(const struct scan_run *run)
{
	return run->job->scan.id;
}

static enum scan_cycle_state scan_run_state(const struct scan_run *run)
{
	return run->job->cycle.state;
}

static void scan_run_move(struct scan_run *run, enum scan_cycle_state to)
{
	scan_cycle_move(&run->job->cycle, scan_run_id(run), to);
}

uint64_t scan_run_judged(const struct scan_run *run)
{
	uint64_t n = 0;

	for (size_t i = 0; i < FILE_RESULT_N; i++)
		n += run->job->scan.results[i];
	return n;
}

bool scan_run_stored(struct scan_run *run, int r, const struct errmsg *msg)
{
	run->config.on_store(run->config.arg, r, msg, false);
	return r == 0;
}

void scan_run_noted(struct scan_run *run, int r, const struct errmsg *msg)
{
	run->config.on_store(run->config.arg, r, msg, true);
}

void scan_run_fail(struct scan_run *run, const char *why)
{
	log_warn("scan_run", "%s: %s", scan_run_id(run), why);
	if (scan_cycle_end(&run->job->cycle, scan_run_id(run), RUN_STATUS_FAILED) == 0)
		(void)job_text(&run->job->scan.failure, why);
}

/* Begin. */

unsigned scan_run_planned_lanes(const struct scan_run *run)
{
	return lane_plan((unsigned)run->job->scan.load_factor_pct, run->config.n_cpus,
		(unsigned)run->config.settings->maximum_on_demand_scan_threads);
}

void scan_run_plan(struct scan_run *run)
{
	unsigned n_planned;

	run->job->scan.load_factor_pct = load_policy_in_force(run->config.settings,
		run->job->scan.origin, run->job->override_pct, run->config.machine->idle.is_idle);
	n_planned = scan_run_planned_lanes(run);
	run->n_lanes = lane_growth_n_of(&run->growth, n_planned);
	if (run->config.settings->maximum_on_demand_scan_threads != 0)
		run->n_lanes = n_planned; /* somebody has said how many */
}

/* The set this pass works with: the newest that is not known to be broken. */
static bool scan_run_choose_set(struct scan_run *run)
{
	const struct definitions_set *set = definitions_candidate(run->config.definitions);

	if (run->set_name[0])
		return true;
	if (!set)
		set = definitions_current(run->config.definitions);
	if (!set)
		return false;
	memcpy(run->set_name, set->name, sizeof(run->set_name));
	if (job_text(&run->job->scan.signature_set, set->fingerprint) < 0)
		return false;
	definitions_use(run->config.definitions, set->name);
	return true;
}

static bool scan_run_record_start(struct scan_run *run)
{
	struct errmsg msg = ERRMSG_NULL;
	int r = 0;

	if (run->interrupt[0]) {
		r = scan_book_interrupt(run->config.store, run->job, run->interrupt, &msg);
		if (!scan_run_stored(run, r, &msg))
			return false;
		run->interrupt[0] = '\0';
	}
	if (run->is_start_recorded)
		return true;
	job_reset_counts(run->job);
	scan_run_plan(run);
	r = scan_book_start(run->config.store, run->job, clock_unix_ms(), &msg);
	run->is_start_recorded = scan_run_stored(run, r, &msg);
	return run->is_start_recorded;
}

static int scan_run_start_engine(struct scan_run *run, struct errmsg *msg)
{
	char dir[DEFINITIONS_PATH_MAX];
	int r = definitions_path(run->config.definitions, run->set_name, dir, sizeof(dir));

	return r < 0 ? r : scan_team_start_engine(run->team, dir, false, msg);
}

static int scan_run_start_scanner(struct scan_run *run, struct errmsg *msg)
{
	int fd = -1;
	const char *dir = run->config.paths->report_dir;
	int r = run->job->is_mount_left ? scan_report_continue(dir, scan_run_id(run), &fd, msg)
					: scan_report_create(dir, scan_run_id(run), &fd, msg);

	if (r < 0) {
		/* A scan without its report is worth more than no scan. */
		log_warn("scan_run", "%s: report: %s", scan_run_id(run), msg->text);
		fd = -1;
	}
	r = scan_team_start_scanner(run->team, fd, run->book_fd, msg);
	if (fd >= 0)
		(void)close(fd);
	return r;
}

/* Whatever of the team is missing. */
static void scan_run_man(struct scan_run *run)
{
	struct errmsg msg = ERRMSG_NULL;
	char why[SCAN_RUN_WHY_MAX];
	int r = 0;

	if (!scan_run_choose_set(run)) {
		(void)snprintf(why, sizeof(why), "no usable signatures: %s",
			definitions_error(run->config.definitions));
		scan_run_fail(run, why);
		return;
	}
	r = scan_account_open(
		&run->account, run->job, (unsigned)run->job->scan.load_factor_pct, run->n_lanes);
	if (r == 0 && !scan_team_has_scanner(run->team))
		scan_run_look_at_others(run); /* from now on */
	if (r == 0 && !scan_team_has_engine(run->team))
		r = scan_run_start_engine(run, &msg);
	if (r == 0 && !scan_team_has_scanner(run->team))
		r = scan_run_start_scanner(run, &msg);
	if (r < 0) {
		(void)snprintf(why, sizeof(why), "processes cannot be started: %s",
			msg.text[0] ? msg.text : err_text(r));
		scan_run_fail(run, why);
	}
}

static void scan_run_tick_starting(struct scan_run *run)
{
	const struct scan_order order = {.job = run->job,
		.settings = run->config.settings,
		.paths = run->config.paths,
		.passes = &run->passes,
		.n_lanes = run->n_lanes};
	int r;

	if (run->is_clearing) {
		if (scan_team_has_engine(run->team) || scan_team_has_scanner(run->team))
			return;
		run->is_clearing = false;
	}
	/* A start without signatures is recorded too, and then its failure. */
	(void)scan_run_choose_set(run);
	if (!scan_run_record_start(run) || !scan_run_may_start(run))
		return;
	scan_run_man(run);
	if (scan_run_state(run) != SCAN_CYCLE_STARTING || !scan_team_is_ready(run->team))
		return;
	run->pass_began_ms = run->job->scan.duration_ms;
	r = scan_order_send(&order, run->team);
	if (r < 0)
		scan_run_fail(run, "the scanner could not be told what to do");
	else
		scan_run_move(run, SCAN_CYCLE_RUNNING);
}

/* Run. */

bool scan_run_flush(struct scan_run *run)
{
	const struct detection_policy policy = {.settings = run->config.settings,
		.is_passive = neighbour_watch_mode(run->config.neighbours)->is_passive};
	struct errmsg msg = ERRMSG_NULL;
	bool is_flushed;

	if (detection_backlog_size(run->backlog) == 0)
		return true;
	is_flushed = scan_run_stored(run,
		detection_backlog_flush(run->backlog, run->config.store, run->job, &policy, &msg),
		&msg);
	if (is_flushed)
		run->config.on_detections(run->config.arg);
	scan_team_hold(run->team, !is_flushed);
	return is_flushed;
}

static void scan_run_tick_running(struct scan_run *run)
{
	if (!scan_run_flush(run))
		return;
	if (run->is_done) {
		if (run->done_error[0])
			scan_run_fail(run, run->done_error);
		else
			(void)scan_cycle_end(
				&run->job->cycle, scan_run_id(run), RUN_STATUS_SUCCEEDED);
		return;
	}
	if (!scan_team_has_engine(run->team))
		scan_run_man(run);
}

/* End. */

/* The scanner gets some time to say DONE, so that the last counts are known. */
static bool scan_run_is_winding_down(struct scan_run *run)
{
	return scan_team_is_scanning(run->team) && !run->is_done &&
	       uv_now(run->config.loop) < run->cancel_deadline_ms;
}

/* Names that another product may have dealt with. */
static bool scan_run_tell_files(struct scan_run *run)
{
	struct store *store = run->config.store;
	const struct scan_record *scan = &run->job->scan;
	struct errmsg msg = ERRMSG_NULL;
	int r = blocked_files_tell(run->blocked, store, scan, &msg);

	if (r == 0)
		r = changed_files_tell(run->changed, store, scan, &msg);
	return scan_run_stored(run, r, &msg);
}

static void scan_run_tick_ending(struct scan_run *run)
{
	struct errmsg msg = ERRMSG_NULL;

	if (scan_run_is_winding_down(run))
		return;
	if (!run->is_stopping) {
		run->is_stopping = true;
		if (run->waited_ms >= SCAN_RUN_HUNG_MS)
			scan_team_abandon(run->team);
		else
			scan_team_stop(run->team, SCAN_RUN_GRACE_MS);
	}
	if (!scan_run_flush(run) || scan_team_has_engine(run->team) ||
		scan_team_has_scanner(run->team))
		return;
	scan_run_look_at_others(run);
	scan_account_close(&run->account, run->job);
	definitions_use(run->config.definitions, NULL);
	if (run->config.is_remediating(run->config.arg, scan_run_id(run)))
		return;
	if (!scan_run_tell_files(run))
		return;
	if (scan_run_stored(
		    run, scan_book_end(run->config.store, run->job, clock_unix_ms(), &msg), &msg))
		scan_run_move(run, SCAN_CYCLE_ENDED);
}

static void scan_run_tick_leaving(struct scan_run *run)
{
	struct errmsg msg = ERRMSG_NULL;

	if (scan_team_has_engine(run->team) || scan_team_has_scanner(run->team))
		return;
	(void)scan_run_flush(run);
	scan_account_close(&run->account, run->job);
	if (run->is_start_recorded)
		(void)scan_book_count(run->config.store, run->job, &msg);
	run->config.on_over(run->config.arg);
	/* The run is freed. */
}

void scan_run_tick(struct scan_run *run)
{
	enum scan_cycle_state before;

	do {
		before = scan_run_state(run);
		switch (before) {
		case SCAN_CYCLE_STARTING:
			scan_run_tick_starting(run);
			break;
		case SCAN_CYCLE_RUNNING:
			scan_run_tick_running(run);
			break;
		case SCAN_CYCLE_ENDING:
			scan_run_tick_ending(run);
			break;
		case SCAN_CYCLE_ENDED:
			run->config.on_over(run->config.arg);
			return; /* the run is freed */
		case SCAN_CYCLE_LEFT:
			scan_run_tick_leaving(run);
			return;
		case SCAN_CYCLE_WAITING:
		case SCAN_CYCLE_PAUSED:
		case SCAN_CYCLE_N:
			break;
		}
	} while (scan_run_state(run) != before);
}
