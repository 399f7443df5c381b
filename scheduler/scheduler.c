/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    a turn of the timer, or a kick, looks what is to be done: the
 *                first job of the queue if nothing scans; else a load of a new
 *                signature set.
 * Failure modes: none of its own; what scan_run, load_check and definitions
 *                tell is turned into records here.
 * On close:      scheduler_stop() → the run leaves → on_stopped → free.
 */
#include "scheduler_private.h"

#include "check.h"
#include "clock.h"
#include "err.h"
#include "load_policy.h"
#include "log.h"
#include "scan_book.h"
#include "scan_report.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static void scheduler_on_timer(uv_timer_t *timer);

void scheduler_kick(struct scheduler *scheduler)
{
	if (!scheduler->is_stop_told)
		(void)uv_timer_start(&scheduler->timer, scheduler_on_timer, 0, 0);
}

void scheduler_note_store(struct scheduler *scheduler, int r, const struct errmsg *msg)
{
	store_watch_note(&scheduler->watch, r, msg, false);
}

void scheduler_plan(const struct scheduler *scheduler, struct job *job)
{
	job->scan.load_factor_pct = load_policy_in_force(scheduler_settings(scheduler),
		job->scan.origin, job->override_pct, scheduler->machine.idle.is_idle);
}

/* Scans. */

void scheduler_drop(struct scheduler *scheduler, struct job *job)
{
	scheduler->config.on_ended(scheduler->config.arg, job);
	if (scheduler->looked == job)
		scheduler->looked = NULL;
	queue_remove(&scheduler->queue, job);
	job_free(job);
}

int scheduler_end_waiting(
	struct scheduler *scheduler, struct job *job, enum run_status outcome, struct errmsg *msg)
{
	struct scan_cycle before = job->cycle;
	int r = scan_cycle_end(&job->cycle, job->scan.id, outcome);

	PRE(r == 0);
	r = scan_book_end(scheduler->config.store, job, clock_unix_ms(), msg);
	scheduler_note_store(scheduler, r, msg);
	if (r < 0) {
		job->cycle = before;
		return err_trace(r);
	}
	scan_cycle_move(&job->cycle, job->scan.id, SCAN_CYCLE_ENDED);
	scheduler_drop(scheduler, job);
	return 0;
}

static void scheduler_on_run_store(void *arg, int r, const struct errmsg *msg, bool is_lost)
{
	struct scheduler *scheduler = arg;

	store_watch_note(&scheduler->watch, r, msg, is_lost);
}

static void scheduler_tell_stopped(struct scheduler *scheduler)
{
	if (scheduler->is_stop_told)
		return;
	scheduler->is_stop_told = true;
	(void)uv_timer_stop(&scheduler->timer);
	scheduler->config.on_stopped(scheduler->config.arg);
}

static void scheduler_on_run_detections(void *arg)
{
	struct scheduler *scheduler = arg;

	remediator_kick(scheduler->remediator);
}

static bool scheduler_on_run_remediating(void *arg, const char *scan_id)
{
	struct scheduler *scheduler = arg;

	return remediator_has_work(scheduler->remediator, scan_id);
}

static void scheduler_on_run_over(void *arg)
{
	struct scheduler *scheduler = arg;
	struct job *job = queue_first(&scheduler->queue);

	scan_run_free(scheduler->run);
	scheduler->run = NULL;
	if (job->cycle.state == SCAN_CYCLE_ENDED) {
		log_info("scheduler", "%s: %s", job->scan.id, run_status_name(job->scan.status));
		scheduler_drop(scheduler, job);
	}
	scheduler_kick(scheduler);
}

/*
 * Signatures first: a scan begins with the newest set there is. And who else is
 * on the machine, so that what is denied to the scan can be told from whom.
 */
