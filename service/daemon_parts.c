/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order of making is the order of needing: what may be wrong with the
 * installation comes first, so that a start that fails has changed nothing;
 * the name of the socket is taken before the start is recorded.
 */
#include "daemon_private.h"

#include "action_log.h"
#include "check.h"
#include "child_process.h"
#include "log.h"
#include "temp_dir.h"

#include <errno.h>
#include <stdint.h>

enum {
	DAEMON_REAP_TURNS = 100,
	DAEMON_REAP_TURN_MS = 10,
};

static struct peer_rules daemon_parts_rules(void *arg)
{
	struct daemon *daemon = arg;

	return (struct peer_rules){
		.operator_group = daemon->keeper.settings.operator_group,
		.gateway_user = daemon->keeper.settings.gateway_user,
	};
}

static void daemon_parts_on_line(
	void *arg, struct connection *connection, const char *line, size_t n)
{
	struct daemon *daemon = arg;

	rpc_on_line(daemon->rpc, connection, line, n);
}

static void daemon_parts_on_oversize(void *arg, struct connection *connection)
{
	struct daemon *daemon = arg;

	rpc_on_oversize(daemon->rpc, connection);
}

static void daemon_parts_on_closed(void *arg, struct connection *connection)
{
	struct daemon *daemon = arg;

	if (daemon->rpc)
		rpc_on_closed(daemon->rpc, connection);
}

static const char *daemon_parts_log_error(void *arg)
{
	struct daemon *daemon = arg;

	return daemon->log_error.text;
}

static int daemon_parts_settings(struct daemon *daemon, struct errmsg *msg)
{
	daemon->keeper.file = daemon->options->paths.config;
	daemon->keeper.is_file_required = daemon->options->paths.is_config_given;
	return settings_keeper_load(&daemon->keeper, msg);
}

static int daemon_parts_store(struct daemon *daemon, struct errmsg *msg)
{
	const struct service_paths *paths = &daemon->options->paths;
	const struct log_keeper_config log = {
		.log_dir = paths->log_dir, .state_dir = paths->state_dir};
	int r = store_open(paths->state_dir, &daemon->store, msg);

	if (r < 0) {
		errmsg_prefix(msg, "store in %s: ", paths->state_dir);
		return err_trace(r);
	}
	daemon->keeper.store = daemon->store;
	r = log_keeper_open(&log, daemon->store, &daemon->log, msg);
	if (r < 0)
		errmsg_prefix(msg, "action log in %s: ", paths->log_dir);
	return r;
}

static int daemon_parts_governor(struct daemon *daemon, struct errmsg *msg)
{
	struct governor_config config = {.n_cpus = 0};
	int r = topology_read(&daemon->topology, msg);

	config.n_cpus = daemon->topology.n_cpus;
	config.n_online = daemon->topology.n_online;
	config.machine = &daemon->machine;
	if (r == 0)
		r = topology_describe(NULL, NULL, &daemon->machine, msg);
	if (r == 0)
		r = governor_new(&config, &daemon->governor, msg);
	return r;
}

static int daemon_parts_socket(struct daemon *daemon, struct errmsg *msg)
{
	const struct local_socket_config config = {
		.loop = &daemon->loop,
		.path = daemon->options->paths.socket,
		.rules = daemon_parts_rules,
		.on_line = daemon_parts_on_line,
		.on_oversize = daemon_parts_on_oversize,
		.on_closed = daemon_parts_on_closed,
		.arg = daemon,
	};
	int r = uv_loop_init(&daemon->loop);

	if (r < 0)
		return err_origin(r);
	daemon->is_loop_made = true;
	return local_socket_open(&config, &daemon->socket, msg);
}

static int daemon_parts_scheduler(struct daemon *daemon, struct errmsg *msg)
{
	const struct scheduler_config config = {
		.loop = &daemon->loop,
		.paths = &daemon->options->paths,
		.keeper = &daemon->keeper,
		.store = daemon->store,
		.governor = daemon->governor,
		.n_cpus = daemon->topology.n_cpus,
		.n_online = daemon->topology.n_online,
		.remediation_patience_ms = daemon->options->remediation_patience_ms,
		.on_ended = daemon_on_ended,
		.on_definitions = daemon_on_definitions,
		.on_settings = daemon_on_settings,
		.on_stopped = daemon_on_stopped,
		.arg = daemon,
	};
	int r = action_log_service_started(
		daemon->store, QUIETSCAN_VERSION, &daemon->was_killed, msg);

	if (r < 0) {
		errmsg_prefix(msg, "record the start: ");
		return err_fold(r);
	}
	r = temp_dir_sweep(daemon->options->paths.temp_dir);
	if (r < 0)
		log_warn("daemon", "sweep %s: %s", daemon->options->paths.temp_dir, err_text(r));
	return scheduler_new(&config, daemon->was_killed, &daemon->scheduler, msg);
}

