/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A missing user must not mean "as root": an unprepared machine scans as
 * nobody, and health says that it should be prepared.
 */
#include "child_identity.h"

#include <pwd.h>
#include <stddef.h>

struct child_identity child_identity_find(const char *user, bool is_root)
{
	struct child_identity identity = {.is_switched = is_root};
	char text[4096];
	struct passwd entry;
	struct passwd *found = NULL;

	if (!is_root)
		return identity;
	if (getpwnam_r(user, &entry, text, sizeof(text), &found) != 0 || !found ||
		entry.pw_uid == 0) {
		identity.is_user_missing = true;
		identity.uid = CHILD_IDENTITY_OVERFLOW;
		identity.gid = CHILD_IDENTITY_OVERFLOW;
		return identity;
	}
	identity.uid = entry.pw_uid;
	identity.gid = entry.pw_gid;
	return identity;
}