static bool scheduler_has_looked(struct scheduler *scheduler, const struct job *job)
{
	uint64_t now_ms = uv_now(scheduler->config.loop);

	if (scheduler->looked != job) {
		scheduler->looked = job;
		scheduler->is_look_over = false;
		scheduler->look_deadline_ms = now_ms + SCHEDULER_LOOK_MS;
		definitions_look(scheduler->definitions);
		neighbour_watch_look(scheduler->neighbours);
	}
	return (scheduler->is_look_over && !neighbour_watch_is_looking(scheduler->neighbours)) ||
	       now_ms >= scheduler->look_deadline_ms;
}

static void scheduler_begin_run(struct scheduler *scheduler, struct job *job)
{
	const struct scan_run_config config = {
		.loop = scheduler->config.loop,
		.store = scheduler->config.store,
		.governor = scheduler->config.governor,
		.definitions = scheduler->definitions,
		.settings = scheduler_settings(scheduler),
		.paths = scheduler->config.paths,
		.n_cpus = scheduler->config.n_cpus,
		.neighbours = scheduler->neighbours,
		.machine = &scheduler->machine,
		.generationp = &scheduler->generation,
		.on_loaded = scheduler_on_loaded,
		.on_load_failed = scheduler_on_load_failed,
		.on_store = scheduler_on_run_store,
		.on_detections = scheduler_on_run_detections,
		.is_remediating = scheduler_on_run_remediating,
		.on_over = scheduler_on_run_over,
		.arg = scheduler,
	};
	struct errmsg msg = ERRMSG_NULL;
	int r;

	if (scheduler->check) {
		/* The scan's own engine loads the candidate. */
		load_check_free(scheduler->check);
		scheduler->check = NULL;
		scheduler->config.on_definitions(scheduler->config.arg);
	}
	r = scan_run_new(&config, job, &scheduler->run);
	if (r < 0) {
		(void)job_text(&job->scan.failure, err_text(r));
		(void)scheduler_end_waiting(scheduler, job, RUN_STATUS_FAILED, &msg);
	}
}

static void scheduler_tick_queue(struct scheduler *scheduler)
{
	struct job *job = scheduler->run ? NULL : scheduler_next(scheduler);
	struct errmsg msg = ERRMSG_NULL;

	if (!job)
		return;
	/* The one at work is always the first. */
	queue_remove(&scheduler->queue, job);
	queue_prepend(&scheduler->queue, job);
	if (job->action.cancellation_unix_ms)
		(void)scheduler_end_waiting(scheduler, job, RUN_STATUS_CANCELLED, &msg);
	else if (job->cycle.state == SCAN_CYCLE_PAUSED || scheduler_has_looked(scheduler, job))
		scheduler_begin_run(scheduler, job);
}

/* Actions that waited too long. */
static void scheduler_tick_timeouts(struct scheduler *scheduler)
{
	int64_t days = scheduler_settings(scheduler)->action_timeout_days;
	int64_t before_unix_ms = clock_unix_ms() - days * 24 * 3600 * 1000;
	struct errmsg msg = ERRMSG_NULL;
	struct job *job, *next;

	for (job = queue_first(&scheduler->queue); job; job = next) {
		next = TAILQ_NEXT(job, link);
		if (job->cycle.state != SCAN_CYCLE_WAITING ||
			job->scan.creation_unix_ms > before_unix_ms ||
			(scheduler->run && job == queue_first(&scheduler->queue)))
			continue;
		(void)job_text(&job->scan.failure, "it waited too long");
		(void)scheduler_end_waiting(scheduler, job, RUN_STATUS_TIME_OUT, &msg);
	}
}

static void scheduler_on_purged(void *arg, const char *scan_id)
{
	struct scheduler *scheduler = arg;
	struct errmsg msg = ERRMSG_NULL;

	(void)scan_report_remove(scheduler->config.paths->report_dir, scan_id, &msg);
}

