/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    user → certificate → listening → API → sandbox → READY=1 → … → SIGTERM →
 *                nobody new, answers under way go out → closed → the loop runs empty.
 * Failure modes: a part cannot be made → one error line and an exit code; the
 *                daemon is not there → it is waited for, calls are refused meanwhile.
 * On close:      a second SIGTERM ends the process at once. Answers have
 *                CONSOLE_DRAIN_MS; nothing is lost by that, since the daemon has on
 *                disk what it has acknowledged.
 */
#include "console.h"

#include "certificate.h"
#include "cleanup.h"
#include "clock.h"
#include "console_api.h"
#include "console_hosts.h"
#include "console_sandbox.h"
#include "http.h"
#include "log.h"
#include "notify.h"
#include "upstream.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	CONSOLE_N_SIGNALS = 2,
	CONSOLE_DRAIN_POLL_MS = 20,
	CONSOLE_DRAIN_MS = 5000,
	CONSOLE_RENEW_MS = 12 * 3600 * 1000,
};

struct console {
	const struct console_options *options;
	/* state */
	uv_loop_t loop;
	bool is_loop_made;
	uv_signal_t signals[CONSOLE_N_SIGNALS];
	uv_timer_t drain_timer;
	uv_timer_t renew_timer;
	uv_timer_t watchdog_timer;
	bool are_handles_made;
	bool is_stopping;
	uint64_t drain_until_ms;
	char *certificate; /* of our own making */
	char *key;
	struct certificate_names names; /* what it is for */
	struct console_hosts hosts;     /* what Host may say */
	struct http_server *server;
	struct upstream *upstream;
	struct console_api *api;
};

/* Who asks when nobody does: the page's health, metrics, what is followed. */
static const char *const console_roles[] = {"Machine.Read.All", "Alert.Read.All"};
static const struct upstream_caller console_self = {
	.name = "quietscan-console", .roles = console_roles, .n_roles = 2};

static void console_on_request(
	void *arg, struct http_exchange *exchange, const struct http_request *request)
{
	struct console *console = arg;

	console_api_on_request(console->api, exchange, request);
}

static unsigned console_gate(void *arg, const struct http_request *request)
{
	struct console *console = arg;

	return console_api_gate(console->api, request);
}

/* Parts. */

static int console_make_certificate(struct console *console, struct errmsg *msg)
{
	const struct console_options *options = console->options;
	char print[CERTIFICATE_PRINT_SIZE];
	int is_made = 0;
	int r;

	if (options->is_plain || options->certificate)
		return 0;
	if (asprintf(&console->certificate, "%s/" CERTIFICATE_FILE, options->state_dir) < 0)
		console->certificate = NULL;
	if (asprintf(&console->key, "%s/" CERTIFICATE_KEY_FILE, options->state_dir) < 0)
		console->key = NULL;
	if (!console->certificate || !console->key)
		return err_origin(-ENOMEM);
	r = certificate_ensure(options->state_dir, &console->names, clock_unix_ms(), &is_made, msg);
	if (r == 0 && certificate_print(console->certificate, print) == 0)
		log_info("console", "%s self-signed certificate %s, SHA-256 %s",
			is_made ? "made the" : "using the", console->certificate, print);
	return r;
}

static const char *console_page_dir(const struct console_options *options)
{
	if (options->is_page_dir_given || access(options->page_dir, R_OK | X_OK) == 0)
		return options->page_dir;
	log_warn("console", "there is no page in %s", options->page_dir);
	return NULL;
}

static int console_make_server(struct console *console, struct errmsg *msg)
{
	const struct console_options *options = console->options;
	const struct http_config http = {.loop = &console->loop,
		.address = options->address,
		.port = options->port,
		.is_plain = options->is_plain,
		.certificate = options->certificate ? options->certificate : console->certificate,
		.key = options->key ? options->key : console->key,
		.client_ca = options->client_ca,
		.page_dir = console_page_dir(options),
		.handler = console_on_request,
		.gate = console_gate,
		.arg = console};

	return http_server_open(&http, &console->server, msg);
}

static int console_make_api(struct console *console, struct errmsg *msg)
{
	const struct console_options *options = console->options;
	const struct upstream_config up = {
		.loop = &console->loop, .path = options->socket, .self = &console_self};
	struct console_api_config api = {.loop = &console->loop,
		.state_dir = options->state_dir,
		.hosts = console->hosts.texts,
		.n_hosts = console->hosts.n,
		.has_tls = !options->is_plain,
		.rate_per_minute = options->rate_per_minute,
		.rate_per_hour = options->rate_per_hour};
	int r = upstream_open(&up, &console->upstream);

	if (r < 0) {
		errmsg_set(msg, "--socket %s: %s", options->socket, err_text(r));
		return err_trace(r);
	}
	api.upstream = console->upstream;
	return console_api_open(&api, &console->api, msg);
}

static int console_make(struct console *console, struct errmsg *msg)
{
	int r = uv_loop_init(&console->loop);

	if (r < 0)
		return err_origin(r);
	console->is_loop_made = true;
	console_hosts_names(console->options, &console->names);
	r = console_sandbox_begin(console->options->user, console->options->state_dir, msg);
	if (r == 0)
		r = console_make_certificate(console, msg);
	if (r == 0)
		r = console_make_server(console, msg);
	if (r < 0)
		return err_trace(r);
	console_hosts_make(console->options, &console->names, http_server_port(console->server),
		&console->hosts);
	r = console_make_api(console, msg);
	if (r == 0)
		r = console_sandbox_close(console->options->state_dir, msg);
	return err_trace(r);
}

