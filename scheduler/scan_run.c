/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a scan at work is asked: begin, pause, resume, end, leave, tell. None of
 * these calls back before it returned; what follows is decided by the timer's
 * next turn.
 *
 * Happy path, failure modes: scan_run_tick.c.
 * On close: processes are killed, the timer handle closes, the memory goes.
 */
#include "scan_run_private.h"

#include "check.h"
#include "clock.h"
#include "err.h"
#include "estimate.h"
#include "log.h"
#include "scan_book.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static enum scan_cycle_state scan_run_state(const struct scan_run *run)
{
	return run->job->cycle.state;
}

static void scan_run_check_time(struct scan_run *run)
{
	const struct settings *settings = run->config.settings;
	const struct scan_record *scan = &run->job->scan;
	int64_t days = scan->type == SCAN_TYPE_QUICK ? settings->quick_scan_timeout_days
						     : settings->full_scan_timeout_days;

	if (scan->start_unix_ms == 0 ||
		clock_unix_ms() - scan->start_unix_ms < days * 24 * 3600 * 1000)
		return;
	(void)job_text(&run->job->scan.failure, "not done in the time it had");
	(void)scan_run_end(run, RUN_STATUS_TIME_OUT);
}

/* More or fewer lanes, as they wait for a disk. */
static void scan_run_grow(struct scan_run *run)
{
	const struct ipc_scan_progress *heard = &run->progress;
	uint64_t n_judged = scan_run_judged(run);
	struct governor_reading reading;
	const struct lane_growth_input in = {
		.now_ns = clock_mono_ns(),
		.reading = &reading,
		.n_busy = heard->n_lanes_busy,
		.n_pending = heard->n_found > n_judged ? heard->n_found - n_judged : 0,
		.n_planned = scan_run_planned_lanes(run),
	};

	if (scan_run_state(run) != SCAN_CYCLE_RUNNING ||
		run->config.settings->maximum_on_demand_scan_threads != 0)
		return;
	governor_read(run->config.governor, &reading);
	if (!lane_growth_step(&run->growth, &in))
		return;
	scan_run_retune(run);
	log_info("scan_run", "%s: %u lanes: %s", run->job->scan.id, run->n_lanes,
		run->n_lanes > in.n_planned ? "they wait for the disk" : "as planned");
}

void scan_run_look_at_others(struct scan_run *run)
{
	if (scan_run_state(run) == SCAN_CYCLE_PAUSED)
		scan_account_skip_others(&run->account);
	else
		scan_account_look_at_others(&run->account,
			neighbour_watch_last(run->config.neighbours),
			run->config.settings->count_other_antivirus_cpu);
}

static void scan_run_keep_house(struct scan_run *run)
{
	struct errmsg msg = ERRMSG_NULL;
	uint64_t now_ms = uv_now(run->config.loop);

	if (now_ms < run->next_second_ms)
		return;
	run->next_second_ms = now_ms + SCAN_RUN_TICK_MS;
	scan_team_police(run->team);
	scan_account_fold(&run->account, run->job);
	scan_run_look_at_others(run);
	scan_run_check_time(run);
	scan_run_grow(run);
	if (now_ms < run->next_count_ms || scan_run_state(run) != SCAN_CYCLE_RUNNING)
		return;
	run->next_count_ms = now_ms + SCAN_RUN_COUNT_MS;
	scan_account_note_load(&run->account, run->job);
	(void)scan_run_stored(run, scan_book_count(run->config.store, run->job, &msg), &msg);
}

static void scan_run_on_timer(uv_timer_t *timer)
{
	struct scan_run *run = timer->data;

	scan_run_keep_house(run);
	(void)uv_timer_start(timer, scan_run_on_timer, SCAN_RUN_TICK_MS, 0);
	scan_run_tick(run);
	/* The run may be freed. */
}

void scan_run_kick(struct scan_run *run)
{
	(void)uv_timer_start(&run->timer, scan_run_on_timer, 0, 0);
}

