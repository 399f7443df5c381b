/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon: puts the parts together, runs the loop, takes them down.
 *
 * Hands. Main thread; one in a process.
 */
#ifndef QS_DAEMON_H
#define QS_DAEMON_H

#include "daemon_options.h"

enum daemon_exit {
	DAEMON_EXIT_OK = 0,      /**< Stopped because it was asked to. */
	DAEMON_EXIT_FAILURE = 1, /**< Could not start, or had to be stopped by force. */
	DAEMON_EXIT_USAGE = 64,  /**< sysexits.h EX_USAGE */
	DAEMON_EXIT_CONFIG = 78, /**< sysexits.h EX_CONFIG: the settings are no good. */
};

/**
 * Run until a signal ends it.
 *
 * @options  Borrowed; paths are prepared in it.
 * @return   How to exit; what was wrong has been logged.
 */
enum daemon_exit daemon_run(struct daemon_options *options);

#endif
