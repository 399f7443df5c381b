/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a scan hears of its processes. Everything is stored and decided upon
 * later (scan_run_tick.c); only detections are written at once, because the
 * scanner must not run ahead of the disk.
 */
#include "scan_run_private.h"

#include "action_log.h"
#include "blocked_files.h"
#include "changed_files.h"
#include "clock.h"
#include "display.h"
#include "log.h"
#include "scan_book.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static bool scan_run_hear_is_over(const struct scan_run *run)
{
	enum scan_cycle_state state = run->job->cycle.state;

	return state == SCAN_CYCLE_ENDING || state == SCAN_CYCLE_ENDED || state == SCAN_CYCLE_LEFT;
}

static void scan_run_hear_violation(
	struct scan_run *run, const char *process, const struct child_link_end *end)
{
	struct errmsg msg = ERRMSG_NULL;
	int r;

	if (!end->violation)
		return;
	r = action_log_scan_protocol_violation(
		run->config.store, &run->job->scan, process, end->violation, &msg);
	scan_run_noted(run, r, &msg);
}

/* A SIGKILL that we did not send. */
static bool scan_run_hear_is_killed(const struct child_link_end *end)
{
	return end->term_signal == SIGKILL && !end->is_ours;
}

/* Engine. */

static void scan_run_hear_engine_ready(void *arg, const struct ipc_engine_ready *ready)
{
	struct scan_run *run = arg;

	run->is_engine_ready = true;
	run->config.on_loaded(run->config.arg, run->set_name, ready);
	scan_run_kick(run);
}

static void scan_run_hear_engine_failed(void *arg, const struct ipc_engine_failed *failed)
{
	struct scan_run *run = arg;

	(void)display_write(DISPLAY_TEXT, failed->text, run->load_error, sizeof(run->load_error));
	if (!run->load_error[0])
		(void)snprintf(run->load_error, sizeof(run->load_error), "error %u",
			(unsigned)failed->error);
}

/* A set that cannot be loaded: another one, or the end. */
static void scan_run_hear_bad_set(struct scan_run *run)
{
	char why[DEFINITIONS_TEXT_MAX + 64];

	if (run->config.on_load_failed(run->config.arg, run->set_name, run->load_error)) {
		run->set_name[0] = '\0';
	} else {
		(void)snprintf(
			why, sizeof(why), "the signatures cannot be loaded: %s", run->load_error);
		scan_run_fail(run, why);
	}
	run->load_error[0] = '\0';
}

/* A set that crashes its engine every time is as bad as one that is refused. */
static void scan_run_hear_engine_died(struct scan_run *run, const struct child_link_end *end)
{
	char text[SCAN_RUN_WHY_MAX];
	char why[SCAN_RUN_WHY_MAX + 64];

	child_link_end_text(end, text, sizeof(text));
	if (setback_count(&run->engine_setback, scan_run_hear_is_killed(end), scan_run_judged(run)))
		return;
	run->engine_setback = (struct setback)SETBACK_NULL;
	if (!run->is_engine_ready && child_link_end_is_crash(end)) {
		(void)snprintf(run->load_error, sizeof(run->load_error),
			"the engine that loaded it %s", text);
		scan_run_hear_bad_set(run);
		return;
	}
	(void)snprintf(why, sizeof(why), "the engine dies again and again: %s", text);
	scan_run_fail(run, why);
}

static void scan_run_hear_engine_gone(void *arg, const struct child_link_end *end)
{
	struct scan_run *run = arg;
	char text[SCAN_RUN_WHY_MAX];

	scan_run_hear_violation(run, "engine", end);
	if (!scan_run_hear_is_over(run) && !run->is_clearing && !run->is_done) {
		child_link_end_text(end, text, sizeof(text));
		log_warn("scan_run", "%s: engine %s", run->job->scan.id, text);
		if (run->load_error[0])
			scan_run_hear_bad_set(run);
		else
			scan_run_hear_engine_died(run, end);
	}
	run->is_engine_ready = false;
	scan_run_kick(run);
}

/* Scanner. */

static void scan_run_hear_hello(void *arg)
{
	scan_run_kick(arg);
}

static void scan_run_hear_add(
	struct ipc_scan_progress *progress, const struct ipc_scan_progress *before)
{
	for (size_t i = 0; i < FILE_RESULT_N; i++)
		progress->results[i] += before->results[i];
	progress->n_found += before->n_found;
	progress->n_bytes += before->n_bytes;
	progress->n_directories += before->n_directories;
	progress->n_excluded += before->n_excluded;
	progress->lanes_ns += before->lanes_ns;
	progress->held_ns += before->held_ns;
}

static void scan_run_hear_progress(void *arg, const struct ipc_scan_progress *progress)
{
	struct scan_run *run = arg;
	struct scan_record *scan = &run->job->scan;
	size_t n = progress->path.n < SCAN_RUN_PATH_MAX ? progress->path.n : SCAN_RUN_PATH_MAX;

	/* What was given up is counted; what it says with its last breath is not. */
	if (run->is_clearing || run->is_done)
		return;
	run->progress = *progress;
	if (n > 0)
		memcpy(run->path, progress->path.data, n);
	run->progress.path = (struct span){.data = run->path, .n = n};
	scan_run_hear_add(&run->progress, &run->before);
	run->waited_ms = 0;
	memcpy(scan->results, run->progress.results, sizeof(scan->results));
	scan->n_bytes = run->progress.n_bytes;
	scan->n_directories = run->progress.n_directories;
	scan->n_excluded = run->progress.n_excluded;
	scan_account_hear(&run->account, run->progress.lanes_ns, run->progress.held_ns);
	scan_account_fold(&run->account, run->job);
}