/* Stopping. */

static void console_close(struct console *console)
{
	if (console->are_handles_made) {
		for (size_t i = 0; i < CONSOLE_N_SIGNALS; i++)
			uv_close((uv_handle_t *)&console->signals[i], NULL);
		uv_close((uv_handle_t *)&console->drain_timer, NULL);
		uv_close((uv_handle_t *)&console->renew_timer, NULL);
		uv_close((uv_handle_t *)&console->watchdog_timer, NULL);
		console->are_handles_made = false;
	}
	/* Exchanges and streams hear that they are over while who holds them is there. */
	if (console->server)
		http_server_close(console->server);
	upstream_close(console->upstream);
	console_api_close(console->api);
}

static void console_on_drain_timer(uv_timer_t *timer)
{
	struct console *console = timer->data;
	unsigned n = http_server_n_connections(console->server);

	if (n > 0 && uv_now(&console->loop) < console->drain_until_ms)
		return;
	if (n > 0)
		log_info("console", "%u connections are cut off", n);
	console_close(console);
}

static void console_on_signal(uv_signal_t *handle, int signo)
{
	struct console *console = handle->data;

	if (console->is_stopping) {
		log_warn("console", "asked twice: ending at once");
		_exit(CONSOLE_EXIT_FAILURE);
	}
	console->is_stopping = true;
	log_info("console", "%s: stopping", signo == SIGTERM ? "SIGTERM" : "SIGINT");
	notify_send("STOPPING=1");
	http_server_drain(console->server);
	console->drain_until_ms = uv_now(&console->loop) + CONSOLE_DRAIN_MS;
	(void)uv_timer_start(&console->drain_timer, console_on_drain_timer, CONSOLE_DRAIN_POLL_MS,
		CONSOLE_DRAIN_POLL_MS);
}

/* Life. */

static void console_on_watchdog_timer(uv_timer_t *timer)
{
	(void)timer;
	notify_send("WATCHDOG=1");
}

/* A console that runs for a year outlives its certificate. */
static void console_on_renew_timer(uv_timer_t *timer)
{
	struct console *console = timer->data;
	struct errmsg msg = ERRMSG_NULL;
	int is_made = 0;
	int r = certificate_ensure(
		console->options->state_dir, &console->names, clock_unix_ms(), &is_made, &msg);

	if (r == 0 && is_made)
		r = http_server_renew(console->server, &msg);
	if (r < 0)
		log_warn("console", "renew the certificate: %s", msg.text);
	else if (is_made)
		log_info("console", "made a new certificate");
}

static void console_make_handles(struct console *console)
{
	static const int signals[CONSOLE_N_SIGNALS] = {SIGTERM, SIGINT};
	uint64_t watchdog_ms = notify_watchdog_ms();
	uv_timer_t *timers[] = {
		&console->drain_timer, &console->renew_timer, &console->watchdog_timer};

	for (size_t i = 0; i < CONSOLE_N_SIGNALS; i++) {
		(void)uv_signal_init(&console->loop, &console->signals[i]);
		console->signals[i].data = console;
		(void)uv_signal_start(&console->signals[i], console_on_signal, signals[i]);
	}
	for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
		(void)uv_timer_init(&console->loop, timers[i]);
		timers[i]->data = console;
	}
	console->are_handles_made = true;
	if (console->certificate)
		(void)uv_timer_start(&console->renew_timer, console_on_renew_timer,
			CONSOLE_RENEW_MS, CONSOLE_RENEW_MS);
	if (watchdog_ms > 0)
		(void)uv_timer_start(&console->watchdog_timer, console_on_watchdog_timer,
			watchdog_ms, watchdog_ms);
}

static void console_say_ready(const struct console *console)
{
	const struct console_options *options = console->options;
	bool has_brackets = strchr(options->address, ':') != NULL;

	log_info("console", "ready, listening on %s://%s%s%s:%u",
		options->is_plain ? "http" : "https", has_brackets ? "[" : "", options->address,
		has_brackets ? "]" : "", http_server_port(console->server));
	notify_send("READY=1");
}

enum console_exit console_run(const struct console_options *options)
{
	struct console *console = calloc(1, sizeof(*console));
	struct errmsg msg = ERRMSG_NULL;
	int r;

	if (!console)
		return CONSOLE_EXIT_FAILURE;
	console->options = options;
	(void)signal(SIGPIPE, SIG_IGN);
	notify_init();
	r = console_make(console, &msg);
	if (r < 0) {
		log_error("console", "%s", msg.text[0] ? msg.text : err_text(r));
		console_close(console);
	} else {
		console_make_handles(console);
		console_say_ready(console);
	}
	if (console->is_loop_made) {
		(void)uv_run(&console->loop, UV_RUN_DEFAULT);
		http_server_free(console->server);
		(void)uv_loop_close(&console->loop);
	}
	free(console->certificate);
	free(console->key);
	free(console);
	return r < 0 ? CONSOLE_EXIT_FAILURE : CONSOLE_EXIT_OK;
}