static void scan_run_close_book(struct scan_run *run)
{
	if (run->book_fd >= 0)
		(void)close(run->book_fd);
	run->book_fd = -1;
}

static int scan_run_equip(struct scan_run *run)
{
	const struct scan_team_config team = {
		.loop = run->config.loop,
		.governor = run->config.governor,
		.settings = run->config.settings,
		.paths = run->config.paths,
		.generationp = run->config.generationp,
		.events = &scan_run_events,
		.arg = run,
	};

	run->book_fd = memfd_create("quietscan-book", MFD_CLOEXEC);
	if (run->book_fd < 0 || fcntl(run->book_fd, F_SETFL, O_APPEND) < 0)
		return err_origin(-errno);
	run->backlog = detection_backlog_new();
	run->blocked = file_groups_new();
	run->changed = file_groups_new();
	return run->backlog && run->blocked && run->changed ? scan_team_new(&team, &run->team)
							    : err_origin(-ENOMEM);
}

int scan_run_new(const struct scan_run_config *config, struct job *job, struct scan_run **runp)
{
	struct scan_run *run = calloc(1, sizeof(*run));
	int r;

	if (!run)
		return err_origin(-ENOMEM);
	run->config = *config;
	run->job = job;
	run->passes = (struct pass_list)PASS_LIST_NULL;
	scan_account_init(&run->account, config->governor, config->n_cpus, job);
	r = scan_run_equip(run);
	if (r < 0) {
		detection_backlog_free(run->backlog);
		scan_run_close_book(run);
		file_groups_free(run->blocked);
		file_groups_free(run->changed);
		free(run);
		return err_trace(r);
	}
	(void)uv_timer_init(config->loop, &run->timer);
	run->timer.data = run;
	run->next_count_ms = uv_now(config->loop) + SCAN_RUN_COUNT_MS;
	if (job->cycle.state == SCAN_CYCLE_WAITING)
		scan_cycle_move(&job->cycle, job->scan.id, SCAN_CYCLE_STARTING);
	scan_run_plan(run);
	scan_run_kick(run);
	*runp = run;
	return 0;
}

int scan_run_pause(struct scan_run *run, const struct requestor *who, struct errmsg *msg)
{
	int r;

	if (!scan_cycle_may(scan_run_state(run), SCAN_CYCLE_PAUSED))
		return -EINVAL;
	r = scan_book_pause(run->config.store, run->job, who, msg);
	if (r < 0)
		return err_trace(r);
	scan_team_control(run->team, IPC_SCAN_PAUSE, 0);
	governor_pause(run->config.governor);
	scan_cycle_move(&run->job->cycle, run->job->scan.id, SCAN_CYCLE_PAUSED);
	return 0;
}

int scan_run_resume(struct scan_run *run, const struct requestor *who, struct errmsg *msg)
{
	int r;

	if (scan_run_state(run) != SCAN_CYCLE_PAUSED)
		return -EINVAL;
	r = scan_book_resume(run->config.store, run->job, who, msg);
	if (r < 0)
		return err_trace(r);
	run->standstill = (struct standstill)STANDSTILL_NULL;
	governor_resume(run->config.governor);
	scan_team_control(run->team, IPC_SCAN_RESUME, 0);
	scan_cycle_move(&run->job->cycle, run->job->scan.id,
		scan_team_is_scanning(run->team) ? SCAN_CYCLE_RUNNING : SCAN_CYCLE_STARTING);
	scan_run_kick(run);
	return 0;
}

int scan_run_end(struct scan_run *run, enum run_status outcome)
{
	int r = scan_cycle_end(&run->job->cycle, run->job->scan.id, outcome);

	if (r < 0)
		return r;
	/* Frozen processes could not even hear that they shall end. */
	governor_resume(run->config.governor);
	scan_team_control(run->team, IPC_SCAN_CANCEL, 0);
	run->cancel_deadline_ms =
		uv_now(run->config.loop) +
		(run->waited_ms >= SCAN_RUN_HUNG_MS ? SCAN_RUN_TICK_MS : SCAN_RUN_CANCEL_MS);
	scan_run_kick(run);
	return 0;
}

