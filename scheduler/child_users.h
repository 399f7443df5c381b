/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the users are there whom scanner and engine are to become. Where one is
 * not, its processes run as the overflow user (child_identity.h), whom they may
 * share with others: no reason not to scan, one to be told.
 *
 * Hands (user database, store, log). Loop thread only.
 */
#ifndef QS_CHILD_USERS_H
#define QS_CHILD_USERS_H

#include "err.h"
#include "settings.h"
#include "store.h"

#include <stdbool.h>

enum {
	CHILD_USERS_N = 2,         /**< ScannerUser, EngineUser. */
	CHILD_USERS_NAME_MAX = 64, /**< Bytes of a name that are compared, NUL included. */
};

struct child_users {
	/* state */
	char told[CHILD_USERS_N][CHILD_USERS_NAME_MAX]; /**< Missing, and told; "" = none. */
};

#define CHILD_USERS_NULL                                                                           \
	{                                                                                          \
		.told = { "" }                                                                     \
	}

/**
 * Look for them: at the start, and when settings have changed. A user who is
 * missing and was not before is a warning in the log and a ServiceUserMissing.
 *
 * @is_root  Whether the daemon is root; nothing is missing if not.
 * @return   0; -errno of the store: what it did not take is told the next time.
 */
int child_users_check(struct child_users *users, struct store *store,
	const struct settings *settings, bool is_root, struct errmsg *msg);

#endif
