/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exit codes that two processes agree on. The daemon acts on how a child
 * ended; the command line tells its caller what a scan found.
 */
#ifndef QS_EXITCODE_H
#define QS_EXITCODE_H

/** Of quietscan-scanner, quietscan-engine, quietscan-remediate, and of workers. */
enum child_exit {
	CHILD_EXIT_OK = 0,
	CHILD_EXIT_USAGE = 64,      /**< Started with wrong arguments (sysexits EX_USAGE). */
	CHILD_EXIT_SANDBOX = 70,    /**< Could not confine itself: never scans unconfined. */
	CHILD_EXIT_SIGNATURES = 71, /**< No signature set could be loaded. */
	CHILD_EXIT_PROTOCOL = 72,   /**< The other end broke the protocol. */
	CHILD_EXIT_SYSTEM = 73,     /**< A system call failed that had to work. */
	CHILD_EXIT_BUSY = 74,       /**< Another one has not ended, and holds what only one may. */
};

/** Of the command line; clamscan's 0, 1, 2 and sysexits' 64. */
enum cli_exit {
	CLI_EXIT_CLEAN = 0, /**< Every file wholly scanned, nothing found; or the command worked. */
	CLI_EXIT_FOUND = 1, /**< Something found and still there. */
	CLI_EXIT_ERROR =
		2, /**< An error, cancelled, not finished, or not every file wholly scanned. */
	CLI_EXIT_USAGE = 64,
};

#endif
