/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a token: refused. The same bytes as the claims of a token that is
 * signed with our key: read, or refused. As clients.json, as the form of a token
 * request, as Authorization: likewise. As a path: a route, or none.
 */
#include "fuzz.h"

#include "base64.h"
#include "check.h"
#include "cleanup.h"
#include "client_codec.h"
#include "form.h"
#include "route.h"
#include "token.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdlib.h>
#include <string.h>

#define FUZZ_TOKEN_HEADER "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9."

static const uint8_t fuzz_token_key[TOKEN_KEY_BYTES] = {7};

static size_t fuzz_token_url(char *text, struct span bytes)
{
	size_t n = 0;

	base64_encode(bytes, text);
	for (; text[n] != '\0' && text[n] != '='; n++)
		text[n] = text[n] == '+' ? '-' : text[n] == '/' ? '_' : text[n];
	return n;
}

static void fuzz_token_signed(const uint8_t *data, size_t size)
{
	char text[TOKEN_TEXT_MAX + 100];
	uint8_t hash[32];
	unsigned n_hash = sizeof(hash);
	struct token_claims claims;
	size_t n = sizeof(FUZZ_TOKEN_HEADER) - 1;

	if (size > 2048)
		return;
	memcpy(text, FUZZ_TOKEN_HEADER, n);
	n += fuzz_token_url(text + n, (struct span){data, size});
	INVARIANT(HMAC(EVP_sha256(), fuzz_token_key, TOKEN_KEY_BYTES, (const uint8_t *)text, n,
		hash, &n_hash));
	text[n++] = '.';
	n += fuzz_token_url(text + n, (struct span){hash, sizeof(hash)});
	if (token_check(fuzz_token_key, text, n, 1000, &claims) == 0)
		INVARIANT(claims.expires_s > 1000 && strlen(claims.app_id) < TOKEN_ID_SIZE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct token_claims claims;
	struct client *clients = NULL;
	struct errmsg msg = ERRMSG_NULL;
	struct route_match match;
	struct form form;
	_cleanup_(cleanup_free) char *text = malloc(size + 1);
	size_t n = 0;

	INVARIANT(text);
	memcpy(text, data, size);
	text[size] = '\0';
	INVARIANT(token_check(fuzz_token_key, text, size, 1000, &claims) == TOKEN_E_INVALID);
	fuzz_token_signed(data, size);
	if (client_codec_decode(text, size, &clients, &n, &msg) < 0)
		INVARIANT(msg.text[0] != '\0');
	free(clients);
	memset(&form, 0, sizeof(form));
	if (form_parse(span_str(text), &form) == 0)
		INVARIANT(strlen(form.client_id) < FORM_VALUE_SIZE);
	(void)form_basic(text, &form);
	if (route_find("GET", text, &match) == 0)
		INVARIANT(match.id < ROUTE_N);
	return 0;
}
