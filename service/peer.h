/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is at the other end of a local connection, and what role that gives:
 * operator, gateway, or none, which is refused everything.
 *
 * Hands (socket options, user database). Loop thread only; asked once at
 * accept: a peer keeps its role, as it keeps its connection.
 */
#ifndef QS_PEER_H
#define QS_PEER_H

#include <stdbool.h>
#include <sys/types.h>

enum { PEER_NAME_SIZE = 64 };

struct peer {
	bool is_operator; /**< May do everything. */
	bool is_gateway;  /**< May do what those may on whose behalf it asks (on_behalf.h). */
	uid_t uid;
	pid_t pid;                 /**< For logs only: it may be somebody else's by now. */
	char name[PEER_NAME_SIZE]; /**< User name, or "uid 1000". */
};

/** Who has a role besides root and the daemon's own user; settings. */
struct peer_rules {
	const char *operator_group; /**< A group name; "" = none. */
	const char *gateway_user;   /**< A user's name or number; "" = none. */
};

/**
 * Look at a connected AF_UNIX stream socket. Nobody is both; GatewayUser is no
 * operator, in whatever group, unless it is root or the daemon's own user.
 *
 * @peerp   Set when 0 is returned.
 * @return  0 or -errno.
 */
int peer_identify(int fd, const struct peer_rules *rules, struct peer *peerp);

/**
 * The uid of GatewayUser.
 *
 * @user    Name, else number, of a user; "" = none.
 * @return  Whether there is one; *uidp is set then.
 */
bool peer_gateway_uid(const char *user, uid_t *uidp);

#endif
