/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    parts are made → first look at the signatures → listening,
 *                READY=1 → … → SIGTERM → STOPPING=1, the scan at work is
 *                interrupted and recorded → the end is recorded → parts go.
 * Failure modes: a part cannot be made → one error line and an exit code;
 *                something does not end → after DAEMON_STOP_MS it ends anyway,
 *                the next start finds the same records.
 * On close:      a second SIGTERM ends the process at once; children die with
 *                it (PR_SET_PDEATHSIG).
 */
#include "daemon_private.h"

#include "action_log.h"
#include "clock.h"
#include "log.h"
#include "notify.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	DAEMON_READY_POLL_MS = 10,
	DAEMON_READY_MS = 5000, /* to look at SignaturePath before the first request */
	DAEMON_LOG_MS = 1000,
	DAEMON_LOG_SOON_MS = 20, /* after a write; several writes are one step */
	DAEMON_STOP_MS = 20000,
};

void daemon_on_written(void *arg)
{
	struct daemon *daemon = arg;

	if (uv_timer_get_due_in(&daemon->log_timer) > DAEMON_LOG_SOON_MS)
		(void)uv_timer_start(&daemon->log_timer, daemon->log_timer.timer_cb,
			DAEMON_LOG_SOON_MS, DAEMON_LOG_MS);
}

void daemon_on_ended(void *arg, const struct job *job)
{
	struct daemon *daemon = arg;

	if (daemon->rpc)
		rpc_on_ended(daemon->rpc, job);
}

void daemon_on_definitions(void *arg)
{
	struct daemon *daemon = arg;

	if (daemon->rpc)
		rpc_on_definitions(daemon->rpc);
}

void daemon_on_settings(void *arg)
{
	struct daemon *daemon = arg;

	if (!daemon->options->is_log_level_given)
		log_set_level((enum log_level)daemon->keeper.settings.log_level);
	local_socket_update(daemon->socket);
}

/* The log's witnesses. */

static void daemon_on_log_timer(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;
	struct errmsg msg = ERRMSG_NULL;
	int r = log_keeper_tick(daemon->log, daemon->store, clock_mono_ns(), clock_unix_ms(), &msg);

	if (r < 0 && strcmp(daemon->log_error.text, msg.text) != 0)
		log_warn("daemon", "action log: %s", msg.text[0] ? msg.text : err_text(r));
	daemon->log_error = (struct errmsg)ERRMSG_NULL;
	if (r < 0)
		errmsg_set(&daemon->log_error, "%s", msg.text[0] ? msg.text : err_text(r));
	(void)uv_timer_start(timer, daemon_on_log_timer, r == LOG_KEEPER_E_MORE ? 0 : DAEMON_LOG_MS,
		DAEMON_LOG_MS);
}

/* Stopping. */

static void daemon_close_handles(struct daemon *daemon)
{
	if (!daemon->are_handles_made)
		return;
	daemon->are_handles_made = false;
	for (size_t i = 0; i < DAEMON_N_SIGNALS; i++)
		uv_close((uv_handle_t *)&daemon->signals[i], NULL);
	uv_close((uv_handle_t *)&daemon->ready_timer, NULL);
	uv_close((uv_handle_t *)&daemon->log_timer, NULL);
	uv_close((uv_handle_t *)&daemon->watchdog_timer, NULL);
	uv_close((uv_handle_t *)&daemon->stop_timer, NULL);
}

void daemon_on_stopped(void *arg)
{
	struct daemon *daemon = arg;

	daemon->is_stopped = true;
	uv_stop(&daemon->loop);
}

static void daemon_on_stop_timer(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;

	log_error("daemon", "not everything ended in time");
	daemon->is_forced = true;
	uv_stop(&daemon->loop);
}

static void daemon_stop(struct daemon *daemon, const char *reason)
{
	daemon->is_stopping = true;
	daemon->stop_reason = reason;
	log_info("daemon", "%s: stopping", reason);
	notify_send("STOPPING=1");
	(void)uv_timer_start(&daemon->stop_timer, daemon_on_stop_timer, DAEMON_STOP_MS, 0);
	scheduler_stop(daemon->scheduler);
}