static void scan_run_hear_detection(void *arg, const struct ipc_scan_detection *detection)
{
	struct scan_run *run = arg;

	if (detection_backlog_add(run->backlog, detection, clock_unix_ms()) < 0)
		scan_run_fail(run, "no memory for a detection");
}

/* Names that are gathered; false: a notice of another kind. */
static bool scan_run_hear_name(struct scan_run *run, const struct ipc_scan_notice *notice)
{
	const struct neighbours *look = neighbour_watch_last(run->config.neighbours);

	if (notice->kind == IPC_NOTICE_BLOCKED)
		blocked_files_add(run->blocked, look, notice->path);
	else if (notice->kind == IPC_NOTICE_CHANGED)
		changed_files_add(run->changed, look, notice->path,
			span_equal(notice->text, span_str(reason_name(REASON_VANISHED))));
	else
		return false;
	return true;
}

static void scan_run_hear_notice(void *arg, const struct ipc_scan_notice *notice)
{
	struct scan_run *run = arg;
	struct errmsg msg = ERRMSG_NULL;
	unsigned n;

	if (scan_run_hear_name(run, notice))
		return;
	n = ++run->n_notices[notice->kind];
	if (notice->kind == IPC_NOTICE_TARGET_LEFT_OUT)
		run->job->is_target_left_out = true;
	if (notice->kind == IPC_NOTICE_REPORT_FAILED)
		log_warn("scan_run", "%s: the report file could not be written", run->job->scan.id);
	if (n == SCAN_RUN_NOTICES_MAX + 1)
		log_warn("scan_run", "%s: more notices of kind %u than are recorded",
			run->job->scan.id, (unsigned)notice->kind);
	if (n > SCAN_RUN_NOTICES_MAX)
		return;
	scan_run_noted(run, scan_book_notice(run->config.store, run->job, notice, &msg), &msg);
}

static void scan_run_hear_done(void *arg, const struct ipc_scan_done *done)
{
	struct scan_run *run = arg;

	if (run->is_clearing || run->is_done)
		return;
	run->is_done = true;
	run->done_error[0] = '\0';
	if (done->error)
		(void)snprintf(run->done_error, sizeof(run->done_error), "%s",
			err_text(-(int)done->error));
	if (done->error && done->text.n > 0)
		(void)display_write(
			DISPLAY_TEXT, done->text, run->done_error, sizeof(run->done_error));
	else if (done->is_cancelled && !scan_run_hear_is_over(run))
		(void)snprintf(run->done_error, sizeof(run->done_error),
			"the scanner stopped, and nobody had asked it to");
	scan_run_kick(run);
}

static void scan_run_hear_batch_end(void *arg)
{
	(void)scan_run_flush(arg);
}

/* The pass is lost; the next one begins at the start, with new processes. */
static void scan_run_hear_lost_pass(struct scan_run *run, const struct child_link_end *end)
{
	char text[SCAN_RUN_WHY_MAX];
	char why[SCAN_RUN_WHY_MAX + 64];

	child_link_end_text(end, text, sizeof(text));
	log_warn("scan_run", "%s: scanner %s", run->job->scan.id, text);
	if (!setback_count(
		    &run->scanner_setback, scan_run_hear_is_killed(end), scan_run_judged(run))) {
		(void)snprintf(why, sizeof(why), "the scanner dies again and again: %s", text);
		scan_run_fail(run, why);
		return;
	}
	(void)snprintf(run->interrupt, sizeof(run->interrupt), "the scanner %.200s", text);
	scan_run_begin_anew(run);
	run->is_clearing = true;
	file_groups_clear(run->blocked); /* they are found again */
	file_groups_clear(run->changed);
	scan_team_stop(run->team, 0);
	if (run->job->cycle.state == SCAN_CYCLE_RUNNING)
		scan_cycle_move(&run->job->cycle, run->job->scan.id, SCAN_CYCLE_STARTING);
}

static void scan_run_hear_scanner_gone(void *arg, const struct child_link_end *end)
{
	struct scan_run *run = arg;

	scan_run_hear_violation(run, "scanner", end);
	if (!scan_run_hear_is_over(run) && !run->is_done && !run->is_clearing)
		scan_run_hear_lost_pass(run, end);
	scan_run_kick(run);
}

static void scan_run_hear_overrun(void *arg, uint16_t lane, uint64_t pid, const char *why)
{
	struct scan_run *run = arg;
	struct errmsg msg = ERRMSG_NULL;
	int r = action_log_scan_worker_overrun(
		run->config.store, &run->job->scan, lane, pid, why, &msg);

	scan_run_noted(run, r, &msg);
}

const struct scan_team_events scan_run_events = {
	.on_engine_ready = scan_run_hear_engine_ready,
	.on_engine_failed = scan_run_hear_engine_failed,
	.on_engine_gone = scan_run_hear_engine_gone,
	.on_scanner_hello = scan_run_hear_hello,
	.on_progress = scan_run_hear_progress,
	.on_detection = scan_run_hear_detection,
	.on_notice = scan_run_hear_notice,
	.on_mount = scan_run_hear_mount,
	.on_wait = scan_run_hear_wait,
	.on_done = scan_run_hear_done,
	.on_batch_end = scan_run_hear_batch_end,
	.on_scanner_gone = scan_run_hear_scanner_gone,
	.on_overrun = scan_run_hear_overrun,
};
