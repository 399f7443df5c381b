/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    tick, or a scan that is about to begin → look (pool) → mode →
 *                event when it changed → on_looked.
 * Failure modes: /proc cannot be read → the last look stays, health tells;
 *                the store takes no event → tried again with every tick.
 * On close:      a look in the pool cannot be stopped; the object goes when it
 *                is over.
 */
#include "neighbour_watch.h"

#include "action_log.h"
#include "cleanup.h"
#include "clock.h"
#include "log.h"
#include "neighbour_document.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In the pool; of the object it reads only the table, which does not change. */
struct neighbour_watch_work {
	uv_work_t work;
	struct neighbour_watch *owner; /* loop thread only */
	struct neighbours_config config;
	struct neighbours *result;
	int r;
	struct errmsg msg;
};

struct neighbour_watch {
	struct neighbour_watch_config config;
	struct known_products *table;
	/* state */
	struct neighbours *last;
	struct passive_mode mode;
	bool is_recorded_passive; /* the mode that the log has */
	bool is_looking;
	bool is_look_wanted;
	bool has_looked;
	bool is_freed;
	uint64_t next_ms; /* loop time */
	struct errmsg table_error;
	struct errmsg look_error;
};

static void neighbour_watch_reclaim(struct neighbour_watch *watch)
{
	if (!watch->is_freed || watch->is_looking)
		return;
	neighbours_free(watch->last);
	known_products_free(watch->table);
	free(watch);
}

static void neighbour_watch_record(struct neighbour_watch *watch)
{
	_cleanup_(json_cleanup) cJSON *applications = NULL;
	struct errmsg msg = ERRMSG_NULL;
	struct action_log_running_mode event = {
		.previous = passive_mode_name(watch->is_recorded_passive),
		.mode = passive_mode_name(watch->mode.is_passive),
		.reason = watch->mode.reason,
	};
	int r;

	if (watch->mode.is_passive == watch->is_recorded_passive)
		return;
	applications = neighbour_document_make(watch->last);
	event.applications = applications;
	r = applications ? action_log_service_running_mode(watch->config.store, &event, &msg)
			 : -ENOMEM;
	watch->config.on_store(watch->config.arg, r, &msg);
	if (r == 0)
		watch->is_recorded_passive = watch->mode.is_passive;
}

void neighbour_watch_settle(struct neighbour_watch *watch)
{
	const struct neighbours *look = watch->look_error.text[0] ? NULL : watch->last;
	enum settings_passive setting = (enum settings_passive)watch->config.settings->passive_mode;

	if (passive_mode_step(&watch->mode, setting, look, clock_mono_ns()))
		log_info("neighbour_watch", "%s mode: %s",
			passive_mode_name(watch->mode.is_passive), watch->mode.reason);
	neighbour_watch_record(watch);
}

/* In the pool. */
static void neighbour_watch_work(uv_work_t *work)
{
	struct neighbour_watch_work *look = work->data;

	look->r = neighbours_look(&look->config, &look->result, &look->msg);
}

static void neighbour_watch_take(struct neighbour_watch *watch, struct neighbour_watch_work *look)
{
	if (look->r < 0) {
		if (strcmp(watch->look_error.text, look->msg.text) != 0)
			log_warn("neighbour_watch", "%s", look->msg.text);
		watch->look_error = look->msg;
	} else {
		watch->look_error = (struct errmsg)ERRMSG_NULL;
		neighbours_free(watch->last);
		watch->last = look->result;
		look->result = NULL;
	}
	neighbour_watch_settle(watch);
}

static void neighbour_watch_on_done(uv_work_t *work, int status)
{
	struct neighbour_watch_work *look = work->data;
	struct neighbour_watch *watch = look->owner;

	watch->is_looking = false;
	watch->has_looked = true;
	if (!watch->is_freed && status == 0)
		neighbour_watch_take(watch, look);
	neighbours_free(look->result);
	free(look);
	if (watch->is_freed)
		neighbour_watch_reclaim(watch);
	else if (watch->is_look_wanted)
		neighbour_watch_look(watch);
	else
		watch->config.on_looked(watch->config.arg);
}

void neighbour_watch_look(struct neighbour_watch *watch)
{
	struct neighbour_watch_work *look;

	watch->is_look_wanted = watch->is_looking;
	if (watch->is_looking)
		return;
	watch->next_ms = uv_now(watch->config.loop) + NEIGHBOUR_WATCH_MS;
	look = calloc(1, sizeof(*look));
	if (!look)
		return;
	look->work.data = look;
	look->owner = watch;
	look->config = (struct neighbours_config){
		.proc = "/proc", .own_pid = getpid(), .table = watch->table};
	if (uv_queue_work(watch->config.loop, &look->work, neighbour_watch_work,
		    neighbour_watch_on_done) < 0)
		free(look);
	else
		watch->is_looking = true;
}

bool neighbour_watch_is_looking(const struct neighbour_watch *watch)
{
	return watch->is_looking;
}

bool neighbour_watch_has_looked(const struct neighbour_watch *watch)
{
	return watch->has_looked;
}

void neighbour_watch_tick(struct neighbour_watch *watch)
{
	if (uv_now(watch->config.loop) >= watch->next_ms)
		neighbour_watch_look(watch);
	if (watch->has_looked)
		neighbour_watch_record(watch);
}

static int neighbour_watch_restore(struct neighbour_watch *watch, struct errmsg *msg)
{
	int r = action_log_service_was_passive(
		watch->config.store, &watch->is_recorded_passive, msg);

	watch->mode = (struct passive_mode)PASSIVE_MODE_NULL;
	if (r == 0 && watch->is_recorded_passive)
		passive_mode_restore(&watch->mode, clock_mono_ns());
	return r;
}

int neighbour_watch_new(const struct neighbour_watch_config *config,
	struct neighbour_watch **watchp, struct errmsg *msg)
{
	struct neighbour_watch *watch = calloc(1, sizeof(*watch));
	int r;

	if (!watch)
		return err_origin(-ENOMEM);
	watch->config = *config;
	r = neighbour_watch_restore(watch, msg);
	if (r < 0) {
		free(watch);
		return err_trace(r);
	}
	if (known_products_load(config->table_path, &watch->table, &watch->table_error) < 0)
		log_warn("neighbour_watch", "%s", watch->table_error.text);
	else /* what optional fields are missing is no error */
		watch->table_error = (struct errmsg)ERRMSG_NULL;
	*watchp = watch;
	return 0;
}

void neighbour_watch_free(struct neighbour_watch *watch)
{
	if (!watch)
		return;
	watch->is_freed = true;
	neighbour_watch_reclaim(watch);
}

const struct passive_mode *neighbour_watch_mode(const struct neighbour_watch *watch)
{
	return &watch->mode;
}

const struct neighbours *neighbour_watch_last(const struct neighbour_watch *watch)
{
	return watch->last;
}

const char *neighbour_watch_error(const struct neighbour_watch *watch)
{
	return watch->look_error.text[0] ? watch->look_error.text : watch->table_error.text;
}
