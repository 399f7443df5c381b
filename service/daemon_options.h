/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line of quietscand.
 *
 * Pure but for the working directory, which relative paths begin at. Once, at
 * the start.
 */
#ifndef QS_DAEMON_OPTIONS_H
#define QS_DAEMON_OPTIONS_H

#include "err.h"
#include "log.h"
#include "service_paths.h"

#include <stdbool.h>

struct daemon_options {
	struct service_paths paths; /**< Only what is given. */
	bool is_log_level_given;
	enum log_level log_level;
	/** Of quietscan-remediate; 0 = PATIENCE_MS. For tests, and in no help text. */
	unsigned remediation_patience_ms;
	bool is_help;
	bool is_version;
};

/**
 * Parse.
 *
 * @optionsp  Set when 0 is returned; its strings live as long as the process.
 * @msg       What is wrong.
 * @return    0; -EINVAL wrong usage; -ENOMEM; -errno of getcwd(3).
 */
int daemon_options_parse(
	int argc, char *argv[], struct daemon_options *optionsp, struct errmsg *msg);

/** The help text. Static. */
const char *daemon_options_help(void);

#endif
