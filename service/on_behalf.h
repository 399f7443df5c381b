/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * On whose behalf a gateway asks: the member "onBehalfOf" of a request, and
 * what the roles in it allow. Roles are those of Defender's API
 * (docs/local-protocol.md, "Gateway"); a role that is not known allows nothing
 * and is no error, since a token may have roles of other services.
 *
 * Pure. Any thread.
 */
#ifndef QS_ON_BEHALF_H
#define QS_ON_BEHALF_H

#include "err.h"
#include "json.h"
#include "roles.h"

#include <stdbool.h>

enum {
	ON_BEHALF_NAME_MAX = 256,      /**< Bytes of a name. */
	ON_BEHALF_ROLES_MAX = 64,      /**< Roles in one request. */
	ON_BEHALF_ROLE_NAME_MAX = 128, /**< Bytes of a role's name. */
};

/** As the roles of a method: never by a gateway. */
enum { ON_BEHALF_NOBODY = 0 };

struct on_behalf {
	const char *name;   /**< Not blank, without what steers a terminal; borrowed of the JSON. */
	const char *source; /**< "PublicApi" or "Portal"; static. */
	unsigned roles;     /**< enum role, or-ed. */
};

/**
 * Read the member.
 *
 * @item     What the request has; must be an object with name, roles and source.
 * @onp      Set when 0 is returned; lives as long as @item.
 * @msg      Says what is wrong.
 * @return   0 or -EINVAL.
 */
int on_behalf_parse(const cJSON *item, struct on_behalf *onp, struct errmsg *msg);

/** Whether one of the roles that suffice (@needed, or-ed) is there. */
bool on_behalf_may(const struct on_behalf *on, unsigned needed);

/** Names of the roles that suffice, "A or B", for a message. @text gets at most n_text bytes. */
void on_behalf_describe(unsigned needed, char *text, size_t n_text);

#endif
