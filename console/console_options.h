/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line of quietscan-console.
 *
 * Pure. Once, at the start.
 */
#ifndef QS_CONSOLE_OPTIONS_H
#define QS_CONSOLE_OPTIONS_H

#include "err.h"
#include "log.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CONSOLE_OPTIONS_HOSTS_MAX = 32 };

struct console_options {
	const char *socket; /**< The daemon's. */
	const char *state_dir;
	char address[INET6_ADDRSTRLEN]; /**< To listen on, in numbers. */
	uint16_t port;                  /**< 0: any. */
	bool is_plain;
	const char *certificate; /**< NULL: one is made. */
	const char *key;
	const char *client_ca; /**< NULL: none. */
	const char *user;      /**< NULL: not given. */
	const char *page_dir;
	bool is_page_dir_given;
	const char *hosts[CONSOLE_OPTIONS_HOSTS_MAX];
	size_t n_hosts;
	unsigned rate_per_minute; /**< Of one client; 0: no limit. */
	unsigned rate_per_hour;
	enum log_level log_level;
	bool is_help;
	bool is_version;
};

/**
 * Parse.
 *
 * @optionsp  Set when 0 is returned; its strings are those of @argv.
 * @msg       What is wrong.
 * @return    0 or -EINVAL.
 */
int console_options_parse(
	int argc, char *argv[], struct console_options *optionsp, struct errmsg *msg);

/** The help text. Static. */
const char *console_options_help(void);

#endif
