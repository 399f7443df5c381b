/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom a child process becomes: when the daemon is root, the user named in the
 * settings, or the overflow id if there is no such user; else nobody else.
 *
 * Hands (user database). Loop thread only; asked once per settings.
 */
#ifndef QS_CHILD_IDENTITY_H
#define QS_CHILD_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

enum {
	CHILD_IDENTITY_OVERFLOW = 65534, /**< nobody, nogroup */
};

struct child_identity {
	bool is_switched;     /**< uid and gid are to be passed on. */
	bool is_user_missing; /**< The named user does not exist. */
	uint32_t uid;
	uint32_t gid;
};

/**
 * Look up.
 *
 * @user     Name in the settings.
 * @is_root  Whether the daemon is root.
 */
struct child_identity child_identity_find(const char *user, bool is_root);

#endif
