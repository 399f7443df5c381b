/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    timer → look (pool: stat, copy if changed) → on_looked →
 *                somebody loads the candidate → definitions_loaded → current.
 * Failure modes: no files, unreadable, changing under our hands → an error for
 *                health, the current set stays; a load that fails → likewise,
 *                and the same files are not tried again.
 * On close:      a look in the pool cannot be stopped; it owns its strings, and
 *                the object goes when both the look and the timer are over.
 */
#include "definitions.h"

#include "check.h"
#include "cleanup.h"
#include "clock.h"
#include "definitions_state.h"
#include "display.h"
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* One look, in the pool; reads nothing of the object. */
struct definitions_look {
	uv_work_t work;
	struct definitions *owner; /* loop thread only */
	char source[DEFINITIONS_PATH_MAX];
	char dir[DEFINITIONS_PATH_MAX];
	char known[2][SIGNATURE_SET_HEX_SIZE]; /* stat-prints that need no copy */
	struct signature_set_info info;
	bool is_copied;
	int r;
	struct errmsg msg;
};

struct definitions {
	struct definitions_config config;
	char dir[DEFINITIONS_PATH_MAX];
	char source[DEFINITIONS_PATH_MAX];
	/* state */
	struct definitions_state kept;
	bool has_candidate;
	struct definitions_set candidate;
	char used[SIGNATURE_SET_NAME_SIZE];
	char error[DEFINITIONS_TEXT_MAX];
	bool has_looked;
	bool is_looking;
	bool is_look_wanted;
	bool is_unsaved; /* the store did not take the last state */
	bool is_freed;
	bool is_timer_closed;
	uv_timer_t timer;
};

static void definitions_begin_look(struct definitions *definitions);

static void definitions_reclaim(struct definitions *definitions)
{
	if (definitions->is_freed && definitions->is_timer_closed && !definitions->is_looking)
		free(definitions);
}

static void definitions_save(struct definitions *definitions)
{
	struct errmsg msg = ERRMSG_NULL;
	int r = definitions_state_save(definitions->config.store, &definitions->kept, &msg);

	definitions->is_unsaved = r < 0;
	if (r < 0)
		log_warn("definitions", "remember the set in force: %s", msg.text);
}

static void definitions_prune(struct definitions *definitions)
{
	const char *keep[] = {
		definitions->kept.has_current ? definitions->kept.current.name : NULL,
		definitions->has_candidate ? definitions->candidate.name : NULL,
		definitions->used,
	};
	int r = signature_set_prune(definitions->dir, keep, sizeof(keep) / sizeof(keep[0]));

	if (r < 0)
		log_warn("definitions", "remove old sets: %s", err_text(r));
}

static void definitions_set_error(struct definitions *definitions, const char *text)
{
	if (strcmp(definitions->error, text) != 0 && text[0])
		log_warn("definitions", "%s", text);
	(void)snprintf(definitions->error, sizeof(definitions->error), "%s", text);
}

/* In the pool. */
static void definitions_work(uv_work_t *work)
{
	struct definitions_look *look = work->data;
	char stat_print[SIGNATURE_SET_HEX_SIZE];

	look->r = signature_set_look(look->source, &look->info, &look->msg);
	if (look->r != 0)
		return;
	for (size_t i = 0; i < 2; i++)
		if (strcmp(look->known[i], look->info.stat_print) == 0)
			return;
	memcpy(stat_print, look->info.stat_print, sizeof(stat_print));
	look->r = signature_set_snapshot(look->source, look->dir, &look->info, &look->msg);
	look->is_copied = look->r == 0;
	/* The older look counts: what changed since is seen by the next one. */
	memcpy(look->info.stat_print, stat_print, sizeof(stat_print));
}

static void definitions_take_copy(
	struct definitions *definitions, const struct signature_set_info *info)
{
	struct definitions_set *current = &definitions->kept.current;

	if (definitions->kept.has_current && strcmp(current->fingerprint, info->fingerprint) == 0) {
		/* Written again with the same contents. */
		memcpy(current->stat_print, info->stat_print, sizeof(current->stat_print));
		definitions->has_candidate = false;
		definitions_set_error(definitions, "");
		definitions_save(definitions);
		return;
	}
	definitions->candidate = (struct definitions_set){.n_signatures = 0};
	memcpy(definitions->candidate.name, info->name, sizeof(info->name));
	memcpy(definitions->candidate.fingerprint, info->fingerprint, sizeof(info->fingerprint));
	memcpy(definitions->candidate.stat_print, info->stat_print, sizeof(info->stat_print));
	definitions->has_candidate = true;
	log_info("definitions", "new set %.12s from %s", info->fingerprint, definitions->source);
}

