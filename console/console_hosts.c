/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An address of version 6 stands in brackets in Host, and without them in a
 * certificate.
 */
#include "console_hosts.h"

#include <stdio.h>
#include <string.h>

static void console_hosts_add(struct console_hosts *hosts, const char *name, const char *suffix)
{
	const char *colon = strchr(name, ':');
	bool is_v6 = name[0] != '[' && colon && strchr(colon + 1, ':');
	char *text;

	if (hosts->n >= CONSOLE_HOSTS_MAX)
		return;
	text = hosts->rooms[hosts->n];
	if ((size_t)snprintf(text, CONSOLE_HOSTS_SIZE, is_v6 ? "[%s]%s" : "%s%s", name, suffix) >=
		CONSOLE_HOSTS_SIZE)
		return;
	hosts->texts[hosts->n++] = text;
}

/* "name:1", "[::1]:1"; not "[::1]", "::1". */
static bool console_hosts_has_port(const char *name)
{
	const char *from = name[0] == '[' ? strchr(name, ']') : name;
	const char *colon = from ? strchr(from, ':') : NULL;

	return colon && !strchr(colon + 1, ':');
}

void console_hosts_names(const struct console_options *options, struct certificate_names *names)
{
	for (size_t i = 0; i < options->n_hosts; i++)
		certificate_names_add(names, options->hosts[i]);
	if (strcmp(options->address, "0.0.0.0") != 0 && strcmp(options->address, "::") != 0)
		certificate_names_add(names, options->address);
	certificate_names_add_own(names);
}

void console_hosts_make(const struct console_options *options,
	const struct certificate_names *names, unsigned port, struct console_hosts *hosts)
{
	unsigned usual = options->is_plain ? 80 : 443;
	char suffix[16];

	(void)snprintf(suffix, sizeof(suffix), ":%u", port);
	for (size_t i = 0; i < options->n_hosts; i++) {
		console_hosts_add(hosts, options->hosts[i], "");
		if (!console_hosts_has_port(options->hosts[i]))
			console_hosts_add(hosts, options->hosts[i], suffix);
	}
	for (size_t i = 0; i < names->n; i++) {
		const char *name = strchr(names->texts[i], ':') + 1;

		console_hosts_add(hosts, name, suffix);
		if (port == usual)
			console_hosts_add(hosts, name, "");
	}
}
