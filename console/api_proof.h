/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is this the secret of this client? The slow hash runs on libuv's pool, so the
 * loop goes on; a secret that was right once is recognised by a fast hash with
 * a key of this process, so that a scraper with Basic costs it once.
 *
 * Wrong secrets of one address are limited, and so is what waits. They are
 * counted and logged when the client does not wait for the answer, too.
 *
 * Hands (uv pool). Loop thread only.
 */
#ifndef QS_API_PROOF_H
#define QS_API_PROOF_H

#include "api.h"

enum {
	API_PROOF_WAITING_MAX = 64,  /**< Tries under way, */
	API_PROOF_ADDRESS_MAX = 4,   /**< and of these, of one address. */
	API_PROOF_BUSY_S = 5,        /**< Ask again after, when there are too many. */
	API_PROOF_WRONG_MINUTE = 20, /**< Wrong secrets of one address in a minute, */
	API_PROOF_WRONG_HOUR = 200,  /**< and in an hour. */
};

/** NULL without memory. */
struct api_proofs *api_proof_new(void);

/** Free; no try may be under way. NULL is allowed. */
void api_proof_free(struct api_proofs *proofs);

/** @client is NULL when the secret is wrong; it lives for the call. */
typedef void (*api_proof_done)(struct api_request *request, const struct client *client);

/**
 * Check; @done is called now or later, unless the request goes. When too much is
 * tried the request is answered with 429.
 *
 * @id      Of the client; one that is not known or revoked has no right secret.
 * @secret  Copied.
 */
void api_proof_check(
	struct api_request *request, const char *id, const char *secret, api_proof_done done);

#endif
