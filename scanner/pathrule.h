/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names that are listed and counted but never opened: exclusions of the
 * settings (base/glob.h) and the service's own state. Exclusions come first.
 *
 * Pure but for its heap; filled before the scan starts and only read then: any
 * thread.
 */
#ifndef QS_PATHRULE_H
#define QS_PATHRULE_H

#include "ipc.h"

struct pathrule_list {
	size_t n;
	size_t n_room;
	struct span *spans; /**< Each owned. */
};

struct pathrule {
	/* state */
	struct pathrule_list paths;      /**< IPC_PATH_EXCLUDE */
	struct pathrule_list extensions; /**< IPC_PATH_EXCLUDE_EXTENSION */
	struct pathrule_list own;        /**< IPC_PATH_OWN */
	struct pathrule_list targets;    /**< IPC_PATH_TARGET, kept for the plan. */
	struct pathrule_list hung;       /**< IPC_PATH_HUNG, likewise; so those below. */
	struct pathrule_list passes;     /**< IPC_PATH_PASS */
	struct pathrule_list wholes;     /**< IPC_PATH_PASS_WHOLE */
	struct pathrule_list passed;     /**< IPC_PATH_PASSED */
};

#define PATHRULE_NULL                                                                              \
	{                                                                                          \
		.paths = {.n = 0 }                                                                 \
	}

/** Free everything; idempotent. */
void pathrule_deinit(struct pathrule *rule);

/**
 * Take one message in.
 *
 * @message  Copied.
 * @return   0; -EINVAL for an unknown kind, an empty or a relative path; -ENOMEM.
 */
int pathrule_add(struct pathrule *rule, const struct ipc_scan_path *message);

/** Forget the exclusions (IPC_SCAN_IGNORE_EXCLUSIONS). */
void pathrule_ignore_exclusions(struct pathrule *rule);

/**
 * Why a name is not to be opened.
 *
 * @path   Absolute, canonical.
 * @return REASON_EXCLUDED, REASON_OWN, or REASON_NONE: it is to be opened.
 */
enum reason pathrule_of_file(const struct pathrule *rule, struct span path);

/**
 * The same for a directory and with it everything below: extensions do not
 * count. REASON_NONE says nothing about single names below.
 */
enum reason pathrule_of_directory(const struct pathrule *rule, struct span path);

#endif
