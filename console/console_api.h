/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the process meets the API: what console.c needs of it, and gives it.
 *
 * Logic. Loop thread only.
 */
#ifndef QS_CONSOLE_API_H
#define QS_CONSOLE_API_H

#include "err.h"
#include "http.h"
#include "upstream.h"

struct console_api_config {
	uv_loop_t *loop;
	struct upstream *upstream;
	const char *state_dir;    /**< For clients.json and token keys; exists. */
	const char *const *hosts; /**< n_hosts names it is called by, "name" or "name:port". */
	size_t n_hosts;
	bool has_tls;             /**< Its own addresses begin with https. */
	unsigned rate_per_minute; /**< Calls of one client. */
	unsigned rate_per_hour;
};

/** Opaque. */
struct console_api;

/**
 * Make it; files are opened, keys are made. Before the sandbox closes.
 *
 * @config  Copied; what it points at is borrowed.
 * @apip    Set when 0 is returned; console_api_close() it.
 * @return  0 or -errno; @msg says why.
 */
int console_api_open(
	const struct console_api_config *config, struct console_api **apip, struct errmsg *msg);

/** http_handler; @arg is the API. */
void console_api_on_request(
	void *arg, struct http_exchange *exchange, const struct http_request *request);

/** http_gate: the Host allowlist; @arg is the API. */
unsigned console_api_gate(void *arg, const struct http_request *request);

/**
 * End what is under way; its timers close with the loop's next turns, then
 * the memory goes. NULL is allowed.
 */
void console_api_close(struct console_api *api);

/**
 * The sub-command "client": add, list, revoke.
 *
 * @argc, @argv  What follows "client"; argv[0] is "client".
 * @return       Exit status.
 */
int console_clients_main(int argc, char *argv[]);

#endif
