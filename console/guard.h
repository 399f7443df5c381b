/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may speak to the console at all, before anybody asks who it is: against
 * DNS rebinding the Host header must be one of ours, exactly; against other
 * sites' pages Origin and Sec-Fetch-Site must be our own.
 *
 * Pure. Any thread.
 */
#ifndef QS_GUARD_H
#define QS_GUARD_H

#include <stdbool.h>
#include <stddef.h>

struct guard {
	const char *const *hosts; /**< n_hosts names, "name" or "name:port"; borrowed. */
	size_t n_hosts;
	bool has_tls; /**< Our own origins begin with https. */
};

/** What of a request decides; "" for what was not sent. */
struct guard_request {
	const char *host;
	const char *origin;
	const char *sec_fetch_site;
};

/**
 * Decide.
 *
 * @return 0: go on; 421 the host is none of ours; 403 another site's page asks.
 */
unsigned guard_check(const struct guard *guard, const struct guard_request *request);

/** Whether our own page asks: then an action's requestSource is "Portal". */
bool guard_is_page(const struct guard_request *request);

#endif
