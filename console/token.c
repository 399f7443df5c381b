/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "header.claims.signature", each in base64url without padding. The signature
 * is checked first: what is behind it was written by us, and is still read as
 * if it was not.
 */
#include "token.h"

#include "base64.h"
#include "check.h"
#include "cleanup.h"
#include "json.h"
#include "roles.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdlib.h>
#include <string.h>

/* {"typ":"JWT","alg":"HS256"} */
#define TOKEN_HEADER "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9."

enum {
	TOKEN_HASH_BYTES = 32,
	TOKEN_SIGNATURE_CHARS = 43,
	TOKEN_CLOCK_SKEW_S = 60, /* a token may be this young in the future */
};

/* base64 to base64url, in place; returns the length without padding. */
static size_t token_to_url(char *text)
{
	size_t n = 0;

	for (; text[n] != '\0' && text[n] != '='; n++) {
		if (text[n] == '+')
			text[n] = '-';
		else if (text[n] == '/')
			text[n] = '_';
	}
	text[n] = '\0';
	return n;
}

/* Decode base64url; the result is on the heap and NUL-terminated. */
static int token_decode(const char *text, size_t n, char **bytesp, size_t *n_bytesp)
{
	size_t padded = (n + 3) / 4 * 4;
	_cleanup_(cleanup_free) char *base64 = malloc(padded + 1);
	_cleanup_(cleanup_free) char *bytes = malloc(base64_decoded_size(padded) + 1);

	if (!base64 || !bytes)
		return err_origin(-ENOMEM);
	for (size_t i = 0; i < padded; i++) {
		base64[i] = '=';
		if (i >= n)
			continue;
		if (text[i] == '+' || text[i] == '/' || text[i] == '=')
			return TOKEN_E_INVALID;
		base64[i] = text[i];
		if (text[i] == '-')
			base64[i] = '+';
		else if (text[i] == '_')
			base64[i] = '/';
	}
	if (base64_decode((struct span){base64, padded}, bytes, base64_decoded_size(padded),
		    n_bytesp) < 0)
		return TOKEN_E_INVALID;
	bytes[*n_bytesp] = '\0';
	*bytesp = bytes;
	bytes = NULL;
	return 0;
}

static int token_sign(
	const uint8_t *key, const char *text, size_t n, uint8_t hash[TOKEN_HASH_BYTES])
{
	unsigned n_hash = TOKEN_HASH_BYTES;

	if (!HMAC(EVP_sha256(), key, TOKEN_KEY_BYTES, (const unsigned char *)text, n, hash,
		    &n_hash))
		return err_origin(-ENOMEM);
	return 0;
}

static int token_claims_json(
	const char *issuer, const struct token_claims *claims, char **textp, size_t *np)
{
	_cleanup_(json_cleanup) cJSON *json = cJSON_CreateObject();
	int r = json_add_string(json, "aud", issuer);

	r |= json_add_string(json, "iss", issuer);
	r |= json_add_int(json, "iat", claims->issued_s);
	r |= json_add_int(json, "nbf", claims->issued_s);
	r |= json_add_int(json, "exp", claims->expires_s);
	r |= json_add_string(json, "appid", claims->app_id);
	r |= json_add_string(json, "app_displayname", claims->app_name);
	r |= json_add_string(json, "sub", claims->app_id);
	r |= json_add_item(json, "roles", roles_json(claims->roles));
	return r < 0 ? r : json_print(json, textp, np);
}

