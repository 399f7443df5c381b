/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256, HMAC-SHA-256, hex text and random bytes: what the action log's
 * chain and its checkpoints are made of. FIPS 180-4 and RFC 2104, computed by
 * OpenSSL's libcrypto; the only module of reporting/ that includes its headers.
 *
 * Pure but for digest_random(). Any thread.
 */
#ifndef QS_DIGEST_H
#define QS_DIGEST_H

#include "span.h"

#include <stddef.h>
#include <stdint.h>

enum {
	DIGEST_BYTES = 32,    /**< Of a hash and of an HMAC. */
	DIGEST_HEX_SIZE = 65, /**< Its hex text, NUL included. */
};

/**
 * SHA-256 over several runs of bytes, one after the other.
 *
 * @parts  n_parts spans, borrowed; the hash does not know where one ends, so
 *         the caller writes lengths into them where that matters.
 * @hash   Receives 32 bytes when 0 is returned, else undefined.
 * @return 0; -ENOMEM.
 */
int digest_sha256(const struct span parts[], size_t n_parts, uint8_t hash[DIGEST_BYTES]);

/**
 * HMAC-SHA-256 of one run of bytes.
 *
 * @key    n_key bytes, borrowed.
 * @mac    Receives 32 bytes when 0 is returned, else undefined.
 * @return As digest_sha256().
 */
int digest_hmac(const uint8_t *key, size_t n_key, struct span data, uint8_t mac[DIGEST_BYTES]);

/** Compare 32 bytes in a time that does not depend on them. @return 1 equal, 0 not. */
int digest_equal(const uint8_t a[DIGEST_BYTES], const uint8_t b[DIGEST_BYTES]);

/**
 * Lower-case hex.
 *
 * @text  Receives 2 * n_bytes + 1 bytes, NUL-terminated.
 */
void digest_hex(const uint8_t *bytes, size_t n_bytes, char *text);

/**
 * Read lower-case or upper-case hex.
 *
 * @text    At least 2 * n_bytes characters; what follows is not looked at.
 * @bytes   Receives n_bytes; undefined unless 0 is returned.
 * @return  0; -EINVAL when a character is no hex digit (or the text ends).
 */
int digest_unhex(const char *text, size_t n_bytes, uint8_t *bytes);

/** Random bytes from the kernel (getrandom(2)); waits for the pool at boot. */
void digest_random(void *bytes, size_t n_bytes);

#endif