static void scheduler_tick_purge(struct scheduler *scheduler)
{
	const struct settings *settings = scheduler_settings(scheduler);
	uint64_t now_ms = uv_now(scheduler->config.loop);
	struct errmsg msg = ERRMSG_NULL;
	int r;

	if (now_ms < scheduler->next_purge_ms)
		return;
	scheduler->next_purge_ms = now_ms + SCHEDULER_PURGE_MS;
	r = store_purge(scheduler->config.store,
		clock_unix_ms() - settings->scan_results_retention_days * 24 * 3600 * 1000,
		(size_t)settings->scan_history_maximum_items, scheduler_on_purged, scheduler, &msg);
	scheduler_note_store(scheduler, r, &msg);
}

static void scheduler_tick(struct scheduler *scheduler)
{
	remediator_tick(scheduler->remediator);
	if (scheduler->is_stopping) {
		if (!scheduler->run && !scheduler->check &&
			remediator_is_stopped(scheduler->remediator))
			scheduler_tell_stopped(scheduler);
		return;
	}
	store_watch_probe(&scheduler->watch);
	scheduler_watch_machine(scheduler);
	neighbour_watch_tick(scheduler->neighbours);
	if (scheduler->check)
		load_check_police(scheduler->check);
	scheduler_tick_timeouts(scheduler);
	scheduler_tick_purge(scheduler);
	scheduler_tick_queue(scheduler);
	scheduler_tick_sets(scheduler);
}

static void scheduler_on_timer(uv_timer_t *timer)
{
	struct scheduler *scheduler = timer->data;

	(void)uv_timer_start(timer, scheduler_on_timer, SCHEDULER_TICK_MS, 0);
	scheduler_tick(scheduler);
	/* It may be freed. */
}

/* Life. */

static void scheduler_tell_governor(const struct scheduler *scheduler)
{
	const struct settings *settings = scheduler_settings(scheduler);
	const struct governor_courtesy courtesy = {
		.is_placing = settings->keep_cores_free,
		.is_backing_off = settings->back_off_under_pressure,
		.is_urging = true,
		.is_low_priority = settings->enable_low_cpu_priority,
		.is_counting_others = settings->count_other_antivirus_cpu,
		.minimum_pct = (unsigned)settings->back_off_minimum_progress_pct,
	};

	(void)governor_set_courtesy(scheduler->config.governor, &courtesy);
	/* As a response action, whoever asked. */
	(void)governor_set_aside(scheduler->config.governor,
		load_policy_in_force(settings, SCAN_ORIGIN_ACTION, LOAD_POLICY_NO_OVERRIDE, false));
	governor_set_read_rate(scheduler->config.governor,
		(uint64_t)settings->scan_max_read_rate_mib * 1024 * 1024);
}

static void scheduler_check_users(struct scheduler *scheduler)
{
	struct errmsg msg = ERRMSG_NULL;
	int r = child_users_check(&scheduler->users, scheduler->config.store,
		scheduler_settings(scheduler), geteuid() == 0, &msg);

	if (r < 0)
		scheduler_note_store(scheduler, r, &msg);
}

static void scheduler_on_settings(void *arg)
{
	struct scheduler *scheduler = arg;
	const struct settings *settings = scheduler_settings(scheduler);

	definitions_set_source(scheduler->definitions, settings->signature_path);
	scheduler_tell_governor(scheduler);
	scheduler_check_users(scheduler);
	neighbour_watch_settle(scheduler->neighbours);
	remediator_kick(scheduler->remediator);
	scheduler_replan(scheduler);
	scheduler->config.on_settings(scheduler->config.arg);
}

static void scheduler_on_neighbours(void *arg)
{
	struct scheduler *scheduler = arg;

	remediator_kick(scheduler->remediator);
	scheduler_kick(scheduler);
}

static void scheduler_on_store(void *arg, int r, const struct errmsg *msg)
{
	scheduler_note_store(arg, r, msg);
}

static void scheduler_on_remediated(void *arg)
{
	struct scheduler *scheduler = arg;

	if (scheduler->run)
		scan_run_kick(scheduler->run);
	if (scheduler->is_stopping)
		scheduler_kick(scheduler);
}

