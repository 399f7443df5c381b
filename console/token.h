/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Access tokens: JWT (RFC 7519) signed with HMAC-SHA256. There is one header,
 * and a token with any other is none of ours: its "alg" is never believed.
 *
 * Pure but for memory. Any thread. The HMAC is OpenSSL's.
 */
#ifndef QS_TOKEN_H
#define QS_TOKEN_H

#include "err.h"

#include <stddef.h>
#include <stdint.h>

enum {
	TOKEN_KEY_BYTES = 32,
	TOKEN_TEXT_MAX = 4096, /**< Bytes of a token that is looked at. */
	TOKEN_ID_SIZE = 37,    /**< A GUID and its NUL. */
	TOKEN_NAME_SIZE = 129, /**< Name of an application and its NUL. */
	TOKEN_LIFE_S = 3600,   /**< Defender's. */
	TOKEN_E_INVALID = 1,   /**< No token of ours. */
	TOKEN_E_EXPIRED = 2,   /**< One of ours, but its time is over. */
};

/** Who may do what, until when. */
struct token_claims {
	char app_id[TOKEN_ID_SIZE];     /**< "appid", also "sub". */
	char app_name[TOKEN_NAME_SIZE]; /**< "app_displayname". */
	unsigned roles;                 /**< "roles": enum role, or-ed. */
	int64_t issued_s;               /**< "iat" and "nbf", seconds since 1970. */
	int64_t expires_s;              /**< "exp". */
};

/**
 * Sign.
 *
 * @issuer  "iss" and "aud".
 * @textp   Set when 0 is returned; free(3).
 * @return  0 or -ENOMEM.
 */
int token_make(const uint8_t key[TOKEN_KEY_BYTES], const char *issuer,
	const struct token_claims *claims, char **textp);

/**
 * Check signature, time and shape. Signatures are compared in constant time.
 *
 * @text    n bytes.
 * @now_s   Seconds since 1970.
 * @claims  Set when 0 is returned.
 * @return  0; TOKEN_E_INVALID; TOKEN_E_EXPIRED; -ENOMEM.
 */
int token_check(const uint8_t key[TOKEN_KEY_BYTES], const char *text, size_t n, int64_t now_s,
	struct token_claims *claims);

#endif
