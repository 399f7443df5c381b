/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names a console is reached by: what its certificate is for, and what the
 * header Host may say. A page of somebody else's, whose name was made to mean our
 * address (DNS rebinding), says a name that is not among them.
 *
 * Pure but for the machine's own names and addresses. Once, at the start.
 */
#ifndef QS_CONSOLE_HOSTS_H
#define QS_CONSOLE_HOSTS_H

#include "certificate.h"
#include "console_options.h"

enum {
	CONSOLE_HOSTS_MAX = 2 * (CONSOLE_OPTIONS_HOSTS_MAX + CERTIFICATE_NAMES_MAX),
	CONSOLE_HOSTS_SIZE = 300,
};

/** Exact values of Host, lower and upper case as given. */
struct console_hosts {
	char rooms[CONSOLE_HOSTS_MAX][CONSOLE_HOSTS_SIZE];
	const char *texts[CONSOLE_HOSTS_MAX]; /**< n of them, into rooms. */
	size_t n;
};

/** What the certificate is for: names of the options, the address, the machine's own. */
void console_hosts_names(const struct console_options *options, struct certificate_names *names);

/**
 * What Host may say: each name with the port, and without it if it is the usual one or
 * the name was given (--host).
 *
 * @port   That it listens on.
 * @hosts  Zeroed; filled.
 */
void console_hosts_make(const struct console_options *options,
	const struct certificate_names *names, unsigned port, struct console_hosts *hosts);

#endif
