/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the service is, for people and monitors: docs/health.md.
 *
 * Hands (asks the scheduler and the user database). Loop thread only.
 */
#ifndef QS_HEALTH_H
#define QS_HEALTH_H

#include "json.h"
#include "scheduler.h"
#include "service_paths.h"

struct health_input {
	const struct scheduler *scheduler;
	const struct settings_keeper *keeper;
	const struct store *store;
	const struct service_paths *paths; /**< Where the service keeps its things. */
	const char *version;               /**< Of the program. */
	double n_cpus;                     /**< What 100 % is. */
	int64_t start_unix_ms;             /**< Of the daemon. */
	const char *log_error; /**< Why the log's witnesses cannot be written; "" = they can. */
};

/** The object. @itemp set when 0 is returned; the caller frees. 0 or -ENOMEM. */
int health_make(const struct health_input *input, cJSON **itemp);

/** "none", "loading" or "ready". Static. */
const char *health_definitions_state(const struct scheduler *scheduler);

#endif
