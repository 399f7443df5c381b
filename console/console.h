/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The console's process: puts the parts together, runs the loop, takes them down.
 *
 * Hands. Main thread; one in a process.
 */
#ifndef QS_CONSOLE_H
#define QS_CONSOLE_H

#include "console_options.h"

enum console_exit {
	CONSOLE_EXIT_OK = 0,      /**< Stopped because it was asked to. */
	CONSOLE_EXIT_FAILURE = 1, /**< Could not start, or had to be stopped by force. */
	CONSOLE_EXIT_USAGE = 64,  /**< sysexits.h EX_USAGE */
};

/**
 * Run until a signal ends it.
 *
 * @options  Borrowed.
 * @return   How to exit; what was wrong has been logged.
 */
enum console_exit console_run(const struct console_options *options);

#endif
