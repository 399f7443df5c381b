/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scanner: one scan, from the daemon's order to its end.
 *
 *   control thread   the daemon's messages; ends the process when the daemon
 *                    is gone or breaks the protocol
 *   walker thread    runs the plan (plan.h), fills the queue
 *   lane threads     empty it (lane.h)
 *   receiver thread  the zygote's answers (enginehost.h)
 *   main thread      starts and joins the others, tells the progress
 *
 * Hands. Main thread, confined.
 */
#ifndef QS_SCANNER_H
#define QS_SCANNER_H

#include "exitcode.h"
#include "grant.h"
#include "home.h"
#include "opener.h"

struct scanner_config {
	int control_fd;                  /**< Channel to the daemon. */
	int report_fd;                   /**< Report file; -1: none. */
	int book_fd;                     /**< planbook.h; -1: none. */
	const struct grant_page *grants; /**< NULL: not limited. */
	uint32_t generation;             /**< Of GRANT_SLOT_SCANNER. */
	const struct home_list *homes;   /**< Borrowed. */
	const struct opener *opener;     /**< Borrowed. */
};

/**
 * Say HELLO, take the order, scan, say DONE.
 *
 * @return CHILD_EXIT_OK after DONE (whatever the scan gave), or when the
 *         daemon left before START; else why not.
 */
enum child_exit scanner_run(const struct scanner_config *config);

#endif