void scan_run_leave(struct scan_run *run, const char *why)
{
	struct errmsg msg = ERRMSG_NULL;

	if (!scan_cycle_may(scan_run_state(run), SCAN_CYCLE_LEFT))
		return;
	if (run->is_start_recorded && scan_run_state(run) != SCAN_CYCLE_ENDING)
		(void)scan_run_stored(
			run, scan_book_interrupt(run->config.store, run->job, why, &msg), &msg);
	scan_cycle_move(&run->job->cycle, run->job->scan.id, SCAN_CYCLE_LEFT);
	governor_resume(run->config.governor);
	if (run->waited_ms >= SCAN_RUN_HUNG_MS)
		scan_team_abandon(run->team);
	else
		scan_team_stop(run->team, SCAN_RUN_GRACE_MS / 3);
	scan_run_kick(run);
}

void scan_run_retune(struct scan_run *run)
{
	unsigned n_lanes = run->n_lanes;

	scan_run_plan(run);
	if (!run->account.is_open)
		return;
	/* Not only when the record changed: who changed it may have been another. */
	(void)governor_set_factor(run->config.governor, (unsigned)run->job->scan.load_factor_pct);
	if (run->n_lanes == n_lanes)
		return;
	(void)governor_set_lanes(run->config.governor, run->n_lanes);
	scan_team_control(run->team, IPC_SCAN_LANES, run->n_lanes);
}

void scan_run_note_load(struct scan_run *run)
{
	scan_account_note_load(&run->account, run->job);
}

static const char *scan_run_phase(const struct scan_run *run)
{
	switch (scan_run_state(run)) {
	case SCAN_CYCLE_PAUSED:
		return "paused";
	case SCAN_CYCLE_RUNNING:
		return run->progress.is_walk_done ? "scanning" : "walking";
	case SCAN_CYCLE_ENDING:
	case SCAN_CYCLE_ENDED:
	case SCAN_CYCLE_LEFT:
		return "ending";
	case SCAN_CYCLE_WAITING:
	case SCAN_CYCLE_STARTING:
	case SCAN_CYCLE_N:
		break;
	}
	return "starting";
}

void scan_run_progress(const struct scan_run *run, struct scan_run_progress *progress)
{
	const struct ipc_scan_progress *heard = &run->progress;
	struct governor_reading reading;
	struct estimate estimate;

	governor_read(run->config.governor, &reading);
	estimate = estimate_make(&(struct estimate_input){
		.type = run->job->scan.type,
		.n_judged = scan_run_judged(run),
		.n_found = heard->n_found,
		.n_bytes = heard->n_bytes,
		.n_files_hint = heard->n_files_total_hint,
		.n_bytes_hint = heard->n_bytes_total_hint,
		.is_walk_done = heard->is_walk_done != 0,
		.elapsed_ms = run->job->scan.duration_ms - run->pass_began_ms,
	});
	*progress = (struct scan_run_progress){
		.phase = scan_run_phase(run),
		.n_found = heard->n_found,
		.n_judged = scan_run_judged(run),
		.n_bytes = heard->n_bytes,
		.n_lanes = heard->n_lanes_busy,
		.has_percent = estimate.has_percent,
		.percent = estimate.percent,
		.has_eta = estimate.has_eta,
		.eta_s = estimate.eta_s,
		.load_pct = reading.window_pct,
		.mean_pct = run->job->scan.achieved_load_pct,
		.path = heard->path,
	};
}

static void scan_run_on_timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void scan_run_free(struct scan_run *run)
{
	if (!run)
		return;
	scan_team_free(run->team);
	detection_backlog_free(run->backlog);
	pass_list_deinit(&run->passes);
	scan_run_close_book(run);
	file_groups_free(run->blocked);
	file_groups_free(run->changed);
	scan_account_close(&run->account, run->job);
	definitions_use(run->config.definitions, NULL);
	uv_close((uv_handle_t *)&run->timer, scan_run_on_timer_closed);
}
