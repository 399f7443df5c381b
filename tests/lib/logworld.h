/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A state and a log directory in a scratch directory, with a store and its
 * keeper: what tests of the action log start from. Aborts the test on failure.
 */
#ifndef QS_LOGWORLD_H
#define QS_LOGWORLD_H

#include "log_keeper.h"
#include "log_verify.h"
#include "scratch.h"
#include "store.h"

struct logworld {
	struct scratch scratch;
	char state_dir[SCRATCH_PATH_SIZE];
	char log_dir[SCRATCH_PATH_SIZE];
	struct store *store;       /**< NULL while closed. */
	struct log_keeper *keeper; /**< NULL while closed. */
	unsigned n_appended;       /**< Of logworld_append(): no two records are alike. */
};

/** Directories only. */
void logworld_init(struct logworld *world);
/** Closes and removes all. */
void logworld_deinit(struct logworld *world);
/** Open store and keeper. */
void logworld_open(struct logworld *world);
/** As a graceful end: all is followed, a checkpoint is made, everything closed. */
void logworld_close(struct logworld *world);
/** As a killed process, as far as one process can show it: nothing is finished. */
void logworld_drop(struct logworld *world);
/** Append n events, "Test" with {"n":i}. */
void logworld_append(struct logworld *world, unsigned n);
/** One tick; a checkpoint too if @is_checkpoint. Must succeed. */
void logworld_tick(struct logworld *world, bool is_checkpoint);
/** Open, n times (one event, tick with checkpoint), close: the log has n + 2 records. */
void logworld_write(struct logworld *world, unsigned n);
/** log_verify() of it. */
int logworld_verify(const struct logworld *world, struct log_verify_result *result);
/** Run SQL on the closed store, triggers out of the way. */
void logworld_sql(const struct logworld *world, const char *sql);

#endif