int token_make(const uint8_t key[TOKEN_KEY_BYTES], const char *issuer,
	const struct token_claims *claims, char **textp)
{
	_cleanup_(cleanup_free) char *json = NULL;
	_cleanup_(cleanup_free) char *text = NULL;
	uint8_t hash[TOKEN_HASH_BYTES];
	size_t n_head = sizeof(TOKEN_HEADER) - 1;
	size_t n = 0;
	int r = token_claims_json(issuer, claims, &json, &n);

	if (r < 0)
		return r;
	text = malloc(n_head + base64_encoded_size(n) + base64_encoded_size(sizeof(hash)) + 1);
	if (!text)
		return err_origin(-ENOMEM);
	memcpy(text, TOKEN_HEADER, n_head);
	base64_encode((struct span){json, n}, text + n_head);
	n = n_head + token_to_url(text + n_head);
	r = token_sign(key, text, n, hash);
	if (r < 0)
		return r;
	text[n] = '.';
	base64_encode((struct span){hash, sizeof(hash)}, text + n + 1);
	(void)token_to_url(text + n + 1);
	*textp = text;
	text = NULL;
	return 0;
}

static int token_copy(const cJSON *json, const char *field, char *text, size_t n_text)
{
	const char *value;

	if (json_get_string(json, field, n_text - 1, &value, NULL) != 0)
		return TOKEN_E_INVALID;
	memcpy(text, value, strlen(value) + 1);
	return 0;
}

static int token_read(const char *text, size_t n, struct token_claims *claims)
{
	_cleanup_(json_cleanup) cJSON *json = NULL;
	const cJSON *roles;
	int64_t not_before_s;
	int r = json_parse(text, n, &json, NULL);

	if (r == -ENOMEM)
		return r;
	if (r < 0 || token_copy(json, "appid", claims->app_id, sizeof(claims->app_id)) ||
		token_copy(json, "app_displayname", claims->app_name, sizeof(claims->app_name)) ||
		json_get_int(json, "nbf", 0, INT64_MAX, &not_before_s, NULL) ||
		json_get_int(json, "iat", 0, INT64_MAX, &claims->issued_s, NULL) ||
		json_get_int(json, "exp", 0, INT64_MAX, &claims->expires_s, NULL) ||
		json_get_array(json, "roles", &roles, NULL) || not_before_s != claims->issued_s)
		return TOKEN_E_INVALID;
	for (const cJSON *role = roles->child; role; role = role->next) {
		/* A role that a later version gave is nothing here. */
		if (cJSON_IsString(role))
			(void)roles_parse(role->valuestring, &claims->roles, NULL);
	}
	return 0;
}

int token_check(const uint8_t key[TOKEN_KEY_BYTES], const char *text, size_t n, int64_t now_s,
	struct token_claims *claims)
{
	struct token_claims found = {.roles = 0};
	_cleanup_(cleanup_free) char *signature = NULL;
	_cleanup_(cleanup_free) char *json = NULL;
	uint8_t hash[TOKEN_HASH_BYTES];
	size_t n_head = sizeof(TOKEN_HEADER) - 1;
	size_t n_signed;
	size_t n_bytes = 0;
	int r;

	if (n > TOKEN_TEXT_MAX || n < n_head + TOKEN_SIGNATURE_CHARS + 2 ||
		memcmp(text, TOKEN_HEADER, n_head) != 0)
		return TOKEN_E_INVALID;
	n_signed = n - TOKEN_SIGNATURE_CHARS - 1;
	if (text[n_signed] != '.')
		return TOKEN_E_INVALID;
	r = token_decode(text + n_signed + 1, TOKEN_SIGNATURE_CHARS, &signature, &n_bytes);
	if (r == 0)
		r = token_sign(key, text, n_signed, hash);
	if (r != 0)
		return r;
	if (n_bytes != sizeof(hash) || CRYPTO_memcmp(signature, hash, sizeof(hash)) != 0)
		return TOKEN_E_INVALID;
	r = token_decode(text + n_head, n_signed - n_head, &json, &n_bytes);
	if (r == 0)
		r = token_read(json, n_bytes, &found);
	if (r != 0)
		return r;
	if (now_s >= found.expires_s)
		return TOKEN_E_EXPIRED;
	if (now_s + TOKEN_CLOCK_SKEW_S < found.issued_s)
		return TOKEN_E_INVALID;
	*claims = found;
	return 0;
}
