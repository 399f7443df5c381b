/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clients as the JSON of their file:
 * {"clients":[{"id","name","roles":[…],"createdTime","revokedTime","hashKind","salt","hash"}]}.
 *
 * Pure but for memory. Any thread.
 */
#ifndef QS_CLIENT_CODEC_H
#define QS_CLIENT_CODEC_H

#include "json.h"
#include "secret.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CLIENT_MAX = 1024,      /**< Clients, revoked ones too. */
	CLIENT_NAME_SIZE = 129, /**< Name and its NUL. */
};

struct client {
	char id[SECRET_ID_SIZE];
	char name[CLIENT_NAME_SIZE]; /**< Requestor of its actions. */
	unsigned roles;              /**< enum role, or-ed. */
	int64_t created_unix_ms;
	int64_t revoked_unix_ms; /**< 0: it is not. */
	uint8_t salt[SECRET_SALT_BYTES];
	uint8_t hash[SECRET_HASH_BYTES];
};

/** Whether it can be a name: 1 to 128 bytes of UTF-8, not blank, no control characters. */
bool client_codec_is_name(const char *name);

/**
 * Read a file's text.
 *
 * @clientsp  Set when 0 is returned; *np of them, free(3).
 * @return    0; -EBADMSG, @msg says where; -ENOMEM.
 */
int client_codec_decode(
	const char *text, size_t n, struct client **clientsp, size_t *np, struct errmsg *msg);

/** Make a file's text; free(3). @return 0 or -ENOMEM. */
int client_codec_encode(const struct client *clients, size_t n, char **textp, size_t *n_textp);

/**
 * A client without its secret: clientId, name, roles, createdTime, revokedTime. NULL
 * without memory.
 */
cJSON *client_codec_json(const struct client *client);

#endif
