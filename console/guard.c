/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host is compared as a whole, with its port: what is allowed is written out.
 * A browser sends Origin with every unsafe request, and Sec-Fetch-Site with
 * every request; programs send neither.
 */
#include "guard.h"

#include <string.h>
#include <strings.h>

static bool guard_has_host(const struct guard *guard, const char *host)
{
	for (size_t i = 0; i < guard->n_hosts; i++)
		if (strcasecmp(guard->hosts[i], host) == 0)
			return true;
	return false;
}

static bool guard_is_own(const struct guard *guard, const char *origin, const char *host)
{
	const char *scheme = guard->has_tls ? "https://" : "http://";
	size_t n = strlen(scheme);

	return strncmp(origin, scheme, n) == 0 && strcasecmp(origin + n, host) == 0;
}

unsigned guard_check(const struct guard *guard, const struct guard_request *request)
{
	if (!guard_has_host(guard, request->host))
		return 421;
	if (request->origin[0] != '\0' && !guard_is_own(guard, request->origin, request->host))
		return 403;
	/* "none" is a person's own doing: a bookmark, the address bar. */
	if (request->sec_fetch_site[0] != '\0' &&
		strcmp(request->sec_fetch_site, "same-origin") != 0 &&
		strcmp(request->sec_fetch_site, "none") != 0)
		return 403;
	return 0;
}

bool guard_is_page(const struct guard_request *request)
{
	return request->origin[0] != '\0' || strcmp(request->sec_fetch_site, "same-origin") == 0;
}
