/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Happy path:    known proof → done; else pool → hash → compare → done.
 * Failure modes: wrong secret → counted for the address, done(NULL); too many
 *                of them, or too much under way → 429.
 * On close:      a try on the pool is waited for; its request is gone by then.
 */
#include "api_proof.h"

#include "api_limits.h"
#include "clock.h"
#include "http_peer.h"
#include "log.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct api_proof_known {
	char id[SECRET_ID_SIZE];
	uint8_t proof[SECRET_HASH_BYTES];
};

struct api_proofs {
	uint8_t key[SECRET_HASH_BYTES];
	struct api_limits *wrong;
	unsigned n_waiting;
	struct api_proof_try *first; /* under way */
	struct api_proof_known known[CLIENT_MAX];
	size_t n_known;
};

/* One try on the pool; the pool touches secret, salt, hash and r only. */
struct api_proof_try {
	uv_work_t work;
	struct console_api *api;
	struct api_request *request; /* NULL when it is gone */
	struct api_proof_try *previous, *next;
	char peer[HTTP_PEER_SIZE];
	api_proof_done done;
	char id[SECRET_ID_SIZE];
	char secret[SECRET_GIVEN_MAX + 1];
	uint8_t salt[SECRET_SALT_BYTES];
	uint8_t hash[SECRET_HASH_BYTES];
	int r;
};

struct api_proofs *api_proof_new(void)
{
	struct api_proofs *proofs = calloc(1, sizeof(*proofs));

	if (!proofs)
		return NULL;
	proofs->wrong = api_limits_new(API_PROOF_WRONG_MINUTE, API_PROOF_WRONG_HOUR);
	if (!proofs->wrong || secret_random(proofs->key, sizeof(proofs->key)) < 0) {
		api_proof_free(proofs);
		return NULL;
	}
	return proofs;
}

void api_proof_free(struct api_proofs *proofs)
{
	if (!proofs)
		return;
	api_limits_free(proofs->wrong);
	OPENSSL_cleanse(proofs, sizeof(*proofs));
	free(proofs);
}

static bool api_proof_of(
	const struct api_proofs *proofs, const char *secret, uint8_t proof[SECRET_HASH_BYTES])
{
	unsigned n = SECRET_HASH_BYTES;

	return HMAC(EVP_sha256(), proofs->key, sizeof(proofs->key), (const unsigned char *)secret,
		       strlen(secret), proof, &n) != NULL;
}

static struct api_proof_known *api_proof_find(struct api_proofs *proofs, const char *id)
{
	for (size_t i = 0; i < proofs->n_known; i++)
		if (strcasecmp(proofs->known[i].id, id) == 0)
			return &proofs->known[i];
	return NULL;
}

static bool api_proof_is_known(struct api_proofs *proofs, const char *id, const char *secret)
{
	const struct api_proof_known *known = api_proof_find(proofs, id);
	uint8_t proof[SECRET_HASH_BYTES];

	return known && api_proof_of(proofs, secret, proof) && secret_equal(proof, known->proof);
}

static void api_proof_keep(struct api_proofs *proofs, const char *id, const char *secret)
{
	struct api_proof_known *known = api_proof_find(proofs, id);
	uint8_t proof[SECRET_HASH_BYTES];

	if (!api_proof_of(proofs, secret, proof))
		return;
	if (!known && proofs->n_known < CLIENT_MAX)
		known = &proofs->known[proofs->n_known++];
	if (!known)
		return;
	(void)snprintf(known->id, sizeof(known->id), "%s", id);
	memcpy(known->proof, proof, sizeof(proof));
}

static void api_proof_on_pool(uv_work_t *work)
{
	struct api_proof_try *try = work->data;

	try->r = secret_hash(try->secret, try->salt, try->hash);
}

/* The client as it is now: it may have been revoked meanwhile. */
static const struct client *api_proof_client(struct console_api *api, const char *id)
{
	struct errmsg msg = ERRMSG_NULL;
	const struct client *client;

	if (client_store_refresh(api->clients, NULL, &msg) < 0)
		log_warn("console", "%s", msg.text);
	client = client_store_find(api->clients, id);
	return client && client->revoked_unix_ms == 0 ? client : NULL;
}

static unsigned api_proof_n_of(const struct api_proofs *proofs, const char *peer)
{
	unsigned n = 0;

	for (const struct api_proof_try *try = proofs->first; try; try = try->next)
		n += strcmp(try->peer, peer) == 0;
	return n;
}

