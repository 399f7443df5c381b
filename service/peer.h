/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is at the other end of a local connection, and what role that gives.
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
	bool is_operator; /**< May do everything; others nothing. */
	uid_t uid;
	pid_t pid;                 /**< For logs only: it may be somebody else's by now. */
	char name[PEER_NAME_SIZE]; /**< User name, or "uid 1000". */
};

/**
 * Look at a connected AF_UNIX stream socket.
 *
 * @operator_group  A group name; "" = none.
 * @peerp           Set when 0 is returned.
 * @return          0 or -errno.
 */
int peer_identify(int fd, const char *operator_group, struct peer *peerp);

#endif