static void definitions_take_look(struct definitions *definitions, struct definitions_look *look)
{
	char text[DEFINITIONS_TEXT_MAX];

	if (look->is_copied) {
		definitions_take_copy(definitions, &look->info);
	} else if (look->r == 0 && !definitions->has_candidate) {
		/* Nothing new: it is the current one, or the one that failed. */
		bool is_failed =
			strcmp(definitions->kept.failed_stat_print, look->info.stat_print) == 0;

		definitions_set_error(definitions, is_failed ? definitions->kept.error : "");
	} else if (look->r == 0) {
		/* The candidate still waits to be tried. */
	} else if (look->r == SIGNATURE_SET_E_CHANGED) {
		log_info("definitions", "%s is being replaced; looking again later",
			definitions->source);
	} else if (look->r == SIGNATURE_SET_E_EMPTY) {
		(void)snprintf(
			text, sizeof(text), "no signature database in %s", definitions->source);
		definitions_set_error(definitions, text);
	} else {
		(void)snprintf(text, sizeof(text), "%s",
			look->msg.text[0] ? look->msg.text : err_text(look->r));
		definitions_set_error(definitions, text);
	}
}

static void definitions_on_look_done(uv_work_t *work, int status)
{
	struct definitions_look *look = work->data;
	struct definitions *definitions = look->owner;

	definitions->is_looking = false;
	if (definitions->is_freed) {
		free(look);
		definitions_reclaim(definitions);
		return;
	}
	if (status == 0 && strcmp(look->source, definitions->source) == 0) {
		definitions->has_looked = true;
		definitions_take_look(definitions, look);
		definitions_prune(definitions);
	}
	free(look);
	if (definitions->is_unsaved)
		definitions_save(definitions);
	if (definitions->is_look_wanted)
		definitions_begin_look(definitions);
	else
		definitions->config.on_looked(definitions->config.arg);
	/* The owner may have freed it. */
}

static void definitions_begin_look(struct definitions *definitions)
{
	struct definitions_look *look;
	const struct definitions_state *kept = &definitions->kept;

	definitions->is_look_wanted = definitions->is_looking;
	if (definitions->is_looking)
		return;
	look = calloc(1, sizeof(*look));
	if (!look)
		return;
	look->work.data = look;
	look->owner = definitions;
	memcpy(look->source, definitions->source, sizeof(look->source));
	memcpy(look->dir, definitions->dir, sizeof(look->dir));
	memcpy(look->known[0], kept->failed_stat_print, SIGNATURE_SET_HEX_SIZE);
	if (definitions->has_candidate)
		memcpy(look->known[1], definitions->candidate.stat_print, SIGNATURE_SET_HEX_SIZE);
	else if (kept->has_current)
		memcpy(look->known[1], kept->current.stat_print, SIGNATURE_SET_HEX_SIZE);
	if (uv_queue_work(definitions->config.loop, &look->work, definitions_work,
		    definitions_on_look_done) < 0) {
		free(look);
		return;
	}
	definitions->is_looking = true;
}

static void definitions_on_timer(uv_timer_t *timer)
{
	definitions_begin_look(timer->data);
}