static void daemon_on_signal(uv_signal_t *handle, int signo)
{
	struct daemon *daemon = handle->data;

	if (signo == SIGHUP) {
		settings_keeper_reload(&daemon->keeper);
		daemon_on_written(daemon);
	} else if (daemon->is_stopping) {
		log_warn("daemon", "asked twice: ending at once");
		_exit(DAEMON_EXIT_FAILURE);
	} else {
		daemon_stop(daemon, signo == SIGTERM ? "SIGTERM" : "SIGINT");
	}
}

/* Starting. */

/* Requests are answered with knowledge: there are signatures or there are none. */
static void daemon_on_ready_timer(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;
	int r;

	if ((!definitions_has_looked(scheduler_definitions(daemon->scheduler)) ||
		    !neighbour_watch_has_looked(scheduler_neighbours(daemon->scheduler))) &&
		uv_now(&daemon->loop) < daemon->ready_deadline_ms)
		return;
	(void)uv_timer_stop(timer);
	r = local_socket_listen(daemon->socket);
	if (r < 0) {
		log_error("daemon", "listen on %s: %s", daemon->options->paths.socket, err_text(r));
		daemon->is_forced = true;
		daemon_stop(daemon, "listening failed");
		return;
	}
	log_info("daemon", "ready, listening on %s", daemon->options->paths.socket);
	notify_send("READY=1");
}

static void daemon_on_watchdog_timer(uv_timer_t *timer)
{
	(void)timer;
	notify_send("WATCHDOG=1");
}

static void daemon_make_handles(struct daemon *daemon)
{
	static const int signals[DAEMON_N_SIGNALS] = {SIGTERM, SIGINT, SIGHUP};
	uv_timer_t *timers[] = {&daemon->ready_timer, &daemon->log_timer, &daemon->watchdog_timer,
		&daemon->stop_timer};
	uint64_t watchdog_ms = notify_watchdog_ms();

	for (size_t i = 0; i < DAEMON_N_SIGNALS; i++) {
		(void)uv_signal_init(&daemon->loop, &daemon->signals[i]);
		daemon->signals[i].data = daemon;
		(void)uv_signal_start(&daemon->signals[i], daemon_on_signal, signals[i]);
	}
	for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
		(void)uv_timer_init(&daemon->loop, timers[i]);
		timers[i]->data = daemon;
	}
	daemon->are_handles_made = true;
	daemon->ready_deadline_ms = uv_now(&daemon->loop) + DAEMON_READY_MS;
	(void)uv_timer_start(&daemon->ready_timer, daemon_on_ready_timer, DAEMON_READY_POLL_MS,
		DAEMON_READY_POLL_MS);
	(void)uv_timer_start(&daemon->log_timer, daemon_on_log_timer, 0, DAEMON_LOG_MS);
	if (watchdog_ms > 0)
		(void)uv_timer_start(&daemon->watchdog_timer, daemon_on_watchdog_timer, watchdog_ms,
			watchdog_ms);
}

/* The last records; then the witnesses have everything. */
static void daemon_record_end(struct daemon *daemon)
{
	struct errmsg msg = ERRMSG_NULL;
	int r = 0;

	if (daemon->is_stopped)
		r = action_log_service_stopped(daemon->store, daemon->stop_reason, &msg);
	if (r < 0)
		log_warn("daemon", "record the end: %s", msg.text);
	r = log_keeper_finish(daemon->log, daemon->store, clock_unix_ms(), &msg);
	if (r < 0)
		log_warn("daemon", "action log: %s", msg.text);
}

enum daemon_exit daemon_run(struct daemon_options *options)
{
	struct daemon daemon = {.options = options, .start_unix_ms = clock_unix_ms()};
	enum daemon_exit status = DAEMON_EXIT_FAILURE;
	struct errmsg msg = ERRMSG_NULL;
	int r;

	(void)signal(SIGPIPE, SIG_IGN);
	notify_init();
	r = daemon_parts_make(&daemon, &status, &msg);
	if (r < 0) {
		log_error("daemon", "%s", msg.text[0] ? msg.text : err_text(r));
	} else {
		daemon_make_handles(&daemon);
		(void)uv_run(&daemon.loop, UV_RUN_DEFAULT);
		daemon_record_end(&daemon);
		status = daemon.is_forced ? DAEMON_EXIT_FAILURE : DAEMON_EXIT_OK;
	}
	daemon_close_handles(&daemon);
	daemon_parts_free(&daemon);
	return status;
}