static int scheduler_make_remediator(struct scheduler *scheduler)
{
	const struct remediator_config config = {
		.loop = scheduler->config.loop,
		.store = scheduler->config.store,
		.settings = scheduler_settings(scheduler),
		.paths = scheduler->config.paths,
		.neighbours = scheduler->neighbours,
		.patience_ms = scheduler->config.remediation_patience_ms,
		.governor = scheduler->config.governor,
		.generationp = &scheduler->generation,
		.on_store = scheduler_on_store,
		.on_progress = scheduler_on_remediated,
		.arg = scheduler,
	};

	return remediator_new(&config, &scheduler->remediator);
}

static int scheduler_make_neighbours(struct scheduler *scheduler, struct errmsg *msg)
{
	const struct neighbour_watch_config config = {
		.loop = scheduler->config.loop,
		.store = scheduler->config.store,
		.settings = scheduler_settings(scheduler),
		.table_path = scheduler->config.paths->products,
		.on_looked = scheduler_on_neighbours,
		.on_store = scheduler_on_store,
		.arg = scheduler,
	};

	return neighbour_watch_new(&config, &scheduler->neighbours, msg);
}

static void scheduler_on_timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

int scheduler_new(const struct scheduler_config *config, bool was_killed,
	struct scheduler **schedulerp, struct errmsg *msg)
{
	struct scheduler *scheduler = calloc(1, sizeof(*scheduler));
	struct definitions_config definitions = {
		.loop = config->loop,
		.store = config->store,
		.dir = config->paths->definitions_dir,
		.source = config->keeper->settings.signature_path,
		.on_looked = scheduler_on_looked,
		.arg = scheduler,
	};
	int r;

	if (!scheduler)
		return err_origin(-ENOMEM);
	scheduler->config = *config;
	scheduler->watch.store = config->store;
	queue_init(&scheduler->queue);
	idle_watch_init(&scheduler->machine, config->governor, config->n_online);
	r = scheduler_recover(scheduler, was_killed, msg);
	if (r == 0)
		r = scheduler_make_neighbours(scheduler, msg);
	if (r == 0)
		r = scheduler_make_remediator(scheduler);
	if (r == 0)
		r = definitions_new(&definitions, &scheduler->definitions, msg);
	if (r < 0) {
		remediator_free(scheduler->remediator);
		neighbour_watch_free(scheduler->neighbours);
		queue_deinit(&scheduler->queue);
		free(scheduler);
		return err_trace(r);
	}
	config->keeper->on_changed = scheduler_on_settings;
	config->keeper->arg = scheduler;
	(void)uv_timer_init(config->loop, &scheduler->timer);
	scheduler->timer.data = scheduler;
	scheduler_tell_governor(scheduler);
	scheduler_check_users(scheduler);
	definitions_start(scheduler->definitions);
	scheduler_kick(scheduler);
	*schedulerp = scheduler;
	return 0;
}

void scheduler_free(struct scheduler *scheduler)
{
	if (!scheduler)
		return;
	scheduler->config.keeper->on_changed = NULL;
	scan_run_free(scheduler->run);
	load_check_free(scheduler->check);
	definitions_free(scheduler->definitions);
	remediator_free(scheduler->remediator);
	neighbour_watch_free(scheduler->neighbours);
	queue_deinit(&scheduler->queue);
	uv_close((uv_handle_t *)&scheduler->timer, scheduler_on_timer_closed);
}

void scheduler_stop(struct scheduler *scheduler)
{
	if (scheduler->is_stopping)
		return;
	scheduler->is_stopping = true;
	load_check_free(scheduler->check);
	scheduler->check = NULL;
	remediator_stop(scheduler->remediator);
	if (scheduler->run)
		scan_run_leave(scheduler->run, "the service stops");
	scheduler_kick(scheduler);
}

void scheduler_reload_definitions(struct scheduler *scheduler)
{
	scheduler->is_look_over = false;
	scheduler->retry_ms = 0;
	definitions_look(scheduler->definitions);
}
