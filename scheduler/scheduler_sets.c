/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the scheduler does about signature sets: what engines tell of them
 * becomes state and events, and a new one is tried while nothing scans.
 *
 * Happy path:    look → candidate → load_check, or the next scan → in force.
 * Failure modes: refused by the engine, or crashing it every time → told, not
 *                tried again until it changes; engine killed or not started →
 *                told, tried again later.
 * On close:      load_check and definitions go with the scheduler.
 */
#include "scheduler_private.h"

#include "action_log.h"
#include "err.h"

#include <string.h>

void scheduler_on_loaded(void *arg, const char *name, const struct ipc_engine_ready *ready)
{
	struct scheduler *scheduler = arg;
	const struct definitions_set *before = definitions_current(scheduler->definitions);
	char previous[SIGNATURE_SET_HEX_SIZE] = "";
	const struct definitions_set *set;
	struct errmsg msg = ERRMSG_NULL;
	int r;

	scheduler->n_load_deaths = 0;
	if (before)
		memcpy(previous, before->fingerprint, sizeof(previous));
	if (!definitions_loaded(scheduler->definitions, name, ready))
		return;
	set = definitions_current(scheduler->definitions);
	r = action_log_service_definitions_updated(scheduler->config.store,
		&(struct action_log_definitions){
			.fingerprint = set->fingerprint,
			.previous_fingerprint = previous[0] ? previous : NULL,
			.set_version = set->set_version,
			.engine_version = set->engine_version,
			.path = definitions_source(scheduler->definitions),
			.n_signatures = set->n_signatures,
			.set_time_unix_ms = set->set_time_unix_ms,
		},
		&msg);
	store_watch_note(&scheduler->watch, r, &msg, true);
}

/* Whether another set is there to be tried. */
bool scheduler_on_load_failed(void *arg, const char *name, const char *why)
{
	struct scheduler *scheduler = arg;
	const struct definitions_set *kept;
	struct errmsg msg = ERRMSG_NULL;
	int r;

	scheduler->n_load_deaths = 0;
	if (!definitions_failed(scheduler->definitions, name, why))
		return false;
	kept = definitions_current(scheduler->definitions);
	r = action_log_service_definitions_failed(scheduler->config.store,
		definitions_source(scheduler->definitions), why, kept ? kept->fingerprint : NULL,
		&msg);
	store_watch_note(&scheduler->watch, r, &msg, true);
	return kept != NULL;
}

static void scheduler_on_check_failed(void *arg, const char *name, const char *why)
{
	(void)scheduler_on_load_failed(arg, name, why);
}

/*
 * A set that crashes its engine every time is broken. Everything else (killed,
 * not started) is not the set's fault, as far as anybody knows: tried again.
 */
static void scheduler_on_check_died(void *arg, const char *name, const char *why, bool is_crash)
{
	struct scheduler *scheduler = arg;
	uint64_t wait_ms = ++scheduler->n_load_deaths < SCHEDULER_DEATHS_MAX ? SCHEDULER_TICK_MS
									     : SCHEDULER_RETRY_MS;

	if (is_crash && scheduler->n_load_deaths >= SCHEDULER_DEATHS_MAX) {
		(void)scheduler_on_load_failed(scheduler, name, why);
		return;
	}
	scheduler->retry_ms = uv_now(scheduler->config.loop) + wait_ms;
	definitions_hindered(scheduler->definitions, why);
}

static void scheduler_on_check_over(void *arg)
{
	struct scheduler *scheduler = arg;

	load_check_free(scheduler->check);
	scheduler->check = NULL;
	scheduler->config.on_definitions(scheduler->config.arg);
	scheduler_kick(scheduler);
}

void scheduler_on_looked(void *arg)
{
	struct scheduler *scheduler = arg;

	scheduler->is_look_over = true;
	if (!scheduler_is_definitions_busy(scheduler))
		scheduler->config.on_definitions(scheduler->config.arg);
	scheduler_kick(scheduler);
}

static void scheduler_begin_check(struct scheduler *scheduler)
{
	const struct definitions_set *set = definitions_candidate(scheduler->definitions);
	struct errmsg msg = ERRMSG_NULL;
	char dir[DEFINITIONS_PATH_MAX];
	struct load_check_config config = {
		.loop = scheduler->config.loop,
		.governor = scheduler->config.governor,
		.settings = scheduler_settings(scheduler),
		.paths = scheduler->config.paths,
		.generationp = &scheduler->generation,
		.set_name = set->name,
		.set_dir = dir,
		.factor_pct = (unsigned)scheduler_settings(scheduler)->scan_avg_cpu_load_factor_pct,
		.on_loaded = scheduler_on_loaded,
		.on_failed = scheduler_on_check_failed,
		.on_died = scheduler_on_check_died,
		.on_over = scheduler_on_check_over,
		.arg = scheduler,
	};
	int r = definitions_path(scheduler->definitions, set->name, dir, sizeof(dir));

	if (r == 0)
		r = load_check_new(&config, &scheduler->check, &msg);
	if (r < 0) {
		scheduler_on_check_died(
			scheduler, set->name, msg.text[0] ? msg.text : err_text(r), false);
		scheduler->config.on_definitions(scheduler->config.arg);
	}
}

/* A new set is tried while nobody needs the machine for a scan. */
static bool scheduler_wants_check(const struct scheduler *scheduler)
{
	return !scheduler->run && !scheduler->check && !scheduler_wants_scan(scheduler) &&
	       definitions_candidate(scheduler->definitions);
}

void scheduler_tick_sets(struct scheduler *scheduler)
{
	if (scheduler_wants_check(scheduler) &&
		uv_now(scheduler->config.loop) >= scheduler->retry_ms)
		scheduler_begin_check(scheduler);
}
