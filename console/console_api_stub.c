/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stands in for the API until it is there: /healthz, and 503 for everything else.
 */
#include "console_api.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct console_api {
	struct console_api_config config;
};

int console_api_open(
	const struct console_api_config *config, struct console_api **apip, struct errmsg *msg)
{
	struct console_api *api = calloc(1, sizeof(*api));

	if (!api) {
		errmsg_set(msg, "no memory");
		return err_origin(-ENOMEM);
	}
	api->config = *config;
	*apip = api;
	return 0;
}

void console_api_on_request(
	void *arg, struct http_exchange *exchange, const struct http_request *request)
{
	struct console_api *api = arg;
	bool is_well = strcmp(request->path, "/healthz") == 0 &&
		       upstream_is_connected(api->config.upstream);

	(void)http_answer(exchange, is_well ? 200 : 503, "text/plain", NULL,
		is_well ? "ok" : "unavailable", is_well ? 2 : 11);
}

unsigned console_api_gate(void *arg, const struct http_request *request)
{
	struct console_api *api = arg;

	for (size_t i = 0; i < api->config.n_hosts; i++)
		if (strcmp(api->config.hosts[i], request->host) == 0)
			return 0;
	return 421;
}

void console_api_close(struct console_api *api)
{
	free(api);
}

int console_clients_main(int argc, char *argv[])
{
	(void)argc;
	(void)argv;
	(void)fprintf(stderr, "quietscan-console: client: not there yet\n");
	return 64;
}