/* A snapshot that somebody removed from our state directory is not current. */
static void definitions_check_current(struct definitions *definitions)
{
	char path[DEFINITIONS_PATH_MAX];
	struct stat st;

	if (!definitions->kept.has_current)
		return;
	if (definitions_path(definitions, definitions->kept.current.name, path, sizeof(path)) ==
			0 &&
		stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return;
	log_warn("definitions", "the set in force is gone from %s", definitions->dir);
	definitions->kept.has_current = false;
}

int definitions_new(const struct definitions_config *config, struct definitions **definitionsp,
	struct errmsg *msg)
{
	struct definitions *definitions = calloc(1, sizeof(*definitions));
	int r;

	if (!definitions)
		return err_origin(-ENOMEM);
	definitions->config = *config;
	(void)snprintf(definitions->dir, sizeof(definitions->dir), "%s", config->dir);
	(void)snprintf(definitions->source, sizeof(definitions->source), "%s", config->source);
	r = definitions_state_load(config->store, &definitions->kept, msg);
	if (r < 0) {
		free(definitions);
		return err_trace(r);
	}
	definitions_check_current(definitions);
	(void)uv_timer_init(config->loop, &definitions->timer);
	definitions->timer.data = definitions;
	*definitionsp = definitions;
	return 0;
}

void definitions_start(struct definitions *definitions)
{
	(void)uv_timer_start(&definitions->timer, definitions_on_timer, 0, DEFINITIONS_LOOK_MS);
}

void definitions_look(struct definitions *definitions)
{
	definitions_begin_look(definitions);
}

void definitions_set_source(struct definitions *definitions, const char *source)
{
	if (strcmp(definitions->source, source) == 0)
		return;
	(void)snprintf(definitions->source, sizeof(definitions->source), "%s", source);
	definitions_begin_look(definitions);
}

static void definitions_on_timer_closed(uv_handle_t *handle)
{
	struct definitions *definitions = handle->data;

	definitions->is_timer_closed = true;
	definitions_reclaim(definitions);
}

void definitions_free(struct definitions *definitions)
{
	if (!definitions)
		return;
	definitions->is_freed = true;
	uv_close((uv_handle_t *)&definitions->timer, definitions_on_timer_closed);
}

const struct definitions_set *definitions_candidate(const struct definitions *definitions)
{
	return definitions->has_candidate ? &definitions->candidate : NULL;
}

const struct definitions_set *definitions_current(const struct definitions *definitions)
{
	return definitions->kept.has_current ? &definitions->kept.current : NULL;
}

bool definitions_has_looked(const struct definitions *definitions)
{
	return definitions->has_looked;
}

bool definitions_is_undecided(const struct definitions *definitions)
{
	return !definitions->kept.has_current &&
	       (definitions->has_candidate || !definitions->has_looked);
}

const char *definitions_error(const struct definitions *definitions)
{
	return definitions->error;
}

const char *definitions_source(const struct definitions *definitions)
{
	return definitions->source;
}

int definitions_path(
	const struct definitions *definitions, const char *name, char *path, size_t n_path)
{
	int n = snprintf(path, n_path, "%s/%s", definitions->dir, name);

	return n < 0 || (size_t)n >= n_path ? err_origin(-ENAMETOOLONG) : 0;
}

void definitions_use(struct definitions *definitions, const char *name)
{
	(void)snprintf(definitions->used, sizeof(definitions->used), "%s", name ? name : "");
}

static void definitions_text(char *text, size_t n_text, struct span bytes)
{
	(void)display_write(DISPLAY_TEXT, bytes, text, n_text);
}

bool definitions_loaded(
	struct definitions *definitions, const char *name, const struct ipc_engine_ready *ready)
{
	struct definitions_state *kept = &definitions->kept;
	struct definitions_set *set = &definitions->candidate;

	if (!definitions->has_candidate || strcmp(set->name, name) != 0)
		return false;
	set->n_signatures = ready->n_signatures;
	set->set_time_unix_ms = ready->set_time_unix_ms;
	set->loaded_unix_ms = clock_unix_ms();
	definitions_text(set->engine_version, sizeof(set->engine_version), ready->engine_version);
	definitions_text(set->set_version, sizeof(set->set_version), ready->set_version);
	kept->current = *set;
	kept->has_current = true;
	kept->failed_stat_print[0] = '\0';
	kept->error[0] = '\0';
	definitions->has_candidate = false;
	definitions_set_error(definitions, "");
	log_info("definitions", "set %.12s is in force: %llu signatures", kept->current.fingerprint,
		(unsigned long long)kept->current.n_signatures);
	definitions_save(definitions);
	return true;
}

bool definitions_failed(struct definitions *definitions, const char *name, const char *why)
{
	struct definitions_state *kept = &definitions->kept;

	if (!definitions->has_candidate || strcmp(definitions->candidate.name, name) != 0)
		return false;
	memcpy(kept->failed_stat_print, definitions->candidate.stat_print,
		sizeof(kept->failed_stat_print));
	(void)snprintf(kept->error, sizeof(kept->error), "%s", why);
	definitions->has_candidate = false;
	definitions_set_error(definitions, why);
	definitions_save(definitions);
	return true;
}

void definitions_hindered(struct definitions *definitions, const char *why)
{
	definitions_set_error(definitions, why);
}