static int daemon_parts_rpc(struct daemon *daemon)
{
	const struct rpc_config config = {
		.loop = &daemon->loop,
		.scheduler = daemon->scheduler,
		.keeper = &daemon->keeper,
		.store = daemon->store,
		.paths = &daemon->options->paths,
		.version = QUIETSCAN_VERSION,
		.n_cpus = daemon->topology.n_cpus,
		.start_unix_ms = daemon->start_unix_ms,
		.log_error = daemon_parts_log_error,
		.on_written = daemon_on_written,
		.arg = daemon,
	};

	return rpc_new(&config, &daemon->rpc);
}

int daemon_parts_make(struct daemon *daemon, enum daemon_exit *exitp, struct errmsg *msg)
{
	int r = daemon_parts_settings(daemon, msg);

	*exitp = r == -ENOMEM ? DAEMON_EXIT_FAILURE : DAEMON_EXIT_CONFIG;
	if (r != 0)
		return err_fold(r);
	*exitp = DAEMON_EXIT_FAILURE;
	if (!daemon->options->is_log_level_given)
		log_set_level((enum log_level)daemon->keeper.settings.log_level);
	r = service_paths_prepare(&daemon->options->paths, msg);
	if (r == 0)
		r = daemon_parts_store(daemon, msg);
	if (r == 0)
		r = daemon_parts_governor(daemon, msg);
	if (r == 0)
		r = daemon_parts_socket(daemon, msg);
	if (r == 0)
		r = daemon_parts_scheduler(daemon, msg);
	if (r == 0)
		r = daemon_parts_rpc(daemon);
	return err_fold(r);
}

static void daemon_parts_count_open(uv_handle_t *handle, void *n_open)
{
	if (!uv_is_closing(handle))
		++*(size_t *)n_open;
}

static void daemon_parts_on_reap_timer(uv_timer_t *timer)
{
	(void)timer;
}

/*
 * Children that were killed are reaped by handles that do not keep the loop
 * alive; a timer does, for a moment.
 */
static bool daemon_parts_reap(uv_loop_t *loop)
{
	uv_timer_t timer;
	size_t n_open = SIZE_MAX;

	(void)uv_timer_init(loop, &timer);
	for (int i = 0; i < DAEMON_REAP_TURNS && n_open > 1; i++) {
		(void)uv_timer_start(&timer, daemon_parts_on_reap_timer, DAEMON_REAP_TURN_MS, 0);
		(void)uv_run(loop, UV_RUN_ONCE);
		n_open = 0;
		uv_walk(loop, daemon_parts_count_open, &n_open);
	}
	uv_close((uv_handle_t *)&timer, NULL);
	(void)uv_run(loop, UV_RUN_DEFAULT);
	return n_open <= 1;
}

void daemon_parts_free(struct daemon *daemon)
{
	local_socket_close(daemon->socket);
	scheduler_free(daemon->scheduler);
	if (daemon->is_loop_made) {
		/* Clients hear of the end while rpc still knows them. */
		(void)uv_run(&daemon->loop, UV_RUN_NOWAIT);
		(void)uv_run(&daemon->loop, UV_RUN_NOWAIT);
		rpc_free(daemon->rpc);
		daemon->rpc = NULL;
		if (!daemon_parts_reap(&daemon->loop)) {
			log_warn("daemon", "processes hang in the kernel and are left behind");
			child_process_forget_all(&daemon->loop);
			(void)uv_run(&daemon->loop, UV_RUN_DEFAULT);
		}
		(void)uv_loop_close(&daemon->loop);
	}
	governor_free(daemon->governor);
	log_keeper_close(daemon->log);
	store_close(daemon->store);
	settings_keeper_deinit(&daemon->keeper);
}
