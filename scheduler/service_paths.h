/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the daemon's files and programs are. Everything is movable, so that
 * several daemons run on one machine.
 *
 * Hands (makes directories). Loop thread only.
 */
#ifndef QS_SERVICE_PATHS_H
#define QS_SERVICE_PATHS_H

#include "err.h"

#include <stdbool.h>

enum { SERVICE_PATHS_MAX = 4096 };

struct service_paths {
	/* given */
	const char *config;    /**< Settings file, absolute. */
	bool is_config_given;  /**< By the command line: then it has to exist. */
	const char *state_dir; /**< All absolute, borrowed for ever. */
	const char *run_dir;
	const char *log_dir;
	const char *libexec_dir;
	const char *data_dir; /**< What is installed besides programs. */
	const char *bin_dir;  /**< Where the command line is installed; may be NULL. */
	const char *sbin_dir; /**< Where daemon and console are; may be NULL. */
	/* made by service_paths_prepare() */
	char program_dir[SERVICE_PATHS_MAX];     /**< Where this process's executable is; or "". */
	char definitions_dir[SERVICE_PATHS_MAX]; /**< STATE_DIR/definitions */
	char temp_dir[SERVICE_PATHS_MAX];        /**< STATE_DIR/temp */
	char report_dir[SERVICE_PATHS_MAX];      /**< STATE_DIR/reports */
	char socket[SERVICE_PATHS_MAX];          /**< RUN_DIR/quietscan.sock */
	char engine[SERVICE_PATHS_MAX];          /**< LIBEXEC_DIR/quietscan-engine */
	char scanner[SERVICE_PATHS_MAX];         /**< LIBEXEC_DIR/quietscan-scanner */
	char remediate[SERVICE_PATHS_MAX];       /**< LIBEXEC_DIR/quietscan-remediate */
	/** Known products: beside the programs where they were built, else in DATA_DIR. */
	char products[SERVICE_PATHS_MAX];
};

/**
 * Fill in what follows from what was given, make the directories that are
 * missing (the last component of each; run and log directories too), and check
 * that each can be written. A root daemon takes none that exists and belongs
 * to another user, or that others may write to.
 *
 * @return 0; -EPERM somebody else rules a directory; other -errno; always with a sentence that names the directory.
 */
int service_paths_prepare(struct service_paths *paths, struct errmsg *msg);

#endif
