/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Health looks for itself each time it is asked; this is for who does not ask. */
#include "child_users.h"

#include "action_log.h"
#include "child_identity.h"
#include "log.h"

#include <stdio.h>
#include <string.h>

static int child_users_look(struct store *store, const char *setting, const char *user,
	bool is_root, char told[CHILD_USERS_NAME_MAX], struct errmsg *msg)
{
	const struct child_identity identity = child_identity_find(user, is_root);
	char name[CHILD_USERS_NAME_MAX];
	int r;

	if (!identity.is_user_missing) {
		told[0] = '\0';
		return 0;
	}
	(void)snprintf(name, sizeof(name), "%s", user);
	if (strcmp(told, name) == 0)
		return 0;
	log_warn("child_users", "the user %s (%s) does not exist; %d is used instead", name,
		setting, CHILD_IDENTITY_OVERFLOW);
	r = action_log_service_user_missing(store, setting, user, identity.uid, msg);
	if (r == 0)
		memcpy(told, name, sizeof(name));
	return r;
}

int child_users_check(struct child_users *users, struct store *store,
	const struct settings *settings, bool is_root, struct errmsg *msg)
{
	int r = child_users_look(
		store, "ScannerUser", settings->scanner_user, is_root, users->told[0], msg);

	return r < 0 ? r
		     : child_users_look(store, "EngineUser", settings->engine_user, is_root,
			       users->told[1], msg);
}
