/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is remembered about signature sets over a restart, as one JSON value of
 * the store.
 *
 * Pure but for memory and the store. Loop thread only.
 */
#ifndef QS_DEFINITIONS_STATE_H
#define QS_DEFINITIONS_STATE_H

#include "definitions.h"

struct definitions_state {
	bool has_current;
	struct definitions_set current;
	char failed_stat_print[SIGNATURE_SET_HEX_SIZE]; /**< Not to be tried again; "" = none. */
	char error[DEFINITIONS_TEXT_MAX];               /**< Why; "" = none. */
};

/** Write. 0 or a negative code. */
int definitions_state_save(
	struct store *store, const struct definitions_state *state, struct errmsg *msg);

/**
 * Read; what is missing or unreadable is as if nothing had been remembered.
 *
 * @return 0 or an error of the store.
 */
int definitions_state_load(
	struct store *store, struct definitions_state *state, struct errmsg *msg);

#endif
