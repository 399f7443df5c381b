/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The local socket: listens, and hands each connection on.
 *
 * Hands (uv). Loop thread only.
 */
#ifndef QS_LOCAL_SOCKET_H
#define QS_LOCAL_SOCKET_H

#include "connection.h"
#include "err.h"

enum {
	/** Open at once; one more is closed as soon as it is accepted. What is closing already
	 * does not count. */
	LOCAL_SOCKET_CONNECTIONS_MAX = 128,
	/** Of those, for operators alone: half of them, so that neither the gateway nor strangers,
	 * whatever they do, leave an administrator and his scripts (one connection a command)
	 * less than a device needs. */
	LOCAL_SOCKET_RESERVED = 64,
	/** Of the others, of peers without a role, who can connect only where the file's mode was
	 * changed; they are answered that they may nothing. */
	LOCAL_SOCKET_STRANGERS_MAX = 16,
	/** Of the others, of the gateway; the console keeps five. */
	LOCAL_SOCKET_GATEWAY_MAX =
		LOCAL_SOCKET_CONNECTIONS_MAX - LOCAL_SOCKET_RESERVED - LOCAL_SOCKET_STRANGERS_MAX,
	/** Accepted in one turn of the loop, about a millisecond's work: who connects in a loop
	 * must not keep it from all others. */
	LOCAL_SOCKET_TURN_MAX = 16,
	LOCAL_SOCKET_PATH_MAX = 107, /**< unix(7): sun_path has 108 bytes. */
};

struct local_socket_config {
	uv_loop_t *loop;
	const char *path; /**< Borrowed for ever. */
	/** Who has a role, as the settings in force say; strings borrowed for the call. */
	struct peer_rules (*rules)(void *arg);
	void (*on_line)(void *arg, struct connection *connection, const char *line, size_t n);
	void (*on_oversize)(void *arg, struct connection *connection);
	void (*on_closed)(void *arg, struct connection *connection);
	void *arg;
};

/** Opaque. */
struct local_socket;

/**
 * Bind: the name is ours. A socket file that nobody listens on any more is removed.
 *
 * @return 0; -ENAMETOOLONG; -EADDRINUSE another service listens; -EEXIST the
 *         name belongs to something that is no socket; other negative codes.
 *         @msg names the path.
 */
int local_socket_open(const struct local_socket_config *config, struct local_socket **socketp,
	struct errmsg *msg);

/** The rules have changed: let those connect who have a role now. Connections keep theirs. */
void local_socket_update(struct local_socket *socket);

/** Begin to accept. 0 or a negative code. */
int local_socket_listen(struct local_socket *socket);

/** Stop listening, remove the file, close all connections (on_closed still comes for each).
 * Takes NULL. */
void local_socket_close(struct local_socket *socket);

#endif
