/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clients of the console, STATE_DIR/clients.json (0600): names, roles and
 * hashes of secrets. The sub-command "client" changes the file while the console
 * runs, which looks at it again whenever somebody asks for a token or shows one.
 *
 * Hands (files). One thread at a time.
 */
#ifndef QS_CLIENT_STORE_H
#define QS_CLIENT_STORE_H

#include "client_codec.h"

#include <stdbool.h>

enum {
	CLIENT_STORE_E_NOT_FOUND = 1, /**< There is no such client. */
	CLIENT_STORE_E_EXISTS = 2,    /**< One that is not revoked has this name. */
};

/** Opaque. */
struct client_store;

/**
 * Read the file; none is no client.
 *
 * @dir_fd  The state directory, borrowed for the life of the store.
 * @storep  Set when 0 is returned; client_store_free().
 * @return  0; -EBADMSG the file is damaged, @msg says where; -errno.
 */
int client_store_open(int dir_fd, struct client_store **storep, struct errmsg *msg);

/** NULL is allowed. */
void client_store_free(struct client_store *store);

/**
 * Read the file again if it is another one by now.
 *
 * @is_changedp  Set to whether it was; may be NULL.
 * @return       As client_store_open(); on failure the clients stay what they were.
 */
int client_store_refresh(struct client_store *store, bool *is_changedp, struct errmsg *msg);

/** Find by id, in any case of letters; NULL. The pointer lives until the store changes. */
const struct client *client_store_find(const struct client_store *store, const char *id);

/** How many there are, revoked ones too. */
size_t client_store_n(const struct client_store *store);

/**
 * One of them, in the order of their creation.
 *
 * @index  Below client_store_n().
 * @return Borrowed; lives until the store changes.
 */
const struct client *client_store_at(const struct client_store *store, size_t index);

/**
 * Add one; it is on disk when 0 is returned.
 *
 * @name    1 to 128 bytes of UTF-8 without control characters.
 * @roles   At least one.
 * @secret  Receives the secret, which is nowhere else.
 * @return  0; CLIENT_STORE_E_EXISTS; -EINVAL name or roles, @msg says; -ENOSPC too
 *          many clients; -errno.
 */
int client_store_add(struct client_store *store, const char *name, unsigned roles,
	int64_t now_unix_ms, char secret[SECRET_TEXT_SIZE], struct errmsg *msg);

/**
 * Revoke one; once more is no error.
 *
 * @id     Id, or name of one that is not revoked.
 * @return 0; CLIENT_STORE_E_NOT_FOUND; -errno.
 */
int client_store_revoke(struct client_store *store, const char *id, int64_t now_unix_ms,
	const struct client **clientp, struct errmsg *msg);

#endif