static void api_proof_link(struct api_proofs *proofs, struct api_proof_try *try)
{
	try->next = proofs->first;
	if (try->next)
		try->next->previous = try;
	proofs->first = try;
	proofs->n_waiting++;
}

static void api_proof_unlink(struct api_proofs *proofs, struct api_proof_try *try)
{
	if (try->previous)
		try->previous->next = try->next;
	else
		proofs->first = try->next;
	if (try->next)
		try->next->previous = try->previous;
	proofs->n_waiting--;
}

/* Whether somebody waits for the answer or not. */
static void api_proof_count_wrong(struct api_proofs *proofs, const char *id, const char *peer)
{
	(void)api_limits_take(proofs->wrong, peer, clock_mono_ns() / 1000000);
	log_warn("console", "wrong secret for client %.*s, from %s", SECRET_ID_SIZE, id, peer);
}

static void api_proof_after(uv_work_t *work, int status)
{
	struct api_proof_try *try = work->data;
	struct api_request *request = try->request;
	struct console_api *api = try->api;
	const struct client *client = api_proof_client(api, try->id);
	bool is_right =
		status == 0 && try->r == 0 && client && secret_equal(try->hash, client->hash);

	if (is_right)
		api_proof_keep(api->proofs, client->id, try->secret);
	api_proof_unlink(api->proofs, try);
	if (!is_right && status == 0 && try->r == 0)
		api_proof_count_wrong(api->proofs, try->id, try->peer);
	if (request) {
		request->state = NULL;
		request->state_free = NULL;
		try->done(request, is_right ? client : NULL);
	}
	OPENSSL_cleanse(try->secret, sizeof(try->secret));
	free(try);
	api_release(api);
}

/* The request goes; the pool still works for it. */
static void api_proof_forget(void *arg)
{
	struct api_proof_try *try = arg;

	try->request = NULL;
}

static void api_proof_too_many(struct api_request *request, unsigned wait_s)
{
	char text[16];
	const char *const headers[][2] = {{"Retry-After", text}, {NULL, NULL}};

	(void)snprintf(text, sizeof(text), "%u", wait_s);
	api_answer_limited(request, headers);
}

/* A try on its way to the pool; NULL without memory. */
static struct api_proof_try *api_proof_begin(struct api_request *request,
	const struct client *client, const char *secret, api_proof_done done)
{
	struct console_api *api = request->api;
	struct api_proof_try *try = calloc(1, sizeof(*try));

	if (!try)
		return NULL;
	*try = (struct api_proof_try){.api = api, .request = request, .done = done};
	try->work.data = try;
	(void)snprintf(try->id, sizeof(try->id), "%s", client->id);
	(void)snprintf(try->secret, sizeof(try->secret), "%s", secret);
	memcpy(try->salt, client->salt, sizeof(try->salt));
	if (uv_queue_work(api->config.loop, &try->work, api_proof_on_pool, api_proof_after) == 0)
		return try;
	OPENSSL_cleanse(try->secret, sizeof(try->secret)); /* UNTESTED: it cannot fail */
	free(try);
	return NULL;
}

void api_proof_check(
	struct api_request *request, const char *id, const char *secret, api_proof_done done)
{
	struct console_api *api = request->api;
	struct api_proofs *proofs = api->proofs;
	const struct client *client = api_proof_client(api, id);
	char peer[HTTP_PEER_SIZE];
	unsigned wait_s;
	struct api_proof_try *try;

	http_peer_network(request->http->peer, peer);
	wait_s = api_limits_look(proofs->wrong, peer, clock_mono_ns() / 1000000);
	if (client && api_proof_is_known(proofs, client->id, secret)) {
		done(request, client);
		return;
	}
	if (wait_s == 0 && (proofs->n_waiting >= API_PROOF_WAITING_MAX ||
				   api_proof_n_of(proofs, peer) >= API_PROOF_ADDRESS_MAX))
		wait_s = API_PROOF_BUSY_S;
	if (wait_s > 0) {
		api_proof_too_many(request, wait_s);
		return;
	}
	if (!client || strlen(secret) > SECRET_GIVEN_MAX) {
		api_proof_count_wrong(proofs, client ? client->id : "unknown", peer);
		done(request, NULL);
		return;
	}
	try = api_proof_begin(request, client, secret, done);
	if (!try) {
		api_answer_json(request, 200, NULL);
		return;
	}
	(void)snprintf(try->peer, sizeof(try->peer), "%s", peer);
	api_proof_link(proofs, try);
	api->n_holds++;
	request->state = try;
	request->state_free = api_proof_forget;
}
